/* SPDX-License-Identifier: MIT */
/* What the tests of the source share: files, and what came of a load. */
#ifndef SOURCE_FIXTURE_H
#define SOURCE_FIXTURE_H

#include "config/source.h"

/* Write a file, or write it anew. */
void source_fixture_write(const char *path, const char *text);

/* "FILE:LINE:COLUMN+WIDTH TEXT", a line for each. Given. */
char *source_fixture_faults(struct faults *faults);

/* "FILE:LINE|TEXT", as source_place() finds each line's first byte. Given. */
char *source_fixture_lines(const struct source *source);

/* Load "x.conf" and compare its faults, its lines and what is watched; NULL is not compared. */
void source_fixture_assert(const char *faults, const char *lines, const char *watched);

#endif
