/* SPDX-License-Identifier: MIT */
/* A group of settings into a struct, by a table that says all there is to know of each key. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

#include "base/fault.h"
#include "config/keys.h"
#include "config/tree.h"

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
	const struct keys_group *const
		*schemas; /* all there are, NULL-ended: to suggest another group */
	struct faults *faults;
};

/* Read the group `node`, which libconfig knows as `group`, into `target`: what is not there keeps
 * the value it had. `given` has a place for each row. Every fault is told where it stands. */
void schema_read(const struct schema_reader *reader, const struct keys_group *schema, uint32_t node,
                 config_setting_t *group, void *target, struct schema_given *given);

/* Report that the setting of a row has a fault, at its value. */
void schema_complain(const struct schema_reader *reader, const struct keys_group *group, size_t row,
                     uint32_t node, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same at a place within it. A value that stands apart from its key may be another's, where a
 * comment sign or a quote is wrong, and nothing is said that could repeat it. */
void schema_report(const struct schema_reader *reader, const struct keys_group *group, size_t row,
                   uint32_t node, const struct fault_place *place, const char *sentence);

/* Whether libconfig has read what the tree has; a fault if not. */
bool schema_agrees(const struct schema_reader *reader, uint32_t node,
                   const config_setting_t *setting);

/* A path as seen from the file that a node stands in; given to the caller. */
char *schema_path(const struct schema_reader *reader, uint32_t node, const char *path);

/* One value into the struct (schema_value.c); false if it has a fault, which was told. */
struct schema_value {
	const struct keys_group *schema;
	size_t row;
	uint32_t node;
	const config_setting_t *setting;
};
bool schema_store(const struct schema_reader *reader, const struct schema_value *value,
                  void *target);

#endif
