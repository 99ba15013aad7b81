/* SPDX-License-Identifier: MIT */
/* Opened without waiting, so that a FIFO nobody writes to cannot hold us, and judged by what was
 * opened, not by what a name pointed to a moment before. The size is checked before memory is
 * taken. A file that differs after reading from what it was before, or that ends elsewhere than it
 * said, is being written: it is read again, and after the fifth time it counts as unread.
 *
 * Written to a disk that fills up, a part is taken first, and the reason comes with the next call.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define ATTEMPTS 5

enum outcome { DONE, CHANGED, FAILED };

static bool refuse_kind(mode_t mode, struct fault *fault)
{
	return fault_set(fault, "is %s, not a regular file",
	                 S_ISDIR(mode)    ? "a directory"
	                 : S_ISFIFO(mode) ? "a FIFO"
	                 : S_ISSOCK(mode) ? "a socket"
	                                  : "a device");
}

static bool report_open_error(const char *path, int error, const struct file_opener *opener,
                              struct fault *fault)
{
	struct stat status;

	if (error == ENOENT && lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
		return fault_set(fault, "is a symbolic link to nothing");
	if (error == ENOENT || error == ENOTDIR)
		return fault_set(fault, "does not exist");
	if (error == ELOOP)
		return fault_set(fault, "is a loop of symbolic links");
	/* What a socket or a device without a driver answers. */
	if ((error == ENXIO || error == ENODEV) && stat(path, &status) == 0)
		return refuse_kind(status.st_mode, fault);
	if (opener != NULL && opener->user != NULL)
		return fault_set(fault, "cannot be opened by user %s: %s", opener->user,
		                 strerrordesc_np(error));
	return fault_set(fault, "cannot be opened: %s", strerrordesc_np(error));
}

static bool refuse_size(size_t max, struct fault *fault)
{
	if (max >= 1024 * 1024)
		return fault_set(fault, "is larger than %zu MiB", max / (1024 * 1024));
	return fault_set(fault, "is larger than %zu bytes", max);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

/* Fill `bytes`; what was read, or -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
	size_t filled = 0;

	while (filled < size) {
		ssize_t count = TEMP_FAILURE_RETRY(read(fd, bytes + filled, size - filled));

		if (count < 0)
			return -1;
		if (count == 0)
			break;
		filled += (size_t)count;
	}
	return (ssize_t)filled;
}

static enum outcome fail_reading(struct file_read *file, struct fault *fault)
{
	file->error = errno;
	(void)fault_set(fault, "cannot be read: %s", strerrordesc_np(file->error));
	return FAILED;
}

static enum outcome read_once(struct file_read *file, int fd, size_t max, struct fault *fault)
{
	struct stat after;
	size_t size;
	ssize_t count;

	if (fstat(fd, &file->status) != 0)
		return fail_reading(file, fault);
	if (!S_ISREG(file->status.st_mode)) {
		(void)refuse_kind(file->status.st_mode, fault);
		return FAILED;
	}
	if ((uintmax_t)file->status.st_size > max) {
		(void)refuse_size(max, fault);
		return FAILED;
	}
	if (lseek(fd, 0, SEEK_SET) != 0)
		return fail_reading(file, fault);
	size = (size_t)file->status.st_size;
	/* One byte more than it should have shows growth, and later holds the NUL. */
	file->bytes = mem_alloc(size + 1, 1);
	count = read_all(fd, file->bytes, size + 1);
	if (count < 0 || fstat(fd, &after) != 0)
		return fail_reading(file, fault);
	if ((size_t)count != size || !is_unchanged(&file->status, &after))
		return CHANGED;
	file->length = size;
	return DONE;
}

static bool read_open(struct file_read *file, int fd, size_t max, struct fault *fault)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		enum outcome outcome = read_once(file, fd, max, fault);

		if (outcome == DONE)
			return true;
		file_read_clear(file);
		if (outcome == FAILED)
			return false;
	}
	file->error = EAGAIN;
	return fault_set(fault, "changes while it is read");
}

bool file_read(struct file_read *file, const char *path, size_t max,
               const struct file_opener *opener, struct fault *fault)
{
	int fd = opener != NULL ? opener->open(opener, path)
	                        : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool good;

	*file = (struct file_read){.error = fd < 0 ? errno : 0};
	if (fd < 0)
		return report_open_error(path, file->error, opener, fault);
	good = read_open(file, fd, max, fault);
	if (!good && file->error == 0)
		file->error = EINVAL;
	(void)close(fd);
	return good;
}

/* The definite answers are few; of whatever else a file system thinks up, a retry can only gain. */
bool file_read_is_transient(int error)
{
	static const int definite[] = {0,      EACCES, EINVAL,  EISDIR, ELOOP, ENAMETOOLONG,
	                               ENODEV, ENOENT, ENOTDIR, ENXIO,  EPERM};
	size_t i = 0;

	while (i < sizeof(definite) / sizeof(definite[0]) && definite[i] != error)
		i++;
	return i == sizeof(definite) / sizeof(definite[0]);
}

void file_read_clear(struct file_read *file)
{
	if (file->bytes != NULL)
		mem_wipe(file->bytes, (size_t)file->status.st_size + 1);
	free(file->bytes);
	file->bytes = NULL;
	file->length = 0;
}

bool file_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = TEMP_FAILURE_RETRY(write(fd, bytes, length));

		if (count == 0)
			errno = EIO;
		if (count <= 0)
			return false;
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}
