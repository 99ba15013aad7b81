/* SPDX-License-Identifier: MIT */
/* One line that says how things are: for systemctl status, the status command and `summary`. */
#ifndef DASHBOARD_H
#define DASHBOARD_H

#include "base/text.h"
#include "sync/sync.h"

/* Append "5 of 6 in sync, 1 rejected (42 indexing_cron)". */
void dashboard_text(const struct sync *sync, struct text *out);

#endif
