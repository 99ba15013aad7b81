/* SPDX-License-Identifier: MIT */
/* What a table says of a key. */
#ifndef KEYS_TYPE_H
#define KEYS_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYS_TEXT_MAX 1024 /* bytes of a KEYS_TYPE_TEXT */
/* A second: one in 28 hours; what is slower is taken for a slip. The cast takes off what 32 bits
 * keep beyond a double. */
#define KEYS_NUMBER_LEAST ((double)1e-5)

/* What is stored at the field's offset. Strings there are owned, and replaced. */
enum keys_type {
	KEYS_TYPE_URL,    /* char *: as it stands; its rules are those of checks.c */
	KEYS_TYPE_TEXT,   /* char *: printable, KEYS_TEXT_MAX at most */
	KEYS_TYPE_PATH,   /* char *: relative to the file that names it; NULL for "" */
	KEYS_TYPE_CRON,   /* char *: a cron expression as written; NULL for false */
	KEYS_TYPE_BOOL,   /* bool */
	KEYS_TYPE_INT,    /* int64_t within [min, max] */
	KEYS_TYPE_NUMBER, /* double within [min, max]: 0, or KEYS_NUMBER_LEAST at least */
	KEYS_TYPE_SPAN,   /* int64_t: milliseconds, 1 at least */
	KEYS_TYPE_WORD,   /* int (or an enum): the value of one of `words` */
	KEYS_TYPE_SECRET, /* nothing: a string that reader_setting has */
	KEYS_TYPE_GROUP,  /* nothing: reader_setting has it */
	KEYS_TYPE_LIST,   /* likewise */
};

struct keys_word {
	const char *word; /* NULL ends a list */
	int value;
};

struct keys_field {
	const char *key; /* first (suggest_row()); NULL: a row that this group does not have */
	enum keys_type type;
	size_t offset;
	bool required;
	const char *hint; /* ends the sentence "missing"; NULL: nothing to add */
	int64_t min;
	int64_t max;
	const struct keys_word *words;
};

struct keys_group {
	const char *prefix; /* before a key in a sentence: "api."; "" where the place says enough */
	const char *path;   /* before a key in a list of keys: "integrations[]." */
	const struct keys_field *fields;
	size_t count;
};

#endif
