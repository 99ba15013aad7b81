/* SPDX-License-Identifier: MIT */
/* A fault shows the line it is about, and an integration that stands on one line may hold its token
 * there, perhaps under a misspelt key, perhaps as a name or a comment, where a quote is missing. So
 * all is covered at first, and only what is known is shown again. The line is read by itself: were
 * it read wrongly, as what is inside of strings by mistake, nothing more would show, as neither a
 * string nor a number is shown but right behind a known key. What begins within a comment or a
 * string of several lines is shown not at all. */
#include "config/specfile_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"
#include "base/mem.h"
#include "config/lexer.h"
#include "config/secrecy.h"

#define COVER      '.'
#define LENGTH_MAX 4096 /* bytes read of a line; a fault further right shows none */

/* A line, and the copy of it that is shown. */
struct excerpt {
	const char *line;
	const char *end;
	char *shown;
	struct lexer_token previous;
	bool is_lost; /* a quote may be wrong, and inside and outside be exchanged */
};

/* What cannot be seen stays covered, so that it is. */
static void uncover(struct excerpt *excerpt, const char *from, const char *to)
{
	for (const char *at = from; at < to;) {
		uint32_t point = 0;
		size_t length = text_decode(at, (size_t)(to - at), &point);
		bool is_invisible = length > 0 && character_name(point) != NULL;

		length = length > 0 ? length : 1;
		if (!is_invisible)
			memcpy(excerpt->shown + (at - excerpt->line), at, length);
		at += length;
	}
}

static void cover(struct excerpt *excerpt, const char *from, const char *to)
{
	for (const char *at = from; at < to; at++) {
		if (*at != ' ' && *at != '\t')
			excerpt->shown[at - excerpt->line] = COVER;
	}
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

static bool is_blank_at(const struct excerpt *excerpt, const char *at)
{
	return at < excerpt->line || at >= excerpt->end || *at == ' ' || *at == '\t';
}

/* A word, or a text up to where it may end. */
static const char *value_end(const struct excerpt *excerpt, const char *value, bool is_quoted,
                             bool is_word)
{
	const char *stop = value + secrecy_value_length(value, excerpt->end, is_quoted);

	for (const char *at = value; is_word && at < stop; at++) {
		if (*at == ' ' || *at == '\t' || *at == ',')
			return at;
	}
	return stop;
}

/* Returns where the value is cut off, or what follows its quote where it has only one; NULL if
 * neither is so. */
static const char *show_value(struct excerpt *excerpt, const char *after_key,
                              enum secrecy_value kind)
{
	const char *value = skip_blanks(after_key, excerpt->end);
	bool is_quoted = value < excerpt->end && *value == '"';
	struct secrecy_part hidden;
	const char *stop, *past;

	value += is_quoted;
	stop = value_end(excerpt, value, is_quoted, kind == SECRECY_WORD);
	uncover(excerpt, after_key - 1, stop);
	hidden = secrecy_find_userinfo(value, stop, excerpt->end, kind == SECRECY_URL);
	cover(excerpt, hidden.start, hidden.end);
	past = stop + (is_quoted && stop < excerpt->end && *stop == '"');
	if (past < excerpt->end && (*past == ';' || *past == ','))
		uncover(excerpt, past, past + 1);
	if (stop == excerpt->end || (*stop == '"') == is_quoted)
		return NULL;
	uncover(excerpt, stop, stop + 1);
	return is_quoted ? stop : stop + 1;
}

/* Behind the equals sign of a key that ends at `at`; NULL if there is none. */
static const char *after_equals(const struct excerpt *excerpt, const char *at)
{
	at = skip_blanks(at, excerpt->end);
	return at < excerpt->end && (*at == '=' || *at == ':') ? at + 1 : NULL;
}

/* The same of the value of a name, which ends at `end`, where there is a value behind `past`. */
static const char *show_name(struct excerpt *excerpt, const char *name, const char *end,
                             const char *past)
{
	const char *value = after_equals(excerpt, past);
	enum secrecy_value kind = secrecy_value_of(name, (size_t)(end - name));
	bool is_alone = is_blank_at(excerpt, name - 1) &&
	                (is_blank_at(excerpt, end) || *end == ';' || *end == ',');

	if ((value == NULL && (excerpt->is_lost || !is_alone)) ||
	    !secrecy_may_name(name, (size_t)(end - name)))
		return NULL;
	uncover(excerpt, name, end);
	if (value == NULL || kind == SECRECY_HIDDEN)
		return NULL;
	return show_value(excerpt, value, kind);
}

/* JSON's keys are strings. */
static void show_string(struct excerpt *excerpt, const struct lexer_token *token)
{
	const char *last = token->start + token->length - 1;

	uncover(excerpt, token->start, token->start + 1);
	if (token->kind == LEXER_OPEN_STRING)
		return;
	uncover(excerpt, last, last + 1);
	if (after_equals(excerpt, last + 1) != NULL)
		(void)show_name(excerpt, token->start + 1, last, last + 1);
}

static void show_include(struct excerpt *excerpt)
{
	static const char word[] = "@include";
	const char *at = skip_blanks(excerpt->line, excerpt->end);
	const char *path = at + sizeof(word) - 1;
	const char *stop;
	bool is_quoted;

	if (path > excerpt->end || memcmp(at, word, sizeof(word) - 1) != 0)
		return;
	uncover(excerpt, at, path);
	path = skip_blanks(path, excerpt->end);
	is_quoted = path < excerpt->end && *path == '"';
	stop = path + is_quoted + secrecy_value_length(path + is_quoted, excerpt->end, true);
	uncover(excerpt, path, is_quoted ? stop : path + strcspn(path, " \t;=\"\\\r\n"));
	if (is_quoted && stop < excerpt->end && *stop == '"')
		uncover(excerpt, stop, stop + 1);
}

/* Where a line is in disorder, brackets and separators may be of a secret too, but for one or two
 * between blanks. */
static void show_punctuation(struct excerpt *excerpt, const char *at)
{
	const char *end = at + 1;

	if (!excerpt->is_lost) {
		uncover(excerpt, at, end);
		return;
	}
	end += !is_blank_at(excerpt, end) && strchr(";,})]", *end) != NULL;
	if (is_blank_at(excerpt, at - 1) && is_blank_at(excerpt, end))
		uncover(excerpt, at, end);
}

/* A sign by itself, or the mark of a merge; others may be of a secret. */
static void show_stray(struct excerpt *excerpt, const struct lexer_token *token)
{
	if (token->start == excerpt->line && strspn(token->start, "<") == 7)
		uncover(excerpt, token->start, token->start + 7);
	else if (token->length == 1 && !excerpt->is_lost && ispunct((unsigned char)*token->start) &&
	         is_blank_at(excerpt, token->start - 1) && is_blank_at(excerpt, token->start + 1))
		uncover(excerpt, token->start, token->start + 1);
}

/* The same of the value that starts behind this word. */
static const char *show_token(struct excerpt *excerpt, const struct lexer_token *token)
{
	const char *end = token->start + token->length;

	if (token->kind == LEXER_NAME)
		return show_name(excerpt, token->start, end, end);
	if (token->kind == LEXER_STRING || token->kind == LEXER_OPEN_STRING)
		show_string(excerpt, token);
	else if (token->kind == LEXER_PUNCTUATION)
		show_punctuation(excerpt, token->start);
	else if (token->kind == LEXER_BOOLEAN && !excerpt->is_lost)
		uncover(excerpt, token->start, end);
	else if (token->kind == LEXER_OPEN_COMMENT)
		uncover(excerpt, token->start, token->start + 2);
	else if (token->kind == LEXER_STRAY)
		show_stray(excerpt, token);
	return NULL;
}

/* Whether a line is in disorder from this word on: a string stands where none can, something
 * touches its end, or what only a value can be is none. */
static bool is_out_of_step(const struct excerpt *excerpt, const struct lexer_token *token)
{
	const struct lexer_token *previous = &excerpt->previous;
	bool touches =
		previous->start != NULL && previous->start + previous->length == token->start;
	bool is_value = previous->kind == LEXER_PUNCTUATION && previous->start != NULL &&
	                strchr("=:,([{;", *previous->start) != NULL;

	if (token->kind == LEXER_STRAY)
		return true;
	if (token->kind == LEXER_NAME &&
	    after_equals(excerpt, token->start + token->length) == NULL)
		return true;
	if (previous->start == NULL || previous->kind == LEXER_STRING)
		return touches && token->kind != LEXER_PUNCTUATION && token->kind != LEXER_END;
	return (token->kind == LEXER_STRING || token->kind == LEXER_INTEGER ||
	        token->kind == LEXER_FLOAT) &&
	       !is_value;
}

/* Whether a name stands where a value does: what follows it is not its own. */
static bool is_value(const struct excerpt *excerpt, const struct lexer_token *token)
{
	const struct lexer_token *previous = &excerpt->previous;

	return token->kind == LEXER_NAME && previous->start != NULL &&
	       previous->kind == LEXER_PUNCTUATION && strchr("=:", *previous->start) != NULL;
}

/* Whether the string that goes on at `cut` has lost its quote. */
static bool lacks_quote(const struct excerpt *excerpt, const char *cut)
{
	const char *quote = memchr(cut, '"', (size_t)(excerpt->end - cut));

	return quote == NULL || keys_before_equals(cut, quote) != NULL;
}

/* Where a string has lost its quote, the line goes on as if it had not. */
static void show_tokens(struct excerpt *excerpt)
{
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, excerpt->line, (size_t)(excerpt->end - excerpt->line));
	do {
		const char *cut;

		token = lexer_next(&lexer);
		excerpt->is_lost = excerpt->is_lost || is_value(excerpt, &token);
		cut = show_token(excerpt, &token);
		excerpt->is_lost = excerpt->is_lost || is_out_of_step(excerpt, &token);
		excerpt->previous = token;
		if (cut != NULL && lacks_quote(excerpt, cut)) {
			lexer_init(&lexer, cut, (size_t)(excerpt->end - cut));
			excerpt->previous.start = NULL;
		}
	} while (token.kind != LEXER_END);
}

/* Given to the caller. */
static char *mask_line(const char *line, size_t length, bool is_covered)
{
	struct excerpt excerpt = {
		.line = line,
		.end = line + length,
		.shown = mem_dup_bytes(line, length),
	};

	cover(&excerpt, excerpt.line, excerpt.end);
	if (!is_covered) {
		show_include(&excerpt);
		show_tokens(&excerpt);
	}
	return excerpt.shown;
}

/* lines that begin amid something */

/* Note of each line of the joined text whether it begins within a string or a comment. */
static bool *find_inner_lines(const struct source *source)
{
	bool *inner = mem_alloc(source->line_count + 1, sizeof(*inner));
	const char *text = source->text != NULL ? source->text : "";
	size_t line = 0;
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, text, source->length);
	lexer.keeps_comments = true;
	do {
		token = lexer_next(&lexer);
		while (line < source->line_count &&
		       text + source->lines[line].start < token.start + token.length) {
			inner[line] = text + source->lines[line].start > token.start;
			line++;
		}
	} while (token.kind != LEXER_END);
	return inner;
}

static void mask_entry(struct fault_entry *entry, const struct source *source, const bool *inner)
{
	size_t index = source_find_line(source, entry->file, entry->line);
	const char *line;
	size_t length;
	char *shown;

	if (index == source->line_count || entry->column > LENGTH_MAX) {
		mem_free_secret(entry->source);
		entry->source = NULL;
		return;
	}
	line = source_line_text(source, index);
	length = strcspn(line, "\r\n");
	length = length < LENGTH_MAX ? length : LENGTH_MAX;
	shown = mask_line(line, length, inner[index]);
	fault_show_line(entry, shown, length);
	free(shown);
}

void excerpt_mask_faults(struct faults *faults, const struct source *source)
{
	bool *inner = NULL;

	for (size_t i = 0; i < faults->count; i++) {
		if (faults->entries[i].source == NULL)
			continue;
		if (inner == NULL)
			inner = find_inner_lines(source);
		mask_entry(&faults->entries[i], source, inner);
	}
	free(inner);
}
