/* SPDX-License-Identifier: MIT */
/* `status`, `wait` and `push` say the same of an integration, in the same text. All that comes from
 * the daemon is escaped once more: part of it came from the server. */
#include "commands/control_client.h"

#include <inttypes.h>
#include <string.h>

#include "base/fault.h"
#include "base/span.h"
#include "commands/format.h"

#define NAME_SHOWN  200  /* bytes */
#define ERROR_SHOWN 1024 /* bytes */

static const struct integration_state states[] = {
	{.name = "in-sync", .colour = "\033[32m", .next = "-", .in_sync = true},
	{.name = "confirming", .colour = "\033[32m", .in_sync = true, .unsettled = true},
	{.name = "paused", .colour = "", .next = "-", .in_sync = true, .is_paused = true},
	{.name = "leaving", .colour = "", .next = "-", .in_sync = true, .unsettled = true},
	{.name = "drifted", .colour = "\033[31m", .next = "-"},
	{.name = "gone", .colour = "\033[31m", .next = "-"},
	{.name = "due", .colour = "\033[33m"},
	{.name = "in-flight", .colour = "\033[33m", .next = "now"},
	{.name = "waiting", .colour = "\033[33m"},
	{.name = "rejected", .colour = "\033[31m"},
	{.name = "parked", .colour = "\033[31m", .next = "after a change"},
};

#define STATE_COUNT (sizeof(states) / sizeof(states[0]))

const struct integration_state *integration_state_of(struct json_object *integration)
{
	static const struct integration_state unknown = {
		.name = "unknown", .colour = "", .next = "-"};
	const char *name = control_client_string(integration, "state");

	for (size_t i = 0; name != NULL && i < STATE_COUNT; i++) {
		if (strcmp(states[i].name, name) == 0)
			return &states[i];
	}
	return &unknown;
}

bool integration_state_gate_is_closed(struct json_object *gate)
{
	const char *state = control_client_string(gate, "state");

	return state != NULL && strcmp(state, "open") != 0;
}

void integration_state_add_next(struct json_object *integration, struct json_object *gate,
                                int64_t now_unix_s, struct text *out)
{
	const char *next = integration_state_of(integration)->next;
	int64_t at = control_client_int(integration, "next_at", now_unix_s);
	int64_t probe_at = control_client_int(gate, "next_probe_at", now_unix_s);
	int64_t paused_until = control_client_int(gate, "paused_until", now_unix_s);
	char span[SPAN_TEXT_MAX];

	at = at > paused_until ? at : paused_until;
	if (next != NULL)
		text_add(out, next);
	else if (integration_state_gate_is_closed(gate) && at <= probe_at)
		text_add(out, "after the probe");
	else if (at <= now_unix_s)
		text_add(out, "now");
	else
		text_printf(out, "in %s", span_format((at - now_unix_s) * 1000, span));
}

static void add_attempts(struct json_object *integration, struct json_object *gate,
                         int64_t now_unix_s, struct text *out)
{
	int64_t attempts = control_client_int(integration, "attempts", 0);
	struct text next = {0};

	integration_state_add_next(integration, gate, now_unix_s, &next);
	if (attempts > 0)
		text_printf(out, "; attempt %" PRId64, attempts);
	if (strcmp(next.bytes, "-") != 0)
		text_printf(out, "%snext try %s", attempts > 0 ? ", " : "; ", next.bytes);
	text_clear(&next);
}

void integration_state_add_problem(struct json_object *integration, struct json_object *gate,
                                   int64_t now_unix_s, struct text *out)
{
	const char *name = control_client_string(integration, "name");
	const char *state = control_client_string(integration, "state");
	const char *error = control_client_string(integration, "last_error");

	error = error != NULL ? error : control_client_string(integration, "error");
	fault_add_place(control_client_string(integration, "file"),
	                control_client_int(integration, "line", 0), 0, out);
	format_integration(control_client_int(integration, "id", 0), name, NAME_SHOWN, NULL, out);
	text_add(out, " is ");
	format_text(state != NULL ? state : "unknown", NAME_SHOWN, NULL, out);
	if (error != NULL && (state == NULL || strcmp(error, state) != 0)) {
		text_add(out, ": ");
		format_text(error, ERROR_SHOWN, NULL, out);
	}
	add_attempts(integration, gate, now_unix_s, out);
	text_add_char(out, '\n');
}
