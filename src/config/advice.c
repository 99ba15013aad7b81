/* SPDX-License-Identifier: MIT */
/* Where a value stands without its quotes, or in the notation of another language, the key says
 * what was meant. The operator's own text is repeated as it is to be written, if it is known to be
 * no secret (secrecy.h). */
#include "config/advice.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/character.h"
#include "config/keys.h"
#include "config/secrecy.h"

#define SHOWN_MAX  60 /* bytes of a value in a sentence */
#define NUMBER_MAX 40 /* likewise of a number */

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
	static const char *const texts[] = {
		[LEXER_INTEGER] = "a number",
		[LEXER_FLOAT] = "a number",
		[LEXER_STRING] = "a string",
		[LEXER_OPEN_STRING] = "a string",
		[LEXER_REPLACED] = "this",
		[LEXER_INCLUDE] = "this",
		[LEXER_COMMENT] = "this",
		[LEXER_OPEN_COMMENT] = "this",
		[LEXER_END] = "the end of the file",
	};
	bool is_name = word->kind == LEXER_NAME;

	if (word->kind == LEXER_STRAY)
		add_stray(word, out);
	else if (texts[word->kind] != NULL)
		text_add(out, texts[word->kind]);
	else if (is_name && !secrecy_may_name(word->start, word->length))
		text_add(out, "this word");
	else
		text_printf(out, "'%.*s'", (int)word->length, word->start);
}

void advice_add_prefix(const struct lexer_token *key, struct text *out)
{
	if (secrecy_may_name(key->start, key->length))
		text_printf(out, "%.*s: ", (int)key->length, key->start);
}

bool advice_is_text(const struct lexer_token *key)
{
	const struct keys_field *field = keys_find(key->start, key->length);

	return field == NULL || (field->type != KEYS_TYPE_BOOL && field->type != KEYS_TYPE_INT &&
	                         field->type != KEYS_TYPE_NUMBER &&
	                         field->type != KEYS_TYPE_GROUP && field->type != KEYS_TYPE_LIST);
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

static const char *const no_words[] = {"no", "off", "n", "f", "disabled", "0", "false", NULL};

static bool is_one_of(const struct lexer_token *word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strlen(*words) == word->length &&
		    strncasecmp(*words, word->start, word->length) == 0)
			return true;
	}
	return false;
}

static bool advise_on_boolean(const struct lexer_token *word, struct text *out)
{
	static const char *const yes_words[] = {"yes",     "on", "y",    "t",
	                                        "enabled", "1",  "true", NULL};
	bool is_yes = is_one_of(word, yes_words);

	if (!is_yes && !is_one_of(word, no_words))
		return false;
	text_add(out, is_yes ? "write true" : "write false");
	return true;
}

static bool has_only(const struct lexer_token *word, const char *bytes)
{
	return word->length > 0 && strspn(word->start, bytes) >= word->length;
}

/* Whether each group of digits but the first has three. */
static bool is_grouped(const struct lexer_token *word)
{
	size_t digits = 0;

	for (size_t i = word->length; i > 0; i--) {
		if (isdigit((unsigned char)word->start[i - 1]))
			digits++;
		else if (digits != 3)
			return false;
		else
			digits = 0;
	}
	return true;
}

/* Digits in groups, as in 1_000 and 1,000, or with a comma for the point. */
static bool advise_on_digits(const struct keys_field *field, const struct lexer_token *word,
                             struct text *out)
{
	bool is_group = is_grouped(word);

	if (!has_only(word, "0123456789_,'") || has_only(word, "0123456789") ||
	    (!is_group && field->type != KEYS_TYPE_NUMBER))
		return false;
	text_add(out,
	         is_group ? "digits are not grouped; write " : "the decimal point is '.'; write ");
	for (size_t i = 0; i < word->length; i++) {
		if (isdigit((unsigned char)word->start[i]))
			text_add_char(out, word->start[i]);
		else if (!is_group)
			text_add_char(out, '.');
	}
	return true;
}

static bool is_uuid(const struct lexer_token *word)
{
	return word->length == 36 && has_only(word, "0123456789abcdefABCDEF-") &&
	       word->start[8] == '-' && word->start[23] == '-';
}

static bool advise_on_number(const struct keys_field *field, const struct lexer_token *word,
                             struct text *out)
{
	static const char *const endless[] = {"unlimited", "infinite", "infinity", "none",
	                                      "never",     "no",       "off",      NULL};

	if (field->min == 0 && is_one_of(word, endless))
		text_add(out, "write 0 for no limit");
	else if (is_uuid(word))
		text_add(out, "this is a UUID; expected the number of the integration");
	else if (word->length > 2 && word->start[0] == '0' &&
	         strchr("bBoOqQ", word->start[1]) != NULL)
		text_add(out, "binary and octal numbers are not read; write a decimal one");
	else
		return word->length < NUMBER_MAX && advise_on_digits(field, word, out);
	return true;
}

bool advice_on_word(const struct keys_field *field, const struct lexer_token *word,
                    struct text *out)
{
	if (field->type == KEYS_TYPE_BOOL)
		return advise_on_boolean(word, out);
	if (field->type == KEYS_TYPE_INT || field->type == KEYS_TYPE_NUMBER)
		return advise_on_number(field, word, out);
	return false;
}

static bool has_userinfo(const struct lexer_token *key, const struct lexer_token *value)
{
	const char *stop = value->start + value->length;
	bool is_url = secrecy_value_of(key->start, key->length) == SECRECY_URL;
	struct secrecy_part part = secrecy_find_userinfo(value->start, stop, stop, is_url);

	return part.start < part.end;
}

/* Quotes around "<…>", "!vault …" or "env(…)" would not make a value of them. */
static bool is_other_syntax(const struct lexer_token *key, const struct lexer_token *value)
{
	return strchr("<!`|&", *value->start) != NULL || value->start[value->length] == '(' ||
	       (*value->start == '@' && secrecy_value_of(key->start, key->length) == SECRECY_URL);
}

static bool needs_scheme(const struct lexer_token *key, const struct lexer_token *value)
{
	return key->length == 3 && memcmp(key->start, "url", 3) == 0 &&
	       memmem(value->start, value->length, "://", 3) == NULL;
}

static void add_quoted(const struct lexer_token *key, const struct lexer_token *value,
                       struct text *out)
{
	bool is_shown = secrecy_value_of(key->start, key->length) != SECRECY_HIDDEN &&
	                value->length <= SHOWN_MAX && !is_other_syntax(key, value) &&
	                secrecy_value_length(value->start, value->start + value->length, false) ==
	                        value->length &&
	                !has_userinfo(key, value);

	if (!is_shown) {
		text_add(out, "text stands in double quotes");
		return;
	}
	text_add(out, "the quotes are missing; write \"");
	if (needs_scheme(key, value))
		text_add(out, "https://");
	text_escape(out, value->start, value->length, SHOWN_MAX);
	text_add(out, "\"");
}

/* What another program would have replaced by something else; NULL if it is nothing of the kind. */
static const char *expansion(const char *text, size_t length)
{
	if (memmem(text, length, "{{", 2) != NULL || memmem(text, length, "{%", 2) != NULL)
		return "the file is a template; render it first";
	if (length > 1 && *text == '$' &&
	    (strchr("{(_", text[1]) != NULL || isalpha((unsigned char)text[1])))
		return "variables are not expanded; write the value itself";
	if (length > 2 && *text == '%' && isalpha((unsigned char)text[1]) &&
	    (text[2] == '/' || text[length - 1] == '%'))
		return "'%' is not expanded; write the value itself";
	if (length > 1 && *text == '~' && text[1] == '/')
		return "'~' is not expanded; write the whole path";
	if (length > 7 && memcmp(text, "file://", 7) == 0)
		return "this is a URL; write the path alone";
	return NULL;
}

const char *advice_on_string(const char *string)
{
	return expansion(string, strlen(string));
}

void advice_on_bare(const struct lexer_token *key, const struct lexer_token *value,
                    struct text *out)
{
	static const char *const nothing[] = {"null", "none", "nil", "undefined", "~", NULL};
	const struct keys_field *field = keys_find(key->start, key->length);
	const char *expanded = expansion(value->start, value->length);

	if (field != NULL && field->type == KEYS_TYPE_CRON &&
	    (is_one_of(value, nothing) || is_one_of(value, no_words)))
		text_add(out, "write false for no schedule");
	else if (expanded != NULL)
		text_printf(out, "%s%s", expanded,
		            *value->start == '~' ? ", in double quotes" : "");
	else if (*value->start == '>')
		text_add(out, "'=' stands between a key and its value, not '=>'");
	else if (field != NULL && advice_on_word(field, value, out))
		return;
	else if (is_one_of(value, nothing))
		text_add(out, "there is no null; leave the setting out");
	else if (field == NULL || advice_is_text(key))
		add_quoted(key, value, out);
	else
		keys_add_expected(field, out);
}
