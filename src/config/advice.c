/* SPDX-License-Identifier: MIT */
/* Where a value stands without its quotes, or in the notation of another language, the key says
 * what was meant. The operator's own text is repeated as it is to be written, if it is known to be
 * no secret (secrecy.h). */
#include "config/advice.h"

#include <string.h>
#include <strings.h>

#include "config/character.h"
#include "config/keys.h"
#include "config/secrecy.h"

#define SHOWN_MAX 60 /* bytes of a value in a sentence */

static void add_stray(const struct lexer_token *word, struct text *out)
{
	uint32_t point = 0;

	if (*word->start > ' ' && *word->start < 0x7f)
		text_printf(out, "'%c'", *word->start);
	else if (text_decode(word->start, word->length, &point) > 0)
		character_describe(point, out);
	else
		text_printf(out, "the byte 0x%02x", (unsigned char)*word->start);
}

void advice_add_word(const struct lexer_token *word, struct text *out)
{
	switch (word->kind) {
	case LEXER_NAME:
		if (secrecy_may_name(word->start, word->length))
			text_printf(out, "'%.*s'", (int)word->length, word->start);
		else
			text_add(out, "a word");
		break;
	case LEXER_PUNCTUATION:
	case LEXER_BOOLEAN:
		text_printf(out, "'%.*s'", (int)word->length, word->start);
		break;
	case LEXER_INTEGER:
	case LEXER_FLOAT:
		text_add(out, "a number");
		break;
	case LEXER_STRING:
	case LEXER_OPEN_STRING:
		text_add(out, "a string");
		break;
	case LEXER_STRAY:
		add_stray(word, out);
		break;
	case LEXER_REPLACED:
	case LEXER_INCLUDE:
	case LEXER_OPEN_COMMENT:
		text_add(out, "this");
		break;
	case LEXER_END:
		text_add(out, "the end of the file");
		break;
	}
}

void advice_add_prefix(const struct lexer_token *key, struct text *out)
{
	if (secrecy_may_name(key->start, key->length))
		text_printf(out, "%.*s: ", (int)key->length, key->start);
}

static bool is_text_type(enum keys_type type)
{
	return type == KEYS_TYPE_STRING || type == KEYS_TYPE_TEXT || type == KEYS_TYPE_PATH ||
	       type == KEYS_TYPE_CRON || type == KEYS_TYPE_SPAN || type == KEYS_TYPE_WORD ||
	       type == KEYS_TYPE_SECRET;
}

bool advice_is_text(const struct lexer_token *key)
{
	const struct keys_field *field = keys_find(key->start, key->length);

	return field == NULL || is_text_type(field->type);
}

/* where a value ends */

static bool ends_value(const char *value, const char *at, const char *end)
{
	char next = at + 1 < end ? at[1] : '\n';

	if (strchr(";\"\r\n(){}[]", *at) != NULL)
		return true;
	if (*at == ',')
		return strchr(" \t\r\n", next) != NULL;
	if (*at == '#')
		return at > value && strchr(" \t", at[-1]) != NULL;
	return *at == '/' && ((next == '/' && !(at > value && at[-1] == ':')) || next == '*');
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Before the last word, which is the next key, if there is one before it. */
static const char *before_last_word(const char *value, const char *at)
{
	const char *end = at;

	while (end > value && is_blank(end[-1]))
		end--;
	while (end > value && !is_blank(end[-1]) && end[-1] != ',')
		end--;
	return end > value ? end : at;
}

size_t advice_bare_length(const char *value, const char *end)
{
	const char *at = value;

	if (end - value > 2 && memcmp(value, "${", 2) == 0)
		at += strcspn(value, "}\n");
	at += at > value && *at == '}';
	while (at < end && *at != '=' && !ends_value(value, at, end))
		at++;
	if (at < end && *at == '=')
		at = before_last_word(value, at);
	while (at > value + 1 && (is_blank(at[-1]) || at[-1] == ','))
		at--;
	return at > value ? (size_t)(at - value) : 1;
}

/* what to write instead */

static bool is_one_of(const struct lexer_token *value, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strlen(*words) == value->length &&
		    strncasecmp(*words, value->start, value->length) == 0)
			return true;
	}
	return false;
}

static void advise_on_boolean(const struct lexer_token *value, struct text *out)
{
	static const char *const yes[] = {"yes", "on", "y", "t", "enabled", "1", NULL};
	static const char *const no[] = {"no", "off", "n", "f", "disabled", "0", NULL};

	if (is_one_of(value, yes))
		text_add(out, "write true");
	else if (is_one_of(value, no))
		text_add(out, "write false");
	else
		text_add(out, "expected true or false");
}

/* Digits in groups, as in 1_000 and 1,000. */
static bool add_grouped(const struct lexer_token *value, struct text *out)
{
	for (size_t i = 0; i < value->length; i++) {
		if (strchr("0123456789_,'", value->start[i]) == NULL)
			return false;
	}
	text_add(out, "digits are not grouped; write ");
	for (size_t i = 0; i < value->length; i++) {
		if (strchr("_,'", value->start[i]) == NULL)
			text_add_char(out, value->start[i]);
	}
	return true;
}

static void advise_on_number(const struct lexer_token *value, struct text *out)
{
	if (value->length < 2 * sizeof("18446744073709551615") && add_grouped(value, out))
		return;
	if (value->length > 2 && value->start[0] == '0' &&
	    strchr("bBoOqQ", value->start[1]) != NULL)
		text_add(out, "binary and octal numbers are not read; write a decimal one");
	else
		text_add(out, "expected a decimal number");
}

static bool has_userinfo(const struct lexer_token *key, const struct lexer_token *value)
{
	const char *stop = value->start + value->length;
	struct secrecy_part part = secrecy_find_userinfo(value->start, stop, stop,
	                                                 secrecy_is_url(key->start, key->length));

	return part.start < part.end;
}

static void add_quoted(const struct lexer_token *key, const struct lexer_token *value,
                       struct text *out)
{
	bool is_shown = secrecy_may_show_value(key->start, key->length) &&
	                value->length <= SHOWN_MAX &&
	                secrecy_value_length(value->start, value->start + value->length, false) ==
	                        value->length &&
	                !has_userinfo(key, value);

	if (!is_shown) {
		text_add(out, "text stands in double quotes");
		return;
	}
	text_add(out, "the quotes are missing; write \"");
	text_escape(out, value->start, value->length, SHOWN_MAX);
	text_add(out, "\"");
}

/* What another program would have replaced by something else. False if it is nothing of the kind.
 */
static bool advise_on_expansion(const struct lexer_token *value, struct text *out)
{
	if (*value->start == '$')
		text_add(out, "variables are not expanded; write the value itself");
	else if (*value->start == '~')
		text_add(out, "'~' is not expanded; write the whole path, in double quotes");
	else if (*value->start == '>')
		text_add(out, "'=' stands between a key and its value, not '=>'");
	else
		return false;
	return true;
}

void advice_on_bare(const struct lexer_token *key, const struct lexer_token *value,
                    struct text *out)
{
	static const char *const nothing[] = {"null", "none", "nil", "undefined", "~", NULL};
	const struct keys_field *field = keys_find(key->start, key->length);
	enum keys_type type = field != NULL ? field->type : KEYS_TYPE_SECRET;

	if (is_one_of(value, nothing) && type == KEYS_TYPE_CRON)
		text_add(out, "write false for no schedule");
	else if (is_one_of(value, nothing))
		text_add(out, "there is no null; leave the setting out");
	else if (advise_on_expansion(value, out))
		return;
	else if (type == KEYS_TYPE_BOOL)
		advise_on_boolean(value, out);
	else if (type == KEYS_TYPE_INT || type == KEYS_TYPE_NUMBER)
		advise_on_number(value, out);
	else if (type == KEYS_TYPE_GROUP)
		text_add(out, "expected a group { }");
	else if (type == KEYS_TYPE_LIST)
		text_add(out, "expected a list ( )");
	else
		add_quoted(key, value, out);
}
