/* SPDX-License-Identifier: MIT */
/* The fields of an expression and the values that may stand in them, after crontab(5) of cronie: a
 * number within the field's range, or the first three letters of a name, in any case; and the lists
 * of values, ranges and steps that make a field, or what some schedulers read beyond them,
 * recognised by its form: the letters of Quartz (L, W, #), of Jenkins (H) and croniter (R), the
 * random ranges of cronie (~). */
#ifndef CRON_FIELDS_H
#define CRON_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron_slice.h"

#define CRON_FIELD_COUNT 5 /* without those of extensions */
#define CRON_FIELD_LIST  "minute, hour, day of month, month, day of week"

enum cron_field_index {
	CRON_MINUTE,
	CRON_HOUR,
	CRON_DAY,
	CRON_MONTH,
	CRON_WEEKDAY,
	CRON_SECOND, /* of schedulers with six or seven fields */
	CRON_YEAR,
	CRON_FIELD_KINDS,
};

struct cron_field {
	const char *name;         /* "hour" */
	unsigned least;           /* smallest value */
	unsigned most;            /* largest value; 7 for the day of week, which is Sunday again */
	unsigned last;            /* the same, but 6 for the day of week */
	const char *kind;         /* "a month"; NULL where there are no names */
	const char *const *names; /* lower case, three letters, `least` to `last`; NULL-ended */
	const char *const *words; /* the same in full: "January" */
};

extern const struct cron_field cron_fields[CRON_FIELD_KINDS];

/* Read one value of a field, a number or a name. False with the fault set. */
bool cron_fields_value(const struct cron_reader *reader, const struct cron_field *field,
                       struct cron_slice word, unsigned *value);

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
bool cron_fields_read(const struct cron_reader *reader, enum cron_field_index index,
                      struct cron_slice word, struct cron_list *list);

/* Whether the five words from `first` on are there and can be the five fields. */
bool cron_fields_fit(const struct cron_words *words, size_t first);

#endif
