/* SPDX-License-Identifier: MIT */
/* The daemon is asked over its control socket, so that nothing here is older than the answer: the
 * daemon's own affairs, whether the files as they are now are in force, the table, and below it in
 * full whatever is wrong. */
#include "commands/command_status_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/span.h"
#include "commands/command.h"
#include "commands/control_client.h"
#include "commands/format.h"

#define TEXT_SHOWN   1024 /* bytes of one text of the answer */
#define PROBLEMS_MAX 100  /* said in full on a terminal; elsewhere all are */
#define ROWS_LEAST   3    /* of the table, however long the rest is */

static void add_text(struct json_object *object, const char *key, struct text *out)
{
	const char *string = control_client_string(object, key);

	if (string != NULL)
		format_text(string, TEXT_SHOWN, NULL, out);
}

/* above the table */

static void start_alarm(const struct command_line *line, struct text *out)
{
	text_add(out, line->colour ? "\033[31m" : "");
}

static void end_alarm(const struct command_line *line, struct text *out)
{
	text_add(out, line->colour ? "\033[0m\n" : "\n");
}

static void add_daemon(struct json_object *status, const struct command_line *line,
                       struct text *out)
{
	int64_t started_at = control_client_int(status, "started_at", line->now_unix_s);
	char span[SPAN_TEXT_MAX];

	add_text(status, "dashboard", out);
	text_add_char(out, '\n');
	add_text(json_object_object_get(status, "config"), "file", out);
	text_add(out, " to ");
	add_text(status, "url", out);
	text_printf(out, "; process %" PRId64, control_client_int(status, "pid", 0));
	if (control_client_bool(status, "stopping")) {
		text_add(out, ", stopping\n");
	} else {
		text_printf(out, ", up %s\n",
		            span_format((line->now_unix_s - started_at) * 1000, span));
	}
}

static void add_first_fault(struct json_object *config, struct text *out)
{
	struct json_object *fault = control_client_at(config, "faults", 0);

	if (fault == NULL)
		return;
	text_add(out, ":\n  ");
	fault_add_place(control_client_string(fault, "file"), control_client_int(fault, "line", 0),
	                control_client_int(fault, "column", 0), out);
	add_text(fault, "message", out);
}

static const char *state_of_config(struct json_object *status)
{
	const char *state =
		control_client_string(json_object_object_get(status, "config"), "state");

	return state != NULL ? state : "in-force";
}

static bool is_in_force(struct json_object *status)
{
	return strcmp(state_of_config(status), "in-force") == 0;
}

/* If the files as they are now are not in force, why. */
static void add_config(struct json_object *status, const struct command_line *line,
                       struct text *out)
{
	struct json_object *config = json_object_object_get(status, "config");
	const char *state = state_of_config(status);
	int64_t errors = control_client_int(config, "errors", 0);

	if (is_in_force(status))
		return;
	start_alarm(line, out);
	if (strcmp(state, "refused") == 0) {
		text_printf(out,
		            "the files have changed and are refused, %" PRId64
		            " error%s; what was loaded before stays in force",
		            errors, errors == 1 ? "" : "s");
		add_first_fault(config, out);
		if (errors > 1)
			text_add(out, "\n  dfmode-sync check shows all of them");
	} else if (strcmp(state, "unread") == 0) {
		text_add(out,
		         "the files cannot be read now; what was loaded before stays in force");
		add_first_fault(config, out);
	} else {
		text_add(out, "the files have changed and are not in force yet");
	}
	end_alarm(line, out);
}

static void add_gate(struct json_object *status, const struct command_line *line, struct text *out)
{
	struct json_object *gate = json_object_object_get(status, "gate");
	int64_t probe_at = control_client_int(gate, "next_probe_at", 0);
	int64_t paused_until = control_client_int(gate, "paused_until", 0);
	char span[SPAN_TEXT_MAX];

	if (integration_state_gate_is_closed(gate)) {
		start_alarm(line, out);
		text_add(out, "nothing is sent but probes: ");
		if (control_client_bool(gate, "probing")) {
			text_add(out, "one is under way");
		} else if (probe_at <= line->now_unix_s) {
			text_add(out, "the next goes now");
		} else {
			text_printf(out, "the next goes in %s",
			            span_format((probe_at - line->now_unix_s) * 1000, span));
		}
		text_printf(out, ", %" PRId64 " failed",
		            control_client_int(gate, "failed_probes", 0));
		end_alarm(line, out);
	}
	if (paused_until > line->now_unix_s) {
		text_printf(out, "the server asked to wait: for another %s\n",
		            span_format((paused_until - line->now_unix_s) * 1000, span));
	}
}

static void add_health(struct json_object *status, const struct command_line *line,
                       struct text *out)
{
	int64_t dropped = control_client_int(status, "log_dropped", 0);

	if (control_client_bool(status, "state_failing")) {
		start_alarm(line, out);
		text_add(out, "the state cannot be written; schedules are sent all the same");
		end_alarm(line, out);
	}
	if (dropped > 0) {
		text_printf(out, "%" PRId64 " log record%s dropped\n", dropped,
		            dropped == 1 ? "" : "s");
	}
}

/* below the table */

/* An error, or a state that an operator has to know the reason of. */
static bool is_problem(struct json_object *integration)
{
	return !integration_state_of(integration)->in_sync &&
	       control_client_string(integration, "last_error") != NULL;
}

static void add_problems(struct json_object *status, const struct command_line *line,
                         struct text *out)
{
	struct json_object *gate = json_object_object_get(status, "gate");
	size_t count = control_client_count(status, "integrations");
	size_t limit = line->columns > 0 ? PROBLEMS_MAX : SIZE_MAX;
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *integration = control_client_at(status, "integrations", i);

		if (!is_problem(integration) || ++found > limit)
			continue;
		text_add(out, found == 1 ? "\n" : "");
		integration_state_add_problem(integration, gate, line->now_unix_s, out);
	}
	if (found > limit) {
		text_printf(out, "\xe2\x80\xa6 and %zu more; `dfmode-sync status ID` shows one\n",
		            found - limit);
	}
}

static size_t count_lines(const struct text *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->length; i++)
		lines += text->bytes[i] == '\n';
	return lines;
}

/* Beside what stands above and below, the titles and the line that counts the rest; the problems
 * take half of the lines at most. */
static size_t count_rows(size_t lines, size_t above, size_t below)
{
	size_t used = above + 3 + (below < lines / 2 ? below : lines / 2);

	if (lines == 0)
		return 0;
	return lines > used + ROWS_LEAST ? lines - used : ROWS_LEAST;
}

static void add_table(struct json_object *status, const struct command_line *line, struct text *out)
{
	struct text problems = {0};
	size_t rows;

	if (control_client_count(status, "integrations") == 0)
		return;
	add_problems(status, line, &problems);
	rows = count_rows(line->lines, count_lines(out), count_lines(&problems));
	text_add_char(out, '\n');
	status_table_add(status, line, rows, out);
	text_add_bytes(out, problems.bytes, problems.length);
	text_clear(&problems);
}

/* the command */

static bool has_id(struct json_object *status, int64_t id)
{
	size_t count = control_client_count(status, "integrations");

	for (size_t i = 0; i < count; i++) {
		struct json_object *integration = control_client_at(status, "integrations", i);

		if (control_client_int(integration, "id", 0) == id)
			return true;
	}
	return false;
}

/* Whether the files are in force, and all that was asked for is there and in sync. */
static int judge(struct json_object *status, const struct command_line *line, struct text *errors)
{
	size_t count = control_client_count(status, "integrations");
	bool is_good = is_in_force(status);

	for (size_t i = 0; i < count; i++)
		is_good &=
			integration_state_of(control_client_at(status, "integrations", i))->in_sync;
	for (size_t i = 0; i < line->id_count; i++) {
		if (has_id(status, line->ids[i]))
			continue;
		text_printf(errors,
		            "integration %" PRId64 " is not in the configuration in force\n",
		            line->ids[i]);
		is_good = false;
	}
	return is_good ? EX_OK : EXIT_FAILURE;
}

static int show_once(const struct command_line *line, struct text *out, struct text *errors)
{
	const struct control_client_request request = {.name = "status",
	                                               .ids = line->ids,
	                                               .count = line->id_count,
	                                               .verbatim = line->json ? out : NULL};
	struct json_object *status;
	int code = control_client_ask(line->runtime_directory, &request, &status, errors);

	if (status == NULL)
		return code == CONTROL_CLIENT_NOT_RUNNING ? code : EXIT_FAILURE;
	if (!line->json) {
		add_daemon(status, line, out);
		add_config(status, line, out);
		add_gate(status, line, out);
		add_health(status, line, out);
		add_table(status, line, out);
	}
	code = judge(status, line, errors);
	json_object_put(status);
	return code;
}

int command_status(const struct command_line *line, struct text *out, struct text *errors)
{
	const char *misuse = NULL;

	if (line->watch && line->json)
		misuse = "--watch and --json exclude each other";
	else if (line->watch && !isatty(STDOUT_FILENO))
		misuse = "--watch needs a terminal";
	if (misuse != NULL)
		return command_line_misuse(line->command, misuse, NULL, errors);
	return line->watch ? command_status_watch(line, show_once) : show_once(line, out, errors);
}
