/* SPDX-License-Identifier: MIT */
/* What is written otherwise than in five fields: what stands for them (cron_alias.c); notations of
 * people and other programs (cron_notation.c) and their time zones (cron_zone.c); and what to write
 * instead (cron_foreign.c). Sources: crontab(5) of cronie, systemd.time(7), and Amazon
 * EventBridge's schedule expressions. */
#ifndef CRON_INTERNAL_H
#define CRON_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "cron/cron_slice.h"

/* Return the five fields that a nickname stands for ("@daily": cronie's, and those of FreeBSD and
 * of Go's cron), static; NULL if it has none. `*name` becomes the nickname in quotes, static, where
 * some cron knows it; else it is left alone. */
const char *cron_alias_fields(struct cron_slice word, const char **name);

/* Return the nickname nearest to a misspelt one, static; NULL if none is near. */
const char *cron_alias_nearest(struct cron_slice word);

/* Read a span of time ("5m", "1h30m", "5 minutes"; systemd.time(7)). False if it is none, or 0. */
bool cron_alias_read_interval(struct cron_slice span, int64_t *ms);

/* Find the five fields, static, whose interval is nearest to one, as "@every 5m" (Go's cron) and
 * rate(5 minutes) have them. Returns whether it is exactly `ms`. */
bool cron_alias_of_interval(int64_t ms, const char **fields);

enum cron_zone {
	CRON_ZONE_NONE,  /* no time zone is known by this name */
	CRON_ZONE_UTC,   /* what holds anyway: "UTC", "Z", "Etc/GMT" */
	CRON_ZONE_OTHER, /* "Europe/Berlin", "CET" */
};

/* The time zone that a word names, whatever its case (tzselect(8), and abbreviations in use). */
enum cron_zone cron_zone_of(struct cron_slice word);

struct cron_notation {
	const char *name;   /* static: "systemd's notation" */
	struct text fields; /* the five fields in UTC that mean the same; the caller clears it */
	const char *advice; /* static: what to write where no fields are known */
	int64_t every_ms;   /* where there are none, the interval that is meant; 0: none is */
};

/* Read words, of which there is one at least, if they are English ("every 5 minutes", "daily at
 * 6:00", "6:00 UTC"), a calendar event of systemd.time(7) ("Mon..Fri *-*-* 06:00"), or cron(…) or
 * rate(…) of EventBridge; no expression is. The fields are yet to be read. They are left empty
 * where the meaning is not clear, or cannot be kept: of an event a year, seconds, another time
 * zone, a weekday together with days of the month (cron runs on either), and steps from a number on
 * (not every cron has them). */
bool cron_notation_read(const struct cron_words *words, struct cron_notation *notation);

/* The bytes of "TZ=" or "CRON_TZ=" and of the blanks before it; 0: the text does not begin so. */
size_t cron_foreign_zone(const char *text);

/* Set the fault of an expression with a time zone before it. Always false. */
bool cron_foreign_fail_zone(const struct cron_reader *reader, const struct cron_words *words);

/* Set the fault if the words are of such a notation. Returns whether they are; there is at least
 * one word. */
bool cron_foreign_is(const struct cron_reader *reader, const struct cron_words *words);

/* Set the fault of an expression that has not five fields. Always false. */
bool cron_foreign_fail_count(const struct cron_reader *reader, const struct cron_words *words);

#endif
