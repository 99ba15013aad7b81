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
#include "engine/report_drift.h"
#include "engine/report_record.h"
#include "sync/sync_query.h"

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

static void add_again(struct text *out, const struct sync_action *action, struct spec_place place)
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
		text_add(out, "waiting for a change of ");
		add_place(out, place);
	}
}

/* What REJECTED and FAILED have in common. */
static struct log_record start_failed(enum event event, const struct sync_action *action)
{
	struct log_record record = report_record_start(event, action);

	record.attempt = action->failed.attempt;
	if (action->failed.value != NULL)
		record.cron = action->failed.value->indexing_cron;
	if (action->failed.gate == GATE_OPEN && action->failed.retry_ms > 0)
		record.retry_ms = action->failed.retry_ms;
	return record;
}

static struct log_record start_rejected(const struct sync_action *action,
                                        const struct spec_value *accepted)
{
	struct log_record record = start_failed(EVENT_UPDATE_REJECTED, action);

	if (accepted != NULL)
		record.cron_old = accepted->indexing_cron;
	return record;
}

static void log_simple(struct log_record *record, const struct sync_action *action,
                       const char *what)
{
	struct text message = {0};

	report_record_add_integration(&message, action);
	text_printf(&message, ": %s", what);
	report_record_write(record, &message);
}

static void log_sent(const struct sync_action *action)
{
	struct log_record record = report_record_start(EVENT_UPDATE_SENT, action);

	if (!log_is_on(LOG_DEBUG))
		return;
	record.attempt = action->send.attempt;
	record.cron = action->send.value->indexing_cron;
	log_simple(&record, action,
	           action->send.confirming ? "sent once more, to confirm" : "sent");
}

static void log_change(enum event event, const struct sync_action *action, const char *what)
{
	struct log_record record = report_record_start(event, action);

	log_simple(&record, action, what);
}

static bool is_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void log_accepted(const struct sync_action *action, const struct answer *answer)
{
	struct log_record record = report_record_start(EVENT_UPDATE_ACCEPTED, action);
	const struct spec_value *old = action->accepted.confirming ? NULL : action->accepted.old;
	struct text message = {0};

	if (!log_is_on(answer->warning != NULL ? LOG_WARNING : LOG_INFO))
		return;
	record.attempt = action->accepted.attempt;
	record.cron = action->accepted.value->indexing_cron;
	report_record_add_answer(&record, answer);
	report_record_add_integration(&message, action);
	text_add(&message, action->accepted.confirming ? ": confirmed " : ": accepted ");
	report_record_add_cron(&message, record.cron);
	if (old != NULL)
		record.cron_old = old->indexing_cron;
	/* Another name, or the same once more, is no other schedule. */
	if (old != NULL && !is_equal(record.cron_old, record.cron)) {
		text_add(&message, ", was ");
		report_record_add_cron(&message, record.cron_old);
	}
	if (answer->warning != NULL) {
		record.level = LOG_WARNING;
		record.reason = answer->warning;
		text_printf(&message, ", but %s; the next drift check will show it",
		            answer->warning);
	}
	report_record_write(&record, &message);
}

static struct spec_place place_for(const struct sync_action *action, enum spec_field about)
{
	if (action->integration == NULL)
		return (struct spec_place){0};
	return spec_place_of(action->integration, about);
}

static void log_detail(const struct sync_action *action, const struct answer *answer,
                       const struct spec_value *accepted, const struct wire_detail *detail)
{
	struct log_record record = start_rejected(action, accepted);
	/* A page of HTML is not about a line of the file. */
	struct spec_place place =
		answer->details.is_page ? (struct spec_place){0} : place_for(action, detail->about);
	struct text message = {0};

	report_record_add_answer(&record, answer);
	record.field = detail->field[0] != '\0' ? detail->field : NULL;
	record.reason = detail->reason;
	record.error_type = detail->type[0] != '\0' ? detail->type : NULL;
	record.config_file = place.file;
	record.config_line = place.line;
	report_record_add_integration(&message, action);
	text_printf(&message, ": %d ", answer->status);
	add_detail(&message, detail);
	if (answer->url != NULL)
		text_printf(&message, ", asked for %s", answer->url);
	if (place.file != NULL) {
		text_add(&message, ", ");
		add_place(&message, place);
	}
	add_again(&message, action, place_for(action, detail->about));
	report_record_write(&record, &message);
}

/* A rejection that was held by a gate comes without its answer; the reconciler kept the text. */
static void log_kept(const struct sync_action *action, const struct spec_value *accepted,
                     const char *error_text)
{
	struct log_record record = start_rejected(action, accepted);
	struct spec_place place = place_for(action, SPEC_ID);
	struct text message = {0};

	record.http_status = action->failed.error.status;
	record.curl_code = action->failed.error.curl_code;
	record.reason = error_text;
	record.config_file = place.file;
	record.config_line = place.line;
	report_record_add_integration(&message, action);
	text_printf(&message, ": %s", error_text != NULL ? error_text : "rejected");
	text_add(&message, action->failed.error.status != 0 ? ", while others succeed" : "");
	add_again(&message, action, place);
	report_record_write(&record, &message);
}

static void log_rejected(const struct sync_action *action, const struct answer *answer,
                         const struct spec_value *accepted)
{
	if (answer == NULL || answer->verdict.kind != VERDICT_REJECTED ||
	    answer->details.count == 0) {
		log_kept(action, accepted, action->failed.error.text);
		return;
	}
	for (size_t i = 0; i < answer->details.count; i++)
		log_detail(action, answer, accepted, &answer->details.items[i]);
}

static void log_failed(const struct sync_action *action, const struct answer *answer)
{
	struct log_record record = start_failed(EVENT_UPDATE_FAILED, action);
	struct text message = {0};

	report_record_add_answer(&record, answer);
	record.reason = answer->error_text;
	report_record_add_integration(&message, action);
	text_printf(&message, ": %s", answer->error_text);
	if (answer->verdict.uncertain)
		text_add(&message, ", may have been applied");
	add_again(&message, action, (struct spec_place){0});
	report_record_write(&record, &message);
}

static void log_gate(const struct sync_action *action)
{
	static const struct {
		enum event event;
		const char *what;
		const char *remedy;
	} gates[] = {
		[GATE_AUTH] = {EVENT_AUTH_GATE, "the API key is refused",
	                       "released at once by a new key or a reload"},
		[GATE_CONFIG] = {EVENT_CONFIG_GATE, "the server cannot be used as configured",
	                         "released at once by an edit of the file or a reload"},
		[GATE_BREAKER] = {EVENT_BREAKER_OPEN, "the server cannot be reached",
	                          "an edit is tried at once"},
	};
	struct log_record record = report_record_start(gates[action->gate.state].event, action);
	struct text message = {0};
	char span[SPAN_TEXT_MAX];

	record.attempt = action->gate.probes;
	record.retry_ms = action->gate.retry_ms;
	record.http_status = action->gate.error.status;
	record.curl_code = action->gate.error.curl_code;
	record.reason = action->gate.error.text;
	text_printf(&message, "%s: %s (", gates[action->gate.state].what, action->gate.error.text);
	report_record_add_integration(&message, action);
	text_printf(&message, "); nothing else is sent, next probe in %s; %s",
	            span_format(action->gate.retry_ms, span), gates[action->gate.state].remedy);
	report_record_write(&record, &message);
}

/* The application answers, if only with errors: whatever it takes may still arrive. */
static void log_failing(const struct sync_action *action)
{
	struct log_record record = report_record_start(EVENT_BREAKER_OPEN, action);
	struct text message = {0};

	record.http_status = action->gate.error.status;
	record.curl_code = action->gate.error.curl_code;
	record.reason = action->gate.error.text;
	text_printf(&message, "the server fails: %s (", action->gate.error.text);
	report_record_add_integration(&message, action);
	text_add(&message, "); sending goes on slowly, an edit is tried at once");
	report_record_write(&record, &message);
}

static void log_paused(const struct sync_action *action)
{
	struct log_record record = report_record_start(EVENT_HOST_PAUSED, action);
	struct text message = {0};
	char span[SPAN_TEXT_MAX];

	record.http_status = action->gate.error.status;
	record.curl_code = action->gate.error.curl_code;
	record.retry_ms = action->gate.retry_ms;
	record.reason = action->gate.error.text;
	text_printf(&message, "the server asks to wait for %s",
	            span_format(action->gate.retry_ms, span));
	if (action->gate.error.text != NULL)
		text_printf(&message, ": %s", action->gate.error.text);
	text_add(&message, "; a reload ends the pause");
	report_record_write(&record, &message);
}

static void log_opened(const struct sync_action *action)
{
	static const struct {
		enum event event;
		const char *message;
	} gates[] = {
		[GATE_AUTH] = {EVENT_AUTH_GATE, "the API key is accepted again"},
		[GATE_CONFIG] = {EVENT_CONFIG_GATE, "the server can be used again"},
		[GATE_BREAKER] = {EVENT_BREAKER_CLOSED, "the server answers again"},
	};
	struct log_record record = {.event = gates[action->gate.state].event,
	                            .level = LOG_NOTICE,
	                            .message = gates[action->gate.state].message,
	                            .integration_id = action->id};

	log_write(&record);
}

/* What a first start finds: the server has it already, or does not answer yet. */
static void log_first_start(const struct sync_action *action)
{
	bool is_asking = action->kind == SYNC_REPORT_ASKING;
	struct log_record record = report_record_start(
		is_asking ? EVENT_UPDATE_FAILED : EVENT_INTEGRATION_ADOPTED, action);
	struct text message = {0};
	char span[SPAN_TEXT_MAX];

	if (is_asking) {
		record.attempt = action->failed.attempt;
		record.http_status = action->failed.error.status;
		record.curl_code = action->failed.error.curl_code;
		record.reason = action->failed.error.text;
		record.retry_ms = action->failed.retry_ms;
		text_printf(&message, "nothing is sent before a list is had: %s; again in %s",
		            record.reason, span_format(record.retry_ms, span));
	} else if (action->adopted.count > 0) {
		text_printf(&message, "%zu adopted; their credentials count as equal",
		            action->adopted.count);
	} else {
		record.cron = action->adopted.value->indexing_cron;
		report_record_add_integration(&message, action);
		text_add(&message, ": the server has it already; nothing is sent");
	}
	report_record_write(&record, &message);
}

void report_action(const struct sync_action *action, const struct answer *answer,
                   const struct spec_value *accepted)
{
	switch (action->kind) {
	case SYNC_SEND:
		log_sent(action);
		return;
	case SYNC_SAVE:
	case SYNC_LIST:
		return;
	case SYNC_REPORT_ADOPTED:
	case SYNC_REPORT_ASKING:
		log_first_start(action);
		return;
	case SYNC_REPORT_ADDED:
		log_change(EVENT_INTEGRATION_ADDED, action, "added");
		return;
	case SYNC_REPORT_REMOVED:
		log_change(EVENT_INTEGRATION_REMOVED, action,
		           "no longer managed; its schedule on the server stays as it is");
		return;
	case SYNC_REPORT_ACCEPTED:
		log_accepted(action, answer);
		return;
	case SYNC_REPORT_REJECTED:
		log_rejected(action, answer, accepted);
		return;
	case SYNC_REPORT_FAILED:
		log_failed(action, answer);
		return;
	case SYNC_REPORT_HELD:
		log_debug("integration %" PRId64 " is held by the gate", action->id);
		return;
	case SYNC_REPORT_GATE:
		if (action->gate.failing)
			log_failing(action);
		else
			log_gate(action);
		return;
	case SYNC_REPORT_OPENED:
		log_opened(action);
		return;
	case SYNC_REPORT_PAUSED:
		log_paused(action);
		return;
	case SYNC_REPORT_RUNAWAY:
		log_kept(action, accepted, "sent too often without a reason: a bug of dfmode-sync");
		return;
	case SYNC_REPORT_DRIFT:
		report_drift_found(action);
		return;
	case SYNC_REPORT_REPAIRED:
		report_drift_repaired(action);
		return;
	case SYNC_REPORT_UNKNOWN:
		report_drift_unknown(action);
		return;
	}
}
