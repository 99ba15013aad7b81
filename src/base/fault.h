/* SPDX-License-Identifier: MIT */
/* What went wrong, in words: one error, or a collection that points into files, as a compiler
 * prints it. */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* One error: one line, no capital, no full stop, no newline. Zeroed is "no error". */
struct fault {
	char *text; /* owned */
};

/* Set the text, replacing an earlier one, which may be one of the arguments: so more is put before
 * it. Always false, so that `return fault_set(…)` reads well. */
bool fault_set(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

void fault_clear(struct fault *fault);

enum fault_level {
	FAULT_ERROR,   /* stops a load */
	FAULT_WARNING, /* is reported, and stops nothing */
};

/* Where in a file. */
struct fault_place {
	const char *file; /* borrowed; NULL: no place at all */
	int line;         /* from 1; 0: the file as a whole */
	int column;       /* from 1, in bytes; 0: the line as a whole */
	int width;        /* bytes that the caret underlines; 0 is read as 1 */
	const char
		*source; /* borrowed: the line itself, up to its newline or NUL; NULL: not known */
	int caret; /* of a source that is cut already: the byte that it is about, from 1; else 0 */
};

struct fault_entry {
	enum fault_level level;
	char *file; /* owned; NULL: no place */
	int line;
	int column;
	int width;
	char *source; /* owned: the line, "…" for what is cut off of a long one; NULL: not known */
	int caret;    /* the byte of `source` that the caret is under, from 1; 0: none */
	char *text;   /* owned: "indexing_cron: hour 25 is outside 0-23" */
	size_t order; /* as added: keeps the order within one place */
	size_t rank;  /* of the file, for faults_sort() alone */
};

#define FAULTS_MAX 50 /* entries kept of each level; more are only counted (SPEC §2) */

/* A collection. Zeroed is empty. */
struct faults {
	struct fault_entry *entries;
	size_t count;
	size_t capacity;
	size_t errors;   /* all that were added, kept or not */
	size_t warnings; /* likewise */
};

/* Add one; `place` is copied, zeroed is no place. The text is escaped (text_escape) as it comes in.
 */
void faults_add(struct faults *faults, enum fault_level level, struct fault_place place,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Show another line in the place of the one that is shown, which is wiped: copied, and cut. */
void fault_show_line(struct fault_entry *entry, const char *line, size_t length);

/* Order by line and column within a file. The files are in the order of the NULL-ended list `files`
 * (NULL: an empty one), those that it lacks after them in the order of their first entry. */
void faults_sort(struct faults *faults, char *const *files);

/* Append "FILE:LINE:COLUMN: ", as much of it as is known (NULL, 0: not). */
void fault_add_place(const char *file, int64_t line, int64_t column, struct text *out);

/* Append an entry as a compiler prints it, newline-ended:
 *     FILE:LINE:COLUMN: error: TEXT
 *        14 |     indexing_cron = "0 25 * * *";
 *           |                        ^~
 * Tabs of the source line stay tabs in the caret line; other control bytes are shown as '?'. */
void fault_print(const struct fault_entry *entry, bool colour, struct text *out);

/* Append all of them, then "2 errors, 1 warning" (and how many more were not kept). */
void faults_print(const struct faults *faults, bool colour, struct text *out);

void faults_clear(struct faults *faults);

#endif
