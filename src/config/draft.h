/* SPDX-License-Identifier: MIT */
/* A text that is read in place of a file of the configuration, so that a draft is judged as if it
 * stood there: its includes, drop-ins and places are those of the file. */
#ifndef DRAFT_H
#define DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/file_read.h"

/* From now on read `bytes` wherever the file of this status (device and inode) is read; borrowed
 * until the next call. NULL bytes: nothing is replaced. For a process that loads in one thread: a
 * command, never the daemon. */
void draft_set(const struct stat *status, const char *bytes, size_t length);

/* Whether it was read since draft_set(): the file belongs to what was loaded. */
bool draft_was_read(void);

/* Replace what was read, if it is the file of the draft (config/source). */
void draft_replace(struct file_read *file);

#endif
