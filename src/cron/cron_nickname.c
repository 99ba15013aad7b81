/* SPDX-License-Identifier: MIT */
/* A nickname that has an exact meaning is read as its five fields. */
#include "cron/cron_nickname.h"

#include "base/suggest.h"
#include "base/text.h"

static const struct nickname {
	const char *word;
	const char *name;
	const char *fields; /* NULL: it has no five-field meaning */
} nicknames[] = {
	{.word = "@hourly", .name = "'@hourly'", .fields = "0 * * * *"},
	{.word = "@daily", .name = "'@daily'", .fields = "0 0 * * *"},
	{.word = "@midnight", .name = "'@midnight'", .fields = "0 0 * * *"},
	{.word = "@weekly", .name = "'@weekly'", .fields = "0 0 * * 0"},
	{.word = "@monthly", .name = "'@monthly'", .fields = "0 0 1 * *"},
	{.word = "@yearly", .name = "'@yearly'", .fields = "0 0 1 1 *"},
	{.word = "@annually", .name = "'@annually'", .fields = "0 0 1 1 *"},
	{.word = "@every_minute", .name = "'@every_minute'", .fields = "* * * * *"},
	{.word = "@every_second", .name = "'@every_second'"},
	{.word = "@reboot", .name = "'@reboot'"},
	{.word = "@every"},
};

const char *cron_nickname_fields(struct cron_slice word, const char **name)
{
	for (size_t i = 0; i < sizeof(nicknames) / sizeof(nicknames[0]); i++) {
		if (cron_slice_is(word, nicknames[i].word)) {
			*name = nicknames[i].name;
			return nicknames[i].fields;
		}
	}
	return NULL;
}

const char *cron_nickname_nearest(struct cron_slice word)
{
	const char *words[sizeof(nicknames) / sizeof(nicknames[0]) + 1] = {0};
	char lower[CRON_SLICE_WORD_MAX];

	if (!cron_slice_lower(word, lower))
		return NULL;
	for (size_t i = 0; i < sizeof(nicknames) / sizeof(nicknames[0]); i++)
		words[i] = nicknames[i].word;
	return suggest_nearest(lower, words);
}
