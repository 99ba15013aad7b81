/* SPDX-License-Identifier: MIT */
/* To the letter for each kind of state, and without the secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "daemon/control_status.h"
#include "support/sync_fixture.h"

static const struct control_status_context quiet = {
	.now_ms = 1000000,
	.unix_s = 1700000000,
	.started_at = 1699990000,
	.pid = 4711,
	.config_path = "/etc/dfmode-sync.conf",
	.state_directory = "/var/lib/dfmode-sync",
};

static struct text encode(const struct fixture *fixture,
                          const struct control_status_context *context)
{
	struct text out = {0};

	control_status_add_members(fixture->sync, context, &out);
	json_out_open_array(&out, "integrations");
	for (size_t i = 0; i < sync_count(fixture->sync); i++) {
		struct sync_view view = sync_view_at(fixture->sync, i);

		control_status_add_integration(&view, context, &out);
	}
	text_add(&out, "]}");
	assert_null(strstr(out.bytes, "canary"));
	return out;
}

/* The text has `desired` in it. */
static void assert_status(const struct fixture *fixture,
                          const struct control_status_context *context, const char *desired)
{
	struct text out = encode(fixture, context);

	if (strstr(out.bytes, desired) == NULL)
		assert_string_equal(out.bytes, desired);
	text_clear(&out);
}

/* `desired` with the wall clock's second of a monotonic time, which chance decides, in its <at>. */
static char *with_moment(const char *desired, int64_t at_ms)
{
	const char *hole = strstr(desired, "<at>");
	int64_t at = quiet.unix_s + (at_ms - quiet.now_ms + 999) / 1000;

	assert_non_null(hole);
	return mem_printf("%.*s%" PRId64 "%s", (int)(hole - desired), desired, at, hole + 4);
}

static void open_on(struct fixture *fixture, const struct fixture_integration *integrations)
{
	struct spec *spec = fixture_spec(integrations);

	fixture_open(fixture, NULL);
	spec->integrations[0].value.name = mem_dup("Mode: \"Finance\"\n");
	fixture_start(fixture, spec);
}

static void assert_moment(const struct fixture *fixture, const char *desired, int64_t at_ms)
{
	char *line = with_moment(desired, at_ms);

	assert_status(fixture, &quiet, line);
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
		"{\"version\":2,\"pid\":4711,\"started_at\":1699990000,"
		"\"written_at\":1700000000,\"stopping\":false,"
		"\"config\":{\"file\":\"/etc/"
		"dfmode-sync.conf\",\"state\":\"in-force\",\"errors\":0,\"faults\":[]},"
		"\"state_directory\":\"/var/lib/dfmode-sync\",\"state_failing\":false,"
		"\"log_dropped\":0,"
		"\"url\":\"https://app.datafold.com\","
		"\"gate\":{\"state\":\"open\",\"failed_probes\":0,\"probing\":false,"
		"\"next_probe_at\":null,\"paused_until\":null},"
		"\"dashboard\":\"1 of 3 in sync, 1 rejected (43), 1 paused (44)\","
		"\"counts\":{\"in-sync\":1,\"due\":0,\"in-flight\":0,\"confirming\":0,"
		"\"waiting\":0,\"rejected\":1,\"parked\":0,\"paused\":1,\"leaving\":0,\"drifted\":"
		"0,\"gone\":0},"
		"\"integrations\":["
		"{\"id\":42,\"name\":\"Mode: \\\"Finance\\\"\\n\","
		"\"indexing_cron\":\"0 6 * * *\",\"accepted_cron\":\"0 6 * * *\","
		"\"accepted_at\":1001,\"state\":\"in-sync\",\"generation\":1,\"attempts\":0,"
		"\"next_at\":null,\"last_error\":null,\"field\":null,\"file\":null,\"line\":null},"
		"{\"id\":43,\"name\":null,\"indexing_cron\":null,\"accepted_cron\":null,"
		"\"accepted_at\":null,\"state\":\"rejected\",\"generation\":1,\"attempts\":1,"
		"\"next_at\":<at>,\"last_error\":\"words\",\"field\":null,\"file\":null,\"line\":"
		"null},"
		"{\"id\":44,\"name\":null,\"indexing_cron\":null,\"accepted_cron\":null,"
		"\"accepted_at\":null,\"state\":\"paused\",\"generation\":1,\"attempts\":0,"
		"\"next_at\":null,\"last_error\":null,\"field\":null,\"file\":null,\"line\":null}"
		"]}",
		fixture_view(&fixture, 43).due_ms);
	assert_string_equal(out.bytes, desired);
	free(desired);
	text_clear(&out);
	fixture_close(&fixture);
}

static void daemon_shows_its_own_failures(void **unused)
{
	struct faults faults = {0};
	struct control_status_context failing = quiet;
	struct fixture fixture;

	(void)unused;
	open_on(&fixture, one);
	faults_add(&faults, FAULT_ERROR,
	           (const struct fault_place){
			   .file = "f", .line = 3, .column = 5, .width = 2, .source = "a \"b\""},
	           "wrong");
	failing.config = CONTROL_STATUS_REFUSED;
	failing.faults = &faults;
	failing.state_failing = true;
	failing.stopping = true;
	failing.log_dropped = 17;
	assert_status(&fixture, &failing,
	              "\"stopping\":true,\"config\":{\"file\":\"/etc/dfmode-sync.conf\","
	              "\"state\":\"refused\",\"errors\":1,\"faults\":[{\"file\":\"f\","
	              "\"line\":3,\"column\":5,\"severity\":\"error\",\"message\":\"wrong\"}]},"
	              "\"state_directory\":\"/var/lib/dfmode-sync\",\"state_failing\":true,"
	              "\"log_dropped\":17,");
	failing.shows_excerpts = true;
	assert_status(
		&fixture, &failing,
		"\"message\":\"wrong\",\"excerpt\":\"a \\\"b\\\"\",\"caret\":5,\"width\":2}]}");
	faults_clear(&faults);
	fixture_close(&fixture);
}

static void error_names_its_field_and_line(void **unused)
{
	struct spec *spec = fixture_spec(one);
	struct fixture fixture;
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .answer = {.id = 42,
	                                      .verdict = verdict_of(VERDICT_TRANSFER_DONE, 422),
	                                      .error_text = "422 body.indexing_cron: \"no\"",
	                                      .about = SPEC_INDEXING_CRON}};

	(void)unused;
	fixture_open(&fixture, NULL);
	spec->integrations[0].places[SPEC_INDEXING_CRON] = (struct spec_place){"f", 7};
	fixture_start(&fixture, spec);
	event.now_ms = fixture.now_ms;
	event.answer.generation = fixture_view(&fixture, 42).sent_generation;
	(void)sync_step(fixture.sync, &event, &fixture.count);
	assert_moment(&fixture,
	              "\"state\":\"rejected\",\"generation\":1,\"attempts\":1,"
	              "\"next_at\":<at>,"
	              "\"last_error\":\"422 body.indexing_cron: \\\"no\\\"\","
	              "\"field\":\"indexing_cron\",\"file\":\"f\",\"line\":7}",
	              fixture_view(&fixture, 42).due_ms);
	fixture_close(&fixture);
}

static void in_flight_has_no_next_time(void **unused)
{
	struct fixture fixture;

	(void)unused;
	open_on(&fixture, one);
	assert_status(
		&fixture, &quiet,
		"\"state\":\"in-flight\",\"generation\":1,\"attempts\":0,"
		"\"next_at\":null,\"last_error\":null,\"field\":null,\"file\":null,\"line\":null}");
	fixture_close(&fixture);
}

/* Marking is a name of its own to nobody: it is due. */
static void mark_counts_as_due(void **unused)
{
	struct fixture fixture;

	(void)unused;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_spec(one));
	assert_status(&fixture, &quiet,
	              "\"counts\":{\"in-sync\":0,\"due\":1,\"in-flight\":0,\"confirming\":0,"
	              "\"waiting\":0,\"rejected\":0,\"parked\":0,\"paused\":0,\"leaving\":0,"
	              "\"drifted\":0,\"gone\":0},");
	assert_status(
		&fixture, &quiet,
		"\"state\":\"due\",\"generation\":1,\"attempts\":0,"
		"\"next_at\":null,\"last_error\":null,\"field\":null,\"file\":null,\"line\":null}");
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
	assert_status(&fixture, &quiet,
	              "\"dashboard\":\"0 of 1 in sync, 1 drifted (42)\","
	              "\"counts\":{\"in-sync\":0,\"due\":0,\"in-flight\":0,\"confirming\":0,"
	              "\"waiting\":0,\"rejected\":0,\"parked\":0,\"paused\":0,\"leaving\":0,"
	              "\"drifted\":1,\"gone\":0},");
	assert_status(&fixture, &quiet,
	              "{\"id\":42,\"name\":null,\"indexing_cron\":\"0 6 * * *\","
	              "\"accepted_cron\":\"0 6 * * *\",\"accepted_at\":1000,"
	              "\"state\":\"drifted\",\"generation\":1,\"attempts\":0,\"next_at\":null,"
	              "\"last_error\":\"the server has "
	              "'5\\\\t''\",\"field\":\"indexing_cron\",\"file\":null,\"line\":null}");
	fixture_close(&fixture);
}

static void removed_in_flight_is_leaving(void **unused)
{
	static const struct fixture_integration other[] = {{.id = 43, .cron = "x"}, {.id = 0}};
	struct fixture fixture;

	(void)unused;
	open_on(&fixture, one);
	fixture_start(&fixture, fixture_spec(other));
	assert_status(&fixture, &quiet,
	              "{\"id\":42,\"name\":null,\"indexing_cron\":null,\"accepted_cron\":null,"
	              "\"accepted_at\":null,\"state\":\"leaving\",\"generation\":1,\"attempts\":0,"
	              "\"next_at\":null,\"last_error\":null,\"field\":null,\"file\":null,\"line\":"
	              "null},");
	fixture_close(&fixture);
}

static void gate_tells_of_its_probe(void **unused)
{
	struct fixture fixture;
	struct control_status_context later = quiet;

	(void)unused;
	open_on(&fixture, one);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 401, 0);
	fixture_list(&fixture, 401, 0, NULL); /* no witness */
	assert_moment(&fixture,
	              "\"gate\":{\"state\":\"auth\",\"failed_probes\":0,\"probing\":false,"
	              "\"next_probe_at\":<at>,\"paused_until\":null},",
	              sync_gate(fixture.sync)->probe_at_ms);
	(void)fixture_pass(&fixture, 60000);
	later.now_ms = fixture.now_ms;
	assert_status(&fixture, &later,
	              "\"gate\":{\"state\":\"auth\",\"failed_probes\":0,\"probing\":true,"
	              "\"next_probe_at\":null,\"paused_until\":null},");
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 401, 0);
	later.now_ms += 3600000;
	assert_status(&fixture, &later,
	              "\"gate\":{\"state\":\"auth\",\"failed_probes\":1,\"probing\":false,"
	              "\"next_probe_at\":1700000000,\"paused_until\":null},");
	fixture_close(&fixture);
}

static void pause_is_shown_until_it_is_over(void **unused)
{
	struct fixture fixture;
	struct control_status_context later = quiet;

	(void)unused;
	open_on(&fixture, one);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 429, 30001);
	assert_status(&fixture, &quiet,
	              "\"gate\":{\"state\":\"open\",\"failed_probes\":0,\"probing\":false,"
	              "\"next_probe_at\":null,\"paused_until\":1700000031},");
	later.now_ms += 30001;
	assert_status(&fixture, &later,
	              "\"gate\":{\"state\":\"open\",\"failed_probes\":0,\"probing\":false,"
	              "\"next_probe_at\":null,\"paused_until\":null},");
	fixture_close(&fixture);
}

static void any_text_makes_a_valid_document(void **unused)
{
	struct control_status_context odd = quiet;
	struct faults faults = {0};
	struct json_object *document;
	struct json_object *config;
	struct fixture fixture;
	struct text out;

	(void)unused;
	open_on(&fixture, three);
	faults_add(&faults, FAULT_ERROR, (const struct fault_place){.file = "\x01\"\\\xff\xc3\xa4"},
	           "%s", "\xff\"");
	odd.faults = &faults;
	odd.config_path = "/a\"b\n";
	out = encode(&fixture, &odd);
	document = json_tokener_parse(out.bytes);
	assert_non_null(document);
	config = json_object_object_get(document, "config");
	assert_string_equal(json_object_get_string(json_object_object_get(config, "file")),
	                    "/a\"b\n");
	assert_int_equal(json_object_array_length(json_object_object_get(document, "integrations")),
	                 3);
	json_object_put(document);
	faults_clear(&faults);
	text_clear(&out);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_what_the_header_says),
		cmocka_unit_test(daemon_shows_its_own_failures),
		cmocka_unit_test(error_names_its_field_and_line),
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
