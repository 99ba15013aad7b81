/* SPDX-License-Identifier: MIT */
/* Our grammar beside libconfig's own parser, of 1.5 to 1.8, whichever is here: texts are damaged at
 * random and read by both. Where both take one, they agree on every value; where they differ, it is
 * for a reason on a short list.
 *
 * DIFFERENTIAL_COUNT and DIFFERENTIAL_SEED in the environment choose how many, and which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <inttypes.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/grammar.h"
#include "config/lexer.h"
#include "config/setting.h"

#define COUNT      20000
#define EDITS_MAX  4
#define ITEMS(row) (sizeof(row) / sizeof(*(row)))

static const char *const seeds[] = {
	"a = 1; b = \"x\"; c = { d = true; e = ( 1, 2, \"y\" ); };\n",
	"name : \"x\" \"y\" other = 0x1F, last = -12L # end\n",
	"l = ( { id = 1; s = \"a\\\"b\\\\\"; }, { id = 2; f = 1.5e3; } );\n",
	"/* one */ g = { h = { i = 5; } } // two\nj = FALSE; k = ( );\n",
	"id = 42; name = \"Mode: Finance\"; indexing_cron = \"0 6 * * *\";\n",
	"t = 3000000000L; u = .5; v = 5.; w = ( ( ), { } );\n",
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

static void damage(struct text *text)
{
	static const char bytes[] = "\"\"\\;;==::,,{}()#/*.- \n\t019xLaeE_@";
	size_t at = draw(text->length);
	char byte = bytes[draw(sizeof(bytes) - 1)];

	switch (draw(3)) {
	case 0:
		text->bytes[at] = byte;
		break;
	case 1:
		text_add_char(text, '\0');
		memmove(text->bytes + at + 1, text->bytes + at, text->length - at - 1);
		text->bytes[at] = byte;
		break;
	default:
		memmove(text->bytes + at, text->bytes + at + 1, text->length - at - 1);
		text_truncate(text, text->length - 1);
	}
}

/* Integers of libconfig 1.5 that do not fit 32 bits without an L are wrong, and not compared. */
static bool agree(const config_setting_t *theirs, const config_setting_t *ours)
{
	int type = config_setting_type(theirs);

	if (type == CONFIG_TYPE_INT)
		return config_setting_type(ours) == CONFIG_TYPE_INT64 &&
		       ((int)config_setting_get_int64(ours) == config_setting_get_int(theirs) ||
		        config_setting_get_int64(ours) > INT32_MAX ||
		        config_setting_get_int64(ours) < INT32_MIN);
	if (type != config_setting_type(ours))
		return false;
	if (type == CONFIG_TYPE_INT64)
		return config_setting_get_int64(ours) == config_setting_get_int64(theirs);
	if (type == CONFIG_TYPE_FLOAT)
		return memcmp(&(double){config_setting_get_float(ours)},
		              &(double){config_setting_get_float(theirs)}, sizeof(double)) == 0;
	if (type == CONFIG_TYPE_BOOL)
		return config_setting_get_bool(ours) == config_setting_get_bool(theirs);
	if (type == CONFIG_TYPE_STRING)
		return strcmp(config_setting_get_string(ours), config_setting_get_string(theirs)) ==
		       0;
	if (config_setting_length(ours) != config_setting_length(theirs))
		return type == CONFIG_TYPE_ARRAY; /* ours are empty */
	for (int i = 0; i < config_setting_length(theirs); i++) {
		config_setting_t *one = config_setting_get_elem(theirs, (unsigned)i);
		config_setting_t *other = config_setting_get_elem(ours, (unsigned)i);
		const char *name = config_setting_name(one);

		if ((name != NULL && strcmp(name, config_setting_name(other)) != 0) ||
		    !agree(one, other))
			return false;
	}
	return true;
}

/* A point without digits is 0.0 to libconfig. */
static bool has_lone_point(const char *text)
{
	for (const char *at = text; (at = strchr(at, '.')) != NULL; at++) {
		if ((at == text || !isdigit((unsigned char)at[-1])) &&
		    !isdigit((unsigned char)at[1]))
			return true;
	}
	return false;
}

/* What we refuse on purpose, by what is said of it. */
static bool is_refused_on_purpose(const char *fault, const char *text)
{
	static const struct {
		const char *fault;
		int since; /* the minor version of libconfig that takes it */
	} rows[] = {
		{"unterminated comment", 5},    /* the rest of the file would be lost */
		{"the number is too large", 5}, /* they wrap around, or are 64 bits without an L */
		{"' is no escape", 5},          /* they keep the backslash, or 1.8 knows more */
		{"this is no escape", 5},
		{"a string cannot hold a NUL byte", 5},
		{"text stands in double quotes", 5}, /* 1a = 2, and an URL without quotes */
		{"the quotes are missing", 5},
		{"expected an integer", 5},
		{"digits are not grouped", 5},
		{"binary and octal", 5},
		{"expected true or false", 5},
		{"write false for no schedule", 5},
		{"unterminated string", 5}, /* "key = " at the end of one that touches a word */
		{"expected a value before ','", 7}, /* ( 1, , 2 ) */
	};

	for (size_t i = 0; i < ITEMS(rows); i++) {
		if (LIBCONFIG_VER_MINOR >= rows[i].since && strstr(fault, rows[i].fault) != NULL)
			return true;
	}
	return has_lone_point(text);
}

/* What we take on purpose: a comma behind the last element (as 1.7), any elements in an array,
 * which no key takes. */
static bool is_taken_on_purpose(const char *text)
{
	if (strchr(text, '[') != NULL)
		return true;
	for (const char *comma = text; (comma = strchr(comma, ',')) != NULL; comma++) {
		const char *next = comma + 1;
		struct lexer lexer;

		lexer_init(&lexer, next, strlen(next));
		next = lexer_next(&lexer).start;
		if (*next == ')')
			return true;
	}
	return false;
}

/* A zero before a number makes it octal to libconfig 1.7; we say so, and read it as 1.5 does. */
static bool has_leading_zero(const char *text)
{
	for (const char *at = text; (at = strchr(at, '0')) != NULL; at++) {
		if (isdigit((unsigned char)at[1]) &&
		    (at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '.')))
			return true;
	}
	return false;
}

static bool compare(const char *text, const char **reason)
{
	struct source source;
	struct tree tree;
	struct faults faults = {0};
	config_t theirs, ours;
	bool taken, good = true;

	config_init(&theirs);
	config_init(&ours);
	taken = config_read_string(&theirs, text) == CONFIG_TRUE;
	source_from_bytes(&source, "t.conf", text, strlen(text), &faults);
	grammar_parse(&tree, &source, &faults);
	tree_merge(&tree, "", &faults);
	*reason = "";
	if (faults.errors > 0 && taken) {
		*reason = "refused";
		good = is_refused_on_purpose(faults.entries[0].text, text);
	} else if (faults.errors == 0 && !taken) {
		*reason = config_error_text(&theirs);
		good = is_taken_on_purpose(text);
	} else if (taken) {
		*reason = "values";
		setting_add_all(&ours, &tree, 0);
		good = has_leading_zero(text) ||
		       agree(config_root_setting(&theirs), config_root_setting(&ours));
	}
	if (!good)
		(void)fprintf(stderr, "%s: %s\n%s\n", *reason,
		              faults.count > 0 ? faults.entries[0].text : "", text);
	config_destroy(&theirs);
	config_destroy(&ours);
	tree_clear(&tree);
	source_clear(&source);
	faults_clear(&faults);
	return good;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void mutants_are_read_alike(void **state)
{
	uint64_t count = number_of("DIFFERENTIAL_COUNT", COUNT);
	uint64_t seed = number_of("DIFFERENTIAL_SEED", (uint64_t)time(NULL));
	const char *reason;
	int differ = 0;

	(void)state;
	print_message("DIFFERENTIAL_SEED=%" PRIu64 "\n", seed);
	state_of_random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (size_t i = 0; i < ITEMS(seeds); i++)
		assert_true(compare(seeds[i], &reason) && strcmp(reason, "values") == 0);
	for (uint64_t i = 0; i < count && differ < 10; i++) {
		struct text text = {0};

		text_add(&text, seeds[draw(ITEMS(seeds))]);
		for (size_t edits = 1 + draw(EDITS_MAX); edits > 0; edits--)
			damage(&text);
		text_add_char(&text, '\n'); /* libconfig 1.5 needs one behind a comment */
		differ += !compare(text.bytes, &reason);
		text_clear(&text);
	}
	assert_int_equal(differ, 0);
}

#ifdef SANITIZED
/* libconfig 1.5 leaks what it has read of a text with a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutants_are_read_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
