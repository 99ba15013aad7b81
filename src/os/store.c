/* SPDX-License-Identifier: MIT */
/* A file is replaced in the order that survives a crash at any point: a temporary file beside it,
 * its bytes, fsync, close, rename, fsync of the directory. Until the rename the old file is
 * untouched; when anything fails the temporary one is removed, and the next attempt starts from
 * memory again, since after a failed fsync the kernel may believe pages clean that are not. The
 * lock is a file of its own, because a rename would change the inode under it. Everything is
 * reached from a descriptor of the directory, so that a path that is swapped meanwhile cannot
 * split one replacement over two places. */
#include "os/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define LOCK_NAME     "lock"
#define ASIDE_KEPT    3
#define ASIDE_TRIES   100
#define READ_STEP     (64 * 1024)
#define PID_TEXT_MAX  24
#define NAMES_MAX     (16 * 1024) /* set-aside files looked at; nobody has more */
#define DIRECTORY_ANY 0755

/* "cannot VERB 'DIRECTORY/NAME': No space left on device", from errno. Always false. */
static bool fail(struct fault *fault, const char *verb, const char *directory, const char *name)
{
	const char *why = strerror(errno);

	return fault_set(fault, "cannot %s '%s%s%s': %s", verb, directory, *name != '\0' ? "/" : "",
	                 name, why);
}

static int open_directory(const char *directory, struct fault *fault)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		(void)fail(fault, "open", directory, "");
	return fd;
}

/* Read until the end, or until there is more than `max`. */
static bool read_all(int fd, size_t max, struct text *text)
{
	char *buffer = mem_alloc(1, READ_STEP);
	ssize_t count;

	do {
		count = read(fd, buffer, READ_STEP);
		if (count > 0)
			text_add_bytes(text, buffer, (size_t)count);
	} while ((count > 0 && text->length <= max) || (count < 0 && errno == EINTR));
	mem_wipe(buffer, READ_STEP);
	free(buffer);
	return count >= 0;
}

static bool read_file(int fd, const char *directory, const char *name, size_t max,
                      struct text *text, struct fault *fault)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return fail(fault, "look at", directory, name);
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, "'%s/%s' is not a regular file", directory, name);
	if (!read_all(fd, max, text))
		return fail(fault, "read", directory, name);
	if (text->length > max)
		return fault_set(fault, "'%s/%s' is larger than %zu bytes", directory, name, max);
	return true;
}

bool store_read(const char *directory, const char *name, size_t max, struct text *text,
                bool *missing, struct fault *fault)
{
	bool done;
	int fd, dirfd;

	*missing = false;
	dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0) {
		*missing = errno == ENOENT;
		return fail(fault, "open", directory, "");
	}
	/* Without O_NONBLOCK a FIFO would hold us for ever. */
	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	*missing = fd < 0 && errno == ENOENT;
	done = fd >= 0 ? read_file(fd, directory, name, max, text, fault)
	               : fail(fault, "open", directory, name);
	if (fd >= 0)
		(void)close(fd);
	(void)close(dirfd);
	if (!done)
		text_clear(text);
	return done;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, bytes, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		if (count == 0) {
			errno = EIO;
			return false;
		}
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}

/* A file that root makes belongs to whom the directory belongs to: an apply by hand must not shut
 * the daemon, another user, out of its own state. Where even root may not, nothing is lost. */
static void give_away(int fd, int dirfd)
{
	struct stat status;

	if (geteuid() == 0 && fstat(dirfd, &status) == 0 && status.st_uid != 0 &&
	    fchown(fd, status.st_uid, status.st_gid) < 0)
		errno = 0;
}

/* One replacement, for the functions below to share. */
struct replacement {
	const char *directory;
	const char *name;
	char *temporary; /* owned */
	const char *bytes;
	size_t length;
	mode_t mode;
	bool durable;
	int dirfd;
};

static bool fill(const struct replacement *new, int fd, struct fault *fault)
{
	if (fchmod(fd, new->mode) < 0)
		return fail(fault, "set the mode of", new->directory, new->temporary);
	give_away(fd, new->dirfd);
	if (!write_all(fd, new->bytes, new->length))
		return fail(fault, "write", new->directory, new->temporary);
	if (new->durable && fsync(fd) < 0)
		return fail(fault, "sync", new->directory, new->temporary);
	return true;
}

static bool write_temporary(const struct replacement *new, struct fault *fault)
{
	bool done;
	int fd;

	/* What a crash left behind goes first: it may have another mode, or be a link. */
	(void)unlinkat(new->dirfd, new->temporary, 0);
	fd = openat(new->dirfd, new->temporary,
	            O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(fault, "create", new->directory, new->temporary);
	done = fill(new, fd, fault);
	if (close(fd) < 0 && done)
		done = fail(fault, "close", new->directory, new->temporary);
	return done;
}

static bool replace(const struct replacement *new, struct fault *fault)
{
	if (!write_temporary(new, fault)) {
		(void)unlinkat(new->dirfd, new->temporary, 0);
		return false;
	}
	if (renameat(new->dirfd, new->temporary, new->dirfd, new->name) < 0) {
		(void)fail(fault, "replace", new->directory, new->name);
		(void)unlinkat(new->dirfd, new->temporary, 0);
		return false;
	}
	if (new->durable && fsync(new->dirfd) < 0)
		return fail(fault, "sync", new->directory, "");
	return true;
}

bool store_replace(const char *directory, const char *name, const void *bytes, size_t length,
                   enum store_care care, struct fault *fault)
{
	struct replacement new = {.directory = directory,
	                          .name = name,
	                          .bytes = bytes,
	                          .length = length,
	                          .mode = care == STORE_KEPT ? 0600 : 0644,
	                          .durable = care == STORE_KEPT};
	bool done;

	new.dirfd = open_directory(directory, fault);
	if (new.dirfd < 0)
		return false;
	new.temporary = mem_printf(".%s.tmp", name);
	done = replace(&new, fault);
	free(new.temporary);
	(void)close(new.dirfd);
	return done;
}

static int compare_names(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*b, *a);
}

/* Remove all but the newest: `aside`, which was made just now, and those with the latest times in
 * their names. What cannot be removed stays; it does no harm. */
static void prune(int dirfd, const char *name, const char *aside)
{
	char *prefix = mem_printf("%s.corrupt-", name);
	char **names = NULL;
	size_t count = 0, capacity = 0;
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	while (stream != NULL && count < NAMES_MAX && (entry = readdir(stream)) != NULL) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    strcmp(entry->d_name, aside) == 0)
			continue;
		names = mem_grow(names, &capacity, count + 1, sizeof(*names));
		names[count++] = mem_dup(entry->d_name);
	}
	if (stream != NULL)
		(void)closedir(stream);
	else if (fd >= 0)
		(void)close(fd);
	if (count > 0)
		qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (i >= ASIDE_KEPT - 1)
			(void)unlinkat(dirfd, names[i], 0);
		free(names[i]);
	}
	free(names);
	free(prefix);
}

/* NAME.corrupt-20261123T194500Z, with -2 and so on if that is taken within the same second. */
static char *name_aside(const char *name, unsigned number)
{
	char stamp[sizeof("20261123T194500Z") + 16];
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0)
		return mem_printf("%s.corrupt-%lld-%u", name, (long long)now, number);
	if (number > 1)
		return mem_printf("%s.corrupt-%s-%u", name, stamp, number);
	return mem_printf("%s.corrupt-%s", name, stamp);
}

static char *move_aside(int dirfd, const char *name)
{
	for (unsigned number = 1; number <= ASIDE_TRIES; number++) {
		char *aside = name_aside(name, number);
		int error;

		/* The lock keeps others out, so nothing takes the name in between. */
		if (faccessat(dirfd, aside, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
			if (renameat(dirfd, name, dirfd, aside) == 0)
				return aside;
			error = errno;
			free(aside);
			errno = error;
			return NULL;
		}
		free(aside);
	}
	errno = EEXIST;
	return NULL;
}

bool store_set_aside(const char *directory, const char *name, char **aside, struct fault *fault)
{
	int dirfd = open_directory(directory, fault);
	char *moved;

	if (dirfd < 0)
		return false;
	moved = move_aside(dirfd, name);
	if (moved == NULL) {
		(void)fail(fault, "set aside", directory, name);
	} else {
		prune(dirfd, name, moved);
		/* Should the rename be forgotten, the next start finds the bad file again. */
		(void)fsync(dirfd);
		*aside = moved;
	}
	(void)close(dirfd);
	return moved != NULL;
}

static pid_t read_holder(int fd)
{
	char string[PID_TEXT_MAX];
	ssize_t count = pread(fd, string, sizeof(string) - 1, 0);
	int64_t pid = 0;

	if (count <= 0)
		return 0;
	string[count] = '\0';
	string[strcspn(string, "\n")] = '\0';
	return text_to_int(string, 1, INT32_MAX, &pid) ? (pid_t)pid : 0;
}

pid_t store_holder(const char *directory)
{
	char *path = mem_printf("%s/" LOCK_NAME, directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	pid_t pid = fd >= 0 ? read_holder(fd) : 0;

	free(path);
	if (fd >= 0)
		(void)close(fd);
	return pid;
}

static bool write_holder(int fd)
{
	char string[PID_TEXT_MAX];
	int length = snprintf(string, sizeof(string), "%lld\n", (long long)getpid());

	return ftruncate(fd, 0) == 0 && write_all(fd, string, (size_t)length);
}

static bool take_lock(int fd, const char *directory, pid_t *holder, struct fault *fault)
{
	int result;

	do
		result = flock(fd, LOCK_EX | LOCK_NB);
	while (result < 0 && errno == EINTR);
	if (result < 0 && errno == EWOULDBLOCK) {
		*holder = read_holder(fd);
		return false;
	}
	if (result < 0)
		return fail(fault, "lock", directory, LOCK_NAME);
	/* The pid is a courtesy to whoever comes second; a full disk is no reason not to run. */
	(void)write_holder(fd);
	return true;
}

int store_lock(const char *directory, pid_t *holder, struct fault *fault)
{
	int dirfd = open_directory(directory, fault);
	int fd;

	*holder = -1;
	if (dirfd < 0)
		return -1;
	fd = openat(dirfd, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		(void)fail(fault, "open", directory, LOCK_NAME);
	else
		give_away(fd, dirfd);
	(void)close(dirfd);
	if (fd < 0)
		return -1;
	if (take_lock(fd, directory, holder, fault))
		return fd;
	(void)close(fd);
	return -1;
}

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool make(const char *path, mode_t mode, struct fault *fault)
{
	int error;

	if (mkdir(path, mode) == 0)
		return true;
	error = errno;
	if (is_directory(path))
		return true;
	errno = error;
	return fail(fault, "create the directory", path, "");
}

bool store_make_directory(const char *directory, struct fault *fault)
{
	char *path = mem_dup(directory);
	size_t length = strlen(path);
	bool done = true;

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	for (size_t i = 1; done && i < length; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		done = make(path, DIRECTORY_ANY, fault);
		path[i] = '/';
	}
	done = done && make(path, 0700, fault);
	free(path);
	return done;
}
