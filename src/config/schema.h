/* SPDX-License-Identifier: MIT */
/* A group of settings into a struct, by a table that says all there is to know of each key. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

#include "base/fault.h"
#include "config/tree.h"

#define SCHEMA_TEXT_MAX 1024 /* bytes of a SCHEMA_TEXT */

/* What is stored at the field's offset. Strings there are owned, and replaced. */
enum schema_type {
	SCHEMA_STRING, /* char *: as it stands; its rules are elsewhere */
	SCHEMA_TEXT,   /* char *: printable, SCHEMA_TEXT_MAX at most */
	SCHEMA_PATH,   /* char *: relative to the file that names it; NULL for "" */
	SCHEMA_CRON,   /* char *: a cron expression as written; NULL for false */
	SCHEMA_BOOL,   /* bool */
	SCHEMA_INT,    /* int64_t within [min, max] */
	SCHEMA_NUMBER, /* double within [min, max] */
	SCHEMA_SPAN,   /* int64_t: milliseconds, 1 at least */
	SCHEMA_WORD,   /* int (or an enum): the value of one of `error_text` */
	SCHEMA_SECRET, /* nothing: a string that only schema_given lends */
	SCHEMA_GROUP,  /* nothing: schema_given lends it */
	SCHEMA_LIST,   /* likewise */
};

struct schema_word {
	const char *word; /* NULL ends a list */
	int value;
};

struct schema_field {
	const char *key; /* NULL: a row that this group does not have */
	enum schema_type type;
	size_t offset;
	bool required;
	const char *hint; /* ends the sentence "missing"; NULL: nothing to add */
	int64_t min;
	int64_t max;
	const struct schema_word *words;
};

struct schema {
	const char *prefix; /* before a key in a sentence: "api."; "" where the place says enough */
	const char *path;   /* before a key in a list of keys: "integrations[]." */
	const struct schema_field *fields;
	size_t count;
};

/* What one row of the table found. */
struct schema_given {
	uint32_t node;             /* 0: the key is not there */
	bool is_bad;               /* it is there, and was told as a fault */
	bool is_guess;             /* a misspelt key was told that may be meant for it */
	const char *string;        /* borrowed from libconfig; NULL: no string */
	config_setting_t *setting; /* borrowed; NULL: libconfig does not have it */
};

struct schema_reader {
	const struct tree *tree;
	const struct schema *const
		*schemas; /* all there are, NULL-ended: to suggest another group */
	struct faults *faults;
};

/* Read the group `node`, which libconfig knows as `group`, into `target`: what is not there keeps
 * the value it had. `given` has a place for each row. Every fault is told where it stands. */
void schema_read(const struct schema_reader *reader, const struct schema *schema, uint32_t node,
                 config_setting_t *group, void *target, struct schema_given *given);

/* Tell that the setting of a row has a fault, at its value. */
void schema_complain(const struct schema_reader *reader, const struct schema *schema, size_t row,
                     uint32_t node, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Whether libconfig has read what the tree has; a fault if not. */
bool schema_agrees(const struct schema_reader *reader, uint32_t node,
                   const config_setting_t *setting);

/* A path as seen from the file that a node stands in; given to the caller. */
char *schema_path(const struct schema_reader *reader, uint32_t node, const char *path);

/* One value into the struct (schema_value.c); false if it has a fault, which was told. */
struct schema_value {
	const struct schema *schema;
	size_t row;
	uint32_t node;
	const config_setting_t *setting;
};
bool schema_store(const struct schema_reader *reader, const struct schema_value *value,
                  void *target);

#endif
