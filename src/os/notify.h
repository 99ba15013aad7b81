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

void notify_ready(struct notify *notify);
void notify_reloading(struct notify *notify); /* with MONOTONIC_USEC */
void notify_stopping(struct notify *notify);
void notify_watchdog(struct notify *notify);

/* One line, cut at 200 bytes; sent only when it differs from the last. */
void notify_status(struct notify *notify, const char *line);

/* The watchdog's interval from $WATCHDOG_USEC and $WATCHDOG_PID; 0: none. */
int64_t notify_watchdog_ms(const char *usec, const char *pid);

void notify_close(struct notify *notify);

#endif
