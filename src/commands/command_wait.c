/* SPDX-License-Identifier: MIT */
/* The daemon keeps the time and decides what is settled; here is waited for its one answer. What
 * the line on the terminal shows is asked for beside it, on a connection of its own. */
#include "commands/command_wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/span.h"
#include "commands/command_reload.h"
#include "commands/control_client.h"
#include "commands/format.h"
#include "commands/integration_state.h"

#define STEP_MS      500   /* between two lines on the terminal */
#define ANSWER_MS    10000 /* that the daemon may take to answer, after the time is over */
#define PUSH_MS      (INT64_C(600) * 1000)
#define PROGRESS_MAX 70 /* bytes of the line, so that it does not wrap */

/* the line on the terminal */

static void draw(const struct command_wait_options *options, int64_t elapsed_ms)
{
	const struct control_client_request request = {.name = "summary"};
	struct json_object *summary = NULL;
	struct fault fault = {0};
	struct text line = {0};
	char span[SPAN_TEXT_MAX];

	if (!options->on_terminal)
		return;
	/* Without a summary the line just says less: the answer itself says what is wrong. */
	(void)control_client_ask(options->runtime_directory, &request, &summary, &fault);
	if (control_client_string(summary, "dashboard") != NULL) {
		format_text(control_client_string(summary, "dashboard"), PROGRESS_MAX, NULL, &line);
		text_add(&line, ", ");
	}
	(void)fprintf(stderr, "\r\033[K%s%s", line.length > 0 ? line.bytes : "waiting, ",
	              span_format(elapsed_ms / 1000 * 1000, span));
	(void)fflush(stderr);
	text_clear(&line);
	fault_clear(&fault);
	json_object_put(summary);
}

static void wipe(const struct command_wait_options *options)
{
	if (options->on_terminal)
		(void)fputs("\r\033[K", stderr);
}

/* the answer */

static int ask(const struct command_wait_options *options,
               const struct control_client_request *request, int64_t wait_ms,
               struct json_object **answer, struct fault *fault)
{
	struct control_client_link link = {0};
	int code = control_client_open(&link, options->runtime_directory, request, fault);
	int64_t elapsed_ms = 0;

	*answer = NULL;
	while (code == 0 && *answer == NULL && elapsed_ms < wait_ms) {
		code = control_client_receive(&link, STEP_MS, answer, fault);
		elapsed_ms += STEP_MS;
		if (code == 0 && *answer == NULL)
			draw(options, elapsed_ms);
	}
	wipe(options);
	if (code == 0 && *answer == NULL)
		(void)fault_set(fault, "the daemon does not answer at %s", link.path);
	control_client_close(&link);
	if (*answer == NULL && code != CONTROL_CLIENT_NOT_RUNNING && code != EX_NOPERM)
		code = EXIT_FAILURE;
	return code;
}

static void add_accepted(struct json_object *integration, struct text *out)
{
	format_integration(control_client_int(integration, "id", 0),
	                   control_client_string(integration, "name"), PROGRESS_MAX, NULL, out);
	text_add(out, ": accepted\n");
}

/* What kept a `wait` that is over from its end, although it is in sync. */
static void add_unsettled(struct json_object *answer, struct text *out)
{
	struct json_object *gate = json_object_object_get(answer, "gate");
	size_t count = control_client_count(answer, "integrations");

	for (size_t i = 0; i < count; i++) {
		struct json_object *integration = control_client_at(answer, "integrations", i);

		if (integration_state_of(integration)->unsettled)
			integration_state_add_problem(integration, gate, (int64_t)time(NULL), out);
	}
}

/* How many are not as they were to be. */
static size_t add_outcomes(struct json_object *answer, bool pushed, struct text *out)
{
	struct json_object *gate = json_object_object_get(answer, "gate");
	size_t count = control_client_count(answer, "integrations");
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *integration = control_client_at(answer, "integrations", i);
		bool is_good = pushed ? control_client_bool(integration, "accepted")
		                      : integration_state_of(integration)->in_sync;

		failed += !is_good;
		if (!is_good)
			integration_state_add_problem(integration, gate, (int64_t)time(NULL), out);
		else if (pushed)
			add_accepted(integration, out);
	}
	return failed;
}

/* Of the daemon's answer to `wait`. */
static int judge(struct json_object *answer, const struct command_wait_options *options,
                 struct text *out)
{
	const char *result = control_client_string(answer, "result");
	bool is_late = result != NULL && strcmp(result, "timeout") == 0;
	size_t failed = add_outcomes(answer, false, out);
	char span[SPAN_TEXT_MAX];

	if (is_late) {
		add_unsettled(answer, out);
		text_printf(out, "not settled within %s\n", span_format(options->timeout_ms, span));
	} else if (failed > 0) {
		text_printf(out, "%zu not in sync\n", failed);
	} else {
		text_add(out, "in sync\n");
	}
	return is_late || failed > 0 ? EXIT_FAILURE : EX_OK;
}

int command_wait(const struct command_wait_options *options, struct text *out, struct text *errors)
{
	const struct control_client_request request = {.name = "wait",
	                                               .ids = options->ids,
	                                               .count = options->count,
	                                               .timeout_ms = options->timeout_ms};
	struct json_object *answer;
	struct fault fault = {0};
	int code = ask(options, &request, options->timeout_ms + ANSWER_MS, &answer, &fault);

	if (answer == NULL) {
		text_printf(errors, "%s\n", fault.text);
	} else {
		code = command_reload_judge(answer, options->colour, errors);
		if (code == EX_OK)
			code = judge(answer, options, out);
		else if (code == EX_TEMPFAIL)
			code = EXIT_FAILURE;
	}
	json_object_put(answer);
	fault_clear(&fault);
	return code;
}

int command_push(const struct command_wait_options *options, struct text *out, struct text *errors)
{
	const struct control_client_request request = {
		.name = "push", .ids = options->ids, .count = options->count};
	struct json_object *answer;
	struct fault fault = {0};
	int code = ask(options, &request, PUSH_MS, &answer, &fault);

	if (answer != NULL)
		code = add_outcomes(answer, true, out) > 0 ? EXIT_FAILURE : EX_OK;
	else
		text_printf(errors, "%s\n", fault.text);
	json_object_put(answer);
	fault_clear(&fault);
	return code;
}
