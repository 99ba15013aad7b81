/* SPDX-License-Identifier: MIT */
/* Words: their kinds and places, what they stand for, and that libconfig sees them alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libconfig.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/lexer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const kinds[] = {
	[LEXER_END] = "end",
	[LEXER_NAME] = "name",
	[LEXER_STRING] = "string",
	[LEXER_INTEGER] = "integer",
	[LEXER_FLOAT] = "float",
	[LEXER_BOOLEAN] = "boolean",
	[LEXER_INCLUDE] = "include",
	[LEXER_PUNCTUATION] = "punctuation",
	[LEXER_OPEN_STRING] = "open string",
	[LEXER_OPEN_COMMENT] = "open comment",
	[LEXER_STRAY] = "stray",
};

static char *describe(const char *string, size_t length)
{
	struct text out = {0};
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, string, length);
	while ((token = lexer_next(&lexer)).kind != LEXER_END)
		text_printf(&out, "%s%s<%.*s>", out.length ? " " : "", kinds[token.kind],
		            (int)token.length, token.start);
	assert_ptr_equal(token.start, string + length);
	assert_int_equal(lexer_next(&lexer).kind, LEXER_END);
	return text_take(&out);
}

static void words_and_their_kinds(void **state)
{
	static const struct {
		const char *text;
		const char *desired;
	} cases[] = {
		{"", ""},
		{" \t\r\n\f", ""},
		{"id = 42;", "name<id> punctuation<=> integer<42> punctuation<;>"},
		{"a:(1,[2],{})", "name<a> punctuation<:> punctuation<(> integer<1> punctuation<,> "
	                         "punctuation<[> integer<2> punctuation<]> punctuation<,> "
	                         "punctuation<{> punctuation<}> punctuation<)>"},
		{"a-b_c*1 *x _y", "name<a-b_c*1> name<*x> stray<_> name<y>"},
		{"true FALSE tRuE truex false-", "boolean<true> boolean<FALSE> boolean<tRuE> "
	                                         "name<truex> name<false->"},
		{"0 -1 +2 010 7L 7LL 7LLL", "integer<0> integer<-1> integer<+2> integer<010> "
	                                    "integer<7L> integer<7LL> integer<7LL> name<L>"},
		{"0xFf 0X1L 0x 0xg", "integer<0xFf> integer<0X1L> integer<0> name<x> integer<0> "
	                             "name<xg>"},
		{"-0x1 1l", "integer<-0> name<x1> integer<1> name<l>"},
		{"1.5 .5 1. -.5e3 1e5 1E-2 1e 1.e+", "float<1.5> float<.5> float<1.> float<-.5e3> "
	                                             "float<1e5> float<1E-2> integer<1> name<e> "
	                                             "float<1.> name<e> stray<+>"},
		{"1.2.3 1-2 1.5L",
	         "float<1.2> float<.3> integer<1> integer<-2> float<1.5> name<L>"},
		{". - + -. +.e1", "stray<.> stray<-> stray<+> stray<-.> stray<+.> name<e1>"},
		{"\"a\" \"\" \"b\\\"c\" \"\\\\\"", "string<\"a\"> string<\"\"> "
	                                           "string<\"b\\\"c\"> string<\"\\\\\">"},
		{"\"two\nlines\" \"// # /* in\"", "string<\"two\nlines\"> "
	                                          "string<\"// # /* in\">"},
		{"x = \"open;\ny", "name<x> punctuation<=> open string<\"open;\ny>"},
		{"\"", "open string<\">"},
		{"\"\\\"", "open string<\"\\\">"},
		{"\"\\", "open string<\"\\>"},
		{"a # \"b\nc // /*\nd /* \" \n # */ e", "name<a> name<c> name<d> name<e>"},
		{"https://x y", "name<https> punctuation<:> stray</> stray</> name<x> name<y>"},
		{"a ://x", "name<a> punctuation<:> stray</> stray</> name<x>"},
		{"a: //x", "name<a> punctuation<:>"},
		{"# no newline", ""},
		{"//", ""},
		{"/**/a/***/b", "name<a> name<b>"},
		{"a /* b", "name<a> open comment</* b>"},
		{"/*/", "open comment</*/>"},
		{"/*", "open comment</*>"},
		{"a / b /", "name<a> stray</> name<b> stray</>"},
		{"$%&!? x", "stray<$%&!?> name<x>"},
		{"\xc2\xa0x \xc3\xa4\xc3\xb6", "stray<\xc2\xa0> name<x> stray<\xc3\xa4\xc3\xb6>"},
		{"\x01\v\x7f", "stray<\x01\v\x7f>"},
		{"@include \"a.conf\"", "include<\"a.conf\">"},
		{" \t@include\t \"a\\\"b\" # c\nx", "include<\"a\\\"b\"> name<x>"},
		{"x\n@include \"a\";y", "name<x> include<\"a\"> punctuation<;> name<y>"},
		{"x @include \"a\"", "name<x> stray<@> name<include> string<\"a\">"},
		{"/**/@include \"a\"", "stray<@> name<include> string<\"a\">"},
		{"/*\n*/@include \"a\"", "stray<@> name<include> string<\"a\">"},
		{"@include\"a\"", "stray<@> name<include> string<\"a\">"},
		{"@include a", "stray<@> name<include> name<a>"},
		{"@include", "stray<@> name<include>"},
		{"@include ", "stray<@> name<include>"},
		{"@includes \"a\"", "stray<@> name<includes> string<\"a\">"},
		{"@include \"a\nb\"", "stray<@> name<include> string<\"a\nb\">"},
		{"@include \"a", "stray<@> name<include> open string<\"a>"},
		{"\"\n@include \"a\"", "string<\"\n@include \"> name<a> open string<\">"},
		{"#\n@include \"a\"", "include<\"a\">"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *got = describe(cases[i].text, strlen(cases[i].text));

		assert_string_equal(got, cases[i].desired);
		free(got);
	}
}

/* Every start of a text is a text that could end there; the bytes behind it are not read. */
static void any_end_is_an_end(void **state)
{
	static const char text[] = "a = \"b\\\"\"; /* c */ # d\n@include \"e\"\n0x1L -1.5e+3 //";

	(void)state;
	for (size_t length = 0; length < sizeof(text); length++) {
		char *exact = malloc(length ? length : 1);

		memcpy(exact, text, length);
		free(describe(exact, length));
		free(exact);
	}
}

static struct lexer_token first(const char *string)
{
	struct lexer lexer;

	lexer_init(&lexer, string, strlen(string));
	return lexer_next(&lexer);
}

static void strings_and_what_they_stand_for(void **state)
{
	static const struct {
		const char *literal;
		const char *desired; /* NULL: an escape that is not known */
		size_t length;       /* or where that stands */
	} cases[] = {
		{"\"\"", "", 0},
		{"\"abc\"", "abc", 3},
		{"\"\\n\\r\\t\\f\\\\\\\"\"", "\n\r\t\f\\\"", 6},
		{"\"\\x41\\X7a\\xfF\"", "Az\xff", 3},
		{"\"a\\x00b\"", "a\0b", 3},
		{"\"a\nb\"", "a\nb", 3},
		{"\"C:\\dir\"", NULL, 3},
		{"\"\\a\"", NULL, 1},
		{"\"ab\\x4\"", NULL, 3},
		{"\"\\x\"", NULL, 1},
		{"\"\\xg0\"", NULL, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lexer_token token = first(cases[i].literal);
		char *value = mem_alloc(token.length, 1);
		const char *wrong;
		size_t length = lexer_string_copy(&token, value, &wrong);

		if (cases[i].desired == NULL) {
			assert_ptr_equal(wrong, cases[i].literal + cases[i].length);
		} else {
			assert_null(wrong);
			assert_int_equal(length, cases[i].length);
			assert_memory_equal(value, cases[i].desired, length + 1);
		}
		free(value);
	}
}

static void integers_and_their_bounds(void **state)
{
	static const struct {
		const char *literal;
		bool fits;
		int64_t desired;
	} cases[] = {
		{"0", true, 0},
		{"-0", true, 0},
		{"+7", true, 7},
		{"010", true, 10},
		{"42LL", true, 42},
		{"4294967297", true, 4294967297},
		{"9223372036854775807", true, LLONG_MAX},
		{"9223372036854775808", false, 0},
		{"-9223372036854775808L", true, LLONG_MIN},
		{"-9223372036854775809", false, 0},
		{"99999999999999999999", false, 0},
		{"0xff", true, 255},
		{"0xFFFFFFFF", true, 4294967295},
		{"0x7fffffffffffffffL", true, LLONG_MAX},
		{"0x8000000000000000", false, 0},
		{"0x0000000000000000000000000000000000000000000000000000000000000000000000001",
	         true, 1},
		{"00000000000000000000000000000000000000000000000000000000000000000000000009", true,
	         9},
		{"11111111111111111111111111111111111111111111111111111111111111111111111111",
	         false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lexer_token token = first(cases[i].literal);
		int64_t value = -5;

		assert_int_equal(token.kind, LEXER_INTEGER);
		assert_int_equal(token.length, strlen(cases[i].literal));
		assert_int_equal(lexer_integer_value(&token, &value), cases[i].fits);
		assert_true(value == (cases[i].fits ? cases[i].desired : -5));
	}
}

/* beside libconfig */

/* libconfig leaks the string that it was reading when it gives up; the sanitizer asks this. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

/* What lexer sees in a text: its only word (neighbouring strings are one), or LEXER_STRAY. */
static enum lexer_kind only_word(const char *string, bool *differs)
{
	struct lexer lexer;
	struct lexer_token token;
	enum lexer_kind kind = LEXER_END;

	lexer_init(&lexer, string, strlen(string));
	while ((token = lexer_next(&lexer)).kind != LEXER_END) {
		if (token.kind == LEXER_STRING) {
			char *value = mem_alloc(token.length, 1);
			const char *wrong;

			(void)lexer_string_copy(&token, value, &wrong);
			*differs = *differs || wrong != NULL;
			free(value);
		}
		if (token.kind == LEXER_OPEN_COMMENT || token.kind == LEXER_OPEN_STRING ||
		    token.kind == LEXER_STRAY)
			*differs = true;
		if (kind == LEXER_END || (kind == LEXER_STRING && token.kind == LEXER_STRING))
			kind = token.kind;
		else
			kind = LEXER_STRAY;
	}
	return kind;
}

static enum lexer_kind kind_of(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return LEXER_INTEGER;
	case CONFIG_TYPE_FLOAT:
		return LEXER_FLOAT;
	case CONFIG_TYPE_BOOL:
		return LEXER_BOOLEAN;
	case CONFIG_TYPE_STRING:
		return LEXER_STRING;
	default:
		return LEXER_END;
	}
}

static void assert_same_value(const char *word)
{
	struct text text = {0};
	bool differs = false;
	enum lexer_kind ours = only_word(word, &differs);
	bool scalar = ours == LEXER_STRING || ours == LEXER_INTEGER || ours == LEXER_FLOAT ||
	              ours == LEXER_BOOLEAN;
	config_t config;
	bool accepted;

	config_init(&config);
	text_printf(&text, "v = %s\n;", word);
	accepted = config_read_string(&config, text.bytes) == CONFIG_TRUE;
	/* We refuse some of what libconfig takes, and on purpose; never the other way around. */
	if (accepted != scalar && !(accepted && differs))
		fail_msg("libconfig %s <%s>", accepted ? "accepts" : "refuses", word);
	if (accepted && scalar)
		assert_int_equal(kind_of(config_lookup(&config, "v")), ours);
	config_destroy(&config);
	text_clear(&text);
}

static void assert_same_name(const char *word)
{
	struct text text = {0};
	bool differs = false;
	enum lexer_kind ours = only_word(word, &differs);
	config_t config;
	bool accepted;

	config_init(&config);
	text_printf(&text, "%s\n = 1;\n", word);
	accepted = config_read_string(&config, text.bytes) == CONFIG_TRUE &&
	           config_setting_length(config_root_setting(&config)) == 1;
	if (accepted != (ours == LEXER_NAME))
		fail_msg("libconfig %s the name <%s>", accepted ? "accepts" : "refuses", word);
	config_destroy(&config);
	text_clear(&text);
}

static void for_all_words(const char *alphabet, size_t length, void (*check)(const char *word))
{
	size_t base = strlen(alphabet);
	size_t count = 1;
	char word[16] = "";

	for (size_t i = 0; i < length; i++)
		count *= base;
	for (size_t number = 0; number < count; number++) {
		size_t rest = number;

		for (size_t i = 0; i < length; i++) {
			word[i] = alphabet[rest % base];
			rest /= base;
		}
		check(word);
	}
}

static void libconfig_agrees_on_short_values(void **state)
{
	(void)state;
	for (size_t length = 1; length <= 4; length++)
		for_all_words("01xLe.+-a\"\\/*# \n", length, assert_same_value);
	for_all_words("01xL.e-", 5, assert_same_value);
}

static void libconfig_agrees_on_short_names(void **state)
{
	(void)state;
	for (size_t length = 1; length <= 3; length++)
		for_all_words("aZ*_-09.\"/ \n#@", length, assert_same_name);
}

static void libconfig_agrees_on_values(void **state)
{
	static const char *const words[] = {
		"true",
		"FaLsE",
		"\"a\" /* b */ \"c\" # d",
		"\"\\n\\r\\t\\f\\\\\\\"\\x41\"",
		"\"two\nlines\"",
		"0x7FFFFFFFFFFFFFFFL",
		"123456789L",
		"-1.25e-10",
		"1 2",
		"truefalse",
		"tru",
		"@include",
		"$",
		"\xc3\xa4",
		"\v",
		"\f1\r",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		assert_same_value(words[i]);
}

static void libconfig_agrees_on_what_strings_stand_for(void **state)
{
	static const char *const literals[] = {
		"\"\"",        "\"a\\\"b\\\\c\\n\\r\\t\\f\"", "\"\\x41\\x7a\\xe4\"", "\"a\nb\"",
		"\"# // /*\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(literals); i++) {
		struct lexer_token token = first(literals[i]);
		struct text text = {0};
		config_t config;
		const char *theirs = NULL;
		char *ours = mem_alloc(token.length, 1);
		const char *wrong;

		config_init(&config);
		text_printf(&text, "v = %s;\n", literals[i]);
		assert_int_equal(config_read_string(&config, text.bytes), CONFIG_TRUE);
		assert_int_equal(config_lookup_string(&config, "v", &theirs), CONFIG_TRUE);
		(void)lexer_string_copy(&token, ours, &wrong);
		assert_null(wrong);
		assert_string_equal(ours, theirs);
		config_destroy(&config);
		text_clear(&text);
		free(ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_their_kinds),
		cmocka_unit_test(any_end_is_an_end),
		cmocka_unit_test(strings_and_what_they_stand_for),
		cmocka_unit_test(integers_and_their_bounds),
		cmocka_unit_test(libconfig_agrees_on_short_values),
		cmocka_unit_test(libconfig_agrees_on_short_names),
		cmocka_unit_test(libconfig_agrees_on_values),
		cmocka_unit_test(libconfig_agrees_on_what_strings_stand_for),
	};

	return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}
