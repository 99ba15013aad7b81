/* SPDX-License-Identifier: MIT */
/* No typo lets a secret out (SPEC §3). Files in three layouts with inline secrets are damaged at
 * random places, one to three times, and loaded; whatever is reported, no seven bytes in a row of a
 * secret may be in it. Everything that shows faults (check, its JSON, the log, the status) prints
 * what is searched here and has nothing else.
 *
 * SECRECY_COUNT and SECRECY_SEED in the environment choose how many, and which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "config/specfile.h"

#define COUNT       5000
#define LEAK        7 /* bytes of a secret in a row */
#define SECRETS     6 /* in one file */
#define LAYOUTS     3
#define EDITS_MAX   3
#define SECRET_SIZE 40

struct file {
	char secrets[SECRETS][SECRET_SIZE];
	struct text text;
};

static uint64_t state_of_random;

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators"). */
static size_t draw(size_t below)
{
	state_of_random ^= state_of_random >> 12;
	state_of_random ^= state_of_random << 25;
	state_of_random ^= state_of_random >> 27;
	return (size_t)((state_of_random * UINT64_C(2685821657736338717)) >> 33) % below;
}

/* Of letters, of digits, or of anything that may stand in a literal without an escape. */
static void invent(char secret[SECRET_SIZE])
{
	static const char *const alphabets[] = {
		"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789",
		"0123456789",
		"0123456789abcdef",
		"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789+/",
		"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789-_.~",
		"abcdefghijkmnopqrstuvwxyz0123456789!#$%&'()*+,-./:;<=>?@[]^_`{|}~ ",
	};
	const char *alphabet = alphabets[draw(sizeof(alphabets) / sizeof(*alphabets))];
	size_t length = 12 + draw(SECRET_SIZE - 13);

	for (size_t i = 0; i < length; i++)
		secret[i] = alphabet[draw(strlen(alphabet))];
	secret[length] = '\0';
	if (secret[0] == ' ')
		secret[0] = 'x';
	if (secret[length - 1] == ' ')
		secret[length - 1] = 'x';
}

static void write_lines(struct file *file)
{
	text_printf(&file->text,
	            "# The production server\n"
	            "api = {\n"
	            "    url = \"https://app.datafold.com\"; // the default\n"
	            "    timeout = \"30s\";\n"
	            "    key = \"%s\"; # of the service account\n"
	            "};\n"
	            "defaults = {\n"
	            "    workspace = \"acme\";\n"
	            "    token = \"%s\";\n"
	            "    password = \"%s\"; /* rotated in May */\n"
	            "};\n"
	            "log = { level = \"info\"; };\n"
	            "integrations = (\n"
	            "    {\n"
	            "        id = 42;\n"
	            "        name = \"Mode: Finance\";\n"
	            "        indexing_cron = \"0 6 * * mon-fri\";\n"
	            "        token = \"%s\";\n"
	            "        password = \"%s\";\n"
	            "    },\n"
	            "    { id = 43; indexing_cron = false; }\n"
	            ");\n"
	            "# key = \"%s\"\n",
	            file->secrets[0], file->secrets[1], file->secrets[2], file->secrets[3],
	            file->secrets[4], file->secrets[5]);
}

static void write_one_line_each(struct file *file)
{
	text_printf(
		&file->text,
		"api = { url = \"https://app.datafold.com\"; key = \"%s\"; rate_limit = 5; };\n"
		"defaults = { workspace = \"acme\"; token = \"%s\"; password = \"%s\"; };\n"
		"drift = { mode = \"report\"; interval = \"1h 30min\"; };\n"
		"integrations = (\n"
		"  { id = 42; name = \"Mode: Finance\"; indexing_cron = \"0 6 * * *\"; },\n"
		"  { id = 43; token = \"%s\"; name = \"Growth\"; indexing_cron = \"5 4 * * *\"; "
		"password = \"%s\"; paused = true; },\n"
		"  { id = 44; indexing_cron = false; } # key = \"%s\"\n"
		");\n",
		file->secrets[0], file->secrets[1], file->secrets[2], file->secrets[3],
		file->secrets[4], file->secrets[5]);
}

/* Without separators where none are needed, and with values on lines of their own. */
static void write_loose(struct file *file)
{
	text_printf(
		&file->text,
		"api : {key_file=\"k\" ca_file = \"ca\" max_in_flight=4 key:\"%s\"}\n"
		"defaults: { token =\n"
		"    \"%s\", password\n"
		"    = \"%s\",\n"
		"    workspace=\"acme\" }\n"
		"retry = {first=1, max = \"5min\"}\n"
		"integrations : ( {id:42,name:\"Mode\",indexing_cron:\"@daily\",token:\"%s\"},\n"
		"{ password=\"%s\" /* x */ id = 0x2b indexing_cron = false\n"
		"token = \"%s\"\n"
		"name = \"Growth\" } )\n",
		file->secrets[0], file->secrets[1], file->secrets[2], file->secrets[3],
		file->secrets[4], file->secrets[5]);
}

static char draw_byte(void)
{
	static const char likely[] = "\"\"\"\"''\\\\;;==::,,{}{}()[]##//**@$. \n\n\t%0aKe";

	return draw(3) > 0 ? likely[draw(sizeof(likely) - 1)] : (char)(' ' + draw(95));
}

static void damage(struct text *text)
{
	size_t at = draw(text->length);
	enum { INSERT, DELETE, REPLACE };
	size_t edit = draw(3);
	char byte = draw_byte();

	if (edit == REPLACE) {
		text->bytes[at] = byte;
		return;
	}
	if (edit == INSERT)
		text_add_char(text, '\0');
	memmove(text->bytes + at + (edit == INSERT), text->bytes + at + (edit == DELETE),
	        text->length - at - 1);
	if (edit == INSERT)
		text->bytes[at] = byte;
	else
		text_truncate(text, text->length - 1);
}

static const char *find_leak(const struct file *file, const char *shown)
{
	char part[LEAK + 1] = "";

	for (size_t i = 0; i < SECRETS; i++) {
		for (size_t at = 0; at + LEAK <= strlen(file->secrets[i]); at++) {
			memcpy(part, file->secrets[i] + at, LEAK);
			if (strstr(shown, part) != NULL)
				return file->secrets[i];
		}
	}
	return NULL;
}

static void report_leak(const struct file *file, const char *secret, const char *shown)
{
	(void)fprintf(stderr, "'%s' of this file:\n%s\nis in\n%s\n", secret, file->text.bytes,
	              shown);
}

static void (*const write_file[LAYOUTS])(struct file *) = {write_lines, write_one_line_each,
                                                           write_loose};

static bool try_one(void)
{
	struct file file = {.text = {0}};
	struct specfile specfile;
	struct text shown = {0};
	const char *leak;

	for (size_t i = 0; i < SECRETS; i++)
		invent(file.secrets[i]);
	write_file[draw(LAYOUTS)](&file);
	for (size_t edits = 1 + draw(EDITS_MAX); edits > 0; edits--)
		damage(&file.text);
	specfile_from_bytes(&specfile, "dfmode.conf", file.text.bytes, file.text.length, NULL);
	text_add(&shown, "");
	faults_print(&specfile.faults, false, &shown);
	leak = find_leak(&file, shown.bytes);
	if (leak != NULL)
		report_leak(&file, leak, shown.bytes);
	specfile_clear(&specfile);
	text_clear(&shown);
	text_clear(&file.text);
	return leak == NULL;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void no_typo_lets_a_secret_out(void **state)
{
	uint64_t count = number_of("SECRECY_COUNT", COUNT);
	uint64_t seed = number_of("SECRECY_SEED", (uint64_t)time(NULL));
	uint64_t leaks = 0;

	(void)state;
	print_message("SECRECY_SEED=%" PRIu64 "\n", seed);
	state_of_random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (uint64_t i = 0; i < count && leaks < 20; i++)
		leaks += !try_one();
	assert_int_equal(leaks, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_typo_lets_a_secret_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
