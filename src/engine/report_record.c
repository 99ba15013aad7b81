/* SPDX-License-Identifier: MIT */
/* What the records of all events about an integration have in common. */
#include "engine/report_record.h"

#include <inttypes.h>

struct log_record report_record_start(enum event event, const struct sync_action *action)
{
	struct log_record record = {
		.event = event, .integration_id = action->id, .generation = action->generation};

	if (action->integration != NULL)
		record.integration_name = action->integration->value.name;
	return record;
}

void report_record_add_integration(struct text *out, const struct sync_action *action)
{
	const struct spec_integration *integration = action->integration;

	if (action->id == 0) {
		text_add(out, "the list");
		return;
	}
	text_printf(out, "integration %" PRId64, action->id);
	if (integration != NULL && integration->value.name != NULL)
		text_printf(out, " '%s'", integration->value.name);
}

void report_record_add_cron(struct text *out, const char *cron)
{
	if (cron == NULL)
		text_add(out, "no schedule");
	else
		text_printf(out, "'%s'", cron);
}

void report_record_add_answer(struct log_record *record, const struct answer *answer)
{
	if (answer != NULL) {
		record->http_status = answer->status;
		record->curl_code = answer->curl_code;
	}
}

void report_record_write(struct log_record *record, struct text *message)
{
	record->message = message->bytes;
	log_write(record);
	text_clear(message);
}
