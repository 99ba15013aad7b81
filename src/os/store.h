/* SPDX-License-Identifier: MIT */
/* Files that are replaced as a whole: read, replace durably, set aside. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/text.h"

/* All calls block and touch nothing shared: the daemon makes them in libuv's thread pool, or before
 * the loop runs. `directory` is a path, `name` a file in it. */

enum store_result {
	STORE_READ,
	STORE_MISSING, /* neither the file nor, perhaps, the directory is there */
	STORE_UNFIT,   /* no regular file, or too large: it will never be what is hoped for */
	STORE_FAILED,  /* it cannot be opened or read */
};

/* Read a file of at most `max` bytes into an empty text. A fault with all but STORE_READ. */
enum store_result store_read(const char *directory, const char *name, size_t max, struct text *text,
                             struct fault *fault);

enum store_care {
	STORE_KEPT,  /* ours alone (0600), and on the disk when the call returns */
	STORE_SHOWN, /* for all to read (0644), whatever the umask; not synced */
};

/* Replace a file: temporary file, write, fsync, close, rename, fsync of the directory. On false the
 * old file is whole (or, if only the last fsync failed, the new one) and the temporary one is gone.
 */
bool store_replace(const char *directory, const char *name, const void *bytes, size_t length,
                   enum store_care care, struct fault *fault);

/* Rename NAME to NAME.corrupt-<UTC as 20261123T194500Z>, keep the newest three of these. The new
 * name (without the directory) is given to the caller in *aside. */
bool store_set_aside(const char *directory, const char *name, char **aside, struct fault *fault);

/* A file that root has made belongs from here on to whom the directory belongs to: an `apply` by
 * hand must not shut the daemon, another user, out of its own state. Where even root may not,
 * nothing is lost. */
void store_give_away(int fd, int dirfd);

/* Create a directory (0700) and its parents if it is not there. */
bool store_make_directory(const char *directory, struct fault *fault);

#endif
