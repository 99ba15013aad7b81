/* SPDX-License-Identifier: MIT */
/* The command `import`: the text for a list to the letter, what may not stand in a file, and the
 * exit codes for answers of a stand-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "api/wire.h"
#include "base/mem.h"
#include "base/redactor.h"
#include "commands/command.h"
#include "config/spec.h"
#include "support/config_fixture.h"
#include "support/http_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          1700000000 /* 2023-11-14 22:13:20 UTC */
#define FILL_IN      "        indexing_cron = \"\"; # FILL IN: a schedule, or false for none\n"

static char *write_list(const struct wire_remotes *remotes, const struct spec_api *api)
{
	static const char *const secrets[] = {"s3cr3t"};
	struct redactor *redactor = redactor_new(secrets, 1);
	struct text out = {0};

	command_import_write(api, remotes, redactor, NOW, &out);
	redactor_free(redactor);
	return text_take(&out);
}

/* The strings of literals are never written to. */
static void *borrow(const char *string)
{
	return (void *)(uintptr_t)string;
}

static struct wire_remote mode(int64_t id, const char *cron)
{
	return (struct wire_remote){.id = id,
	                            .type = borrow("Mode"),
	                            .cron_known = cron != NULL ? WIRE_GIVEN : WIRE_NONE,
	                            .indexing_cron = borrow(cron)};
}

#define HEAD                                                                                  \
	"# Fill in what is marked, then see what `dfmode-sync check` and `dfmode-sync plan` " \
	"say.\n"                                                                              \
	"\n"                                                                                  \
	"api = {\n"                                                                           \
	"    url = \"https://h\";\n"
#define SECRETS                                                                  \
	"    key_file = \"\"; # FILL IN: a file that holds the API key\n"        \
	"};\n"                                                                   \
	"\n"                                                                     \
	"defaults = {\n"                                                         \
	"    token_file = \"\"; # FILL IN: a file that holds Mode's API token\n" \
	"    password_file = \"\"; # FILL IN: a file that holds its password\n"  \
	"};\n"                                                                   \
	"\n"

static void what_the_server_has_is_a_file(void **state)
{
	struct wire_remote items[] = {mode(42, "0 6 * * *"), mode(43, NULL), mode(44, "5 * * * *")};
	const struct wire_remotes remotes = {.items = items, .count = 3};
	const struct spec_api api = {.url = borrow("https://h"),
	                             .allow_http = true,
	                             .ca_file = borrow("/etc/ca \"1\""),
	                             .client_cert_file = borrow("/c"),
	                             .client_key_file = borrow("/k")};
	char *text;

	(void)state;
	items[0].name = borrow("Mode: \"F\" \\");
	items[0].workspace = borrow("acme");
	items[2].type = borrow("tableau");
	text = write_list(&remotes, &api);
	assert_string_equal(text, "# What https://h listed at 2023-11-14T22:13:20Z: 2 integrations "
	                          "of Mode; left out: "
	                          "1 of another type.\n" HEAD "    allow_http = true;\n"
	                          "    ca_file = \"/etc/ca \\\"1\\\"\";\n"
	                          "    client_cert_file = \"/c\";\n"
	                          "    client_key_file = \"/k\";\n" SECRETS "integrations = (\n"
	                          "    {\n"
	                          "        id = 42;\n"
	                          "        name = \"Mode: \\\"F\\\" \\\\\";\n"
	                          "        workspace = \"acme\";\n"
	                          "        indexing_cron = \"0 6 * * *\";\n"
	                          "    },\n"
	                          "    {\n"
	                          "        id = 43;\n"
	                          "        indexing_cron = false;\n"
	                          "    }\n"
	                          ");\n");
	free(text);
}

static void nothing_is_a_file_too(void **state)
{
	const struct wire_remotes remotes = {0};
	const struct spec_api api = {.url = borrow("https://h")};
	char *text = write_list(&remotes, &api);

	(void)state;
	assert_string_equal(text,
	                    "# What https://h listed at 2023-11-14T22:13:20Z: 0 integrations of "
	                    "Mode.\n" HEAD SECRETS "integrations = (\n);\n");
	free(text);
}

/* The lines of one integration, behind its id. */
static void assert_lines(const struct wire_remote *remote, const char *lines)
{
	struct wire_remote item = *remote;
	const struct wire_remotes remotes = {.items = &item, .count = 1};
	const struct spec_api api = {.url = borrow("https://h")};
	char *text = write_list(&remotes, &api);
	char *expected = mem_printf("        id = 42;\n%s    }\n);\n", lines);
	const char *found = strstr(text, "        id = ");

	assert_non_null(strstr(text, ": 1 integration of Mode.\n"));
	assert_string_equal(found, expected);
	free(expected);
	free(text);
}

static void a_schedule_is_taken_or_to_be_filled_in(void **state)
{
	static const struct {
		const char *cron;
		const char *lines;
	} cases[] = {
		{"@daily", "        indexing_cron = \"@daily\";\n"},
		{"at six", "        # the server has 'at six', which is no schedule\n" FILL_IN},
		{"a\x1b[0m\n",
	         "        # the server has 'a\\x1b[0m\\n', which is no schedule\n" FILL_IN},
		{"", "        # the server has '', which is no schedule\n" FILL_IN},
		{"s3cr3t", "        # the server has '[redacted]', which is no schedule\n" FILL_IN},
	};
	struct wire_remote unknown = mode(42, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire_remote remote = mode(42, cases[i].cron);

		assert_lines(&remote, cases[i].lines);
	}
	unknown.cron_known = WIRE_UNKNOWN;
	assert_lines(&unknown, "        # the server does not show the schedule\n" FILL_IN);
	unknown = mode(42, NULL);
	unknown.type = NULL;
	assert_lines(&unknown, "        # the server does not say whether it is Mode's\n"
	                       "        indexing_cron = false;\n");
}

static void a_name_that_no_file_may_hold_is_a_comment(void **state)
{
	static const struct {
		const char *name;
		const char *line; /* "": it is left out */
	} cases[] = {
		{"Mode: \xc3\xa4", "        name = \"Mode: \xc3\xa4\";\n"},
		{"", ""},
		{"a\x01",
	         "        # name: 'a\\x01' there, which no file may hold; left out, it stays\n"},
		{"\xff",
	         "        # name: '\\xff' there, which no file may hold; left out, it stays\n"},
		{"is s3cr3t",
	         "        # name: 'is [redacted]' there, which no file may hold; left out, it "
	         "stays\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire_remote remote = mode(42, NULL);
		char *lines = mem_printf("%s        indexing_cron = false;\n", cases[i].line);

		remote.name = borrow(cases[i].name);
		assert_lines(&remote, lines);
		free(lines);
	}
}

/* One byte more than a file may hold, and it is left out. */
static void a_name_has_a_longest(void **state)
{
	const struct spec_api api = {.url = borrow("https://h")};

	(void)state;
	for (int length = 1024; length <= 1025; length++) {
		struct wire_remote remote = mode(42, NULL);
		const struct wire_remotes remotes = {.items = &remote, .count = 1};
		struct text name = {0};
		char *text;

		text_printf(&name, "%*s", length, "x");
		remote.name = name.bytes;
		text = write_list(&remotes, &api);
		assert_int_equal(strstr(text, "        name = \"") != NULL, length == 1024);
		assert_int_equal(strstr(text, "# name: '") != NULL, length == 1025);
		free(text);
		text_clear(&name);
	}
}

/* the command */

struct answered_case {
	struct http_server_reply reply;
	int code;
	const char *errors; /* behind the URL; NULL: none */
};

#define ANSWER(status, length, body)                                                      \
	{                                                                                 \
		.bytes = "HTTP/1.1 " status "\r\nContent-Length: " length "\r\n\r\n" body \
	}

static void answers_and_exit_codes(void **state)
{
	static const struct answered_case cases[] = {
		{ANSWER("200 OK", "2", "[]"), EX_OK, NULL},
		{ANSWER("200 OK", "2", "{}"), 1, "200, but there is no list of integrations in it"},
		{ANSWER("200 OK", "29", "{\"items\":[],\"has_more\":true}\n"), 1,
	         "the list of integrations has further pages, which cannot be followed; nothing is "
	         "written"},
		{ANSWER("401 No", "0", ""), EX_NOPERM, "401 the answer has no body"},
		{ANSWER("500 No", "0", ""), 1, "500 the answer has no body"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_server *server = http_server_start(&cases[i].reply, 1);
		struct command_line options = {.config_path = "t.conf", .now_unix_s = NOW};
		char *url = mem_printf("http://127.0.0.1:%d", http_server_port(server));
		char *text = mem_printf("api = { url = \"%s\"; key = \"k\"; };\n", url);
		struct text out = {0};
		struct text errors = {0};
		char *expected = cases[i].errors != NULL
		                         ? mem_printf("error: %s: %s\n", url, cases[i].errors)
		                         : mem_dup("");

		config_fixture_put("t.conf", text, 0600);
		assert_int_equal(command_import(&options, &out, &errors), cases[i].code);
		text_add(&errors, "");
		assert_string_equal(errors.bytes, expected);
		assert_int_equal(out.length > 0, cases[i].code == EX_OK);
		text_clear(&out);
		text_clear(&errors);
		free(expected);
		free(text);
		free(url);
		http_server_stop(server);
	}
}

static void without_any_answer_it_is_69(void **state)
{
	struct command_line options = {.config_path = "t.conf"};
	char *text = mem_printf("api = { url = \"http://127.0.0.1:%d\"; key = \"k\"; };\n",
	                        http_server_free_port());
	struct text out = {0};
	struct text errors = {0};

	(void)state;
	config_fixture_put("t.conf", text, 0600);
	assert_int_equal(command_import(&options, &out, &errors), EX_UNAVAILABLE);
	assert_int_equal(out.length, 0);
	assert_non_null(strstr(errors.bytes, "no answer: "));
	text_clear(&errors);
	free(text);
}

/* Without a file the key is all that is missing, if none was named. */
static void a_missing_file_is_a_fault_if_it_was_named(void **state)
{
	struct command_line options = {.config_path = "none.conf"};
	struct text out = {0};
	struct text errors = {0};

	(void)state;
	(void)unsetenv("DATAFOLD_API_KEY");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(command_import(&options, &out, &errors), EX_CONFIG);
	assert_string_equal(errors.bytes, "none.conf: error: the file does not exist\n1 error\n");
	text_clear(&errors);
	options.is_usual_config = true;
	assert_int_equal(command_import(&options, &out, &errors), EX_CONFIG);
	assert_non_null(strstr(errors.bytes, "(no file): error: no API key; "));
	assert_int_equal(out.length, 0);
	text_clear(&errors);
}

static int enter(void **state)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return scratch_open(state);
}

static int leave(void **state)
{
	curl_global_cleanup();
	return scratch_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_has_is_a_file),
		cmocka_unit_test(nothing_is_a_file_too),
		cmocka_unit_test(a_schedule_is_taken_or_to_be_filled_in),
		cmocka_unit_test(a_name_that_no_file_may_hold_is_a_comment),
		cmocka_unit_test(a_name_has_a_longest),
		cmocka_unit_test(answers_and_exit_codes),
		cmocka_unit_test(without_any_answer_it_is_69),
		cmocka_unit_test(a_missing_file_is_a_fault_if_it_was_named),
	};

	return cmocka_run_group_tests_name("command_import", tests, enter, leave);
}
