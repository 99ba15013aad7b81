/* SPDX-License-Identifier: MIT */
/* The table: whatever the integrations and however narrow the terminal, each line fits, and what is
 * wrong stays visible. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "commands/command_status_internal.h"

#define NOW 1700000000

static const char answer[] =
	"{\"integrations\":[{\"id\":42,\"name\":\"Mode: Finance and Controlling EMEA\","
	"\"indexing_cron\":\"0,15,30,45 6-20 * * mon-fri\",\"accepted_at\":1699999800,"
	"\"state\":\"rejected\",\"next_at\":1700000130,\"last_error\":\"no\"},"
	"{\"id\":4300,\"name\":\"\xc3\x84rger \xe2\x82\xac\",\"indexing_cron\":null,"
	"\"accepted_at\":null,\"state\":\"in-sync\"}]}";

static size_t widest_line(const struct text *out)
{
	size_t widest = 0;
	size_t width = 0;

	for (size_t i = 0; i < out->length; i++) {
		width += ((unsigned char)out->bytes[i] & 0xc0) != 0x80;
		if (out->bytes[i] == '\n')
			width = 0;
		widest = width > widest ? width : widest;
	}
	return widest;
}

static struct text draw(struct json_object *status, size_t columns)
{
	const struct command_line options = {.now_unix_s = NOW, .columns = columns};
	struct text out = {0};

	status_table_add(status, &options, 0, &out);
	return out;
}

static void every_width_is_kept_and_the_state_is_there(void **state)
{
	struct json_object *status = json_tokener_parse(answer);

	(void)state;
	for (size_t columns = 16; columns <= 200; columns++) {
		struct text out = draw(status, columns);

		assert_in_range(widest_line(&out), 1, columns);
		assert_non_null(strstr(out.bytes, "\n42"));
		assert_non_null(strstr(out.bytes, "rejected"));
		text_clear(&out);
	}
	json_object_put(status);
}

/* The first line, each run of blanks as one. */
static void squeeze_titles(struct text *out)
{
	size_t length = 0;

	for (size_t i = 0; out->bytes[i] != '\n'; i++) {
		if (out->bytes[i] != ' ' || out->bytes[i + 1] != ' ')
			out->bytes[length++] = out->bytes[i];
	}
	text_truncate(out, length);
}

static void columns_are_given_up_one_by_one(void **state)
{
	static const struct {
		size_t columns;
		const char *titles;
	} cases[] = {
		{0, "ID NAME SCHEDULE NEXT RUN STATE ACCEPTED NEXT TRY"},
		{105, "ID NAME SCHEDULE NEXT RUN STATE ACCEPTED NEXT TRY"},
		{90, "ID NAME SCHEDULE NEXT RUN STATE ACCEPTED"},
		{75, "ID NAME SCHEDULE NEXT RUN STATE"},
		{60, "ID NAME SCHEDULE STATE"},
		{40, "ID NAME STATE"},
		{24, "ID NAME STATE"},
		{16, "ID STATE"},
	};
	struct json_object *status = json_tokener_parse(answer);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text out = draw(status, cases[i].columns);

		squeeze_titles(&out);
		assert_string_equal(out.bytes, cases[i].titles);
		text_clear(&out);
	}
	json_object_put(status);
}

static void a_column_that_says_nothing_is_left_out(void **state)
{
	struct json_object *status = json_tokener_parse(
		"{\"integrations\":[{\"id\":1,\"state\":\"paused\"},{\"id\":2,\"name\":\"\","
		"\"state\":\"paused\",\"indexing_cron\":\"0 0 30 2 *\"}]}");
	struct text out = draw(status, 0);

	(void)state;
	assert_string_equal(out.bytes, "ID  SCHEDULE    STATE   ACCEPTED\n"
	                               "1   none        paused  never\n"
	                               "2   0 0 30 2 *  paused  never\n");
	text_clear(&out);
	json_object_put(status);
}

static void text_of_others_is_escaped_and_cut_between_characters(void **state)
{
	struct json_object *status = json_tokener_parse(
		"{\"integrations\":[{\"id\":1,\"name\":\"a\\u001b[2J\\n\xc3\xa4\xc3\xb6\xc3\xbc\","
		"\"state\":\"in-sync\"}]}");
	struct text out = draw(status, 24);

	(void)state;
	assert_non_null(strstr(out.bytes, "1   a\\x1b[2J\\n\xe2\x80\xa6  in-sync\n"));
	text_clear(&out);
	json_object_put(status);
}

/* Where there is no room for all, those that are not in sync come first, and the rest is counted.
 */
static void what_is_wrong_comes_first_where_rows_are_few(void **state)
{
	static const struct {
		size_t rows;
		const char *desired;
	} cases[] = {
		{3, "ID  SCHEDULE  STATE     ACCEPTED  NEXT TRY\n"
	            "1   none      in-sync   10s ago   -\n"
	            "2   none      rejected  never     now\n"
	            "3   none      drifted   just now  -\n"},
		{2, "ID  SCHEDULE  STATE     ACCEPTED  NEXT TRY\n"
	            "2   none      rejected  never     now\n"
	            "3   none      drifted   just now  -\n"
	            "\xe2\x80\xa6 and 1 more, all in sync\n"},
		{1, "ID  SCHEDULE  STATE     ACCEPTED  NEXT TRY\n"
	            "2   none      rejected  never     now\n"
	            "\xe2\x80\xa6 and 2 more\n"},
	};
	struct json_object *status = json_tokener_parse(
		"{\"integrations\":[{\"id\":1,\"state\":\"in-sync\",\"accepted_at\":1699999990},"
		"{\"id\":2,\"state\":\"rejected\"},"
		"{\"id\":3,\"state\":\"drifted\",\"accepted_at\":1700000001}]}");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct command_line options = {.now_unix_s = NOW};
		struct text out = {0};

		status_table_add(status, &options, cases[i].rows, &out);
		assert_string_equal(out.bytes, cases[i].desired);
		text_clear(&out);
	}
	json_object_put(status);
}

static void what_is_paused_has_no_next_run(void **state)
{
	struct json_object *status = json_tokener_parse(
		"{\"integrations\":[{\"id\":1,\"state\":\"paused\",\"indexing_cron\":\"0 6 * * "
		"*\"},"
		"{\"id\":2,\"state\":\"in-sync\",\"indexing_cron\":\"0 6 * * *\"}]}");
	struct text out = draw(status, 0);

	(void)state;
	assert_string_equal(out.bytes, "ID  SCHEDULE   NEXT RUN         STATE    ACCEPTED\n"
	                               "1   0 6 * * *  -                paused   never\n"
	                               "2   0 6 * * *  Wed 11-15 06:00  in-sync  never\n");
	text_clear(&out);
	json_object_put(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_width_is_kept_and_the_state_is_there),
		cmocka_unit_test(columns_are_given_up_one_by_one),
		cmocka_unit_test(a_column_that_says_nothing_is_left_out),
		cmocka_unit_test(text_of_others_is_escaped_and_cut_between_characters),
		cmocka_unit_test(what_is_wrong_comes_first_where_rows_are_few),
		cmocka_unit_test(what_is_paused_has_no_next_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
