/* SPDX-License-Identifier: MIT */
/* Names that people write for our keys: other programs' names, the API's, longer and shorter ones.
 */
#ifndef ALIAS_H
#define ALIAS_H

#include "config/keys.h"

/* The key of `group` (NULL: of any) that an alias, or a name near one (suggest.h), is written for;
 * NULL if none is known. */
const char *alias_find(const struct keys_group *group, const char *name);

#endif
