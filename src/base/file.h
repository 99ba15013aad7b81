/* SPDX-License-Identifier: MIT */
/* One regular file, read whole: never a FIFO that hangs, a device that never ends, or a half of
 * what somebody is just writing. And bytes, all of them written to a descriptor that blocks. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/fault.h"

struct file_read {
	char *bytes; /* owned; NUL-ended beyond `length` */
	size_t length;
	struct stat status;
	int error; /* 0, or why it failed: errno, EINVAL if the kind or size was refused, EAGAIN if
	            * it kept changing */
};

/* Who opens files in our place, to see what another user may read, or in another way. */
struct file_opener {
	/* A descriptor, given, opened without waiting; or -1 with errno. */
	int (*open)(const struct file_opener *opener, const char *path);
	const char *user; /* borrowed: as whom, for texts; NULL: as ourselves */
	void *data;       /* the opener's own */
};

/* Read `path`, following symbolic links, if it is regular and has at most `max` bytes; `opener`
 * opens it, NULL: we do. What changes meanwhile is read again, a few times. False sets `fault` to a
 * predicate for the caller to put the path before: "does not exist", "is a directory, not a file".
 */
bool file_read(struct file_read *file, const char *path, size_t max,
               const struct file_opener *opener, struct fault *fault);

/* Whether an errno says that something could not be read now (EMFILE, EIO, ENOMEM, ESTALE, …) and
 * so nothing about what is there: neither that it is missing nor that it is ours to refuse. */
bool file_read_is_transient(int error);

void file_read_clear(struct file_read *file); /* wipes the bytes: they may be secret */

/* Write all bytes, however often write(2) is interrupted or takes only a part. False with errno
 * (EIO if it takes nothing at all). */
bool file_write(int fd, const char *bytes, size_t length);

#endif
