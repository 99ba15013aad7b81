/* SPDX-License-Identifier: MIT */
/* Cover what may be a secret in the lines that faults show. */
#ifndef EXCERPT_MASK_H
#define EXCERPT_MASK_H

#include "base/fault.h"
#include "config/source.h"

/* Let each fault show its line as it stands in the file, with a '.' in the place of each byte that
 * is not known to be no secret (SPEC §3): no schedule has one. Brackets, separators, quotes, our
 * keys (secrecy.h) and the values of those that hold no secret stay. A line that the source does
 * not have, or of which too much stands before the fault, is not shown. */
void excerpt_mask_faults(struct faults *faults, const struct source *source);

#endif
