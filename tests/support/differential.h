/* SPDX-License-Identifier: MIT */
/* Our grammar beside libconfig's own parser. */
#ifndef SUPPORT_DIFFERENTIAL_H
#define SUPPORT_DIFFERENTIAL_H

#include <stdbool.h>

/* Whether both read the text alike, or differ for a reason that is known; else both are printed.
 * `reason` is how it went: "values" where both take it, and is borrowed for ever. */
bool differential_compare(const char *text, const char **reason);

#endif
