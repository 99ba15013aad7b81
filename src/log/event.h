/* SPDX-License-Identifier: MIT */
/* The events that a record can be of (SPEC §8): name, MESSAGE_ID, level. */
#ifndef EVENT_H
#define EVENT_H

enum event {
	EVENT_NONE, /* a debugging line */
	EVENT_STARTED,
	EVENT_STOPPING,
	EVENT_CONFIG_LOADED,
	EVENT_CONFIG_REJECTED,
	EVENT_CONFIG_WARNING,
	EVENT_CONFIG_UNREAD,
	EVENT_UPDATE_SENT,
	EVENT_UPDATE_ACCEPTED,
	EVENT_UPDATE_REJECTED,
	EVENT_UPDATE_FAILED,
	EVENT_AUTH_GATE,
	EVENT_CONFIG_GATE,
	EVENT_BREAKER_OPEN,
	EVENT_BREAKER_CLOSED,
	EVENT_HOST_PAUSED,
	EVENT_DRIFT_FOUND,
	EVENT_DRIFT_REPAIRED,
	EVENT_DRIFT_UNKNOWN,
	EVENT_INTEGRATION_ADDED,
	EVENT_INTEGRATION_REMOVED,
	EVENT_INTEGRATION_ADOPTED,
	EVENT_STATE_WRITE_FAILED,
	EVENT_STATE_CORRUPT,
	EVENT_METRICS_FAILED,
	EVENT_CONTROL_FAILED,
	EVENT_LOG_DROPPED,
	EVENT_COUNT,
};

struct event_info {
	const char *name;       /* "update-rejected" */
	const char *message_id; /* 32 hex digits, as in the catalog; NULL for EVENT_NONE */
	int level;              /* LOG_… of syslog(3), unless a record says otherwise */
};

const struct event_info *event_info(enum event event);

#endif
