/* SPDX-License-Identifier: MIT */
/* The lock is a file of its own, as the state is replaced by renaming. It goes with the process,
 * however that ends, and it also works between containers that share the directory.
 *
 * But who removes the directory removes the lock with it, and a second instance makes a new one. So
 * the directory's entry in its parent is taken as well, as the name of a socket that is in no
 * directory: it is the same entry when the directory was made again, and another one in another
 * container. Such names are free to all; one that a stranger has taken does not keep us out: the
 * kernel says who is at the other end.
 *
 * As root we work in a directory that belongs to another user, who may put anything there under the
 * name of the lock: nothing that we did not make ourselves is given away or written to. */
#include "os/instance_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "os/store.h"

#define LOCK_NAME    "lock"
#define PID_TEXT_MAX 24
#define OPEN_FLAGS   (O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

/* "cannot VERB 'DIRECTORY/lock': Permission denied", from errno. Always false. */
static bool fail(struct fault *fault, const char *verb, const char *directory)
{
	return fault_set(fault, "cannot %s '%s/" LOCK_NAME "': %s", verb, directory,
	                 strerror(errno));
}

/* the file */

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

static bool is_ours(int fd, const struct stat *directory)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink <= 1 &&
	       (status.st_uid == geteuid() || status.st_uid == directory->st_uid);
}

static int open_file(int dirfd, const struct stat *directory, const char *path, struct fault *fault)
{
	int fd = openat(dirfd, LOCK_NAME, OPEN_FLAGS | O_CREAT | O_EXCL, 0600);

	if (fd >= 0)
		store_give_away(fd, dirfd);
	else if (errno == EEXIST)
		fd = openat(dirfd, LOCK_NAME, OPEN_FLAGS);
	if (fd < 0) {
		(void)fail(fault, "open", path);
		return -1;
	}
	if (is_ours(fd, directory))
		return fd;
	(void)close(fd);
	(void)fault_set(fault,
	                "'%s/" LOCK_NAME "' is a hard link, no regular file, or another user's; "
	                "remove it",
	                path);
	return -1;
}

static bool lock_file(int fd, const char *directory, pid_t *holder, struct fault *fault)
{
	if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) == 0)
		return true;
	if (errno != EWOULDBLOCK)
		return fail(fault, "lock", directory);
	*holder = read_holder(fd);
	return false;
}

/* The pid is a courtesy to whoever comes second; a full disk is no reason not to run. */
static void write_holder(int fd)
{
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%" PRId64 "\n", (int64_t)getpid()) < 0)
		errno = 0;
}

/* the name */

static socklen_t fill_address(int dirfd, const char *directory, struct sockaddr_un *address)
{
	char *path = realpath(directory, NULL);
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : directory;
	uint64_t hash = text_hash(TEXT_HASH_START, name, strlen(name));
	struct stat parent = {0};
	int length;

	(void)fstatat(dirfd, "..", &parent, 0);
	hash = text_hash(hash, &parent.st_dev, sizeof(parent.st_dev));
	hash = text_hash(hash, &parent.st_ino, sizeof(parent.st_ino));
	/* The first byte, a NUL, makes it abstract. */
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	length = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
	                  "dfmode-sync/%016" PRIx64, hash);
	free(path);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

/* Whether an instance of root, of ours, or of the directory's owner has the name, and its pid. */
static bool find_namesake(int fd, const struct sockaddr_un *address, socklen_t size, uid_t owner,
                          pid_t *holder)
{
	struct ucred peer = {0};
	socklen_t length = sizeof(peer);
	bool found = connect(fd, (const struct sockaddr *)address, size) == 0 &&
	             getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	             (peer.uid == 0 || peer.uid == geteuid() || peer.uid == owner);

	if (found)
		*holder = peer.pid;
	return found;
}

/* False if another instance has the name. Where there are no sockets, the file has to do. */
static bool take_name(int dirfd, const char *directory, uid_t owner, int *name, pid_t *holder)
{
	struct sockaddr_un address;
	socklen_t size = fill_address(dirfd, directory, &address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_taken;

	if (fd < 0)
		return true;
	if (bind(fd, (const struct sockaddr *)&address, size) == 0 && listen(fd, SOMAXCONN) == 0) {
		*name = fd;
		return true;
	}
	is_taken = find_namesake(fd, &address, size, owner, holder);
	(void)close(fd);
	return !is_taken;
}

/* both */

static bool take(struct instance_lock *lock, int dirfd, const char *path, pid_t *holder,
                 struct fault *fault)
{
	struct instance_lock taken = INSTANCE_LOCK_NONE;
	struct stat directory;

	if (fstat(dirfd, &directory) < 0)
		return fail(fault, "open", path);
	taken.file = open_file(dirfd, &directory, path, fault);
	if (taken.file < 0)
		return false;
	if (!lock_file(taken.file, path, holder, fault) ||
	    !take_name(dirfd, path, directory.st_uid, &taken.socket, holder)) {
		instance_lock_release(&taken);
		return false;
	}
	write_holder(taken.file);
	*lock = taken;
	return true;
}

bool instance_lock_take(struct instance_lock *lock, const char *directory, pid_t *holder,
                        struct fault *fault)
{
	int dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool taken;

	*holder = -1;
	if (dirfd < 0)
		return fault_set(fault, "cannot open '%s': %s", directory, strerror(errno));
	taken = take(lock, dirfd, directory, holder, fault);
	(void)close(dirfd);
	return taken;
}

void instance_lock_release(struct instance_lock *lock)
{
	if (lock->file >= 0)
		(void)close(lock->file);
	if (lock->socket >= 0)
		(void)close(lock->socket);
	*lock = (struct instance_lock)INSTANCE_LOCK_NONE;
}
