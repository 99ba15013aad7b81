/* SPDX-License-Identifier: MIT */
/* Characters that look like a blank, or like nothing, and are neither. */
#ifndef CHARACTER_H
#define CHARACTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

bool character_is_invisible(uint32_t point);

/* Whether it is one of these that takes room. */
bool character_is_blank(uint32_t point);

/* "no-break space"; NULL if it can be seen. */
const char *character_name(uint32_t point);

/* Append "U+00A0 (no-break space)"; of a character that can be seen only "U+2026". */
void character_describe(uint32_t point, struct text *out);

#endif
