/* SPDX-License-Identifier: MIT */
/* Nodes of the tree as settings of libconfig, which know where they stand in the files. */
#ifndef SETTING_H
#define SETTING_H

#include <stdint.h>

#include <libconfig.h>

#include "config/tree.h"

/* Add a node with all that is below it to a group or a list; it is borrowed until it is removed. A
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
