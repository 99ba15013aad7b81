/* SPDX-License-Identifier: MIT */
/* The metrics: the file to the letter is metrics.prom, beside this. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/metrics.h"
#include "os/store.h"
#include "support/sync_fixture.h"

static const struct metrics_context quiet = {
	.config_path = "/etc/dfmode-sync.conf",
	.version = "1.2",
	.libcurl = "7.88.1",
	.tls = "OpenSSL/3.0.17",
	.libuv = "1.44.2",
	.json_c = "0.16",
	.started_at = 1700000000,
};

static const struct fixture_integration three[] = {
	{.id = 42, .cron = "0 6 * * *"}, {.id = 43}, {.id = 44, .paused = true}, {.id = 0}};

static struct text encode(const struct metrics *metrics, const struct fixture *fixture,
                          const struct metrics_context *context)
{
	struct text out = {0};

	metrics_encode(metrics, fixture->sync, context, &out);
	return out;
}

/* The samples of a family, without what stands around them. */
static void assert_samples(const struct text *out, const char *family, const char *desired)
{
	char *head = mem_printf("# TYPE %s ", family);
	const char *from = strstr(out->bytes, head);
	const char *end;
	char *got;

	assert_non_null(from);
	from = strchr(from, '\n') + 1;
	end = strstr(from, "\n# ") + 1;
	got = mem_dup_bytes(from, (size_t)(end - from));
	assert_string_equal(got, desired);
	free(got);
	free(head);
}

/* Take the actions of the last step in, as the engine does. */
static void count_actions(struct metrics *metrics, const struct fixture *fixture)
{
	for (size_t i = 0; i < fixture->count; i++)
		metrics_count_action(metrics, &fixture->actions[i], fixture->now_ms / 1000);
}

static void answer(struct metrics *metrics, struct fixture *fixture, int64_t id, int status)
{
	const enum verdict_transfer transfer =
		status > 0 ? VERDICT_TRANSFER_DONE : VERDICT_TRANSFER_NOT_SENT;

	metrics_count_request(metrics, verdict_of(transfer, status).kind, status);
	fixture_answer(fixture, id, transfer, status, 0);
	count_actions(metrics, fixture);
}

static char *read_sample(void)
{
	const char *srcdir = getenv("srcdir");
	char *directory = mem_printf("%s/tests/unit/daemon", srcdir != NULL ? srcdir : ".");
	struct text text = {0};
	struct fault fault = {0};

	assert_int_equal(store_read(directory, "metrics.prom", 65536, &text, &fault), STORE_READ);
	free(directory);
	return text_take(&text);
}

static void file_is_what_the_manual_says(void **unused)
{
	struct metrics metrics = {.reloads_good = 2, .reloads_bad = 1, .reloaded_at = 1700000060};
	struct metrics_context context = quiet;
	struct fixture fixture;
	struct text out;
	char *sample = read_sample();

	(void)unused;
	context.log_dropped = 17;
	context.state_failures = 3;
	context.longest_pause_ms = 12005;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_spec(three));
	count_actions(&metrics, &fixture);
	answer(&metrics, &fixture, 42, 200);
	answer(&metrics, &fixture, 43, 422);
	out = encode(&metrics, &fixture, &context);
	assert_string_equal(out.bytes, sample);
	free(sample);
	text_clear(&out);
	metrics_clear(&metrics);
	fixture_close(&fixture);
}

#define CONFIG "{config=\"/etc/dfmode-sync.conf\""

static void requests_are_counted_by_class_and_status(void **unused)
{
	static const struct {
		enum verdict_transfer transfer;
		int status;
	} ends[] = {
		{VERDICT_TRANSFER_DONE, 503},    {VERDICT_TRANSFER_DONE, 200},
		{VERDICT_TRANSFER_DONE, 401},    {VERDICT_TRANSFER_DONE, 201},
		{VERDICT_TRANSFER_DONE, 200},    {VERDICT_TRANSFER_NOT_SENT, 0},
		{VERDICT_TRANSFER_UNKNOWN, 0},   {VERDICT_TRANSFER_SETUP, 0},
		{VERDICT_TRANSFER_UNKNOWN, 200}, {VERDICT_TRANSFER_DONE, 302},
	};
	struct metrics metrics = {0};
	struct fixture fixture;
	struct text out;

	(void)unused;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_spec(three));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		metrics_count_request(&metrics, verdict_of(ends[i].transfer, ends[i].status).kind,
		                      ends[i].status);
	}
	out = encode(&metrics, &fixture, &quiet);
	assert_samples(
		&out, "dfmode_sync_requests_total",
		"dfmode_sync_requests_total" CONFIG ",class=\"accepted\",code=\"200\"} 3\n"
		"dfmode_sync_requests_total" CONFIG ",class=\"accepted\",code=\"201\"} 1\n"
		"dfmode_sync_requests_total" CONFIG ",class=\"transient\",code=\"none\"} 2\n"
		"dfmode_sync_requests_total" CONFIG ",class=\"transient\",code=\"503\"} 1\n"
		"dfmode_sync_requests_total" CONFIG ",class=\"denied\",code=\"401\"} 1\n"
		"dfmode_sync_requests_total" CONFIG ",class=\"misconfigured\",code=\"none\"} 1\n"
		"dfmode_sync_requests_total" CONFIG ",class=\"misconfigured\",code=\"302\"} 1\n");
	text_clear(&out);
	metrics_clear(&metrics);
	fixture_close(&fixture);
}

static void retries_and_closures_are_counted_once(void **unused)
{
	struct metrics metrics = {0};
	struct fixture fixture;

	(void)unused;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_spec(three));
	count_actions(&metrics, &fixture);
	assert_int_equal(metrics.retries, 0);
	answer(&metrics, &fixture, 42, 503);
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	count_actions(&metrics, &fixture);
	assert_int_equal(metrics.retries, 1);
	answer(&metrics, &fixture, 42, 401);
	assert_int_equal(metrics.closures[GATE_AUTH], 0);
	fixture_list(&fixture, 401, 0, NULL); /* no witness */
	answer(&metrics, &fixture, 43, 401);
	assert_int_equal(metrics.closures[GATE_AUTH], 1);
	assert_int_equal(fixture_pass(&fixture, 60000), 1);
	count_actions(&metrics, &fixture);
	answer(&metrics, &fixture, fixture_view(&fixture, 42).shown == SYNC_IN_FLIGHT ? 42 : 43,
	       401);
	assert_int_equal(metrics.closures[GATE_AUTH], 1);
	assert_int_equal(metrics.closures[GATE_CONFIG], 0);
	assert_int_equal(metrics.closures[GATE_BREAKER], 0);
	assert_int_equal(metrics.accepted_at, 0);
	metrics_clear(&metrics);
	fixture_close(&fixture);
}

static void closed_gate_and_bad_file_are_shown(void **unused)
{
	struct metrics metrics = {0};
	struct metrics_context context = quiet;
	struct fixture fixture;
	struct text out;

	(void)unused;
	context.refused = true;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_spec(three));
	answer(&metrics, &fixture, 42, 302);
	answer(&metrics, &fixture, 43, 302);
	fixture_list(&fixture, 302, 0, NULL); /* no witness */
	count_actions(&metrics, &fixture);
	out = encode(&metrics, &fixture, &context);
	assert_samples(&out, "dfmode_sync_config_last_reload_successful",
	               "dfmode_sync_config_last_reload_successful" CONFIG "} 0\n");
	assert_samples(&out, "dfmode_sync_gate_closed",
	               "dfmode_sync_gate_closed" CONFIG ",gate=\"auth\"} 0\n"
	               "dfmode_sync_gate_closed" CONFIG ",gate=\"config\"} 1\n"
	               "dfmode_sync_gate_closed" CONFIG ",gate=\"breaker\"} 0\n");
	assert_samples(&out, "dfmode_sync_gate_closures_total",
	               "dfmode_sync_gate_closures_total" CONFIG ",gate=\"auth\"} 0\n"
	               "dfmode_sync_gate_closures_total" CONFIG ",gate=\"config\"} 1\n"
	               "dfmode_sync_gate_closures_total" CONFIG ",gate=\"breaker\"} 0\n");
	text_clear(&out);
	metrics_clear(&metrics);
	fixture_close(&fixture);
}

/* Waiting for the mark and for its turn have one name. */
static void both_kinds_of_due_are_one(void **unused)
{
	struct metrics metrics = {0};
	struct fixture fixture;
	struct text out;

	(void)unused;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_spec(three));
	out = encode(&metrics, &fixture, &quiet);
	assert_non_null(strstr(out.bytes, CONFIG ",state=\"due\"} 2\n"));
	text_clear(&out);
	fixture_close(&fixture);
}

static void last_acceptance_outlives_a_restart(void **unused)
{
	struct state state = {0};
	struct metrics metrics = {0};
	struct fault fault = {0};
	struct fixture fixture;
	struct text text = {0};

	(void)unused;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_spec(three));
	answer(&metrics, &fixture, 42, 200);
	fixture.now_ms += 7000;
	answer(&metrics, &fixture, 43, 200);
	assert_int_equal(metrics.accepted_at, 1007);
	sync_encode(fixture.sync, false, &text);
	state_encode_end(&text);
	fixture_close(&fixture);
	metrics_clear(&metrics);
	assert_true(state_decode(&state, text.bytes, text.length, &fault));
	fixture_open(&fixture, &state);
	metrics_restore(&metrics, fixture.sync);
	assert_int_equal(metrics.accepted_at, 1007);
	text_clear(&text);
	fixture_close(&fixture);
}

static void labels_are_escaped(void **unused)
{
	static const struct {
		const char *path;
		const char *desired;
	} paths[] = {
		{"a b=c{}#,'", "a b=c{}#,'"},
		{"C:\\ \"x\"", "C:\\\\ \\\"x\\\""},
		{"two\nlines", "two\\nlines"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"\xff"
	         "a\xc3",
	         "\xef\xbf\xbd"
	         "a\xef\xbf\xbd"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct text out = {0};
		char *desired = mem_printf("dfmode_sync_up{config=\"%s\"} 0\n", paths[i].desired);

		metrics_encode_end(paths[i].path, &out);
		assert_samples(&out, "dfmode_sync_up", desired);
		free(desired);
		text_clear(&out);
	}
}

static void end_leaves_nothing_else(void **unused)
{
	struct text out = {0};

	(void)unused;
	metrics_encode_end("/etc/dfmode-sync.conf", &out);
	assert_string_equal(
		out.bytes, "# HELP dfmode_sync_up Whether the daemon runs; 0 is left behind by one "
			   "that ended.\n"
			   "# TYPE dfmode_sync_up gauge\n"
			   "dfmode_sync_up{config=\"/etc/dfmode-sync.conf\"} 0\n"
			   "# EOF\n");
	text_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_what_the_manual_says),
		cmocka_unit_test(requests_are_counted_by_class_and_status),
		cmocka_unit_test(retries_and_closures_are_counted_once),
		cmocka_unit_test(closed_gate_and_bad_file_are_shown),
		cmocka_unit_test(both_kinds_of_due_are_one),
		cmocka_unit_test(last_acceptance_outlives_a_restart),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(end_leaves_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
