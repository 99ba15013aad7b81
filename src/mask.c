/* SPDX-License-Identifier: MIT */
/* A fault shows the line it is about, and an integration that stands on one line may hold its token
 * there, perhaps under a misspelt key. So what is shown is decided by what is known: the values of
 * known keys that hold no secret stay, all others are covered. The joined text tells how a line
 * begins: as the value of such a key, or even within a string. */
#include "mask.h"

#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "lex.h"
#include "mem.h"

static void cover(char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != '\t')
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

/* Whether a name or string, just read, is what something is set for. */
static bool is_key(const struct lex *lex)
{
	struct lex ahead = *lex;
	struct lex_token token = lex_next(&ahead);
	return token.kind == LEX_PUNCTUATION && (*token.start == '=' || *token.start == ':');
}

static bool judge_name(const struct lex *lex, const struct lex_token *token, char *bytes,
                       bool hides)
{
	bool may_show = keys_may_show(token->start, token->length);
	if (is_key(lex))
		return !may_show;
	if (hides)
		cover(bytes, token->length);
	return hides || !may_show;
}

/* JSON's keys are strings; none of them is known here. */
static bool judge_string(const struct lex *lex, const struct lex_token *token, char *bytes,
                         bool hides)
{
	if (token->kind == LEX_STRING && is_key(lex))
		return true;
	if (hides)
		cover_string(bytes, token);
	else
		cover_userinfo(bytes, token->length);
	return hides;
}

/* Cover one word; `hides` says whether it belongs to a key that may not be shown, and what follows
 * it does. */
static bool judge(const struct lex *lex, const struct lex_token *token, char *bytes, bool hides)
{
	switch (token->kind) {
	case LEX_STRING:
	case LEX_OPEN_STRING:
		return judge_string(lex, token, bytes, hides);
	case LEX_NAME:
		return judge_name(lex, token, bytes, hides);
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

/* ---- lines ---- */

static char *cover_line(const char *line, bool hides)
{
	size_t length = strlen(line);
	char *copy = mem_dup_bytes(line, length);
	struct lex lex;
	lex_init(&lex, line, length);
	for (struct lex_token token = lex_next(&lex); token.kind != LEX_END; token = lex_next(&lex))
		hides = judge(&lex, &token, copy + (token.start - line), hides);
	return copy;
}

/* How a line begins: with what belongs to the key at this offset of the text, or one of these. */
#define SHOWN  UINT32_MAX       /* nothing that must be covered */
#define HIDDEN (UINT32_MAX - 1) /* what must be */
#define WITHIN (UINT32_MAX - 2) /* the middle of a string */

/* The same as judge() for where lines begin; keys are only noted, as few of them will matter. */
static uint32_t follow(const struct lex *lex, const struct lex_token *token, uint32_t offset,
                       uint32_t beginning)
{
	if (token->kind == LEX_PUNCTUATION)
		return *token->start == ';' || *token->start == '}' ? SHOWN : beginning;
	if (token->kind == LEX_STRING)
		return is_key(lex) ? HIDDEN : beginning;
	if (token->kind != LEX_NAME)
		return beginning;
	if (is_key(lex))
		return offset;
	return keys_is_known(token->start, token->length) ? beginning : HIDDEN;
}

static uint32_t *find_beginnings(const struct source *source)
{
	const char *text = source->text ? source->text : "";
	uint32_t *beginnings = mem_alloc(source->line_count + 1, sizeof(*beginnings));
	uint32_t beginning = SHOWN;
	size_t line = 0;
	struct lex lex;
	lex_init(&lex, text, source->length);
	for (struct lex_token token = lex_next(&lex); token.kind != LEX_END;
	     token = lex_next(&lex)) {
		uint32_t start = (uint32_t)(token.start - text);
		for (; line < source->line_count && source->lines[line].start <= start; line++)
			beginnings[line] = beginning;
		for (;
		     line < source->line_count && source->lines[line].start < start + token.length;
		     line++)
			beginnings[line] = WITHIN;
		beginning = follow(&lex, &token, start, beginning);
	}
	for (; line < source->line_count; line++)
		beginnings[line] = beginning;
	return beginnings;
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

static bool begins_hidden(const struct source *source, uint32_t beginning)
{
	if (beginning == SHOWN || beginning == HIDDEN)
		return beginning == HIDDEN;
	struct lex lex;
	lex_init(&lex, source->text + beginning, source->length - beginning);
	struct lex_token key = lex_next(&lex);
	return !keys_may_show(key.start, key.length);
}

/* The line as it stands in its file, which the joined text may only have mended. Nothing is shown
 * of one that begins within a string. */
static char *cover_entry(const struct source *source, const uint32_t *beginnings,
                         const struct fault_entry *entry)
{
	size_t line = find_line(source, entry);
	if (line == source->line_count)
		return cover_line(entry->source, true);
	if (beginnings[line] != WITHIN)
		return cover_line(entry->source, begins_hidden(source, beginnings[line]));
	char *copy = mem_dup(entry->source);
	cover(copy, strlen(copy));
	return copy;
}

void mask_faults(struct faults *faults, const struct source *source)
{
	uint32_t *beginnings = NULL;
	for (size_t i = 0; i < faults->count; i++) {
		struct fault_entry *entry = &faults->entries[i];
		if (!entry->source)
			continue;
		if (!beginnings)
			beginnings = find_beginnings(source);
		char *shown = cover_entry(source, beginnings, entry);
		mem_free_secret(entry->source);
		entry->source = shown;
	}
	free(beginnings);
}
