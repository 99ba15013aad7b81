/* SPDX-License-Identifier: MIT */
/* What the daemon counts, and writes to metrics_file. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdbool.h>

#include "daemon/metrics.h"
#include "daemon/metrics_file.h"

struct daemon;
struct answer; /* answer.h */

struct daemon_metrics {
	struct metrics counted;
	struct metrics_file file;
	bool is_last; /* only that it does not run is left behind */
};

void daemon_metrics_open(struct daemon *daemon);

/* The first load is in force: the file is there when this returns. */
void daemon_metrics_first(struct daemon *daemon);

/* What is counted, and what is shown besides, has changed. */
void daemon_metrics_answered(const struct answer *answer, void *daemon);
void daemon_metrics_acted(const struct sync_action *action, const struct answer *answer,
                          void *daemon);
void daemon_metrics_loaded(struct daemon *daemon, bool good);

/* The loop has ended. */
void daemon_metrics_last(struct daemon *daemon);

#endif
