/* SPDX-License-Identifier: MIT */
/* From a lost quote on, inside and outside are exchanged until another one is lost, or the file
 * ends. What gives the culprit away is a string that ends in "key = " and runs into a word: the
 * quote at its end opens a value. If it also begins as what stands between two settings ("; …"),
 * then the quote at its start was meant as the end of a value, which lacks its own start, or has a
 * quote in its middle. Otherwise it is the string itself that lacks its end. A string that runs
 * over its line and into a word is suspect whatever is in it, and so is one that never ends. */
#include "config/file_text.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "config/keys.h"

#define CLOSING_MISSING "unterminated string: its closing quote is missing"
#define CLOSING_ESCAPED CLOSING_MISSING " (\\\" is a quote within the text)"
#define OPENING_MISSING "this string's opening quote is missing"
#define QUOTE_WITHIN    "a quote in the middle of a string; write \\\" for it, or remove it"
#define QUOTE_TOO_MANY  "one quote too many"
#define SINGLE_QUOTES   "a string stands in double quotes: \"\""
#define TYPOGRAPHIC     "a typographic quote; a string stands in straight ones: \"\""

/* Whether a word goes on where a string ends; the text is NUL-ended. */
static bool runs_into_word(const char *at)
{
	if (*at == '/')
		return at[1] != '/' && at[1] != '*';
	return *at != '\0' && strchr(" \t\r\n\f;,)}]#\"", *at) == NULL;
}

/* The end of a value of which only the start is known: before the next key on its line, or before
 * what usually ends a line. */
static const char *value_end(const struct file_text *file_text, const char *start)
{
	const char *line_end = file_text_line_end(file_text, start);
	const char *end = line_end;

	for (const char *at = start + 1; at < line_end; at++) {
		const char *key =
			*at == '=' || *at == ':' ? keys_before_equals(start + 1, at + 1) : NULL;

		if (key != NULL) {
			end = key;
			break;
		}
	}
	while (end > start + 1 && strchr(" \t;,)}]", end[-1]) != NULL)
		end--;
	return end;
}

static void set_unterminated(struct file_quotes *quotes, const char *start)
{
	const char *end = value_end(quotes->file_text, start);
	bool is_escaped = end > start + 2 && end[-1] == '"' && end[-2] == '\\';

	file_text_set_repair(quotes->file_text, is_escaped ? CLOSING_ESCAPED : CLOSING_MISSING,
	                     start, end);
}

/* The quote at `quote` was meant to end a value; `value` is on the same line. */
static void set_bad_value(struct file_quotes *quotes, const char *quote)
{
	struct file_text *file_text = quotes->file_text;
	const char *value = quotes->value;
	const char *middle = *value == '"' ? strchr(value + 1, '"') : quote;
	struct file_text_repair *repair;

	if (middle < quote)
		repair = file_text_set_repair(file_text, QUOTE_WITHIN, middle, middle + 1);
	else
		repair = file_text_set_repair(file_text, OPENING_MISSING, value, quote);
	repair->fill_from = value;
	repair->fill_to = quote + 1;
}

/* Whether a string begins as what stands behind a value. */
static bool begins_outside(const struct lexer_token *token, const char *key)
{
	const char *at = token->start + 1;

	while (at < key && isspace((unsigned char)*at))
		at++;
	return at == key || strchr(";,)}]", *at) != NULL;
}

static bool is_on_line_of_value(const struct file_quotes *quotes, const char *quote)
{
	return quotes->value != NULL && quotes->value < quote &&
	       memchr(quotes->value, '\n', (size_t)(quote - quotes->value)) == NULL;
}

/* A string that ends in "key = " and runs into a word. */
static void judge_exchanged(struct file_quotes *quotes, const struct lexer_token *token,
                            const char *key)
{
	bool is_outside = begins_outside(token, key);
	struct file_text *file_text = quotes->file_text;
	const char *start = token->start;

	if (is_outside && quotes->previous.kind == LEXER_STRING)
		file_text_set_repair(file_text, QUOTE_TOO_MANY, start, start + 1)->fill = ' ';
	else if (is_outside && is_on_line_of_value(quotes, start))
		set_bad_value(quotes, start);
	else
		set_unterminated(quotes, start);
}

/* Whether the word at `at` is no key, and another quote follows it on its line. */
static bool is_quoted_again(const char *at)
{
	const char *end = at + strcspn(at, "\";,=:\n");

	return *end == '"';
}

static void note_string(struct file_quotes *quotes, const struct lexer_token *token)
{
	const char *past = token->start + token->length;
	struct file_text_repair *repair;
	const char *key;

	if (runs_into_word(past)) {
		key = keys_before_equals(token->start + 1, past - 1);
		if (key != NULL) {
			judge_exchanged(quotes, token, key);
			return;
		}
		if (is_on_line_of_value(quotes, past) && quotes->value == token->start &&
		    is_quoted_again(past)) {
			repair = file_text_set_repair(quotes->file_text, QUOTE_WITHIN, past - 1,
			                              past);
			repair->fill_from = token->start;
			repair->fill_to = value_end(quotes->file_text, token->start);
			return;
		}
	}
	if (quotes->chain == NULL && memchr(token->start, '\n', token->length) != NULL)
		quotes->chain = token->start;
	if (quotes->chain != NULL && runs_into_word(past))
		set_unterminated(quotes, quotes->chain);
	if (*past != '"')
		quotes->chain = NULL;
}

/* The bytes of a quote that is not ours: typographic, or single; 0 if there is none. */
static size_t foreign_quote(const char *at)
{
	static const uint32_t quotes[] = {'\'',   '`',    0xab,   0xbb,   0x2018,
	                                  0x2019, 0x201a, 0x201c, 0x201d, 0x201e};
	uint32_t point = 0;
	size_t length = text_decode(at, strnlen(at, 4), &point);

	for (size_t i = 0; i < sizeof(quotes) / sizeof(*quotes) && length > 0; i++) {
		if (quotes[i] == point)
			return length;
	}
	return 0;
}

/* "“Mode”", from its first quote to its last, or as far as a value can go. */
static void judge_foreign(struct file_quotes *quotes, const struct lexer_token *token)
{
	const char *end = value_end(quotes->file_text, token->start);

	for (const char *at = token->start + foreign_quote(token->start); at < end; at++) {
		size_t length = *at == '"' ? 1 : foreign_quote(at);

		if (length > 0 && strchr(" \t\r\n;,)}]", at[length]) != NULL)
			end = at + length;
	}
	file_text_set_repair(quotes->file_text,
	                     (*token->start & 0x80) != 0 ? TYPOGRAPHIC : SINGLE_QUOTES,
	                     token->start, end);
}

static bool opens_value(const struct lexer_token *token)
{
	return token->kind == LEXER_PUNCTUATION && strchr("=:(,[", *token->start) != NULL;
}

/* A colon behind a word that is no key belongs to a text without quotes. */
static void note_punctuation(struct file_quotes *quotes, const struct lexer_token *token)
{
	const struct lexer_token *name = &quotes->previous;

	if (name->kind != LEXER_NAME || (*token->start != '=' && *token->start != ':'))
		return;
	if (*token->start == ':' && keys_find(name->start, name->length) == NULL)
		return;
	quotes->value = token->start + 1;
	quotes->value += strspn(quotes->value, " \t");
}

void file_quotes_note(struct file_quotes *quotes, const struct lexer_token *token)
{
	if (quotes->file_text->repair.sentence != NULL)
		return;
	if (token->kind == LEXER_STRING)
		note_string(quotes, token);
	else if (token->kind == LEXER_OPEN_STRING)
		set_unterminated(quotes, token->start);
	else if (token->kind == LEXER_PUNCTUATION)
		note_punctuation(quotes, token);
	else if (token->kind == LEXER_STRAY && opens_value(&quotes->previous) &&
	         foreign_quote(token->start) > 0)
		judge_foreign(quotes, token);
	quotes->previous = *token;
}
