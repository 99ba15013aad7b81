/* SPDX-License-Identifier: MIT */
/* A file is replaced in the order that survives a crash at any point: a temporary file beside it,
 * its bytes, fsync, close, rename, fsync of the directory. Until the rename the old file is
 * untouched; when anything fails the temporary one is removed, and the next attempt starts from
 * memory again, since after a failed fsync the kernel may believe pages clean that are not.
 * Everything is reached from a descriptor of the directory, so that a path that is swapped
 * meanwhile cannot split one replacement over two directories. */
#include "os/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define ASIDE_KEPT    3
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

/* A link in its place is not followed: the directory may be another user's. */
static int open_here(const struct file_opener *opener, const char *path)
{
	(void)opener;
	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

enum store_result store_read(const char *directory, const char *name, size_t max, struct text *text,
                             struct fault *fault)
{
	static const struct file_opener opener = {.open = open_here};
	char *path = mem_printf("%s/%s", directory, name);
	enum store_result result = STORE_FAILED;
	struct file_read file;

	if (file_read(&file, path, max, &opener, fault)) {
		*text = (struct text){file.bytes, file.length, file.length + 1};
		result = STORE_READ;
	} else {
		if (file.error == ELOOP)
			(void)fault_set(fault, "is a symbolic link");
		else if (file.error == ENOENT)
			result = STORE_MISSING;
		else if (file.error == EINVAL)
			result = STORE_UNFIT;
		(void)fault_set(fault, "'%s' %s", path, fault->text);
	}
	free(path);
	return result;
}

void store_give_away(int fd, int dirfd)
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
	bool is_kept; /* STORE_KEPT */
	int dirfd;
};

static bool fill(const struct replacement *new, int fd, struct fault *fault)
{
	if (fchmod(fd, new->is_kept ? 0600 : 0644) < 0)
		return fail(fault, "set the mode of", new->directory, new->temporary);
	store_give_away(fd, new->dirfd);
	if (!file_write(fd, new->bytes, new->length))
		return fail(fault, "write", new->directory, new->temporary);
	if (new->is_kept && fsync(fd) < 0)
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
	bool done = write_temporary(new, fault) &&
	            (renameat(new->dirfd, new->temporary, new->dirfd, new->name) == 0 ||
	             fail(fault, "replace", new->directory, new->name));

	if (!done)
		(void)unlinkat(new->dirfd, new->temporary, 0);
	else if (new->is_kept && fsync(new->dirfd) < 0)
		done = fail(fault, "sync", new->directory, "");
	return done;
}

bool store_replace(const char *directory, const char *name, const void *bytes, size_t length,
                   enum store_care care, struct fault *fault)
{
	struct replacement new = {.directory = directory,
	                          .name = name,
	                          .bytes = bytes,
	                          .length = length,
	                          .is_kept = care == STORE_KEPT};
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

/* Remove all but the newest: `aside`, which was made just now, and those with the latest times in
 * their names. What cannot be removed stays; it does no harm. */
static void prune(int dirfd, const char *name, const char *aside)
{
	char *prefix = mem_printf("%s.corrupt-", name);
	struct dirent **entries = NULL;
	int kept = 1;

	for (int i = scandirat(dirfd, ".", &entries, NULL, alphasort) - 1; i >= 0; i--) {
		const char *entry = entries[i]->d_name;

		if (strncmp(entry, prefix, strlen(prefix)) == 0 && strcmp(entry, aside) != 0 &&
		    ++kept > ASIDE_KEPT)
			(void)unlinkat(dirfd, entry, 0);
		free(entries[i]);
	}
	free(entries);
	free(prefix);
}

/* NAME.corrupt-20261123T194500Z, with -2 and so on if that is taken within the same second. */
static char *name_aside(int dirfd, const char *name)
{
	char stamp[sizeof("20261123T194500Z") + 16];
	time_t now = time(NULL);
	struct tm tm = {0};
	char *aside;

	(void)gmtime_r(&now, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	aside = mem_printf("%s.corrupt-%s", name, stamp);
	/* The lock keeps others out, so nothing takes the name before it is used. */
	for (int i = 2; faccessat(dirfd, aside, F_OK, AT_SYMLINK_NOFOLLOW) == 0; i++) {
		free(aside);
		aside = mem_printf("%s.corrupt-%s-%d", name, stamp, i);
	}
	return aside;
}

bool store_set_aside(const char *directory, const char *name, char **aside, struct fault *fault)
{
	int dirfd = open_directory(directory, fault);
	char *moved;
	bool done;

	if (dirfd < 0)
		return false;
	moved = name_aside(dirfd, name);
	done = renameat(dirfd, name, dirfd, moved) == 0;
	if (done) {
		prune(dirfd, name, moved);
		/* Should the rename be forgotten, the next start finds the bad file again. */
		(void)fsync(dirfd);
		*aside = moved;
	} else {
		(void)fail(fault, "set aside", directory, name);
		free(moved);
	}
	(void)close(dirfd);
	return done;
}

static bool make(const char *path, mode_t mode, struct fault *fault)
{
	struct stat status;
	int error;

	if (mkdir(path, mode) == 0)
		return true;
	error = errno;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
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
