/* SPDX-License-Identifier: MIT */
/* The events that a record can be of (SPEC §8): name, MESSAGE_ID, level; and what a record says. */
#ifndef EVENT_H
#define EVENT_H

#include <stdint.h>

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

/* One record. What is zero or NULL does not apply and is left out; no number is negative. All
 * borrowed. */
struct log_record {
	enum event event;
	int level;           /* LOG_ERR … LOG_DEBUG; 0: the event's own */
	const char *message; /* one line */
	int64_t integration_id;
	const char *integration_name;
	const char *cron; /* DFMODE_CRON; "" for none is the caller's choice */
	const char *cron_old;
	uint64_t generation;
	int64_t attempt;
	int64_t http_status;
	int64_t curl_code;
	int64_t retry_ms; /* DFMODE_RETRY_SEC, as seconds with up to three decimals */
	const char *field;
	const char *reason;
	const char *error_type;
	const char *config_file;
	int64_t config_line;
};

#endif
