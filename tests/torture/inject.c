/* SPDX-License-Identifier: MIT */
/* Preloaded into the program under test: calls of the C library fail when the runner says so.
 *
 * The counters are of the process, not of a thread (as strace's are), and the runner arms and
 * disarms while the program runs, through a file that both have mapped (TORTURE_PAGE). Only calls
 * that a kernel could fail so are counted: reads and writes of files and of sockets, not of the
 * pipes and eventfds by which libuv wakes itself, where an error ends in its own abort(). */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "page.h"

#define NS_PER_S 1000000000

static _Atomic int64_t *page;

static void *find(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (function == NULL)
		abort();
	return function;
}

/* Count a call; true if it is one that must fail, with errno set. */
static bool fails(enum fault_kind kind)
{
	int64_t number;

	if (page == NULL)
		return false;
	number = atomic_fetch_add(&page[FAULT_CALLS + kind], 1) + 1;
	if (atomic_load(&page[FAULT_KIND]) != kind || number < page[FAULT_FIRST] ||
	    number - page[FAULT_FIRST] >= page[FAULT_COUNT])
		return false;
	atomic_fetch_add(&page[FAULT_INJECTED], 1);
	if (page[FAULT_ACTION] == ACTION_KILL)
		(void)kill(getpid(), SIGKILL);
	errno = (int)page[FAULT_ERROR];
	return true;
}

/* Files and sockets; standard error is a kind of its own. */
static enum fault_kind kind_of(int fd, enum fault_kind kind)
{
	struct stat status;
	int error = errno;
	static int (*next)(int, struct stat *);

	if (fd == STDERR_FILENO && kind == KIND_WRITE)
		return KIND_LOG;
	if (next == NULL)
		next = (int (*)(int, struct stat *))find("fstat");
	if (page == NULL || next(fd, &status) != 0)
		kind = KIND_NONE;
	else if (S_ISSOCK(status.st_mode))
		kind = kind == KIND_READ ? KIND_RECEIVE : KIND_SEND;
	else if (!S_ISREG(status.st_mode))
		kind = KIND_NONE;
	errno = error;
	return kind;
}

static bool fails_on(int fd, enum fault_kind kind)
{
	kind = kind_of(fd, kind);
	return kind != KIND_NONE && fails(kind);
}

__attribute__((constructor)) static void open_page(void)
{
	const char *path = getenv("TORTURE_PAGE");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *mapped;

	if (fd < 0)
		return;
	mapped = mmap(NULL, FAULT_WORDS * sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (mapped != MAP_FAILED)
		page = mapped;
}

/* One wrapper: what `failing` says, or the next function of that name. */
#define WRAP(type, name, parameters, failing, failed, ...)             \
	type name parameters                                           \
	{                                                              \
		static type(*next) parameters;                         \
		if (next == NULL)                                      \
			next = (type(*) parameters)find(#name);        \
		return (failing) ? (type)(failed) : next(__VA_ARGS__); \
	}

/* files */

static mode_t mode_of(int flags, va_list arguments)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

#define WRAP_OPEN(name)                                                      \
	int name(const char *path, int flags, ...)                           \
	{                                                                    \
		static int (*next)(const char *, int, ...);                  \
		va_list arguments;                                           \
		mode_t mode;                                                 \
		va_start(arguments, flags);                                  \
		mode = mode_of(flags, arguments);                            \
		va_end(arguments);                                           \
		if (next == NULL)                                            \
			next = (int (*)(const char *, int, ...))find(#name); \
		return fails(KIND_OPEN) ? -1 : next(path, flags, mode);      \
	}

#define WRAP_OPENAT(name)                                                         \
	int name(int fd, const char *path, int flags, ...)                        \
	{                                                                         \
		static int (*next)(int, const char *, int, ...);                  \
		va_list arguments;                                                \
		mode_t mode;                                                      \
		va_start(arguments, flags);                                       \
		mode = mode_of(flags, arguments);                                 \
		va_end(arguments);                                                \
		if (next == NULL)                                                 \
			next = (int (*)(int, const char *, int, ...))find(#name); \
		return fails(KIND_OPEN) ? -1 : next(fd, path, flags, mode);       \
	}

WRAP_OPEN(open)
WRAP_OPEN(open64)
WRAP_OPENAT(openat)
WRAP_OPENAT(openat64)
WRAP(int, __open64_2, (const char *path, int flags), fails(KIND_OPEN), -1, path, flags)
WRAP(FILE *, fopen, (const char *path, const char *mode), fails(KIND_OPEN), NULL, path, mode)
WRAP(FILE *, fopen64, (const char *path, const char *mode), fails(KIND_OPEN), NULL, path, mode)

/* Of a call that is to be short one byte is left; true if it is to fail. */
static bool fails_or_shortens(int fd, enum fault_kind kind, size_t *size)
{
	if (!fails_on(fd, kind))
		return false;
	if (page[FAULT_ACTION] != ACTION_SHORT)
		return true;
	*size = *size < 1 ? *size : 1;
	return false;
}

#define WRAP_BYTES(name, kind, pointer)                                                 \
	ssize_t name(int fd, pointer bytes, size_t size)                                \
	{                                                                               \
		static ssize_t (*next)(int, pointer, size_t);                           \
		if (next == NULL)                                                       \
			next = (ssize_t(*)(int, pointer, size_t))find(#name);           \
		return fails_or_shortens(fd, kind, &size) ? -1 : next(fd, bytes, size); \
	}

WRAP_BYTES(read, KIND_READ, void *)
WRAP_BYTES(write, KIND_WRITE, const void *)
WRAP(ssize_t, pread64, (int fd, void *bytes, size_t size, off64_t offset), fails_on(fd, KIND_READ),
     -1, fd, bytes, size, offset)
WRAP(ssize_t, readv, (int fd, const struct iovec *vector, int count), fails_on(fd, KIND_READ), -1,
     fd, vector, count)
WRAP(ssize_t, writev, (int fd, const struct iovec *vector, int count), fails_on(fd, KIND_WRITE), -1,
     fd, vector, count)
WRAP(int, rename, (const char *from, const char *to), fails(KIND_RENAME), -1, from, to)
WRAP(int, renameat, (int a, const char *from, int b, const char *to), fails(KIND_RENAME), -1, a,
     from, b, to)
WRAP(int, fsync, (int fd), fails(KIND_SYNC), -1, fd)
WRAP(int, fstat, (int fd, struct stat *status), fails(KIND_STAT), -1, fd, status)
WRAP(int, stat, (const char *path, struct stat *status), fails(KIND_STAT), -1, path, status)
WRAP(int, lstat, (const char *path, struct stat *status), fails(KIND_STAT), -1, path, status)
WRAP(int, fstatat, (int fd, const char *path, struct stat *status, int flags), fails(KIND_STAT), -1,
     fd, path, status, flags)
WRAP(char *, realpath, (const char *path, char *resolved), fails(KIND_STAT), NULL, path, resolved)
WRAP(ssize_t, readlink, (const char *path, char *bytes, size_t size), fails(KIND_STAT), -1, path,
     bytes, size)
WRAP(DIR *, opendir, (const char *path), fails(KIND_DIRECTORY), NULL, path)
WRAP(DIR *, fdopendir, (int fd), fails(KIND_DIRECTORY), NULL, fd)
WRAP(struct dirent *, readdir, (DIR * stream), fails(KIND_DIRECTORY), NULL, stream)
WRAP(struct dirent64 *, readdir64, (DIR * stream), fails(KIND_DIRECTORY), NULL, stream)
WRAP(int, unlink, (const char *path), fails(KIND_UNLINK), -1, path)
WRAP(int, unlinkat, (int fd, const char *path, int flags), fails(KIND_UNLINK), -1, fd, path, flags)
WRAP(int, chmod, (const char *path, mode_t mode), fails(KIND_MODE), -1, path, mode)
WRAP(int, fchmod, (int fd, mode_t mode), fails(KIND_MODE), -1, fd, mode)
WRAP(int, mkdir, (const char *path, mode_t mode), fails(KIND_MODE), -1, path, mode)
WRAP(int, ftruncate, (int fd, off_t size), fails(KIND_MODE), -1, fd, size)
WRAP(int, flock, (int fd, int operation), fails(KIND_LOCK), -1, fd, operation)

/* Linux closes the descriptor whatever close(2) answers; only of files it has an error to report.
 */
int close(int fd)
{
	bool is_failed = kind_of(fd, KIND_READ) == KIND_READ && fails(KIND_CLOSE);
	int error = errno;
	int result;
	static int (*next)(int);

	if (next == NULL)
		next = (int (*)(int))find("close");
	result = next(fd);
	if (!is_failed)
		return result;
	errno = error;
	return -1;
}

/* sockets */

WRAP(int, socket, (int domain, int type, int protocol), fails(KIND_SOCKET), -1, domain, type,
     protocol)
WRAP(int, socketpair, (int domain, int type, int protocol, int fds[2]), fails(KIND_SOCKET), -1,
     domain, type, protocol, fds)
WRAP(int, connect, (int fd, const struct sockaddr *address, socklen_t size), fails(KIND_CONNECT),
     -1, fd, address, size)
WRAP(ssize_t, send, (int fd, const void *bytes, size_t size, int flags), fails(KIND_SEND), -1, fd,
     bytes, size, flags)
WRAP(ssize_t, sendto,
     (int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to,
      socklen_t length),
     fails(KIND_SEND), -1, fd, bytes, size, flags, to, length)
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), fails(KIND_SEND), -1, fd,
     message, flags)
WRAP(ssize_t, recv, (int fd, void *bytes, size_t size, int flags), fails(KIND_RECEIVE), -1, fd,
     bytes, size, flags)
WRAP(ssize_t, recvfrom,
     (int fd, void *bytes, size_t size, int flags, struct sockaddr *from, socklen_t *length),
     fails(KIND_RECEIVE), -1, fd, bytes, size, flags, from, length)
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), fails(KIND_RECEIVE), -1, fd,
     message, flags)
WRAP(int, accept, (int fd, struct sockaddr *address, socklen_t *size), fails(KIND_ACCEPT), -1, fd,
     address, size)
WRAP(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
     fails(KIND_ACCEPT), -1, fd, address, size, flags)
WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t size), fails(KIND_LISTEN), -1,
     fd, address, size)
WRAP(int, listen, (int fd, int backlog), fails(KIND_LISTEN), -1, fd, backlog)
WRAP(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
     fails(KIND_OPTION), -1, fd, level, name, value, size)
WRAP(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
     fails(KIND_OPTION), -1, fd, level, name, value, size)
WRAP(int, getsockname, (int fd, struct sockaddr *address, socklen_t *size), fails(KIND_OPTION), -1,
     fd, address, size)
/* A name that only we resolve, so that there is something to resolve where there is no network. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **results)
{
	static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (next == NULL)
		next = (int (*)(const char *, const char *, const struct addrinfo *,
		                struct addrinfo **))find("getaddrinfo");
	if (fails(KIND_LOOKUP))
		return EAI_SYSTEM;
	if (node != NULL && strcmp(node, "datafold.test") == 0)
		node = "127.0.0.1";
	return next(node, service, hints, results);
}

/* the rest */

WRAP(int, inotify_init1, (int flags), fails(KIND_INOTIFY), -1, flags)
WRAP(int, inotify_add_watch, (int fd, const char *path, uint32_t mask), fails(KIND_INOTIFY), -1, fd,
     path, mask)
WRAP(int, pipe2, (int fds[2], int flags), fails(KIND_PIPE), -1, fds, flags)
WRAP(int, eventfd, (unsigned int value, int flags), fails(KIND_PIPE), -1, value, flags)
WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
     fails(KIND_THREAD), errno, thread, attributes, start, argument)
WRAP(ssize_t, getrandom, (void *bytes, size_t size, unsigned int flags), fails(KIND_RANDOM), -1,
     bytes, size, flags)
WRAP(int, getentropy, (void *bytes, size_t size), fails(KIND_RANDOM), -1, bytes, size)

/* memory: the program replaces malloc(3), and calls these of glibc */

WRAP(void *, __libc_malloc, (size_t size), fails(KIND_MEMORY), NULL, size)
WRAP(void *, __libc_calloc, (size_t count, size_t size), fails(KIND_MEMORY), NULL, count, size)
WRAP(void *, __libc_realloc, (void *memory, size_t size), fails(KIND_MEMORY), NULL, memory, size)

/* time: the wall clock jumps, and what it was while the machine slept is added to CLOCK_BOOTTIME */

static void shift(struct timespec *time, int64_t by_ns)
{
	int64_t ns = time->tv_nsec + by_ns % NS_PER_S;

	time->tv_sec += by_ns / NS_PER_S + (ns >= NS_PER_S) - (ns < 0);
	time->tv_nsec = ns + (ns < 0 ? NS_PER_S : 0) - (ns >= NS_PER_S ? NS_PER_S : 0);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int result;
	static int (*next)(clockid_t, struct timespec *);

	if (next == NULL)
		next = (int (*)(clockid_t, struct timespec *))find("clock_gettime");
	result = next(clock, time);
	if (page != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		shift(time, page[FAULT_CLOCK_NS]);
	if (page != NULL && clock == CLOCK_BOOTTIME)
		shift(time, page[FAULT_SLEPT_NS]);
	return result;
}

time_t time(time_t *result)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (result != NULL)
		*result = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	*result = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
	return 0;
}
