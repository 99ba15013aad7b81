/* SPDX-License-Identifier: MIT */
/* What is wrong with an expression, and at which of its bytes. */
#ifndef CRON_FAULT_H
#define CRON_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "cron/cron_slice.h"

#define CRON_TEXT_MAX 256 /* bytes of an expression, without the NUL */

/* A text in quotes after "did you mean" replaces the marked bytes; after "write", the whole. */
struct cron_fault {
	size_t offset;  /* bytes; may be the end of the expression, where something is missing */
	size_t width;   /* bytes, at least 1 */
	char text[384]; /* "hour 25 is outside 0-23"; printable ASCII, whatever was read */
};

/* The expression that is being read, and where its fault goes. */
struct cron_reader {
	const char *text;         /* borrowed while it is read */
	struct cron_fault *fault; /* NULL: not wanted */
};

/* Set the fault, at a part of the expression. Always false, as what could not be read. */
bool cron_fault_set(const struct cron_reader *reader, struct cron_slice where, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));

#endif
