/* SPDX-License-Identifier: MIT */
/* Values without brackets: strings, numbers, booleans. */
#ifndef SCALAR_H
#define SCALAR_H

#include <stdint.h>

#include "config/parser.h"

/* Take the next word, of one of these kinds, and give the node its kind and its value; a fault of
 * it is reported, and leaves the node broken. */
void scalar_parse(struct parser *parser, uint32_t node);

#endif
