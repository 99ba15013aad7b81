/* SPDX-License-Identifier: MIT */
/* status.json: to the letter for each kind of state, and without the secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/status.h"
#include "support/sync_fixture.h"

static const struct status_context quiet = {
	.now_ms = 1000000,
	.unix_s = 1700000000,
	.started_at = 1699990000,
	.pid = 4711,
	.config_path = "/etc/dfmode-sync.conf",
	.state_directory = "/var/lib/dfmode-sync",
};

static struct text encode(const struct fixture *fixture, const struct status_context *context)
{
	struct text out = {.length = 0};
	int64_t last = 0;

	status_encode_start(fixture->sync, context, &out);
	assert_false(status_encode_more(fixture->sync, context, SIZE_MAX, &last, &out));
	assert_null(strstr(out.bytes, "canary"));
	return out;
}

/* The lines of `out` from the one that starts like this, as many as `lines`. */
static void assert_lines(const struct text *out, const char *start, unsigned lines,
                         const char *desired)
{
	const char *from = strstr(out->bytes, start);
	const char *end = from;
	char *got;

	assert_non_null(from);
	for (; lines > 0; lines--)
		end = strchr(end, '\n') + 1;
	got = mem_dup_bytes(from, (size_t)(end - from));
	assert_string_equal(got, desired);
	free(got);
}

static void assert_status(const struct fixture *fixture, const struct status_context *context,
                          const char *start, unsigned lines, const char *desired)
{
	struct text out = encode(fixture, context);

	assert_lines(&out, start, lines, desired);
	text_clear(&out);
}

/* `desired` with the wall clock's second of a monotonic time, which chance decides, in its %lld. */
static char *with_moment(const char *desired, int64_t at_ms)
{
	const char *hole = strstr(desired, "%lld");
	int64_t at = quiet.unix_s + (at_ms - quiet.now_ms + 999) / 1000;

	assert_non_null(hole);
	return mem_printf("%.*s%lld%s", (int)(hole - desired), desired, (long long)at, hole + 4);
}

static void open_on(struct fixture *fixture, const struct fixture_integration *integrations)
{
	struct spec *spec = fixture_spec(integrations);

	fixture_open(fixture, NULL);
	spec->integrations[0].value.name = mem_dup("Mode: \"Finance\"\n");
	fixture_start(fixture, spec);
}

static void assert_moment(const struct fixture *fixture, const char *start, const char *desired,
                          int64_t at_ms)
{
	char *line = with_moment(desired, at_ms);

	assert_status(fixture, &quiet, start, 1, line);
	free(line);
}

static const struct fixture_integration one[] = {{.id = 42, .cron = "0 6 * * *"}, {.id = 0}};
static const struct fixture_integration three[] = {{.id = 42, .cron = "0 6 * * *"},
                                                   {.id = 43, .token = "canary-token"},
                                                   {.id = 44, .paused = true},
                                                   {.id = 0}};

static void file_is_what_the_header_says(void **unused)
{
	struct fixture fixture;
	struct text out;
	char *desired;

	(void)unused;
	open_on(&fixture, three);
	fixture.now_ms += 1000;
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	fixture_answer(&fixture, 43, VERDICT_TRANSFER_DONE, 422, 0);
	out = encode(&fixture, &quiet);
	desired = with_moment(
		"{\"version\":1,\"pid\":4711,\"started_at\":1699990000,"
		"\"written_at\":1700000000,\"stopping\":false,\n"
		"\"config\":\"/etc/dfmode-sync.conf\",\"refused\":null,\n"
		"\"state_directory\":\"/var/lib/dfmode-sync\",\"state_failing\":false,"
		"\"log_dropped\":0,\n"
		"\"url\":\"https://app.datafold.com\",\n"
		"\"gate\":{\"state\":\"open\",\"failed_probes\":0,\"probing\":false,"
		"\"next_probe_at\":null,\"paused_until\":null},\n"
		"\"dashboard\":\"1 of 3 in sync, 1 rejected (43), 1 paused (44)\",\n"
		"\"counts\":{\"in-sync\":1,\"due\":0,\"in-flight\":0,\"confirming\":0,"
		"\"waiting\":0,\"rejected\":1,\"parked\":0,\"paused\":1,\"leaving\":0,\"drifted\":"
		"0},\n"
		"\"integrations\":[\n"
		"{\"id\":42,\"name\":\"Mode: \\\"Finance\\\"\\n\","
		"\"indexing_cron\":\"0 6 * * *\",\"accepted_cron\":\"0 6 * * *\","
		"\"accepted_at\":1001,\"state\":\"in-sync\",\"generation\":1,\"attempts\":0,"
		"\"next_at\":null,\"last_error\":null,\"field\":null},\n"
		"{\"id\":43,\"name\":null,\"indexing_cron\":null,\"accepted_cron\":null,"
		"\"accepted_at\":null,\"state\":\"rejected\",\"generation\":1,\"attempts\":1,"
		"\"next_at\":%lld,\"last_error\":\"words\",\"field\":null},\n"
		"{\"id\":44,\"name\":null,\"indexing_cron\":null,\"accepted_cron\":null,"
		"\"accepted_at\":null,\"state\":\"paused\",\"generation\":1,\"attempts\":0,"
		"\"next_at\":null,\"last_error\":null,\"field\":null}\n"
		"]}\n",
		fixture_view(&fixture, 43).due_ms);
	assert_string_equal(out.bytes, desired);
	free(desired);
	text_clear(&out);
	fixture_close(&fixture);
}

/* How many lines of the file are about an integration; it must be JSON. */
static size_t count_integrations(const struct text *out)
{
	struct json_object *root = json_tokener_parse(out->bytes);
	struct json_object *list;
	size_t count;

	assert_non_null(root);
	assert_true(json_object_object_get_ex(root, "integrations", &list));
	count = json_object_array_length(list);
	json_object_put(root);
	return count;
}

static void pieces_are_the_whole(void **unused)
{
	struct text whole;
	struct fixture fixture;

	(void)unused;
	open_on(&fixture, three);
	whole = encode(&fixture, &quiet);
	assert_int_equal(count_integrations(&whole), 3);
	for (size_t count = 1; count <= 4; count++) {
		struct text pieces = {.length = 0};
		int64_t last = 0;
		size_t turns = 1;

		status_encode_start(fixture.sync, &quiet, &pieces);
		while (status_encode_more(fixture.sync, &quiet, count, &last, &pieces))
			turns++;
		assert_int_equal(turns, (3 + count - 1) / count);
		assert_string_equal(pieces.bytes, whole.bytes);
		text_clear(&pieces);
	}
	text_clear(&whole);
	fixture_close(&fixture);
}

/* What goes and comes between two pieces moves all that follow it. */
static void pieces_of_two_configurations(void **unused)
{
	static const struct fixture_integration others[] = {{.id = 1},
	                                                    {.id = 43, .paused = true},
	                                                    {.id = 44, .paused = true},
	                                                    {.id = 45},
	                                                    {.id = 0}};
	static const struct fixture_integration none[] = {{.id = 0}};
	const struct fixture_integration *const next[] = {others, one, none};
	const size_t counts[] = {4, 1, 1};

	(void)unused;
	for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++) {
		struct text out = {.length = 0};
		int64_t last = 0;
		struct fixture fixture;

		open_on(&fixture, three);
		fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
		fixture_answer(&fixture, 43, VERDICT_TRANSFER_DONE, 200, 0);
		status_encode_start(fixture.sync, &quiet, &out);
		assert_true(status_encode_more(fixture.sync, &quiet, 1, &last, &out));
		fixture_configure(&fixture, fixture_spec(next[i]));
		while (status_encode_more(fixture.sync, &quiet, 1, &last, &out)) {
		}
		assert_int_equal(count_integrations(&out), counts[i]);
		text_clear(&out);
		fixture_close(&fixture);
	}
}

static void daemon_tells_of_its_troubles(void **unused)
{
	struct fixture fixture;
	struct status_context troubled = quiet;

	(void)unused;
	open_on(&fixture, one);
	troubled.refused = true;
	troubled.refused_errors = 3;
	troubled.refused_fault = "f:3:5: error: a \"b\"";
	troubled.state_failing = true;
	troubled.stopping = true;
	troubled.log_dropped = 17;
	assert_status(&fixture, &troubled, "{\"version\"", 3,
	              "{\"version\":1,\"pid\":4711,\"started_at\":1699990000,"
	              "\"written_at\":1700000000,\"stopping\":true,\n"
	              "\"config\":\"/etc/dfmode-sync.conf\","
	              "\"refused\":{\"errors\":3,\"first\":\"f:3:5: error: a \\\"b\\\"\"},\n"
	              "\"state_directory\":\"/var/lib/dfmode-sync\",\"state_failing\":true,"
	              "\"log_dropped\":17,\n");
	fixture_close(&fixture);
}

static void error_names_its_field(void **unused)
{
	struct fixture fixture;
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .answer = {.id = 42,
	                                      .verdict = verdict_of(VERDICT_TRANSFER_DONE, 422),
	                                      .error_text = "422 body.indexing_cron: \"no\"",
	                                      .about = SPEC_INDEXING_CRON}};

	(void)unused;
	open_on(&fixture, one);
	event.now_ms = fixture.now_ms;
	event.answer.generation = fixture_view(&fixture, 42).sent_generation;
	(void)sync_step(fixture.sync, &event, &fixture.count);
	assert_moment(&fixture, "\"state\":\"rejected\"",
	              "\"state\":\"rejected\",\"generation\":1,\"attempts\":1,"
	              "\"next_at\":%lld,"
	              "\"last_error\":\"422 body.indexing_cron: \\\"no\\\"\","
	              "\"field\":\"indexing_cron\"}\n",
	              fixture_view(&fixture, 42).due_ms);
	fixture_close(&fixture);
}

static void in_flight_has_no_next_time(void **unused)
{
	struct fixture fixture;

	(void)unused;
	open_on(&fixture, one);
	assert_status(&fixture, &quiet, "\"state\":\"in-flight\"", 1,
	              "\"state\":\"in-flight\",\"generation\":1,\"attempts\":0,"
	              "\"next_at\":null,\"last_error\":null,\"field\":null}\n");
	fixture_close(&fixture);
}

/* Marking is a name of its own to nobody: it is due. */
static void mark_counts_as_due(void **unused)
{
	struct fixture fixture;

	(void)unused;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_spec(one));
	assert_status(&fixture, &quiet, "\"counts\"", 1,
	              "\"counts\":{\"in-sync\":0,\"due\":1,\"in-flight\":0,\"confirming\":0,"
	              "\"waiting\":0,\"rejected\":0,\"parked\":0,\"paused\":0,\"leaving\":0,"
	              "\"drifted\":0},\n");
	assert_status(&fixture, &quiet, "\"state\":\"due\"", 1,
	              "\"state\":\"due\",\"generation\":1,\"attempts\":0,"
	              "\"next_at\":null,\"last_error\":null,\"field\":null}\n");
	fixture_close(&fixture);
}

static void drift_is_shown_instead_of_in_sync(void **unused)
{
	const struct fixture_integration daily[] = {{.id = 42, .cron = "0 6 * * *"}, {.id = 0}};
	const struct wire_remote other[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = (char[]){"5\t'"}}, {.id = 0}};
	struct spec *spec = fixture_spec(daily);
	struct fixture fixture;

	(void)unused;
	fixture_open(&fixture, NULL);
	spec->drift = (struct spec_drift){SPEC_DRIFT_REPORT, 1000};
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	(void)fixture_pass(&fixture, 1000);
	fixture_list(&fixture, 200, 0, other);
	assert_status(&fixture, &quiet, "\"dashboard\"", 2,
	              "\"dashboard\":\"0 of 1 in sync, 1 drifted (42)\",\n"
	              "\"counts\":{\"in-sync\":0,\"due\":0,\"in-flight\":0,\"confirming\":0,"
	              "\"waiting\":0,\"rejected\":0,\"parked\":0,\"paused\":0,\"leaving\":0,"
	              "\"drifted\":1},\n");
	assert_status(&fixture, &quiet, "{\"id\":42", 1,
	              "{\"id\":42,\"name\":null,\"indexing_cron\":\"0 6 * * *\","
	              "\"accepted_cron\":\"0 6 * * *\",\"accepted_at\":1000,"
	              "\"state\":\"drifted\",\"generation\":1,\"attempts\":0,\"next_at\":null,"
	              "\"last_error\":\"the server has '5\\\\t''\",\"field\":null}\n");
	fixture_close(&fixture);
}

static void removed_in_flight_is_leaving(void **unused)
{
	static const struct fixture_integration other[] = {{.id = 43, .cron = "x"}, {.id = 0}};
	struct fixture fixture;

	(void)unused;
	open_on(&fixture, one);
	fixture_start(&fixture, fixture_spec(other));
	assert_status(&fixture, &quiet, "{\"id\":42", 1,
	              "{\"id\":42,\"name\":null,\"indexing_cron\":null,\"accepted_cron\":null,"
	              "\"accepted_at\":null,\"state\":\"leaving\",\"generation\":1,\"attempts\":0,"
	              "\"next_at\":null,\"last_error\":null,\"field\":null},\n");
	fixture_close(&fixture);
}

static void gate_tells_of_its_probe(void **unused)
{
	struct fixture fixture;
	struct status_context later = quiet;

	(void)unused;
	open_on(&fixture, one);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 401, 0);
	fixture_list(&fixture, 401, 0, NULL); /* no witness */
	assert_moment(&fixture, "\"gate\"",
	              "\"gate\":{\"state\":\"auth\",\"failed_probes\":0,\"probing\":false,"
	              "\"next_probe_at\":%lld,\"paused_until\":null},\n",
	              sync_gate(fixture.sync)->probe_at_ms);
	(void)fixture_pass(&fixture, 60000);
	later.now_ms = fixture.now_ms;
	assert_status(&fixture, &later, "\"gate\"", 1,
	              "\"gate\":{\"state\":\"auth\",\"failed_probes\":0,\"probing\":true,"
	              "\"next_probe_at\":null,\"paused_until\":null},\n");
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 401, 0);
	later.now_ms += 3600000;
	assert_status(&fixture, &later, "\"gate\"", 1,
	              "\"gate\":{\"state\":\"auth\",\"failed_probes\":1,\"probing\":false,"
	              "\"next_probe_at\":1700000000,\"paused_until\":null},\n");
	fixture_close(&fixture);
}

static void pause_is_shown_until_it_is_over(void **unused)
{
	struct fixture fixture;
	struct status_context later = quiet;

	(void)unused;
	open_on(&fixture, one);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 429, 30001);
	assert_status(&fixture, &quiet, "\"gate\"", 1,
	              "\"gate\":{\"state\":\"open\",\"failed_probes\":0,\"probing\":false,"
	              "\"next_probe_at\":null,\"paused_until\":1700000031},\n");
	later.now_ms += 30001;
	assert_status(&fixture, &later, "\"gate\"", 1,
	              "\"gate\":{\"state\":\"open\",\"failed_probes\":0,\"probing\":false,"
	              "\"next_probe_at\":null,\"paused_until\":null},\n");
	fixture_close(&fixture);
}

static void any_text_makes_a_valid_document(void **unused)
{
	struct fixture fixture;
	struct status_context odd = quiet;
	struct text out;
	struct json_object *document;

	(void)unused;
	open_on(&fixture, three);
	odd.refused = true;
	odd.refused_fault = "\x01\"\\\xff\xc3\xa4";
	odd.config_path = "/a\"b\n";
	out = encode(&fixture, &odd);
	document = json_tokener_parse(out.bytes);
	assert_non_null(document);
	assert_string_equal(json_object_get_string(json_object_object_get(document, "config")),
	                    "/a\"b\n");
	assert_int_equal(json_object_array_length(json_object_object_get(document, "integrations")),
	                 3);
	json_object_put(document);
	text_clear(&out);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_what_the_header_says),
		cmocka_unit_test(pieces_are_the_whole),
		cmocka_unit_test(pieces_of_two_configurations),
		cmocka_unit_test(daemon_tells_of_its_troubles),
		cmocka_unit_test(error_names_its_field),
		cmocka_unit_test(in_flight_has_no_next_time),
		cmocka_unit_test(mark_counts_as_due),
		cmocka_unit_test(drift_is_shown_instead_of_in_sync),
		cmocka_unit_test(removed_in_flight_is_leaving),
		cmocka_unit_test(gate_tells_of_its_probe),
		cmocka_unit_test(pause_is_shown_until_it_is_over),
		cmocka_unit_test(any_text_makes_a_valid_document),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
