/* SPDX-License-Identifier: MIT */
/* A fault shows the line it is about, and an integration that stands on one line may hold its token
 * there, perhaps under a misspelt key. So what is shown is decided by what is known: the values of
 * known keys that hold no secret stay, all others are covered. The words are judged in the joined
 * text, where it is known how a line begins: within a string or outside. */
#include "mask.h"

#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "lex.h"
#include "mem.h"

static void cover(char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != '\n' && bytes[i] != '\t' && bytes[i] != '\r')
			bytes[i] = '*';
}

/* The quotes stay where they are. */
static void cover_string(char *bytes, const struct lex_token *token)
{
	size_t quotes = token->kind == LEX_STRING ? 2 : 1;
	cover(bytes + 1, token->length - quotes);
}

static void cover_userinfo(char *bytes, size_t length)
{
	char *scheme = memmem(bytes, length, "://", 3);
	char *at = memrchr(bytes, '@', length);
	if (scheme && at && at > scheme + 3)
		cover(scheme + 3, (size_t)(at - scheme) - 3);
}

static bool begins_setting(const struct lex *lex)
{
	struct lex ahead = *lex;
	struct lex_token token = lex_next(&ahead);
	return token.kind == LEX_PUNCTUATION && (*token.start == '=' || *token.start == ':');
}

/* Cover one word; `hides` says whether it belongs to a key that may not be shown, and what follows
 * it does. */
static bool judge(const struct lex *lex, const struct lex_token *token, char *bytes, bool hides)
{
	switch (token->kind) {
	case LEX_STRING:
	case LEX_OPEN_STRING:
		if (hides)
			cover_string(bytes, token);
		else
			cover_userinfo(bytes, token->length);
		return hides;
	case LEX_NAME:
		if (begins_setting(lex))
			return !keys_may_show(token->start, token->length);
		if (hides)
			cover(bytes, token->length);
		return hides || !keys_may_show(token->start, token->length);
	case LEX_INTEGER:
	case LEX_FLOAT:
	case LEX_STRAY:
		if (hides)
			cover(bytes, token->length);
		return hides;
	case LEX_PUNCTUATION:
		return hides && *token->start != ';' && *token->start != '}';
	case LEX_INCLUDE:
	case LEX_BOOLEAN:
	case LEX_OPEN_COMMENT:
	case LEX_END:
		return hides;
	}
	return hides;
}

/* A copy of `text`, covered. */
static char *covered(const char *text, size_t length, bool hides)
{
	char *copy = mem_dup_bytes(text, length);
	struct lex lex;
	lex_init(&lex, text, length);
	for (struct lex_token token = lex_next(&lex); token.kind != LEX_END; token = lex_next(&lex))
		hides = judge(&lex, &token, copy + (token.start - text), hides);
	return copy;
}

/* The number of the line in the joined text; line_count if it is not there. */
static size_t find_line(const struct source *source, const struct fault_entry *entry)
{
	for (size_t i = 0; i < source->line_count; i++) {
		const struct source_line *line = &source->lines[i];
		if (line->line == (uint32_t)entry->line && entry->file &&
		    strcmp(source->files[line->file], entry->file) == 0)
			return i;
	}
	return source->line_count;
}

static char *covered_line(const struct source *source, const char *all, size_t line)
{
	size_t start = source->lines[line].start;
	size_t end = line + 1 < source->line_count ? source->lines[line + 1].start : source->length;
	const char *newline = memchr(all + start, '\n', end - start);
	return mem_dup_bytes(all + start, newline ? (size_t)(newline - all) - start : end - start);
}

void mask_faults(struct faults *faults, const struct source *source)
{
	char *all = NULL;
	for (size_t i = 0; i < faults->count; i++) {
		struct fault_entry *entry = &faults->entries[i];
		if (!entry->source)
			continue;
		if (!all)
			all = covered(source->text ? source->text : "", source->length, false);
		size_t line = find_line(source, entry);
		char *shown = line < source->line_count
		                      ? covered_line(source, all, line)
		                      : covered(entry->source, strlen(entry->source), true);
		mem_free_secret(entry->source);
		entry->source = shown;
	}
	mem_free_secret(all);
}
