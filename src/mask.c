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

/* How a line begins. */
enum beginning {
	SHOWN = 0, /* what comes first may be shown */
	HIDDEN,    /* it belongs to a key that may not */
	WITHIN,    /* in the middle of a string */
};

/* The source, judged. */
struct judged {
	const struct source *source;
	char *text;            /* covered */
	unsigned char *begins; /* of each line: enum beginning */
};

static void judge_source(struct judged *judged, const struct source *source)
{
	const char *text = source->text ? source->text : "";
	judged->source = source;
	judged->text = mem_dup_bytes(text, source->length);
	judged->begins = mem_alloc(source->line_count + 1, 1);
	bool hides = false;
	size_t line = 0;
	struct lex lex;
	lex_init(&lex, text, source->length);
	for (struct lex_token token = lex_next(&lex); token.kind != LEX_END;
	     token = lex_next(&lex)) {
		size_t start = (size_t)(token.start - text);
		size_t end = start + token.length;
		for (; line < source->line_count && source->lines[line].start <= start; line++)
			judged->begins[line] = hides ? HIDDEN : SHOWN;
		for (; line < source->line_count && source->lines[line].start < end; line++)
			judged->begins[line] = WITHIN;
		hides = judge(&lex, &token, judged->text + start, hides);
	}
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

static char *cover_joined_line(const struct judged *judged, size_t line)
{
	const struct source *source = judged->source;
	size_t start = source->lines[line].start;
	size_t end = line + 1 < source->line_count ? source->lines[line + 1].start : source->length;
	const char *text = judged->text + start;
	const char *newline = memchr(text, '\n', end - start);
	return mem_dup_bytes(text, newline ? (size_t)(newline - text) : end - start);
}

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

/* The line as it stands in its file, which the joined text may only have mended. */
static char *cover_entry(const struct judged *judged, const struct fault_entry *entry)
{
	size_t line = find_line(judged->source, entry);
	if (line == judged->source->line_count)
		return cover_line(entry->source, true);
	if (judged->begins[line] == WITHIN)
		return cover_joined_line(judged, line);
	return cover_line(entry->source, judged->begins[line] == HIDDEN);
}

void mask_faults(struct faults *faults, const struct source *source)
{
	struct judged judged = {0};
	for (size_t i = 0; i < faults->count; i++) {
		struct fault_entry *entry = &faults->entries[i];
		if (!entry->source)
			continue;
		if (!judged.source)
			judge_source(&judged, source);
		char *shown = cover_entry(&judged, entry);
		mem_free_secret(entry->source);
		entry->source = shown;
	}
	mem_free_secret(judged.text);
	free(judged.begins);
}
