/* SPDX-License-Identifier: MIT */
/* The files behind a configuration: read by us and never by libconfig, joined into one text whose
 * every line knows where it came from. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/file.h"

#define SOURCE_FILE_MAX  (32 * 1024 * 1024) /* bytes of one file */
#define SOURCE_TOTAL_MAX (64 * 1024 * 1024)
#define SOURCE_FILES_MAX 256
#define SOURCE_DEPTH_MAX 10

/* Where a line of the joined text stands: `file` indexes source.files. */
struct source_line {
	uint32_t start; /* offset in the text */
	uint32_t file;
	uint32_t line; /* from 1; 0: brackets that close what the file leaves open */
};

struct source {
	char *text; /* NUL-ended; each file's lines verbatim, an @include replaced by the file */
	size_t length;
	size_t capacity;
	struct source_line *lines;
	size_t line_count;
	size_t line_capacity;
	char **files; /* NULL-ended: each file that was read, as a person would write its path; may
	               * be taken, and is NULL then */
	size_t file_count;
	size_t file_capacity;
	char **originals; /* of each file the text before repairs, NUL-ended; NULL: there were none
	                   */
	size_t original_capacity;
	size_t *roots; /* for each top-level file (main, drop-ins) the first global line */
	size_t root_count;
	size_t root_capacity;
	char **watched; /* every path that the result depends on, found or not: files, FILE.d,
	                 * includes, secret files; NULL-ended */
	size_t watched_count;
	uint64_t hash; /* over all bytes read and which paths were there */
	char *unread;  /* owned: the first path that could not be read now, and why; NULL: none */
	void *seen;    /* source_watch()'s own: `watched` as a tree of tsearch(3) */
	size_t watched_capacity;
	const struct file_opener
		*opener; /* borrowed: opens what the first file names; NULL: we do */
};

/* Read `path`, its includes and `path`.d/\*.conf in byte order. Faults are added with their places:
 * missing, directory, FIFO, device, too large, unreadable, NUL, invalid UTF-8, include cycle or
 * depth, unterminated comment or string (at its own start), unbalanced brackets at a file's end.
 * Even where a fault is found, `watched` and `hash` hold what is needed to notice a fix, unless
 * `unread` is set: then nothing of the result may be relied on, and the load is to be repeated.
 * Does not block on FIFOs or devices; runs in a thread, touches nothing shared.
 * All but `path` itself is opened by `opener`, now and in source_read(); borrowed as long as the
 * source is used. NULL: by ourselves. */
void source_load(struct source *source, const char *path, const struct file_opener *opener,
                 struct faults *faults);

/* From now on read `bytes` wherever the file of this status (device and inode) is read, so that a
 * draft is judged as if it stood there, with the includes, drop-ins and places of the file. They
 * are borrowed until the next call; NULL: nothing is replaced. For a process that loads in one
 * thread: a command, never the daemon. */
void source_set_draft(const struct stat *status, const char *bytes, size_t length);

/* Whether it was read since then: the file belongs to what was loaded. */
bool source_draft_was_read(void);

/* The same from bytes (tests, fuzzing): no file is opened, an @include is a fault. */
void source_from_bytes(struct source *source, const char *name, const char *bytes, size_t length,
                       struct faults *faults);

/* The place of a byte of the joined text; `width` underlines. Borrowed from the source. */
struct fault_place source_place(const struct source *source, size_t offset, size_t width);

/* The line of a file in source.lines; source.line_count if it was not read. */
size_t source_find_line(const struct source *source, const char *file, int line);

/* A line of source.lines as the operator wrote it, up to its newline or NUL. */
const char *source_line_text(const struct source *source, size_t index);

/* A path as seen from the file that names it (NULL: from here); given to the caller. */
char *source_path_from(const char *file, const char *path);

/* As file_read(), for a file that the result depends on (a secret file, a CA file): the path joins
 * `watched`, once, and what was found there, a fault included, the hash; a failure that says
 * nothing of the file sets `unread`. */
bool source_read(struct source *source, struct file_read *file, const char *path, size_t max,
                 struct fault *fault);

/* Give `watched` away (NULL-ended, callee frees each and all) and leave the source without. */
char **source_take_watched(struct source *source, size_t *count);

void source_clear(struct source *source); /* wipes the text: it may hold inline secrets */

#endif
