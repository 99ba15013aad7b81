/* SPDX-License-Identifier: MIT */
/* The words of a text one by one, the nodes that are made of them, and the way on behind a fault.
 */
#ifndef PARSER_H
#define PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "config/lexer.h"
#include "config/source.h"
#include "config/tree.h"

struct parser {
	struct tree *tree;
	const struct source *source;
	struct faults *faults;
	struct lexer lexer;
	struct lexer_token token;    /* the next one, not yet taken */
	struct lexer_token previous; /* the last one that was taken */
	char awaited[TREE_DEPTH_MAX];
	int depth;
	struct lexer_token key; /* what a value is being read for; no length: nothing */
	bool has_quoted_key;    /* as in JSON; reported once */
	bool full;              /* TREE_NODES_MAX was reached: nothing more is read */
};

/* The next word: punctuation, one of these, or the end. */
bool parser_is(const struct parser *parser, const char *punctuations);
bool parser_at_end(const struct parser *parser);

/* Take the next word. */
void parser_advance(struct parser *parser);

/* Whether what comes next is a name with an equals sign, and so begins a setting; begins a value.
 */
bool parser_begins_setting(const struct parser *parser);
bool parser_begins_value(const struct parser *parser);

/* Whether a top-level key begins the line within an open bracket, of which the end is missing. */
bool parser_has_lost_bracket(const struct parser *parser);

/* Whether a bracket comes next that something open waits for; the end closes everything, and so
 * does a lost bracket. */
bool parser_closes(const struct parser *parser);

/* Report a syntax error at `token`, unless there is one. The sentence is `before`, then a
 * description of the word `shown` (NULL: none), then `after`. */
void parser_complain(struct parser *parser, const struct lexer_token *token, const char *before,
                     const struct lexer_token *shown, const char *after);

/* Where something is missing: the word that stands there instead, or, where that is on another
 * line, the one after which it is missing. */
const struct lexer_token *parser_gap(const struct parser *parser);

/* Borrowed until the next parser_add(). */
struct tree_node *parser_node(const struct parser *parser, uint32_t node);

/* Add a broken node; `name` NULL is none. */
uint32_t parser_add(struct parser *parser, uint32_t parent, const struct lexer_token *name);

/* Give a node its kind, and the next word as its value. */
void parser_fill(struct parser *parser, uint32_t node, enum tree_kind kind);

/* Take the next word, of a value without brackets, and give the node its kind and its value; a
 * fault of it is reported, and leaves the node broken. */
void parser_read_scalar(struct parser *parser, uint32_t node);

/* Skip a word, a bracket with all that is in it; what belongs to a statement, or an element, that
 * makes no sense. */
void parser_skip_word(struct parser *parser);
void parser_skip_statement(struct parser *parser);
void parser_skip_element(struct parser *parser);

/* notation.c: what is written in another language where a setting should begin, said as what it is.
 * Each looks at the next word. If it begins what the name says, that is reported and skipped, and
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
