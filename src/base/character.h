/* SPDX-License-Identifier: MIT */
/* Characters that look like a blank, or like nothing, and are neither; and the columns that a
 * terminal takes for UTF-8 text, by wcwidth(3), whatever the locale is. */
#ifndef CHARACTER_H
#define CHARACTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Whether it looks like a blank. */
bool character_is_blank(uint32_t point);

/* "no-break space"; NULL if it can be seen. */
const char *character_name(uint32_t point);

/* Append "U+00A0 (no-break space)"; of a character that can be seen only "U+2026". */
void character_describe(uint32_t point, struct text *out);

/* A byte that is no part of a character counts as one column, as does a control character. */
size_t character_width(const char *bytes, size_t length);

/* The bytes at the start of `bytes` that fit into `columns`: whole characters, with the combining
 * ones that belong to the last. */
size_t character_fit(const char *bytes, size_t length, size_t columns);

#endif
