/* SPDX-License-Identifier: MIT */
/* One file's text, checked and repaired so that nothing in it can reach beyond its end. */
#ifndef FILE_CHECK_H
#define FILE_CHECK_H

#include "base/fault.h"
#include "config/file_text.h"

/* Report what is wrong with the text by itself: its bytes, strings, comments and
 * brackets without an end or a start, an @include amid a line, what no configuration has. Each is
 * neutralised without moving a byte, so that what is left can be read on for its other faults: a
 * value that was reported is LEXER_REPLACED. Includes and closers are found. */
void file_check(struct file_text *file_text, struct faults *faults);

#endif
