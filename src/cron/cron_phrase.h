/* SPDX-License-Identifier: MIT */
/* Schedules in English, as people type them: "every 5 minutes", "daily at 6:00", "6:00". */
#ifndef CRON_PHRASE_H
#define CRON_PHRASE_H

#include <stdbool.h>

#include "cron/cron_slice.h"

#define CRON_PHRASE_FIELDS_MAX 32

/* Whether the words begin like such a phrase. No expression does. */
bool cron_phrase_is(const struct cron_words *words);

/* Write the five fields that a phrase means. False if it is not clear. */
bool cron_phrase_fields(const struct cron_words *words, char fields[CRON_PHRASE_FIELDS_MAX]);

#endif
