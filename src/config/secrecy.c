/* SPDX-License-Identifier: MIT */
/* In a file with one quote too few, what is inside and outside of strings is exchanged: secrets
 * stand where names and comments stood, and a name's value may go on into the next line. So nothing
 * is shown for what it seems to be, but only for what it says: a word that is one of our keys, or
 * nearly; and the value of such a key up to the first byte at which another setting may begin. */
#include "config/secrecy.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/suggest.h"
#include "config/keys.h"

#define WORD_MAX 64 /* bytes; a longer one is near no key */
#define REPEATED 6  /* bytes in a row that are taken for a repetition */

static bool is_near_a_key(const char *name)
{
	for (const struct keys_group *const *group = keys_all; *group != NULL; group++) {
		if (keys_find_near(*group, name) != NULL)
			return true;
	}
	return false;
}

bool secrecy_may_name(const char *name, size_t length)
{
	char word[WORD_MAX + 1];

	if (length == 0 || length > WORD_MAX)
		return false;
	memcpy(word, name, length);
	word[length] = '\0';
	return is_near_a_key(word) || keys_find_alias(NULL, word) != NULL;
}

static const char *const secrets[] = {"key", "token", "password", NULL};

enum secrecy_value secrecy_value_of(const char *name, size_t length)
{
	const struct keys_field *field = keys_find(name, length);

	if (field == NULL || field->type == KEYS_TYPE_GROUP || field->type == KEYS_TYPE_LIST)
		return SECRECY_HIDDEN;
	for (size_t i = 0; secrets[i] != NULL; i++) {
		if (strcmp(field->key, secrets[i]) == 0)
			return SECRECY_HIDDEN;
	}
	if (field->type == KEYS_TYPE_INT || field->type == KEYS_TYPE_NUMBER ||
	    field->type == KEYS_TYPE_BOOL)
		return SECRECY_WORD;
	return field->type == KEYS_TYPE_URL ? SECRECY_URL : SECRECY_TEXT;
}

static bool is_port(const char *at, const char *stop)
{
	while (at < stop && isdigit((unsigned char)*at))
		at++;
	return at == stop || *at == '/';
}

/* Behind the first colon that no port follows, but for those in the brackets of an IPv6 address. */
static const char *find_password(const char *authority, const char *stop)
{
	const char *at =
		*authority == '[' ? memchr(authority, ']', (size_t)(stop - authority)) : authority;

	for (at = at != NULL ? at : authority; at < stop; at++) {
		if (*at == ':' && !is_port(at + 1, stop))
			return at + 1;
	}
	return stop;
}

struct secrecy_part secrecy_find_userinfo(const char *value, const char *stop, const char *end,
                                          bool is_url)
{
	const char *scheme = memmem(value, (size_t)(stop - value), "://", 3);
	const char *authority = scheme != NULL ? scheme + 3 : value;
	const char *at;

	if (authority == stop || (scheme == NULL && !is_url))
		return (struct secrecy_part){.start = stop, .end = stop};
	at = memrchr(authority, '@', (size_t)(end - authority));
	if (at != NULL)
		return (struct secrecy_part){.start = authority, .end = at < stop ? at : stop};
	return (struct secrecy_part){.start = find_password(authority, stop), .end = stop};
}

/* The "//" of a URL is none. */
static bool begins_comment(const char *start, const char *at, const char *end)
{
	if (*at == '#')
		return true;
	if (*at != '/' || at + 1 == end)
		return false;
	return at[1] == '*' || (at[1] == '/' && (at == start || at[-1] != ':'));
}

static bool is_name_byte(char byte)
{
	return byte == '_' || byte == '-' || isalnum((unsigned char)byte);
}

/* The secret's key, or nearly, that a colon at `colon` stands behind; NULL if there is none. */
static const char *secret_before(const char *value, const char *colon)
{
	char word[WORD_MAX + 1];
	const char *end = colon;
	const char *name;

	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (name = end; name > value && is_name_byte(name[-1]);)
		name--;
	if (end - name > WORD_MAX)
		return name;
	memcpy(word, name, (size_t)(end - name));
	word[end - name] = '\0';
	return suggest_nearest(word, secrets) != NULL ? name : NULL;
}

/* The equals sign of "CRON_TZ=…" in a schedule sets nothing of ours. */
static bool is_time_zone(const char *value, const char *equals)
{
	return equals - value >= 2 && memcmp(equals - 2, "TZ", 2) == 0;
}

/* A colon without a blank behind it, but for those of URLs. */
static bool is_equals(const char *value, const char *colon, const char *end)
{
	return colon + 1 < end && strchr(" \t/", colon[1]) == NULL &&
	       memmem(value, (size_t)(colon - value), "://", 3) == NULL;
}

static bool stops_value(const char *value, const char *at, const char *end, bool is_quoted)
{
	if (*at == '\0' || strchr(";\"\\\r\n", *at) != NULL)
		return true;
	if (*at == '=')
		return !is_time_zone(value, at);
	if (*at == ':' && !is_quoted)
		return is_equals(value, at, end);
	return !is_quoted && (strchr("(){}[]", *at) != NULL || begins_comment(value, at, end));
}

static const char *skip_value(const char *value, const char *end, bool is_quoted)
{
	const char *at = value;

	for (; at < end; at++) {
		const char *key = *at == ':' ? secret_before(value, at) : NULL;

		if (key != NULL)
			return key;
		if (stops_value(value, at, end, is_quoted))
			break;
	}
	return at;
}

/* Behind a value that its own quote does not end may stand anything, a comment too. */
size_t secrecy_value_length(const char *value, const char *end, bool is_quoted)
{
	const char *stop = skip_value(value, end, is_quoted);

	if (is_quoted && stop < end && *stop != '"')
		stop = skip_value(value, end, false);
	return (size_t)(stop - value);
}

bool secrecy_may_say(const char *sentence, const char *value, size_t length)
{
	size_t size = strlen(sentence);

	for (size_t at = secrecy_value_length(value, value + length, true); at + REPEATED <= length;
	     at++) {
		if (memmem(sentence, size, value + at, REPEATED) != NULL)
			return false;
	}
	return true;
}

void secrecy_add_value(struct text *out, const char *value, size_t length, size_t limit)
{
	size_t shown = secrecy_value_length(value, value + length, true);

	text_escape(out, value, shown, limit);
	if (shown < length)
		text_add(out, "\xe2\x80\xa6");
}

void secrecy_name_path(const char *path, struct fault *fault)
{
	struct text shown = {0};

	secrecy_add_value(&shown, path, strlen(path), PATH_MAX);
	(void)fault_set(fault, "'%s' %s", shown.bytes, fault->text);
	text_clear(&shown);
}
