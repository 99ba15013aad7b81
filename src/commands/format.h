/* SPDX-License-Identifier: MIT */
/* What the commands show alike: times, schedules, text of others. */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/redactor.h"
#include "base/text.h"

/* Of the documents of --json, but for status: counted up when a member goes or changes its meaning.
 */
#define FORMAT_DOCUMENT_VERSION 1

/* Append a date in UTC for people, "Tue 2026-11-24". */
void format_date(int64_t at_unix_s, struct text *out);

/* Append a time in UTC for people, "Tue 2026-11-24 06:00", or for programs (RFC 3339). */
void format_time(int64_t at_unix_s, struct text *out);
void format_timestamp(int64_t at_unix_s, struct text *out);

/* Append the description of a schedule; NULL: "no schedule". False, and nothing appended, if it is
 * none that is understood here. */
bool format_schedule(const char *cron, struct text *out);

/* Find a schedule's next run; false where there is none that could be named. */
bool format_find_next(const char *cron, int64_t now_unix_s, int64_t *next_unix_s);

/* Append text of others: redacted, escaped, and cut to `limit` bytes. A NULL redactor knows no
 * secrets. */
void format_text(const char *string, size_t limit, const struct redactor *redactor,
                 struct text *out);

/* Append "integration 42 'its name'"; a NULL name is left out, another goes through format_text().
 */
void format_integration(int64_t id, const char *name, size_t limit, const struct redactor *redactor,
                        struct text *out);

#endif
