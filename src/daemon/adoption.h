/* SPDX-License-Identifier: MIT */
/* What becomes of a load: it is taken into force, refused, or tried again later. */
#ifndef ADOPTION_H
#define ADOPTION_H

#include <stdbool.h>

#include "daemon/loader.h"

struct daemon;

/* Log the warnings of the first load, and its errors: without a spec there is nothing to run. */
void adoption_report_first(struct daemon *daemon, const struct load *load);

/* Put the load, which has a spec, in force. */
void adoption_take(struct daemon *daemon, struct load *load);

/* Put the load in force if it is good and different; else log why not, and keep what is. */
void adoption_judge(struct daemon *daemon, struct load *load);

/* Log that the files cannot be read now, and when that is tried again; -1: it is not. */
void adoption_report_unread(struct daemon *daemon, const struct load *load, int64_t retry_ms);

#endif
