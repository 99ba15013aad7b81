/* SPDX-License-Identifier: MIT */
/* The columns that a terminal takes for UTF-8 text, by wcwidth(3), whatever the locale is. */
#ifndef TEXT_WIDTH_H
#define TEXT_WIDTH_H

#include <stddef.h>

/* A byte that is no part of a character counts as one column, as does a control character. */
size_t text_width(const char *bytes, size_t length);

/* The bytes at the start of `bytes` that fit into `columns`: whole characters, with the combining
 * ones that belong to the last. */
size_t text_width_fit(const char *bytes, size_t length, size_t columns);

#endif
