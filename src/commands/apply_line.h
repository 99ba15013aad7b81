/* SPDX-License-Identifier: MIT */
/* The progress line that `apply` draws on a terminal. */
#ifndef APPLY_LINE_H
#define APPLY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* How far it is. */
struct apply_line_progress {
	size_t done;
	size_t total;
	size_t rejected;   /* of those that are done */
	size_t confirming; /* done, but sent once more later */
	size_t retrying;
	int64_t elapsed_ms;
	int64_t next_ms;    /* until something is sent; INT64_MAX: only after an answer */
	int64_t give_up_ms; /* until it is over, if nothing more is decided before */
	bool stalled;       /* nothing is sent but what failed before */
	bool stopping;
	const char *error_text; /* borrowed: of the last failure; NULL: none */
};

struct apply_line {
	bool on_terminal; /* else nothing is ever drawn */
	bool drawn;       /* it is on the terminal */
};

/* Append the line, at most `columns` wide. */
void apply_line_format(const struct apply_line_progress *progress, size_t columns,
                       struct text *out);

/* Draw it over the last one on standard error, in the terminal's width. Never blocks. */
void apply_line_show_progress(struct apply_line *line, const struct apply_line_progress *progress);

/* Likewise another text, which fits into a line. */
void apply_line_show(struct apply_line *line, const char *text);

/* Take the line off the terminal, before something else is written there. `line` is a struct
 * apply_line (log_set_before()). */
void apply_line_wipe(void *line);

#endif
