/* SPDX-License-Identifier: MIT */
/* The service manager's notification protocol (sd_notify(3)), without libsystemd. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify;

/* Connect to $NOTIFY_SOCKET (a path, or abstract with '@'). Without it every call is a no-op. Never
 * NULL. `path` is what the environment said, NULL if nothing. */
struct notify *notify_open(const char *path);

enum notify_news {
	NOTIFY_READY = 1,
	NOTIFY_RELOADING = 2, /* with MONOTONIC_USEC */
	NOTIFY_STOPPING = 4,
	NOTIFY_WATCHDOG = 8,
	NOTIFY_STATUS = 16, /* see notify_status() */
};

void notify_send(struct notify *notify, enum notify_news news);

/* One line, cut at 200 bytes; sent only when it differs from the last. */
void notify_status(struct notify *notify, const char *line);

/* The watchdog's interval from $WATCHDOG_USEC and $WATCHDOG_PID; 0: none. */
int64_t notify_watchdog_ms(const char *usec, const char *pid);

void notify_close(struct notify *notify);

#endif
