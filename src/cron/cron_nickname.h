/* SPDX-License-Identifier: MIT */
/* Nicknames of schedules: "@daily" (crontab(5) of cronie, and those of FreeBSD and of Go's cron).
 */
#ifndef CRON_NICKNAME_H
#define CRON_NICKNAME_H

#include "cron/cron_slice.h"

/* Return the five fields that a nickname stands for, static; NULL if it has none. `*name` becomes
 * the nickname in quotes, static, where some cron knows it; else it is left alone. */
const char *cron_nickname_fields(struct cron_slice word, const char **name);

/* Return the nickname nearest to a misspelt one, static; NULL if none is near. */
const char *cron_nickname_nearest(struct cron_slice word);

#endif
