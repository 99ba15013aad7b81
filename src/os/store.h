/* SPDX-License-Identifier: MIT */
/* Files that are replaced as a whole: read, replace durably, set aside, and the instance lock. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/text.h"

/* All calls block and touch nothing shared: the daemon makes them in libuv's thread pool, or before
 * the loop runs. `directory` is a path, `name` a file in it. */

/* Read a file of at most `max` bytes into an empty text. False with a fault; *missing tells "there
 * is none" from the rest. */
bool store_read(const char *directory, const char *name, size_t max, struct text *text,
                bool *missing, struct fault *fault);

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

/* Hold `directory`/lock for the life of the returned descriptor (flock(2), O_CLOEXEC) and write our
 * pid into it. -1 on failure: *holder is the other's pid if somebody holds it (0 if unknown), else
 * -1 and the fault tells why. */
int store_lock(const char *directory, pid_t *holder, struct fault *fault);

/* Who wrote its pid there last, alive or not; 0: nobody, or it is not for us to read. The lock is
 * not asked for. */
pid_t store_holder(const char *directory);

/* Create a directory (0700) and its parents if it is not there. */
bool store_make_directory(const char *directory, struct fault *fault);

#endif
