/* SPDX-License-Identifier: MIT */
/* What `apply` says in the end: the lines, the sum and the document, of each outcome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "commands/command_apply_internal.h"
#include "support/sync_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 1 is accepted, and to be confirmed after a time-out before; 2 is rejected, 3 failed, 4 waits. */
static void open_all(struct fixture *fixture)
{
	struct spec *spec = fixture_many(4);

	spec->api.max_in_flight = 3;
	spec->integrations[1].places[SPEC_ID] = (struct spec_place){"a.conf", 7};
	fixture_open(fixture, NULL);
	fixture_start(fixture, spec);
	fixture_answer(fixture, 1, VERDICT_TRANSFER_UNKNOWN, 0, 0);
	fixture_answer(fixture, 4, VERDICT_TRANSFER_DONE, 200, 0);
	fixture_answer(fixture, 2, VERDICT_TRANSFER_DONE, 422, 0);
	(void)fixture_pass(fixture, 2000);
	fixture_answer(fixture, 1, VERDICT_TRANSFER_DONE, 200, 0);
}

static const struct apply_job jobs[] = {
	{1, APPLY_ACCEPTED}, {2, APPLY_REJECTED}, {3, APPLY_OPEN}, {4, APPLY_ACCEPTED}};

static void assert_prints(void (*print)(const struct apply_result *result, struct text *out),
                          const char *expected)
{
	struct fixture fixture;
	struct apply_result result;
	struct text out = {0};

	open_all(&fixture);
	result = (struct apply_result){
		.sync = fixture.sync, .jobs = jobs, .count = COUNT(jobs), .elapsed_ms = 2100};
	print(&result, &out);
	assert_string_equal(out.bytes, expected);
	text_clear(&out);
	fixture_close(&fixture);
}

static void each_failure_has_its_line(void **state)
{
	(void)state;
	assert_prints(apply_sum_print,
	              "a.conf:7: integration 2: words\n"
	              "integration 3: no answer yet\n"
	              "2 accepted, 1 rejected, 1 unanswered in 2.1s; 1 of those accepted is "
	              "to be confirmed, by the daemon or the next apply\n");
}

static void the_document_has_each_outcome(void **state)
{
	(void)state;
	assert_prints(
		apply_sum_print_json,
		"{\"version\":1,\"accepted\":2,\"rejected\":1,\"unanswered\":1,\"not_sent\":0,"
		"\"elapsed_ms\":"
		"2100,\"integrations\":[\n"
		"{\"id\":1,\"name\":null,\"outcome\":\"accepted\",\"error\":null,\"file\":null,"
		"\"line\":null},\n"
		"{\"id\":2,\"name\":null,\"outcome\":\"rejected\",\"error\":\"words\",\"file\":"
		"\"a.conf\",\"line\":7},\n"
		"{\"id\":3,\"name\":null,\"outcome\":\"unanswered\",\"error\":null,\"file\":null,"
		"\"line\":null},\n"
		"{\"id\":4,\"name\":null,\"outcome\":\"accepted\",\"error\":null,\"file\":null,"
		"\"line\":null}]}\n");
}

/* It was due, and nobody ever sent it. */
static void what_was_never_sent_is_only_counted(void **state)
{
	static const struct apply_job both[] = {{1, APPLY_OPEN}, {2, APPLY_OPEN}};
	struct spec *spec = fixture_many(2);
	struct apply_result result = {.jobs = both, .count = COUNT(both), .elapsed_ms = 120000};
	struct fixture fixture;
	struct text out = {0};

	(void)state;
	spec->api.max_in_flight = 1;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, spec);
	result.sync = fixture.sync;
	apply_sum_print(&result, &out);
	assert_string_equal(out.bytes,
	                    "integration 1: no answer yet\n"
	                    "0 accepted, 0 rejected, 1 unanswered, 1 not sent in 2min\n");
	text_clear(&out);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_has_its_line),
		cmocka_unit_test(the_document_has_each_outcome),
		cmocka_unit_test(what_was_never_sent_is_only_counted),
	};

	return cmocka_run_group_tests_name("apply_sum", tests, NULL, NULL);
}
