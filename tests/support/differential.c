/* SPDX-License-Identifier: MIT */
/* What we refuse and take otherwise than libconfig does is on purpose, and listed here. */
#include "support/differential.h"

#include <ctype.h>
#include <float.h>
#include <libconfig.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/lexer.h"
#include "config/specfile_internal.h"

#ifdef SANITIZED
/* libconfig 1.5 leaks what it has read of a text with a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}
#endif

#define ITEMS(row) (sizeof(row) / sizeof(*(row)))

/* What is too small for a double is 0 to libconfig. */
static bool agree_on_float(double theirs, double ours)
{
	return memcmp(&ours, &theirs, sizeof(ours)) == 0 ||
	       (fpclassify(theirs) == FP_ZERO &&
	        memcmp(&ours, &(double){DBL_MIN}, sizeof(ours)) == 0);
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
		return agree_on_float(config_setting_get_float(theirs),
		                      config_setting_get_float(ours));
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
		{"one quote too many", 5},  /* to them the last string of a text ends with it */
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

/* A zero before a number makes it octal to libconfig 1.7, and a syntax error if it has an 8 or a 9;
 * we say so, and read it as 1.5 does. */
static bool has_leading_zero(const char *text)
{
	for (const char *at = text; (at = strchr(at, '0')) != NULL; at++) {
		if (isdigit((unsigned char)at[1]) &&
		    (at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '.')))
			return true;
	}
	return false;
}

/* A warning may stand before it. */
static const char *first_error(const struct faults *faults)
{
	size_t i = 0;

	while (faults->entries[i].level != FAULT_ERROR)
		i++;
	return faults->entries[i].text;
}

/* The reader of a list adds its elements one at a time. */
static void fill_lists(config_setting_t *setting, const struct tree *tree)
{
	if (config_setting_is_list(setting) == CONFIG_TRUE)
		setting_add_members(setting, tree, setting_node(setting));
	for (int i = 0; i < config_setting_length(setting); i++)
		fill_lists(config_setting_get_elem(setting, (unsigned)i), tree);
}

/* "key:// a comment" reads as a URL without quotes here, on purpose: a blank stands between. */
static char *part_colons(const char *text)
{
	struct text parted = {0};

	for (; *text != '\0'; text++) {
		text_add_char(&parted, *text);
		if (text[0] == ':' && text[1] == '/')
			text_add_char(&parted, ' ');
	}
	return text_take(&parted);
}

bool differential_compare(const char *given, const char **reason)
{
	char *text = part_colons(given);
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
	tree_merge(&tree, &faults);
	*reason = "";
	if (faults.errors > 0 && taken) {
		*reason = "refused";
		good = is_refused_on_purpose(first_error(&faults), text);
	} else if (faults.errors == 0 && !taken) {
		*reason = config_error_text(&theirs);
		good = is_taken_on_purpose(text) ||
		       (LIBCONFIG_VER_MINOR >= 7 && has_leading_zero(text));
	} else if (taken) {
		*reason = "values";
		setting_add_members(config_root_setting(&ours), &tree, 0);
		fill_lists(config_root_setting(&ours), &tree);
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
	free(text);
	return good;
}
