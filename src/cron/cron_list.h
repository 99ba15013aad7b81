/* SPDX-License-Identifier: MIT */
/* One field of an expression: a list of values, ranges and steps (crontab(5) of cronie), or of what
 * some schedulers read beyond them, recognised by its form: the letters of Quartz (L, W, #), of
 * Jenkins (H) and croniter (R), the random ranges of cronie (~). */
#ifndef CRON_LIST_H
#define CRON_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron_fault.h"
#include "cron/cron_fields.h"
#include "cron/cron_slice.h"

struct cron_list {
	uint64_t set;          /* bit n is the number n; none of a year */
	bool star;             /* begins with '*', or is '?' */
	bool bare;             /* has an item that is '*' without a step, or is '?' */
	bool lone_range;       /* has a range of one value: "5-5" */
	bool wide_step;        /* a step is larger than its range */
	const char *extension; /* that has an exact meaning, but not to every cron; or NULL */
	const char *opaque;    /* one that only the server can read; or NULL; both static */
};

/* Read a word as the list of a field. False with the first fault set; `*list` is then undefined. */
bool cron_list_read(const struct cron_reader *reader, enum cron_field_index index,
                    struct cron_slice word, struct cron_list *list);

#endif
