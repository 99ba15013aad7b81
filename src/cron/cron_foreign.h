/* SPDX-License-Identifier: MIT */
/* What is no expression, but was written for another program or for people: what it is, and what
 * to write instead. Sources: crontab(5) of cronie, systemd.time(7), and Amazon EventBridge's
 * schedule expressions. */
#ifndef CRON_FOREIGN_H
#define CRON_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "cron/cron_slice.h"

/* The bytes of "TZ=" or "CRON_TZ=" and of the blanks before it; 0: the text does not begin so. */
size_t cron_foreign_zone(const char *text);

/* Set the fault of an expression with a time zone before it. Always false. */
bool cron_foreign_fail_zone(const struct cron_reader *reader, const struct cron_words *words);

/* Set the fault if the words are of a notation that is not cron's: cron(…), rate(…), English, a
 * time, systemd's.
 * Returns whether they do; there is at least one word. */
bool cron_foreign_is(const struct cron_reader *reader, const struct cron_words *words);

/* Set the fault of an expression that has not five fields. Always false. */
bool cron_foreign_fail_count(const struct cron_reader *reader, const struct cron_words *words);

#endif
