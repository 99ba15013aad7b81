/* SPDX-License-Identifier: MIT */
/* The steps of a load: the text to a tree, its groups into structs, what no table of keys can say,
 * and the lines that its faults show. */
#ifndef SPECFILE_INTERNAL_H
#define SPECFILE_INTERNAL_H

#include <libconfig.h>
#include <stdint.h>

#include "base/fault.h"
#include "config/keys.h"
#include "config/reader.h"
#include "config/source.h"
#include "config/spec.h"
#include "config/tree.h"

/* grammar.c: read the grammar of libconfig (its manual, "Configuration File Grammar"; a comma may
 * follow the last element, as since 1.7). Each syntax error is added to `faults` at its own place,
 * and what stands around it is still read. The source is borrowed as long as the tree lives. */
void grammar_parse(struct tree *tree, const struct source *source, struct faults *faults);

/* schema.c: read a group (setting.c; NULL: there is none) into `target`, by a table that says all
 * there is to know of each key: what is not there keeps the value it had. `given` has a slot for
 * each row, of which group and field are set. Every fault is reported where it stands. */
void schema_read(const struct reader *reader, const struct keys_group *group,
                 config_setting_t *setting, void *target, struct reader_setting *given);

/* checks.c: judge api's keys, and give its URL the form that requests are built on: no trailing
 * slashes. The files of TLS are read for `source`. */
void checks_judge_api(const struct reader_setting *given, struct spec *spec, struct source *source);

void checks_judge_retry(const struct reader_setting *given, const struct spec *spec);

/* excerpt_mask.c: let each fault show its line as it stands in the file, with a '.' in the place of
 * each byte that is not known to be no secret (SPEC §3): no schedule has one. Brackets, separators,
 * quotes, our keys (secrecy.h) and the values of those that hold no secret stay. A line that the
 * source does not have, or of which too much stands before the fault, is not shown. */
void excerpt_mask_faults(struct faults *faults, const struct source *source);

/* setting.c: nodes of the tree as settings of libconfig, which know where they stand in the files.
 * Add a node with all that is below it to a group or a list; it is borrowed until it is removed. A
 * broken one has no type (CONFIG_TYPE_NONE). What is left out otherwise is not added: then NULL.
 * Arrays are empty, as no key takes one, and so are lists, as there is one only, of which the
 * elements are added one at a time. Aborts where libconfig has no memory. */
config_setting_t *setting_add(config_setting_t *parent, const struct tree *tree, uint32_t node);

/* Add all members of a node, or all elements; 0 is the group of all files. */
void setting_add_members(config_setting_t *parent, const struct tree *tree, uint32_t node);

/* The node that a setting was made of; 0 for the root. */
uint32_t setting_node(const config_setting_t *setting);

/* Wipe the strings that a setting holds: any may be a secret. */
void setting_wipe(config_setting_t *setting);

#endif
