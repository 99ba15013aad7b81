/* SPDX-License-Identifier: MIT */
/* What may be shown of names and values; test_typos.c holds the whole to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/secrecy.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void names_of_keys_and_near_ones(void **state)
{
	static const struct {
		const char *name;
		bool may_name, may_show_value;
	} cases[] = {
		{"id", true, true},
		{"indexing_cron", true, true},
		{"key_file", true, true},
		{"token_credential", true, true},
		{"key", true, false},
		{"token", true, false},
		{"password", true, false},
		{"api", true, false},
		{"integrations", true, false},
		{"nmae", true, false},
		{"workspce", true, false},
		{"wrkspce", true, false},
		{"wrkspe", false, false},
		{"TOKEN", true, false},
		{"passwort", true, false},
		{"api_key", true, false},
		{"mode_tokens", true, false},
		{"secret", true, false},
		{"owner", false, false},
		{"SeCrEtTok123", false, false},
		{"", false, false},
		{"ab", false, false},
		{"abc", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = strlen(cases[i].name);

		if (secrecy_may_name(cases[i].name, length) != cases[i].may_name ||
		    (secrecy_value_of(cases[i].name, length) != SECRECY_HIDDEN) !=
		            cases[i].may_show_value)
			fail_msg("%s", cases[i].name);
	}
}

static void kinds_of_values(void **state)
{
	static const struct {
		const char *name;
		enum secrecy_value kind;
	} cases[] = {
		{"url", SECRECY_URL},         {"proxy", SECRECY_URL},
		{"urls", SECRECY_HIDDEN},     {"name", SECRECY_TEXT},
		{"timeout", SECRECY_TEXT},    {"mode", SECRECY_TEXT},
		{"key_file", SECRECY_TEXT},   {"id", SECRECY_WORD},
		{"rate_limit", SECRECY_WORD}, {"paused", SECRECY_WORD},
		{"password", SECRECY_HIDDEN}, {"log", SECRECY_HIDDEN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (secrecy_value_of(cases[i].name, strlen(cases[i].name)) != cases[i].kind)
			fail_msg("%s", cases[i].name);
	}
}

static void values_up_to_what_may_be_the_next_setting(void **state)
{
	static const struct {
		const char *value;
		bool is_quoted;
		const char *shown;
	} cases[] = {
		{"0 6 * * mon-fri\"; token", true, "0 6 * * mon-fri"},
		{"acme; token = \"s", true, "acme"},
		{"acme token = \"s", true, "acme token "},
		{"acme\\\";", true, "acme"},
		{"Team #1\"", true, "Team #1"},
		{"Team #1; the key", true, "Team "},
		{"https://a.b/c\"", true, "https://a.b/c"},
		{"https://a.b/c; key", false, "https://a.b/c"},
		{"30s # the key", false, "30s "},
		{"30s // the key", false, "30s "},
		{"30s /* the key", false, "30s "},
		{"42 } { token", false, "42 "},
		{"4 key:7d1eed\"", false, "4 "},
		{"4 ke'y:7d1eed\"", false, "4 ke'y"},
		{"ca tken : 7d1eed\"", true, "ca "},
		{"Mode: Finance\"", true, "Mode: Finance"},
		{"one\ntwo", true, "one"},
		{"CRON_TZ=UTC 0 6\"", true, "CRON_TZ=UTC 0 6"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *value = cases[i].value;
		size_t length =
			secrecy_value_length(value, value + strlen(value), cases[i].is_quoted);

		if (length != strlen(cases[i].shown) || memcmp(value, cases[i].shown, length) != 0)
			fail_msg("'%s': %zu bytes", value, length);
	}
}

static void sentences_that_repeat_what_follows(void **state)
{
	static const struct {
		const char *sentence, *value;
		bool may_say;
	} cases[] = {
		{"hour 25 is outside 0-23", "0 25 * * *", true},
		{"'0 25 x' is no field", "0 25 x", true},
		{"'SECRET' is no field", "0 25; token = SECRET", false},
		{"'SECRE' is no field", "0 25; token = SECRET", true},
		{"", "=", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (secrecy_may_say(cases[i].sentence, cases[i].value, strlen(cases[i].value)) !=
		    cases[i].may_say)
			fail_msg("%s", cases[i].sentence);
	}
}

static void what_is_not_shown_is_an_ellipsis(void **state)
{
	struct text out = {0};

	(void)state;
	secrecy_add_value(&out, "/etc/x; key = s", 15, 40);
	text_add_char(&out, '|');
	secrecy_add_value(&out, "/etc/x", 6, 40);
	assert_string_equal(out.bytes, "/etc/x\xe2\x80\xa6|/etc/x");
	text_clear(&out);
}

/* "." stands for what is covered. */
static void credentials_in_urls(void **state)
{
	static const struct {
		const char *value;
		bool is_url;
		const char *shown;
	} cases[] = {
		{"https://app.datafold.com/x", true, "https://app.datafold.com/x"},
		{"http://proxy:3128/", true, "http://proxy:3128/"},
		{"proxy:3128", true, "proxy:3128"},
		{"http://[::1]:80/", true, "http://[::1]:80/"},
		{"http://u:pass@proxy:3128", true, "http://......@proxy:3128"},
		{"http://u:p@ss@proxy", true, "http://......@proxy"},
		{"u:pass@proxy:3128", true, "......@proxy:3128"},
		{"http:/u:pass@proxy", true, "............@proxy"},
		{"http//u:pass@proxy", true, "............@proxy"},
		{"http://u:pass", true, "http://u:...."},
		{"http://u:12pass", true, "http://u:......"},
		{"u:pass", true, "u:...."},
		{"http://[u:pass", true, "http://[u:...."},
		{"http:/u:pass", true, "http:/u:...."},
		{"http://u:pass@proxy", false, "http://......@proxy"},
		{"Mode: Finance", false, "Mode: Finance"},
		{"ops@acme", false, "ops@acme"},
		{"@daily", false, "@daily"},
		{"", true, ""},
		{"http://", true, "http://"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *value = cases[i].value;
		const char *end = value + strlen(value);
		struct secrecy_part part = secrecy_find_userinfo(value, end, end, cases[i].is_url);
		char shown[64] = "";

		memcpy(shown, value, (size_t)(end - value));
		memset(shown + (part.start - value), '.', (size_t)(part.end - part.start));
		assert_string_equal(shown, cases[i].shown);
	}
}

/* A password may hold what seems to end the value: what is shown of it is covered all the same. */
static void credentials_that_are_cut_off(void **state)
{
	static const char value[] = "http://user:se;cret@host";
	const char *stop = value + strlen("http://user:se");
	const char *end = value + strlen(value);
	struct secrecy_part part = secrecy_find_userinfo(value, stop, end, true);

	(void)state;
	assert_ptr_equal(part.start, value + strlen("http://"));
	assert_ptr_equal(part.end, stop);
	part = secrecy_find_userinfo(value, value + strlen("http://"), end, true);
	assert_ptr_equal(part.start, part.end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_keys_and_near_ones),
		cmocka_unit_test(kinds_of_values),
		cmocka_unit_test(values_up_to_what_may_be_the_next_setting),
		cmocka_unit_test(sentences_that_repeat_what_follows),
		cmocka_unit_test(what_is_not_shown_is_an_ellipsis),
		cmocka_unit_test(credentials_in_urls),
		cmocka_unit_test(credentials_that_are_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
