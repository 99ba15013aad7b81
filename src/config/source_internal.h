/* SPDX-License-Identifier: MIT */
/* How the joined text of a source grows; between source.c and source_load.c only. */
#ifndef SOURCE_INTERNAL_H
#define SOURCE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/source.h"

/* Where the next line comes from. */
struct source_origin {
	uint32_t file;
	uint32_t line;
};

/* Add a path that the result depends on to `watched`, once. */
void source_watch(struct source *source, const char *path);

/* Let the hash depend on what was found at a path: its bytes, or why there are none (0: nothing
 * wrong). */
void source_hash(struct source *source, const char *path, const char *bytes, size_t length,
                 int error);

/* Note that something at a path could not be read now; `predicate` says why. */
void source_note_unread(struct source *source, const char *path, const char *predicate);

/* Begin with an empty text. */
void source_begin(struct source *source);

/* Append whole lines, which are counted on; the last one gets its newline where it has none. */
void source_append(struct source *source, struct source_origin *origin, const char *bytes,
                   size_t length);

/* Note a file that was read; its index in source.files. */
uint32_t source_add_file(struct source *source, const char *path);

/* Note that a top-level file begins here. */
void source_add_root(struct source *source);

#endif
