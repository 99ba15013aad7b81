/* SPDX-License-Identifier: MIT */
/* A fault shows the line it is about, and an integration that stands on one line may hold its token
 * there, perhaps under a misspelt key. So what is shown is decided by what is known: the values of
 * known keys that hold no secret stay, all others are covered, and so is a string that is nobody's
 * value: it may have been pasted there. The joined text tells how a line begins: as the value of
 * such a key, or even within a string. */
#include "config/excerpt_mask.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/keys.h"
#include "config/lexer.h"

enum shown {
	SHOW_ALL,   /* the value of a key that may be shown */
	SHOW_NAMES, /* a key has to come: names, but no string */
	SHOW_NONE,  /* the value of any other key */
};

static void cover(char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != '\t')
			bytes[i] = '*';
}

/* The quotes stay where they are. */
static void cover_string(char *bytes, const struct lexer_token *token)
{
	size_t quotes = token->kind == LEXER_STRING ? 2 : 1;
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
static bool is_key(const struct lexer *lexer)
{
	struct lexer ahead = *lexer;
	struct lexer_token token = lexer_next(&ahead);
	return token.kind == LEXER_PUNCTUATION && (*token.start == '=' || *token.start == ':');
}

static enum shown judge_name(const struct lexer *lexer, const struct lexer_token *token,
                             char *bytes, enum shown shown)
{
	bool may_show = keys_may_show(token->start, token->length);
	if (is_key(lexer))
		return may_show ? SHOW_ALL : SHOW_NONE;
	if (shown == SHOW_NONE)
		cover(bytes, token->length);
	return may_show ? shown : SHOW_NONE;
}

/* JSON's keys are strings; none of them is known here. */
static enum shown judge_string(const struct lexer *lexer, const struct lexer_token *token,
                               char *bytes, enum shown shown)
{
	if (token->kind == LEXER_STRING && is_key(lexer))
		return SHOW_NONE;
	if (shown != SHOW_ALL)
		cover_string(bytes, token);
	else
		cover_userinfo(bytes, token->length);
	return shown;
}

static bool opens(char byte)
{
	return byte == '{' || byte == '(';
}

static enum shown judge_punctuation(char byte, enum shown shown)
{
	bool ends = byte == ';' || byte == '}';
	return ends || (opens(byte) && shown != SHOW_NONE) ? SHOW_NAMES : shown;
}

/* Cover one word of what is shown so far; gives what is shown of what follows it. */
static enum shown judge(const struct lexer *lexer, const struct lexer_token *token, char *bytes,
                        enum shown shown)
{
	switch (token->kind) {
	case LEXER_STRING:
	case LEXER_OPEN_STRING:
		return judge_string(lexer, token, bytes, shown);
	case LEXER_NAME:
		return judge_name(lexer, token, bytes, shown);
	case LEXER_INTEGER:
	case LEXER_FLOAT:
	case LEXER_STRAY:
		if (shown == SHOW_NONE)
			cover(bytes, token->length);
		return shown;
	case LEXER_PUNCTUATION:
		return judge_punctuation(*token->start, shown);
	case LEXER_INCLUDE:
	case LEXER_BOOLEAN:
	case LEXER_OPEN_COMMENT:
	case LEXER_END:
		return shown;
	}
	return shown;
}

/* lines */

static char *cover_line(const char *line, enum shown shown)
{
	size_t length = strlen(line);
	char *copy = mem_dup_bytes(line, length);
	struct lexer lexer;
	lexer_init(&lexer, line, length);
	for (struct lexer_token token = lexer_next(&lexer); token.kind != LEXER_END;
	     token = lexer_next(&lexer))
		shown = judge(&lexer, &token, copy + (token.start - line), shown);
	return copy;
}

/* How a line begins: with what belongs to the key at this offset of the text, or one of these. */
#define BARE   UINT32_MAX       /* nothing: a key has to come */
#define HIDDEN (UINT32_MAX - 1) /* what must be covered */
#define WITHIN (UINT32_MAX - 2) /* the middle of a string */

static enum shown show_of(const struct source *source, uint32_t beginning)
{
	if (beginning == BARE || beginning == HIDDEN)
		return beginning == BARE ? SHOW_NAMES : SHOW_NONE;
	struct lexer lexer;
	lexer_init(&lexer, source->text + beginning, source->length - beginning);
	struct lexer_token key = lexer_next(&lexer);
	return keys_may_show(key.start, key.length) ? SHOW_ALL : SHOW_NONE;
}

/* The same as judge() for where lines begin; keys are only noted, as few of them will matter. */
static uint32_t follow(const struct source *source, const struct lexer *lexer,
                       const struct lexer_token *token, uint32_t beginning)
{
	if (token->kind == LEXER_PUNCTUATION) {
		/* What is shown matters to no other, and takes a look at all keys to tell. */
		enum shown shown = opens(*token->start) ? show_of(source, beginning) : SHOW_ALL;
		return judge_punctuation(*token->start, shown) == SHOW_NAMES ? BARE : beginning;
	}
	if (token->kind == LEXER_STRING)
		return is_key(lexer) ? HIDDEN : beginning;
	if (token->kind != LEXER_NAME)
		return beginning;
	if (is_key(lexer))
		return (uint32_t)(token->start - source->text);
	return keys_is_known(token->start, token->length) ? beginning : HIDDEN;
}

static uint32_t *find_beginnings(const struct source *source)
{
	const char *text = source->text ? source->text : "";
	uint32_t *beginnings = mem_alloc(source->line_count + 1, sizeof(*beginnings));
	uint32_t beginning = BARE;
	size_t line = 0;
	struct lexer lexer;
	lexer_init(&lexer, text, source->length);
	for (struct lexer_token token = lexer_next(&lexer); token.kind != LEXER_END;
	     token = lexer_next(&lexer)) {
		uint32_t start = (uint32_t)(token.start - text);
		for (; line < source->line_count && source->lines[line].start <= start; line++)
			beginnings[line] = beginning;
		for (;
		     line < source->line_count && source->lines[line].start < start + token.length;
		     line++)
			beginnings[line] = WITHIN;
		beginning = follow(source, &lexer, &token, beginning);
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

/* The line as it stands in its file, which the joined text may only have mended. Nothing is shown
 * of one that begins within a string. */
static char *cover_entry(const struct source *source, const uint32_t *beginnings,
                         const struct fault_entry *entry)
{
	size_t line = find_line(source, entry);
	if (line == source->line_count)
		return cover_line(entry->source, SHOW_NONE);
	if (beginnings[line] != WITHIN)
		return cover_line(entry->source, show_of(source, beginnings[line]));
	char *copy = mem_dup(entry->source);
	cover(copy, strlen(copy));
	return copy;
}

void excerpt_mask_faults(struct faults *faults, const struct source *source)
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
