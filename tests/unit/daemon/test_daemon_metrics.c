/* SPDX-License-Identifier: MIT */
/* What happens is counted, and the file says so: at the first load, later, and at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "engine/answer.h"
#include "support/daemon_fixture.h"
#include "version.h"

static int open_world(void **state)
{
	struct daemon_fixture *fixture;

	assert_int_equal(daemon_fixture_open(state), 0);
	fixture = *state;
	metrics_file_configure(&fixture->daemon.metrics.file, "metrics.prom");
	return 0;
}

static int close_world(void **state)
{
	struct daemon_fixture *fixture = *state;

	metrics_clear(&fixture->daemon.metrics.counted);
	return daemon_fixture_close(state);
}

/* As it is written now. */
static void assert_shows(struct daemon_fixture *fixture, const char *name, const char *rest)
{
	char *line = mem_printf("\ndfmode_sync_%s{config=\"x.conf\"%s\n", name, rest);
	struct fault fault = {0};
	struct file_read file;

	metrics_file_write_now(&fixture->daemon.metrics.file);
	assert_true(file_read(&file, "metrics.prom", SIZE_MAX, NULL, &fault));
	if (strstr(file.bytes, line) == NULL)
		fail_msg("%sis not in\n%s", line, file.bytes);
	file_read_clear(&file);
	free(line);
}

static void the_first_file_is_there_at_once(void **state)
{
	struct daemon_fixture *fixture = *state;

	fixture_answer(&fixture->sync, 42, VERDICT_TRANSFER_DONE, 200, 0);
	daemon_metrics_first(&fixture->daemon);
	assert_int_equal(access("metrics.prom", R_OK), 0);
	assert_shows(fixture, "up", "} 1");
	assert_shows(fixture, "start_time_seconds", "} 1700000000");
	assert_shows(fixture, "config_last_reload_success_timestamp_seconds", "} 1700000000");
	assert_shows(fixture, "integrations", ",state=\"in-sync\"} 1");
	assert_true(fixture->daemon.metrics.counted.accepted_at > 0);
}

static void the_versions_are_those_of_the_libraries(void **state)
{
	struct daemon_fixture *fixture = *state;
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	char *labels =
		mem_printf(",version=\"" PACKAGE_VERSION "\",libcurl=\"%s\",tls=\"%s\","
	                   "libuv=\"%s\",json_c=\"%s\"} 1",
	                   curl->version, curl->ssl_version, uv_version_string(), json_c_version());

	assert_shows(fixture, "build_info", labels);
	free(labels);
}

static void requests_and_actions_are_counted(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;
	const struct sync_action closes = {.kind = SYNC_REPORT_GATE, .gate = {.state = GATE_AUTH}};
	const struct sync_action accepted = {.kind = SYNC_REPORT_ACCEPTED};
	int64_t before = (int64_t)time(NULL);

	daemon_metrics_answered(
		&(const struct answer){.verdict = {.kind = VERDICT_REJECTED}, .status = 422},
		daemon);
	daemon_metrics_answered(
		&(const struct answer){.verdict = {.kind = VERDICT_REJECTED}, .status = 422},
		daemon);
	daemon_metrics_answered(&(const struct answer){.verdict = {.kind = VERDICT_TRANSIENT}},
	                        daemon);
	daemon_metrics_acted(&closes, NULL, daemon);
	daemon_metrics_acted(&accepted, NULL, daemon);
	assert_true(daemon->metrics.counted.accepted_at >= before);
	assert_shows(fixture, "requests_total", ",class=\"rejected\",code=\"422\"} 2");
	assert_shows(fixture, "requests_total", ",class=\"transient\",code=\"none\"} 1");
	assert_shows(fixture, "gate_closures_total", ",gate=\"auth\"} 1");
	assert_shows(fixture, "gate_closures_total", ",gate=\"config\"} 0");
}

static void loads_are_counted_and_written_soon(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;
	int64_t before = (int64_t)time(NULL), good_at;

	(void)uv_timer_stop(&daemon->metrics.file.due);
	daemon_metrics_loaded(daemon, true);
	assert_true(uv_is_active((uv_handle_t *)&daemon->metrics.file.due));
	good_at = daemon->metrics.counted.reloaded_at;
	assert_true(good_at >= before);
	daemon->metrics.counted.reloaded_at = 5;
	daemon_metrics_loaded(daemon, false);
	daemon_metrics_loaded(daemon, false);
	assert_shows(fixture, "config_reloads_total", ",result=\"good\"} 1");
	assert_shows(fixture, "config_reloads_total", ",result=\"bad\"} 2");
	assert_shows(fixture, "config_last_reload_success_timestamp_seconds", "} 5");
}

/* What others count is shown, too. */
static void what_the_daemon_knows_is_shown(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;

	assert_shows(fixture, "config_last_reload_successful", "} 1");
	daemon->is_refused = true;
	daemon->engine.file.publisher.failures = 3;
	daemon->monitor.longest_ms = 12005;
	assert_shows(fixture, "config_last_reload_successful", "} 0");
	assert_shows(fixture, "state_write_failures_total", "} 3");
	assert_shows(fixture, "loop_pause_max_seconds", "} 12.005");
}

static void the_end_leaves_nothing_for_the_present(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct fault fault = {0};
	struct file_read file;

	daemon_metrics_first(&fixture->daemon);
	daemon_metrics_last(&fixture->daemon);
	assert_true(file_read(&file, "metrics.prom", SIZE_MAX, NULL, &fault));
	assert_non_null(strstr(file.bytes, "\ndfmode_sync_up{config=\"x.conf\"} 0\n"));
	assert_null(strstr(file.bytes, "integrations"));
	file_read_clear(&file);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_file_is_there_at_once),
		TEST(the_versions_are_those_of_the_libraries),
		TEST(requests_and_actions_are_counted),
		TEST(loads_are_counted_and_written_soon),
		TEST(what_the_daemon_knows_is_shown),
		TEST(the_end_leaves_nothing_for_the_present),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
