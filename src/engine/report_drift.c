/* SPDX-License-Identifier: MIT */
/* The server has other schedules than were accepted. What it shows is foreign text: the reconciler
 * holds it redacted, here it is escaped and cut. */
#include "engine/report_drift.h"

#include <string.h>

#include "engine/report_record.h"

static void add_remote(struct text *out, const char *cron)
{
	if (cron == NULL) {
		text_add(out, "no schedule");
		return;
	}
	text_add_char(out, '\'');
	text_escape(out, cron, strlen(cron), WIRE_TEXT_MAX);
	text_add_char(out, '\'');
}

void report_drift_add(bool gone, const char *remote, struct text *out)
{
	text_add(out, gone ? "the server does not list it any more" : "the server has ");
	if (!gone)
		add_remote(out, remote);
}

void report_drift_found(const struct sync_action *action)
{
	struct log_record record = report_record_start(EVENT_DRIFT_FOUND, action);
	struct text message = {0};

	record.cron = action->drift.value->indexing_cron;
	record.cron_old = action->drift.remote;
	report_record_add_integration(&message, action);
	text_add(&message, ": ");
	report_drift_add(action->drift.gone, action->drift.remote, &message);
	text_add(&message, action->drift.gone ? "" : " instead of ");
	if (!action->drift.gone)
		report_record_add_cron(&message, record.cron);
	if (action->drift.in_vain) {
		text_add(&message, ", though it accepted that twice; it is not sent again before "
		                   "an edit, a reload, or another change on the server");
	} else if (action->drift.repairs) {
		text_add(&message, "; sent again now");
	}
	report_record_write(&record, &message);
}

void report_drift_repaired(const struct sync_action *action)
{
	struct log_record record = report_record_start(EVENT_DRIFT_REPAIRED, action);
	struct text message = {0};

	record.cron = action->drift.value->indexing_cron;
	record.cron_old = action->drift.remote;
	report_record_add_integration(&message, action);
	text_add(&message, ": the server has ");
	report_record_add_cron(&message, record.cron);
	text_add(&message, " again instead of ");
	add_remote(&message, action->drift.remote);
	report_record_write(&record, &message);
}

void report_drift_unknown(const struct sync_action *action)
{
	struct log_record record = report_record_start(EVENT_DRIFT_UNKNOWN, action);
	struct text message = {0};

	record.reason = action->unknown.error_text;
	if (action->unknown.error_text != NULL) {
		text_printf(&message, "the server does not show what it has: %s",
		            action->unknown.error_text);
	} else {
		text_add(&message, "the server's list does not show the schedule of ");
		report_record_add_integration(&message, action);
		if (action->unknown.type != NULL) {
			text_add(&message, ", which it has as ");
			add_remote(&message, action->unknown.type);
		}
		if (action->unknown.count > 1)
			text_printf(&message, " and %zu more", action->unknown.count - 1);
		if (action->unknown.partial != NULL)
			text_printf(&message, "; it %s", action->unknown.partial);
	}
	text_add(&message, "; drift detection is unavailable for it, everything else continues");
	report_record_write(&record, &message);
}
