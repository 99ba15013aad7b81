/* SPDX-License-Identifier: MIT */
/* Cover what may be a secret in the lines that faults show. */
#ifndef EXCERPT_MASK_H
#define EXCERPT_MASK_H

#include "base/fault.h"
#include "config/source.h"

/* Replace with '*', byte for byte, every value in the lines of `faults` but those of keys that are
 * known and hold no secret; in these, what stands before the '@' of a URL. A line that the source
 * does not have is judged by itself. */
void excerpt_mask_faults(struct faults *faults, const struct source *source);

#endif
