/* SPDX-License-Identifier: MIT */
/* Bytes to a descriptor that blocks, all of them. */
#ifndef FILE_WRITE_H
#define FILE_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/* Write them, however often write(2) is interrupted or takes only a part. False with errno (EIO if
 * it takes nothing at all). */
bool file_write(int fd, const char *bytes, size_t length);

#endif
