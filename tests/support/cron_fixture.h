/* SPDX-License-Identifier: MIT */
/* What the tests of cron share: an expression that must be valid, and the fault of one that is not.
 */
#ifndef CRON_FIXTURE_H
#define CRON_FIXTURE_H

#include "cron/cron.h"
#include "cron/cron_slice.h"

/* Parse an expression; the test fails, with the fault's text, if it is none. */
struct cron cron_fixture_parse(const char *expression);

/* Compare a fault that was set while `expression` was read; the test fails if it is another. */
void cron_fixture_assert_fault(const char *expression, const struct cron_fault *fault,
                               const char *text, size_t offset, size_t width);

/* Write what a fault offers instead of `expression`: the marked bytes replaced after "did you
 * mean", the whole after "write" and "the nearest is". False if it offers no text. */
bool cron_fixture_remedy(const char *expression, const struct cron_fault *fault,
                         char remedy[2 * CRON_TEXT_MAX]);

#endif
