/* SPDX-License-Identifier: MIT */
/* The configuration file as a whole: path in, spec or faults out. */
#ifndef SPECFILE_H
#define SPECFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "config/secret.h"
#include "config/spec.h"

/* What a load found; plain data, passed from the thread that loads to the loop. One of
 *   good:   `spec` is there, `faults` has warnings at most;
 *   bad:    no spec, the errors are in `faults`;
 *   unread: no spec, and `unread` is set. A file or directory could not be read now (EMFILE, EIO,
 *           ENOMEM, ESTALE, …), which says nothing of the configuration: load again later.
 *           `faults` has just this one error, and `hash` means nothing. */
struct specfile {
	struct spec *spec;    /* owned */
	struct faults faults; /* owned: errors and warnings, sorted */
	char *unread;         /* owned: "'PATH' cannot be opened: Too many open files" */
	char **watched; /* owned, NULL-ended: every path the result depends on, found or not */
	size_t watched_count;
	uint64_t hash; /* of all that was read, secret files included */
};

/* Load `path` with all that belongs to it. One pass finds every fault (SPEC §2). Thread-safe: runs
 * in libuv's pool, touches nothing shared, never exits, never blocks on a FIFO. The result is the
 * caller's to clear, whatever it holds. Where only the API's settings are needed the list of
 * integrations may be missing. */
void specfile_load(struct specfile *specfile, const char *path,
                   const struct secret_environment *environment, bool api_only);

/* The same from bytes: no file is opened but secret files (tests, fuzzing). */
void specfile_from_bytes(struct specfile *specfile, const char *name, const char *bytes,
                         size_t length, const struct secret_environment *environment);

void specfile_clear(struct specfile *specfile);

#endif
