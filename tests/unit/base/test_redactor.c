/* SPDX-License-Identifier: MIT */
/* The redactor: each spelling by example, and matching against a search that tries every secret at
 * every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/mem.h"
#include "base/redactor.h"
#include "support/wiped.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_redacted(const struct redactor *redactor, const char *in, const char *want)
{
	struct text out = {0};

	redactor_apply(redactor, in, strlen(in), &out);
	assert_string_equal(out.bytes, want);
	text_clear(&out);
}

static void secrets_are_struck_out(void **state)
{
	static const char *const secrets[] = {
		"key",   "keyboard",  "k3y/+ \"x\\",          NULL,
		"",      "keyboard",  "long-secret-1",        "long-secret-2",
		"tok-1", "1\xc3\xa4", "\xc3\xa9/\xe2\x82\xac"};
	static const struct {
		const char *in, *out;
	} cases[] = {
		{.in = "", .out = ""},
		{.in = "nothing here", .out = "nothing here"},
		{.in = "key", .out = "[redacted]"},
		{.in = "a key, a keyboar, a keyboard!",
	         .out = "a [redacted], a [redacted]boar, a [redacted]!"},
		{.in = "keykey", .out = "[redacted][redacted]"},
		{.in = "ke", .out = "ke"},
		{.in = "KEY", .out = "KEY"},
		{.in = "is k3y/+ \"x\\ it", .out = "is [redacted] it"},
		{.in = "{\"k3y/+ \\\"x\\\\\"}", .out = "{\"[redacted]\"}"},
		{.in = "{\"k3y\\/+ \\\"x\\\\\"}", .out = "{\"[redacted]\"}"},
		{.in = "{\"\xc3\xa9\\/\xe2\x82\xac\"}", .out = "{\"[redacted]\"}"},
		{.in = "?q=k3y%2F%2B%20%22x%5C&", .out = "?q=[redacted]&"},
		{.in = "?q=k3y%2f%2b%20%22x%5c&", .out = "?q=[redacted]&"},
		{.in = "?q=tok-1&", .out = "?q=[redacted]&"},
		/* Overlapping: neither half may be left over. */
		{.in = "<tok-1\xc3\xa4>", .out = "<[redacted]>"},
		{.in = "1%C3%A4", .out = "[redacted]"},
		{.in = "long-secret-1 long-secret-2 long-secret-3",
	         .out = "[redacted] [redacted] long-secret-3"},
	};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_redacted(redactor, cases[i].in, cases[i].out);
	redactor_free(redactor);
}

/* Whatever stands before a secret and behind it, at most the bits that it shares with them stay. */
/* Of one that is short enough to be found in any number, not in hexadecimal. */
static void every_byte_as_a_number_is_struck_out(void **state)
{
	static const char *const secrets[] = {"k3y/", "ab"};
	struct redactor *redactor = redactor_new(secrets, 2);

	(void)state;
	assert_redacted(redactor, "?q=%6B%33%79%2F&", "?q=[redacted]&");
	assert_redacted(redactor, "?q=%6b%33%79%2f&", "?q=[redacted]&");
	assert_redacted(redactor, "'\\u006B\\u0033\\u0079\\u002F'", "'[redacted]'");
	assert_redacted(redactor, "'\\u006b\\u0033\\u0079\\u002f'", "'[redacted]'");
	assert_redacted(redactor, "0x6b33792f, 6B33792F", "0x[redacted], [redacted]");
	assert_redacted(redactor, "%61%62 6162", "[redacted] 6162");
	redactor_free(redactor);
}

static void base64_is_struck_out(void **state)
{
	static const char *const secrets[] = {"s3cr3t-token", "pass>>word??", "abc"};
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"czNjcjN0LXRva2Vu", "[redacted]"},
		/* s3cr3t-token:pass>>word?? */
		{"Basic czNjcjN0LXRva2VuOnBhc3M+PndvcmQ/Pw==", "Basic [redacted]On[redacted]w=="},
		{"Basic czNjcjN0LXRva2VuOnBhc3M-PndvcmQ_Pw==", "Basic [redacted]On[redacted]w=="},
		/* Key s3cr3t-token */
		{"S2V5IHMzY3IzdC10b2tlbg==", "S2V5IH[redacted]g=="},
		/* xxs3cr3t-tokenyy */
		{"eHhzM2NyM3QtdG9rZW55eQ==", "eHh[redacted]55eQ=="},
		/* Too short to be told from any other text. */
		{"YWJj", "YWJj"},
	};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_redacted(redactor, cases[i].in, cases[i].out);
	redactor_free(redactor);
}

static void no_secrets_change_nothing(void **state)
{
	static const char *const nothing[] = {NULL, ""};
	struct redactor *none = redactor_new(nothing, COUNT(nothing));
	struct redactor *empty = redactor_new(NULL, 0);

	(void)state;
	assert_redacted(NULL, "any text", "any text");
	assert_redacted(none, "any text", "any text");
	assert_redacted(empty, "any text", "any text");
	redactor_free(none);
	redactor_free(empty);
	redactor_free(NULL);
}

static void bytes_may_hold_nul(void **state)
{
	static const char *const secrets[] = {"key"};
	struct redactor *redactor = redactor_new(secrets, 1);
	struct text out = {0};

	(void)state;
	redactor_apply(redactor, "\0key\0ke", 7, &out);
	assert_int_equal(out.length, 14);
	assert_memory_equal(out.bytes, "\0[redacted]\0ke", 15);
	text_clear(&out);
	redactor_free(redactor);
}

/* Mark what belongs to any secret: tried everywhere, one by one. */
static void mark(const char *const *secrets, size_t count, const char *in, char *marks)
{
	size_t length = strlen(in);

	memset(marks, '.', length);
	for (size_t at = 0; at < length; at++) {
		for (size_t i = 0; i < count; i++) {
			if (strncmp(in + at, secrets[i], strlen(secrets[i])) == 0)
				memset(marks + at, '#', strlen(secrets[i]));
		}
	}
}

/* What is left between the "[redacted]" must be exactly the unmarked bytes. */
static void assert_as_marked(const struct text *out, const char *in, const char *marks)
{
	struct text left = {0}, want = {0};
	const char *at = out->bytes, *next;

	for (; (next = strstr(at, "[redacted]")) != NULL; at = next + 10)
		text_add_bytes(&left, at, (size_t)(next - at));
	text_add(&left, at);
	text_add(&want, "");
	for (size_t i = 0; in[i] != '\0'; i++) {
		if (marks[i] == '.')
			text_add_char(&want, in[i]);
	}
	assert_string_equal(left.bytes, want.bytes);
	text_clear(&left);
	text_clear(&want);
}

static size_t draw(uint64_t *random, size_t below)
{
	return (size_t)(backoff_random(random) % below);
}

static void fill(char *string, size_t length, uint64_t *random)
{
	for (size_t i = 0; i < length; i++)
		string[i] = "aab"[draw(random, 3)];
	string[length] = '\0';
}

static void agrees_with_a_search(void **state)
{
	uint64_t random = 20240613;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char words[6][8], in[40], marks[40];
		const char *secrets[6];
		size_t count = 1 + draw(&random, 6);
		struct redactor *redactor;
		struct text out = {0};

		for (size_t i = 0; i < count; i++) {
			fill(words[i], 1 + draw(&random, 6), &random);
			secrets[i] = words[i];
		}
		fill(in, draw(&random, 39), &random);
		redactor = redactor_new(secrets, count);
		redactor_apply(redactor, in, strlen(in), &out);
		mark(secrets, count, in, marks);
		assert_as_marked(&out, in, marks);
		text_clear(&out);
		redactor_free(redactor);
	}
}

static void as_python_writes_them(void **state)
{
	static const char *const secrets[] = {"p\"ss\\w/rd!", "it's\\so"};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));

	(void)state;
	assert_redacted(redactor, "Invalid 'p\"ss\\\\w/rd!'", "Invalid '[redacted]'");
	assert_redacted(redactor, "'it\\'s\\\\so'", "'[redacted]'");
	assert_redacted(redactor, "\"it's\\\\so\"", "\"[redacted]\"");
	redactor_free(redactor);
}

static void secrets_are_wiped(void **state)
{
	static const char *const secrets[] = {"secret-of-all!"};
	struct redactor *redactor;
	size_t freed;

	(void)state;
	wiped_watch("-of-");
	redactor = redactor_new(secrets, COUNT(secrets));
	redactor_free(redactor);
	assert_int_equal(wiped_forgotten(&freed), 0);
	assert_true(freed > 10);
	wiped_watch(NULL);
}

static void many_secrets(void **state)
{
	enum { MANY = 20000 };
	const char **secrets = mem_alloc(MANY, sizeof(*secrets));
	struct redactor *redactor;
	char(*words)[16] = mem_alloc(MANY, sizeof(*words));

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(words[i], sizeof(words[i]), "s%d/", i);
		secrets[i] = words[i];
	}
	redactor = redactor_new(secrets, MANY);
	assert_redacted(redactor, "s0/ s19999/ s20000/ s19999%2F s7\\/ s7",
	                "[redacted] [redacted] s20000/ [redacted] [redacted] s7");
	redactor_free(redactor);
	free(secrets);
	free(words);
}

static void what_is_shown_is_redacted_escaped_and_cut(void **state)
{
	static const char *const secrets[] = {"canary-secret"};
	static const struct {
		const char *in, *out;
		size_t limit;
	} cases[] = {
		{"the token canary-secret\n", "the token [redacted]\\n", 100},
		{"the token canary-secret", "the token [re\xe2\x80\xa6", 16},
		{"", "", 16},
	};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text out = {0};

		redactor_show(redactor, cases[i].in, strlen(cases[i].in), cases[i].limit, &out);
		assert_string_equal(out.bytes, cases[i].out);
		text_clear(&out);
	}
	redactor_free(redactor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_struck_out),
		cmocka_unit_test(every_byte_as_a_number_is_struck_out),
		cmocka_unit_test(base64_is_struck_out),
		cmocka_unit_test(no_secrets_change_nothing),
		cmocka_unit_test(bytes_may_hold_nul),
		cmocka_unit_test(agrees_with_a_search),
		cmocka_unit_test(as_python_writes_them),
		cmocka_unit_test(secrets_are_wiped),
		cmocka_unit_test(many_secrets),
		cmocka_unit_test(what_is_shown_is_redacted_escaped_and_cut),
	};

	return cmocka_run_group_tests_name("redactor", tests, NULL, NULL);
}
