/* SPDX-License-Identifier: MIT */
/* Nodes of the tree as settings of libconfig, which know where they stand in the files. */
#ifndef SETTING_H
#define SETTING_H

#include <stdint.h>

#include <libconfig.h>

#include "config/tree.h"

/* Add a node with all that is below it to a group or a list; it is borrowed until it is removed. A
 * broken one has no type (CONFIG_TYPE_NONE). What is left out otherwise is not added: then NULL.
 * Arrays are empty, as no key takes one, and so is the list `apart` (0: none). Aborts where
 * libconfig has no memory. */
config_setting_t *setting_add(config_setting_t *parent, const struct tree *tree, uint32_t node,
                              uint32_t apart);

/* The same for the members of the group of all files. */
void setting_add_all(config_t *config, const struct tree *tree, uint32_t apart);

/* The node that a setting was made of; 0 for the root. */
uint32_t setting_node(const config_setting_t *setting);

/* Wipe the strings that a setting holds: any may be a secret. */
void setting_wipe(config_setting_t *setting);

#endif
