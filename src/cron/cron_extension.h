/* SPDX-License-Identifier: MIT */
/* What some schedulers read beyond crontab(5), recognised by its form: the letters of Quartz
 * (L, W, #), of Jenkins (H) and croniter (R), the random ranges of cronie (~), six and seven
 * fields. */
#ifndef CRON_EXTENSION_H
#define CRON_EXTENSION_H

#include "cron/cron_fields.h"
#include "cron/cron_slice.h"

/* Return the name of the extension that an item of a field's list is ("'L'"), static; NULL if it
 * is none that is known. */
const char *cron_extension(enum cron_field_index field, struct cron_slice item);

#endif
