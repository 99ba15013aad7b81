/* SPDX-License-Identifier: MIT */
/* What one record of the log says. */
#ifndef LOG_RECORD_H
#define LOG_RECORD_H

#include <stdint.h>

#include "log/event.h"

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
