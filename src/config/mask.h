/* SPDX-License-Identifier: MIT */
/* Cover what may be a secret in the lines that faults show. */
#ifndef MASK_H
#define MASK_H

#include "fault.h"
#include "source.h"

/* Replace with '*', byte for byte, every value in the lines of `faults` but those of keys that are
 * known and hold no secret; in these, what stands before the '@' of a URL. A line that the source
 * does not have is judged by itself. */
void mask_faults(struct faults *faults, const struct source *source);

#endif
