/* SPDX-License-Identifier: MIT */
/* What the daemon is asked to do: it keeps the time and decides what is settled; here is waited for
 * its one answer. What the line on the terminal shows is asked for beside it, on a connection of
 * its own. `dfmode-sync reload` is also the unit's ExecReload=, so that `systemctl reload` fails
 * when the daemon refuses the files. */
#include "commands/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/span.h"
#include "commands/control_client.h"
#include "commands/format.h"

#define ANSWER_MS      10000 /* that the daemon may take to answer, after the time is over */
#define PUSH_MS        (INT64_C(600) * 1000)
#define LOAD_MS        80000 /* less than systemd's default for a reload, 90 s */
#define TIMEOUT_MAX_MS (INT64_C(24) * 3600 * 1000) /* longer ones the daemon rejects */
#define PROGRESS_MAX   70                          /* bytes of the line, so that it does not wrap */
#define ERROR_SHOWN    1024                        /* bytes */

/* the line on the terminal */

static void draw(int64_t elapsed_ms, const void *data)
{
	const struct control_client_request request = {.name = "summary"};
	const struct command_line *line = data;
	struct json_object *summary = NULL;
	struct text shown = {0};
	char span[SPAN_TEXT_MAX];

	/* Without a summary the line just says less: the answer itself says what is wrong. */
	(void)control_client_ask(line->runtime_directory, &request, &summary, NULL);
	if (control_client_string(summary, "dashboard") != NULL) {
		format_text(control_client_string(summary, "dashboard"), PROGRESS_MAX, NULL,
		            &shown);
		text_add(&shown, ", ");
	}
	(void)fprintf(stderr, "\r\033[K%s%s", shown.length > 0 ? shown.bytes : "waiting, ",
	              span_format(elapsed_ms / 1000 * 1000, span));
	(void)fflush(stderr);
	text_clear(&shown);
	json_object_put(summary);
}

/* the answer */

static int ask(const struct command_line *line, struct control_client_request *request,
               struct json_object **answer, struct text *errors)
{
	int code;

	request->waiting = line->has_progress ? draw : NULL;
	request->data = line;
	code = control_client_ask(line->runtime_directory, request, answer, errors);
	if (line->has_progress)
		(void)fputs("\r\033[K", stderr);
	if (code == 0 || code == CONTROL_CLIENT_NOT_RUNNING || code == EX_NOPERM)
		return code;
	return EXIT_FAILURE;
}

static int judge_files(struct json_object *answer, bool colour, struct text *errors)
{
	const char *result = control_client_string(answer, "result");
	const char *error = control_client_string(answer, "error");

	if (result != NULL && strcmp(result, "refused") == 0) {
		control_client_print_faults(answer, colour, errors);
		text_add(errors, "the files are refused; what was loaded before stays in force\n");
		return EX_CONFIG;
	}
	if (result != NULL && strcmp(result, "unread") == 0) {
		text_add(errors, "the files cannot be read now: ");
		format_text(error != NULL ? error : "unknown", ERROR_SHOWN, NULL, errors);
		text_add(errors, "; what was loaded before stays in force\n");
		return EX_TEMPFAIL;
	}
	return EX_OK;
}

/* Append each that is not as it was to be, of `push` the others too, and of a `wait` that is late
 * what kept it from its end although it is in sync. How many are not as they were to be. */
static size_t add_outcomes(struct json_object *answer, bool pushed, bool is_late, struct text *out)
{
	struct json_object *gate = json_object_object_get(answer, "gate");
	size_t count = control_client_count(answer, "integrations");
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *integration = control_client_at(answer, "integrations", i);
		const struct integration_state *state = integration_state_of(integration);
		bool is_good =
			pushed ? control_client_bool(integration, "accepted") : state->in_sync;

		failed += !is_good;
		if (!is_good || (is_late && state->unsettled)) {
			integration_state_add_problem(integration, gate, (int64_t)time(NULL), out);
		} else if (pushed) {
			format_integration(control_client_int(integration, "id", 0),
			                   control_client_string(integration, "name"), PROGRESS_MAX,
			                   NULL, out);
			text_add(out, ": accepted\n");
		}
	}
	return failed;
}

/* Of the daemon's answer to `wait`. */
static int judge(struct json_object *answer, const struct command_line *line, struct text *out)
{
	const char *result = control_client_string(answer, "result");
	bool is_late = result != NULL && strcmp(result, "timeout") == 0;
	size_t failed = add_outcomes(answer, false, is_late, out);
	char span[SPAN_TEXT_MAX];

	if (is_late)
		text_printf(out, "not settled within %s\n", span_format(line->timeout_ms, span));
	else if (failed > 0)
		text_printf(out, "%zu not in sync\n", failed);
	else
		text_add(out, "in sync\n");
	return is_late || failed > 0 ? EXIT_FAILURE : EX_OK;
}

int command_wait(const struct command_line *line, struct text *out, struct text *errors)
{
	struct control_client_request request = {.name = "wait",
	                                         .ids = line->ids,
	                                         .count = line->id_count,
	                                         .timeout_ms = line->timeout_ms,
	                                         .wait_ms = line->timeout_ms + ANSWER_MS};
	struct json_object *answer;
	int code;

	if (line->timeout_ms > TIMEOUT_MAX_MS)
		return command_line_misuse(line->command, "--timeout takes at most 1d", NULL,
		                           errors);
	code = ask(line, &request, &answer, errors);
	if (answer != NULL)
		code = judge_files(answer, line->error_colour, errors);
	if (answer != NULL && code == EX_OK)
		code = judge(answer, line, out);
	json_object_put(answer);
	return code == EX_TEMPFAIL ? EXIT_FAILURE : code;
}

int command_push(const struct command_line *line, struct text *out, struct text *errors)
{
	struct control_client_request request = {
		.name = "push", .ids = line->ids, .count = line->id_count, .wait_ms = PUSH_MS};
	struct json_object *answer;
	int code = ask(line, &request, &answer, errors);

	if (answer != NULL)
		code = add_outcomes(answer, true, false, out) > 0 ? EXIT_FAILURE : EX_OK;
	json_object_put(answer);
	return code;
}

int command_reload(const struct command_line *line, struct text *out, struct text *errors)
{
	const struct control_client_request request = {.name = "reload", .wait_ms = LOAD_MS};
	struct json_object *answer;
	int code = control_client_ask(line->runtime_directory, &request, &answer, errors);

	if (answer != NULL)
		code = judge_files(answer, line->error_colour, errors);
	if (code == EX_OK)
		text_add(out, "the files are in force\n");
	json_object_put(answer);
	return code;
}
