/* SPDX-License-Identifier: MIT */
/* What the commands show alike, to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "commands/format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOW INT64_C(1774656000) /* Sat 2026-03-28 00:00 UTC */

static void assert_text(struct text *out, const char *expected)
{
	assert_string_equal(out->bytes != NULL ? out->bytes : "", expected);
	text_clear(out);
}

/* In UTC, whatever the reader's zone is. */
static void times_are_in_utc(void **state)
{
	static const struct {
		int64_t at;
		const char *shown[FORMAT_TIMESTAMP + 1];
	} cases[] = {
		{NOW,
	         {"Sat 28", "Sat 2026-03-28", "Sat 03-28 00:00", "Sat 2026-03-28 00:00",
	          "2026-03-28T00:00:00Z"}},
		{NOW + 86399,
	         {"Sat 28", "Sat 2026-03-28", "Sat 03-28 23:59", "Sat 2026-03-28 23:59",
	          "2026-03-28T23:59:59Z"}},
		{0,
	         {"Thu 01", "Thu 1970-01-01", "Thu 01-01 00:00", "Thu 1970-01-01 00:00",
	          "1970-01-01T00:00:00Z"}},
		{-1,
	         {"Wed 31", "Wed 1969-12-31", "Wed 12-31 23:59", "Wed 1969-12-31 23:59",
	          "1969-12-31T23:59:59Z"}},
		{INT64_MAX, {"", "", "", "", ""}}, /* no calendar has it */
	};

	(void)state;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text out = {0};

		for (size_t form = 0; form <= FORMAT_TIMESTAMP; form++) {
			format_time(cases[i].at, (enum format_form)form, &out);
			assert_text(&out, cases[i].shown[form]);
		}
	}
}

static void schedules_are_in_words(void **state)
{
	static const struct {
		const char *cron;
		const char *schedule; /* NULL: not understood */
		int64_t next;         /* after NOW; 0: none */
	} cases[] = {
		{NULL, "no schedule", 0},
		{"0 6 * * *", "at 06:00, every day", NOW + 6 * 3600},
		{"0 0 * * *", "at 00:00, every day", NOW + 86400},
		{"0 6 31 2 *", "at 06:00, on day 31 of February (never)", 0},
		{"@reboot", "known only to the server (uses '@reboot')", 0},
		{"0 25 * * *", NULL, 0},
		{"", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text out = {0};
		int64_t next = 0;

		assert_int_equal(format_schedule(cases[i].cron, &out), cases[i].schedule != NULL);
		assert_text(&out, cases[i].schedule != NULL ? cases[i].schedule : "");
		assert_int_equal(format_find_next(cases[i].cron, NOW, &next), cases[i].next != 0);
		assert_int_equal(next, cases[i].next);
	}
}

/* Redacted first, then escaped, then cut: half a secret would not be recognised. */
static void text_of_others_is_redacted_and_cut(void **state)
{
	static const char *const secrets[] = {"canary-secret"};
	struct redactor *redactor = redactor_new(secrets, 1);
	struct text out = {0};

	(void)state;
	format_text("the token canary-secret\n", 100, redactor, &out);
	assert_text(&out, "the token [redacted]\\n");
	format_text("the token canary-secret", 16, redactor, &out);
	assert_null(strstr(out.bytes, "canary"));
	assert_true(out.length <= 16);
	text_clear(&out);
	format_text("canary-secret", 100, NULL, &out);
	assert_text(&out, "canary-secret");
	format_text("", 100, redactor, &out);
	assert_text(&out, "");
	redactor_free(redactor);
}

static void an_integration_has_its_name_if_it_has_one(void **state)
{
	static const char *const secrets[] = {"canary-secret"};
	struct redactor *redactor = redactor_new(secrets, 1);
	struct text out = {0};

	(void)state;
	format_integration(42, "Mode: a\tcanary-secret", 100, redactor, &out);
	assert_text(&out, "integration 42 'Mode: a\\t[redacted]'");
	format_integration(INT64_MAX, NULL, 100, redactor, &out);
	assert_text(&out, "integration 9223372036854775807");
	format_integration(1, "", 100, NULL, &out);
	assert_text(&out, "integration 1 ''");
	redactor_free(redactor);
}

/* What documents share: null is what could not be named. */
static void documents_have_null_for_what_is_not_known(void **state)
{
	static char file[] = "/f";
	static const struct {
		const char *cron;
		struct spec_place place;
		const char *document;
	} cases[] = {
		{"0 6 * * *",
	         {.file = file, .line = 3},
	         "{\"version\":1,\"at\":\"2026-03-28T00:00:00Z\",\"next\":"
	         "\"2026-03-28T06:00:00Z\",\"schedule\":\"at 06:00, every day\",\"file\":"
	         "\"/f\",\"line\":3}\n"},
		{"0 6 31 2 *",
	         {.file = file},
	         "{\"version\":1,\"at\":\"2026-03-28T00:00:00Z\",\"next\":null,"
	         "\"schedule\":\"at 06:00, on day 31 of February (never)\",\"file\":\"/f\","
	         "\"line\":null}\n"},
		{NULL,
	         {0},
	         "{\"version\":1,\"at\":\"2026-03-28T00:00:00Z\",\"next\":null,"
	         "\"schedule\":\"no schedule\",\"file\":null,\"line\":null}\n"},
		{"0 25 * * *",
	         {0},
	         "{\"version\":1,\"at\":\"2026-03-28T00:00:00Z\",\"next\":null,"
	         "\"schedule\":null,\"file\":null,\"line\":null}\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text out = {0};

		format_open_document(&out);
		format_json_time(&out, "at", NOW);
		format_json_next(&out, "next", cases[i].cron, NOW);
		format_json_schedule(&out, "schedule", cases[i].cron);
		format_json_place(&out, cases[i].place);
		format_close_document(&out);
		assert_text(&out, cases[i].document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_in_utc),
		cmocka_unit_test(schedules_are_in_words),
		cmocka_unit_test(documents_have_null_for_what_is_not_known),
		cmocka_unit_test(text_of_others_is_redacted_and_cut),
		cmocka_unit_test(an_integration_has_its_name_if_it_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
