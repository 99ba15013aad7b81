/* SPDX-License-Identifier: MIT */
/* The grammar of libconfig, read to a tree with every syntax error. */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include "base/fault.h"
#include "config/source.h"
#include "config/tree.h"

/* Read the grammar of libconfig (its manual, "Configuration File Grammar"; a comma may follow the
 * last element, as since 1.7). Each syntax error is added to `faults` at its own place, and what
 * stands around it is still read. The source is borrowed as long as the tree lives. */
void grammar_parse(struct tree *tree, const struct source *source, struct faults *faults);

#endif
