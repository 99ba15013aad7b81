/* SPDX-License-Identifier: MIT */
/* What to write instead of what the grammar does not take. */
#ifndef ADVICE_H
#define ADVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/keys_type.h"
#include "config/lexer.h"

/* Append a description of a word that may be shown: "'id'", "a string", "U+2026". */
void advice_add_word(const struct lexer_token *word, struct text *out);

/* Append "KEY: " if the key may be shown. */
void advice_add_prefix(const struct lexer_token *key, struct text *out);

/* Whether the value of a key is a text, which may hold blanks. */
bool advice_is_text(const struct lexer_token *key);

/* The bytes of a value that stands without quotes, up to what seems to end it on its line. */
size_t advice_bare_length(const char *value, const char *end);

/* Append what is wrong with such a value, and what to write; the value itself where it may be
 * shown. */
void advice_on_bare(const struct lexer_token *key, const struct lexer_token *value,
                    struct text *out);

/* Append what to write in the place of a word that is no boolean or number, though the key takes
 * one: "write true". False, and nothing is appended, if that is not known. */
bool advice_on_word(const struct keys_field *field, const struct lexer_token *word,
                    struct text *out);

/* What is wrong with a string that another program would have replaced by something else, as
 * "${HOME}" or "{{ name }}"; NULL if it is none. */
const char *advice_on_string(const char *string);

#endif
