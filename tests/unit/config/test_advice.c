/* SPDX-License-Identifier: MIT */
/* Sentences about what stands without quotes, or in another language's notation: what to write
 * instead, and nothing repeated that may be a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "config/advice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct lexer_token word_of(enum lexer_kind kind, const char *text)
{
	return (struct lexer_token){.kind = kind, .start = text, .length = strlen(text)};
}

static void assert_text(struct text *out, const char *expected)
{
	char *found = text_take(out);

	assert_string_equal(found, expected);
	free(found);
}

static void words_are_described(void **state)
{
	static const struct {
		enum lexer_kind kind;
		const char *text;
		const char *description;
	} cases[] = {
		{LEXER_NAME, "id", "'id'"},
		{LEXER_NAME, "workspce", "'workspce'"},
		{LEXER_NAME, "s3cr3tt0ken", "this word"},
		{LEXER_PUNCTUATION, "=", "'='"},
		{LEXER_BOOLEAN, "True", "'True'"},
		{LEXER_INTEGER, "12345678", "a number"},
		{LEXER_FLOAT, "1.5", "a number"},
		{LEXER_STRING, "\"secret\"", "a string"},
		{LEXER_OPEN_STRING, "\"secret", "a string"},
		{LEXER_STRAY, "@secret", "'@'"},
		{LEXER_STRAY, "\xe2\x80\xa6", "U+2026"},
		{LEXER_STRAY, "\xc2\xa0", "U+00A0 (no-break space)"},
		{LEXER_STRAY, "\x01", "U+0001"},
		{LEXER_STRAY, "\xff", "the byte 0xff"},
		{LEXER_REPLACED, "\x1a", "this"},
		{LEXER_INCLUDE, "\"path\"", "this"},
		{LEXER_OPEN_COMMENT, "/* secret", "this"},
		{LEXER_END, "", "the end of the file"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lexer_token word = word_of(cases[i].kind, cases[i].text);
		struct text out = {0};

		advice_add_word(&word, &out);
		assert_text(&out, cases[i].description);
	}
}

static void a_prefix_is_a_key_that_may_be_shown(void **state)
{
	static const struct {
		const char *name;
		const char *prefix;
	} cases[] = {
		{"id", "id: "},
		{"workspce", "workspce: "},
		{"s3cr3tt0ken", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lexer_token key = word_of(LEXER_NAME, cases[i].name);
		struct text out = {0};

		advice_add_prefix(&key, &out);
		assert_text(&out, cases[i].prefix);
	}
}

static void what_may_hold_blanks(void **state)
{
	static const struct {
		const char *key;
		bool is_text;
	} cases[] = {
		{"name", true},          {"indexing_cron", true}, {"timeout", true},
		{"url", true},           {"ca_file", true},       {"mode", true},
		{"token", true},         {"unheard_of", true},    {"id", false},
		{"paused", false},       {"rate_limit", false},   {"api", false},
		{"integrations", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lexer_token key = word_of(LEXER_NAME, cases[i].key);

		if (advice_is_text(&key) != cases[i].is_text)
			fail_msg("%s", cases[i].key);
	}
}

/* The value's end is what the operator seems to have meant. */
static void where_a_bare_value_ends(void **state)
{
	static const struct {
		const char *text;
		const char *value; /* its start */
	} cases[] = {
		{"acme;", "acme"},
		{"acme", "acme"},
		{"Mode: Finance; id = 1", "Mode: Finance"},
		{"0 6 * * mon-fri,sun # daily", "0 6 * * mon-fri,sun"},
		{"acme, id = 1", "acme"},
		{"a,b c", "a,b c"},
		{"a, b", "a"},
		{"acme id = 1", "acme"},
		{"acme\nid = 1", "acme"},
		{"acme\r\n", "acme"},
		{"https://app.datafold.com // the default", "https://app.datafold.com"},
		{"/etc/key // of the service", "/etc/key"},
		{"/etc/key /* of the service */", "/etc/key"},
		{"a#b # c", "a#b"},
		{"#", "#"},
		{"${TOKEN}; id", "${TOKEN}"},
		{"${A=b}", "${A=b}"},
		{"${A", "${A"},
		{"a ) x", "a"},
		{"a{b", "a"},
		{"a\"b", "a"},
		{"id = 1", "id"},
		{"=", "="},
		{"a   ", "a"},
		{";", ";"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text;
		size_t length = advice_bare_length(text, text + strlen(text));

		if (length != strlen(cases[i].value))
			fail_msg("'%s': %zu", text, length);
	}
}

struct bare_case {
	const char *key;
	const char *value;
	const char *sentence;
};

static void assert_bare(const struct bare_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct lexer_token key = word_of(LEXER_NAME, cases[i].key);
		struct lexer_token value = word_of(LEXER_STRAY, cases[i].value);
		struct text out = {0};

		advice_on_bare(&key, &value, &out);
		assert_text(&out, cases[i].sentence);
	}
}

static void what_to_write_for_texts(void **state)
{
	static const struct bare_case cases[] = {
		{"workspace", "acme", "the quotes are missing; write \"acme\""},
		{"indexing_cron", "0 6 * * *", "the quotes are missing; write \"0 6 * * *\""},
		{"workspace", "123456789012345678901234567890123456789012345678901234567890",
	         "the quotes are missing; write "
	         "\"123456789012345678901234567890123456789012345678901234567890\""},
		{"workspace", "1234567890123456789012345678901234567890123456789012345678901",
	         "text stands in double quotes"},
		{"url", "https://app.datafold.com",
	         "the quotes are missing; write \"https://app.datafold.com\""},
		{"url", "https://user:secret@app.datafold.com", "text stands in double quotes"},
		{"proxy", "user:secret@proxy", "text stands in double quotes"},
		{"token", "s3cr3t", "text stands in double quotes"},
		{"unheard_of", "s3cr3t", "text stands in double quotes"},
		{"name", "a\\b", "text stands in double quotes"},
	};

	(void)state;
	assert_bare(cases, COUNT(cases));
}

static void what_to_write_for_everything_else(void **state)
{
	static const struct bare_case cases[] = {
		{"indexing_cron", "null", "write false for no schedule"},
		{"indexing_cron", "None", "write false for no schedule"},
		{"workspace", "null", "there is no null; leave the setting out"},
		{"paused", "nil", "there is no null; leave the setting out"},
		{"id", "~", "there is no null; leave the setting out"},
		{"key", "$KEY", "variables are not expanded; write the value itself"},
		{"ca_file", "~/ca.pem",
	         "'~' is not expanded; write the whole path, in double quotes"},
		{"id", "> 1", "'=' stands between a key and its value, not '=>'"},
		{"paused", "yes", "write true"},
		{"paused", "On", "write true"},
		{"paused", "1", "write true"},
		{"paused", "no", "write false"},
		{"paused", "disabled", "write false"},
		{"paused", "0", "write false"},
		{"paused", "ye", "expected true or false"},
		{"paused", "yesss", "expected true or false"},
		{"id", "1_000", "digits are not grouped; write 1000"},
		{"id", "1,000'000", "digits are not grouped; write 1000000"},
		{"id", "1,5", "expected an integer"},
		{"rate_limit", "0,5", "the decimal point is '.'; write 0.5"},
		{"id", "1_234_567_890_123_456_789_012_345_678_901", "expected an integer"},
		{"id", "0b101", "binary and octal numbers are not read; write a decimal one"},
		{"id", "0o17", "binary and octal numbers are not read; write a decimal one"},
		{"id", "0x", "expected an integer"},
		{"id", "abc", "expected an integer"},
		{"rate_limit", "fast", "expected a number"},
		{"id", "1_2345_6789_0123_4567_8901_2345_6789_0123_4567", "expected an integer"},
		{"api", "x", "expected a group such as api = { url = ...; }"},
		{"integrations", "x", "expected a list such as ( { id = 42; ... }, ... )"},
	};

	(void)state;
	assert_bare(cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_described),
		cmocka_unit_test(a_prefix_is_a_key_that_may_be_shown),
		cmocka_unit_test(what_may_hold_blanks),
		cmocka_unit_test(where_a_bare_value_ends),
		cmocka_unit_test(what_to_write_for_texts),
		cmocka_unit_test(what_to_write_for_everything_else),
	};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
