/* SPDX-License-Identifier: MIT */
/* A plan with one integration for each kind of difference, shown. */
#ifndef PLAN_FIXTURE_H
#define PLAN_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#define PLAN_FIXTURE_NOW INT64_C(1795478400) /* Tue 2026-11-24 00:00 */

/* Show it as lines or as a document; without a list if there is an obstacle ("does not answer").
 * The secret that the server echoes is not in the result, which is given to the caller. */
char *plan_fixture_show(const char *obstacle, bool colour, bool json);

#endif
