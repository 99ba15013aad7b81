/* SPDX-License-Identifier: MIT */
/* One failure is one record, and what survives says what happens next: "again in 2min 10s",
 * "waiting for a change of /etc/dfmode-sync.conf:14".
 *
 * A rejection becomes a record for each complaint in it, each pointing at the line to fix. Foreign
 * text arrives here redacted and escaped (answer_read); the rest is the operator's own. */
#include "engine/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/span.h"
#include "log/log.h"
#include "sync/sync_query.h"

/* Begin the record of an event about the action's integration, whose texts are borrowed. */
static struct log_record start(enum event event, const struct sync_action *action)
{
	struct log_record record = {
		.event = event, .integration_id = action->id, .generation = action->generation};

	if (action->integration != NULL)
		record.integration_name = action->integration->value.name;
	return record;
}

static void set_error(struct log_record *record, const struct sync_error *error)
{
	record->http_status = error->status;
	record->curl_code = error->curl_code;
	record->reason = error->text;
}

/* Append "integration 42 'Mode: Finance'", or "the list" where the action is about none. There is
 * one for each PUT: printf(3) would take five times as long. */
static void add_integration(struct text *out, const struct sync_action *action)
{
	const struct spec_integration *integration = action->integration;

	if (action->id == 0) {
		text_add(out, "the list");
		return;
	}
	text_add(out, "integration ");
	text_add_int(out, action->id);
	if (integration != NULL && integration->value.name != NULL) {
		text_add(out, " '");
		text_add(out, integration->value.name);
		text_add_char(out, '\'');
	}
}

/* Append a schedule in quotes, escaped and, beyond `limit`, cut; NULL: "no schedule". */
static void add_cron(struct text *out, const char *cron, size_t limit)
{
	if (cron == NULL) {
		text_add(out, "no schedule");
		return;
	}
	text_add_char(out, '\'');
	text_escape(out, cron, strlen(cron), limit);
	text_add_char(out, '\'');
}

void report_add_drift(bool gone, const char *remote, struct text *out)
{
	text_add(out, gone ? "the server does not list it any more" : "the server has ");
	if (!gone)
		add_cron(out, remote, WIRE_TEXT_MAX);
}

static void add_detail(struct text *out, const struct wire_detail *detail)
{
	if (detail->field[0] != '\0')
		text_printf(out, "%s: ", detail->field);
	text_add(out, detail->reason);
	if (detail->type[0] != '\0')
		text_printf(out, " (%s)", detail->type);
}

static void add_place(struct text *out, struct spec_place place)
{
	text_add(out, place.file);
	if (place.line > 0)
		text_printf(out, ":%d", place.line);
}

/* A command ends (is_brief): what is parked there waits for nothing. */
static void add_again(struct text *out, const struct sync_action *action, struct spec_place place,
                      bool is_brief)
{
	char span[SPAN_TEXT_MAX];

	text_printf(out, "; attempt %u, ", action->failed.attempt);
	if (action->failed.gate != GATE_OPEN) {
		text_add(out, "waits for a probe to pass");
	} else if (action->failed.retry_ms > 0) {
		text_printf(out, "again in %s", span_format(action->failed.retry_ms, span));
	} else if (action->failed.retry_ms == 0) {
		text_add(out, "newer edit goes next");
	} else {
		text_add(out, is_brief ? "not tried again; see " : "waiting for a change of ");
		add_place(out, place);
	}
}

/* What all that failed have in common. */
static struct log_record start_failed(enum event event, const struct sync_action *action)
{
	struct log_record record = start(event, action);

	set_error(&record, &action->failed.error);
	record.attempt = action->failed.attempt;
	if (action->failed.value != NULL)
		record.cron = action->failed.value->indexing_cron;
	if (action->failed.gate == GATE_OPEN && action->failed.retry_ms > 0)
		record.retry_ms = action->failed.retry_ms;
	return record;
}

static struct log_record start_rejected(const struct sync_action *action)
{
	struct log_record record = start_failed(EVENT_UPDATE_REJECTED, action);

	if (action->failed.accepted != NULL)
		record.cron_old = action->failed.accepted->indexing_cron;
	return record;
}

static void log_simple(struct log_record record, const struct sync_action *action, const char *what)
{
	struct text message = {0};

	add_integration(&message, action);
	text_printf(&message, ": %s", what);
	log_text(&record, &message);
}

static void log_sent(const struct sync_action *action)
{
	struct log_record record;

	if (!log_is_on(LOG_DEBUG))
		return;
	record = start(EVENT_UPDATE_SENT, action);
	record.attempt = action->send.attempt;
	record.cron = action->send.value->indexing_cron;
	log_simple(record, action, action->send.confirming ? "sent once more, to confirm" : "sent");
}

static void log_accepted(const struct sync_action *action, const struct answer *answer)
{
	struct log_record record = start(EVENT_UPDATE_ACCEPTED, action);
	const struct spec_value *old = action->accepted.confirming ? NULL : action->accepted.old;
	struct text message = {0};

	if (!log_is_on(answer->warning != NULL ? LOG_WARNING : LOG_INFO))
		return;
	record.attempt = action->accepted.attempt;
	record.cron = action->accepted.value->indexing_cron;
	record.http_status = answer->status;
	record.curl_code = answer->curl_code;
	add_integration(&message, action);
	text_add(&message, action->accepted.confirming ? ": confirmed " : ": accepted ");
	add_cron(&message, record.cron, SIZE_MAX);
	if (old != NULL)
		record.cron_old = old->indexing_cron;
	/* Another name, or the same once more, is no other schedule. */
	if (old != NULL && !text_equal(record.cron_old, record.cron)) {
		text_add(&message, ", was ");
		add_cron(&message, record.cron_old, SIZE_MAX);
	}
	if (answer->warning != NULL) {
		record.level = LOG_WARNING;
		record.reason = answer->warning;
		text_printf(&message, ", but %s; the next drift check will show it",
		            answer->warning);
	}
	log_text(&record, &message);
}

static void log_detail(const struct sync_action *action, const struct answer *answer,
                       const struct wire_detail *detail, bool is_brief)
{
	struct log_record record = start_rejected(action);
	const struct spec_place about = spec_place_of(action->integration, detail->about);
	/* A page of HTML is not about a line of the file. */
	struct spec_place place = answer->details.is_page ? (struct spec_place){0} : about;
	struct text message = {0};

	record.field = detail->field[0] != '\0' ? detail->field : NULL;
	record.reason = detail->reason;
	record.error_type = detail->type[0] != '\0' ? detail->type : NULL;
	record.config_file = place.file;
	record.config_line = place.line;
	add_integration(&message, action);
	text_printf(&message, ": %d ", answer->status);
	add_detail(&message, detail);
	if (answer->url != NULL)
		text_printf(&message, ", asked for %s", answer->url);
	if (place.file != NULL) {
		text_add(&message, ", ");
		add_place(&message, place);
	}
	add_again(&message, action, about, is_brief);
	log_text(&record, &message);
}

/* Say in one line why it failed, and what happens next. */
static void log_whole(struct log_record *record, const struct sync_action *action, const char *also,
                      bool is_brief)
{
	const struct spec_place place = {record->config_file, (int)record->config_line};
	struct text message = {0};

	add_integration(&message, action);
	text_printf(&message, ": %s%s", record->reason != NULL ? record->reason : "rejected", also);
	add_again(&message, action, place, is_brief);
	log_text(record, &message);
}

/* A rejection that was held by a gate comes without its answer; the reconciler kept the text. */
static void log_kept(struct log_record record, const struct sync_action *action, bool is_brief)
{
	struct spec_place place = spec_place_of(action->integration, SPEC_ID);

	record.config_file = place.file;
	record.config_line = place.line;
	log_whole(&record, action, record.http_status != 0 ? ", while others succeed" : "",
	          is_brief);
}

static void log_rejected(const struct sync_action *action, const struct answer *answer,
                         bool is_brief)
{
	if (answer == NULL || answer->verdict.kind != VERDICT_REJECTED ||
	    answer->details.count == 0) {
		log_kept(start_rejected(action), action, is_brief);
		return;
	}
	for (size_t i = 0; i < answer->details.count; i++)
		log_detail(action, answer, &answer->details.items[i], is_brief);
}

static void log_failed(const struct sync_action *action, const struct answer *answer)
{
	struct log_record record = start_failed(EVENT_UPDATE_FAILED, action);

	log_whole(&record, action, answer->verdict.uncertain ? ", may have been applied" : "",
	          false);
}

static void log_runaway(const struct sync_action *action, bool is_brief)
{
	static char bug[] = "sent too often without a reason: a bug of dfmode-sync";
	struct log_record record = start_rejected(action);

	set_error(&record, &(const struct sync_error){.text = bug});
	log_kept(record, action, is_brief);
}

static struct log_record start_gate(enum event event, const struct sync_action *action)
{
	struct log_record record = start(event, action);

	set_error(&record, &action->gate.error);
	record.attempt = action->gate.probes;
	record.retry_ms = action->gate.retry_ms;
	return record;
}

static const struct gate_wording {
	enum event closed, opened;
	const char *problem, *remedy, *solved;
} gates[] = {
	[GATE_AUTH] = {EVENT_AUTH_GATE, EVENT_AUTH_GATE, "the API key is refused",
                       "released at once by a new key or a reload",
                       "the API key is accepted again"},
	[GATE_CONFIG] = {EVENT_CONFIG_GATE, EVENT_CONFIG_GATE,
                         "the server cannot be used as configured",
                         "released at once by an edit of the file or a reload",
                         "the server can be used again"},
	[GATE_BREAKER] = {EVENT_BREAKER_OPEN, EVENT_BREAKER_CLOSED, "the server cannot be reached",
                          "an edit is tried at once", "the server answers again"},
};

/* Of a server that fails the application answers, if only with errors: whatever it takes may still
 * arrive. */
static void log_gate(const struct sync_action *action, bool is_brief)
{
	const struct gate_wording *gate = &gates[action->gate.state];
	bool fails = action->gate.failing;
	bool is_final = is_brief && action->gate.state != GATE_BREAKER;
	struct log_record record = start_gate(gate->closed, action);
	struct text message = {0};
	char span[SPAN_TEXT_MAX];

	text_printf(&message, "%s: %s (", fails ? "the server fails" : gate->problem,
	            record.reason);
	add_integration(&message, action);
	text_add(&message, fails ? "); sending goes on slowly" : "); nothing else is sent");
	if (is_final)
		record.retry_ms = 0;
	else if (!fails)
		text_printf(&message, ", next probe in %s", span_format(record.retry_ms, span));
	if (!is_brief)
		text_printf(&message, "; %s", gate->remedy);
	log_text(&record, &message);
}

static void log_paused(const struct sync_action *action, bool is_brief)
{
	struct log_record record = start_gate(EVENT_HOST_PAUSED, action);
	char span[SPAN_TEXT_MAX];

	log_printf(&record, "the server asks to wait for %s%s%s%s",
	           span_format(record.retry_ms, span), record.reason != NULL ? ": " : "",
	           record.reason != NULL ? record.reason : "",
	           is_brief ? "" : "; a reload ends the pause");
}

static void log_opened(const struct sync_action *action)
{
	struct log_record record = {.event = gates[action->gate.state].opened,
	                            .level = LOG_NOTICE,
	                            .message = gates[action->gate.state].solved,
	                            .integration_id = action->id};

	log_write(&record);
}

static void log_asking(const struct sync_action *action)
{
	struct log_record record = start_failed(EVENT_UPDATE_FAILED, action);
	char span[SPAN_TEXT_MAX];

	log_printf(&record, "nothing is sent before a list is had: %s; again in %s", record.reason,
	           span_format(record.retry_ms, span));
}

static void log_adopted(const struct sync_action *action)
{
	struct log_record record = start(EVENT_INTEGRATION_ADOPTED, action);

	if (action->adopted.count > 0) {
		log_printf(&record, "%zu adopted; their credentials count as equal",
		           action->adopted.count);
		return;
	}
	record.cron = action->adopted.value->indexing_cron;
	log_simple(record, action, "the server has it already; nothing is sent");
}

static struct log_record start_drift(enum event event, const struct sync_action *action,
                                     struct text *message)
{
	struct log_record record = start(event, action);

	record.cron = action->drift.value->indexing_cron;
	record.cron_old = action->drift.remote;
	add_integration(message, action);
	text_add(message, ": ");
	return record;
}

static void log_drift(const struct sync_action *action)
{
	struct text message = {0};
	struct log_record record = start_drift(EVENT_DRIFT_FOUND, action, &message);

	report_add_drift(action->drift.gone, record.cron_old, &message);
	if (!action->drift.gone) {
		text_add(&message, " instead of ");
		add_cron(&message, record.cron, SIZE_MAX);
	}
	if (action->drift.in_vain) {
		text_add(&message, ", though it accepted that twice; it is not sent again before "
		                   "an edit, a reload, or another change on the server");
	} else if (action->drift.repairs) {
		text_add(&message, "; sent again now");
	}
	log_text(&record, &message);
}

static void log_repaired(const struct sync_action *action)
{
	struct text message = {0};
	struct log_record record = start_drift(EVENT_DRIFT_REPAIRED, action, &message);

	text_add(&message, "the server has ");
	add_cron(&message, record.cron, SIZE_MAX);
	text_add(&message, " again instead of ");
	add_cron(&message, record.cron_old, WIRE_TEXT_MAX);
	log_text(&record, &message);
}

static void log_unknown(const struct sync_action *action)
{
	struct log_record record = start(EVENT_DRIFT_UNKNOWN, action);
	struct text message = {0};

	record.reason = action->unknown.error_text;
	if (record.reason != NULL) {
		text_printf(&message, "the server does not show what it has: %s", record.reason);
	} else {
		text_add(&message, "the server's list does not show the schedule of ");
		add_integration(&message, action);
		if (action->unknown.type != NULL) {
			text_add(&message, ", which it has as ");
			add_cron(&message, action->unknown.type, WIRE_TEXT_MAX);
		}
		if (action->unknown.count > 1)
			text_printf(&message, " and %zu more", action->unknown.count - 1);
		if (action->unknown.partial != NULL)
			text_printf(&message, "; it %s", action->unknown.partial);
	}
	text_add(&message, "; drift detection is unavailable for it, everything else continues");
	log_text(&record, &message);
}

void report_action(const struct sync_action *action, const struct answer *answer, bool is_brief)
{
	switch (action->kind) {
	case SYNC_SEND:
		log_sent(action);
		return;
	case SYNC_SAVE:
	case SYNC_LIST:
		return;
	case SYNC_REPORT_ADOPTED:
		log_adopted(action);
		return;
	case SYNC_REPORT_ASKING:
		log_asking(action);
		return;
	case SYNC_REPORT_ADDED:
		log_simple(start(EVENT_INTEGRATION_ADDED, action), action, "added");
		return;
	case SYNC_REPORT_REMOVED:
		log_simple(start(EVENT_INTEGRATION_REMOVED, action), action,
		           "no longer managed; its schedule on the server stays as it is");
		return;
	case SYNC_REPORT_ACCEPTED:
		log_accepted(action, answer);
		return;
	case SYNC_REPORT_REJECTED:
		log_rejected(action, answer, is_brief);
		return;
	case SYNC_REPORT_FAILED:
		log_failed(action, answer);
		return;
	case SYNC_REPORT_HELD:
		log_debug("integration %" PRId64 " is held by the gate", action->id);
		return;
	case SYNC_REPORT_GATE:
		log_gate(action, is_brief);
		return;
	case SYNC_REPORT_OPENED:
		log_opened(action);
		return;
	case SYNC_REPORT_PAUSED:
		log_paused(action, is_brief);
		return;
	case SYNC_REPORT_RUNAWAY:
		log_runaway(action, is_brief);
		return;
	case SYNC_REPORT_DRIFT:
		log_drift(action);
		return;
	case SYNC_REPORT_REPAIRED:
		log_repaired(action);
		return;
	case SYNC_REPORT_UNKNOWN:
		if (!is_brief)
			log_unknown(action);
		return;
	}
}
