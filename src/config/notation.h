/* SPDX-License-Identifier: MIT */
/* What is written in another language where a setting should begin: said as what it is. */
#ifndef NOTATION_H
#define NOTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "config/parser.h"

/* Each looks at the next word. If it begins what the name says, that is reported and skipped, and
 * the result is true; else nothing happens. */

/* The section of an INI or TOML file, a line of YAML: nothing of such a file is read on. */
bool notation_skip_file(struct parser *parser);

/* The same where a value is missing behind a colon: the next line is YAML's. */
bool notation_skip_yaml(struct parser *parser);

/* A comment that begins with ';', "--", '%', "<!--" or an apostrophe. */
bool notation_skip_comment(struct parser *parser);

/* "log.level = …", "indexing cron = …", "include "…"". */
bool notation_skip_setting(struct parser *parser);

/* What to write instead of the next word, a brace where a key of `group` is expected, as the end of
 * a sentence; "" if that is not known. */
const char *notation_remedy(const struct parser *parser, uint32_t group);

#endif
