/* SPDX-License-Identifier: MIT */
/* The files behind a configuration: read by us and never by libconfig, joined into one text whose
 * every line knows where it came from. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

#define SOURCE_FILE_MAX   (32 * 1024 * 1024) /* bytes of one file */
#define SOURCE_TOTAL_MAX  (64 * 1024 * 1024)
#define SOURCE_FILES_MAX  256
#define SOURCE_DEPTH_MAX  10
#define SOURCE_SECRET_MAX 4096 /* bytes of a secret file */

/* Where a line of the joined text stands: `file` indexes source.files. */
struct source_line {
	uint32_t start; /* offset in the text */
	uint32_t file;
	uint32_t line; /* from 1 */
};

struct source {
	char *text; /* NUL-ended; each file's lines verbatim, an @include line replaced by the file
	             */
	size_t length;
	struct source_line *lines;
	size_t line_count;
	size_t line_capacity;
	char **files; /* the path of each file that was read, as a person would write it; NULL-ended
	               */
	size_t file_count;
	size_t *roots; /* for each top-level file (main, drop-ins) the first global line */
	size_t root_count;
	char **watched; /* every path that the result depends on, found or not: files, FILE.d,
	                 * includes, secret files; NULL-ended */
	size_t watched_count;
	uint64_t hash; /* over all bytes read and which paths were there */
};

/* Read `path`, its includes and `path`.d/\*.conf in byte order. Faults are added with their places:
 * missing, directory, FIFO, device, too large, unreadable, NUL, invalid UTF-8, include cycle or
 * depth, unterminated comment or string (at its own start), unbalanced brackets at a file's end.
 * Even when false is returned, `watched` and `hash` hold what is needed to notice a mend.
 * Does not block on FIFOs or devices; runs in a thread, touches nothing shared. */
bool source_load(struct source *source, const char *path, struct faults *faults);

/* The same from bytes (tests, fuzzing): no file is opened, an @include is a fault. */
bool source_from_bytes(struct source *source, const char *name, const char *bytes, size_t length,
                       struct faults *faults);

/* The place of a byte of the joined text; `width` underlines. Lent by the source. */
struct fault_place source_place(const struct source *source, size_t offset, size_t width);

/* Read a secret file: regular, 1 to SOURCE_SECRET_MAX bytes; one trailing newline (or CRLF) is
 * stripped; what is left must be printable ASCII (0x21-0x7e) and not empty. The path is added to
 * source.watched, its bytes to the hash. A mode that lets others read it is told in `*warning`
 * (given to the caller; NULL: none). NULL on a fault. The result is given to the caller
 * (mem_free_secret). `source` NULL: only read. */
char *source_read_secret(struct source *source, const char *path, struct fault *fault,
                         char **warning);

/* The same rules for a secret that is at hand already (inline, environment). */
bool source_check_secret(const char *secret, struct fault *fault);

void source_clear(struct source *source); /* wipes the text: it may hold inline secrets */

#endif
