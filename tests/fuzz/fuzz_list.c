/* SPDX-License-Identifier: MIT */
/* Any bytes as the remote list, and as the answer to a PUT: what is read of them is sorted, has
 * ids that may be used, and a schedule exactly where it says so. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/wire_list.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Read all of it in pieces of `chunk` bytes. */
static bool read_list(const char *body, size_t size, size_t chunk, struct wire_remotes *remotes)
{
	static struct redactor *no_redactor;
	struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
	char *next = NULL;
	bool found;

	for (size_t at = 0; at < size; at += chunk)
		require(wire_list_feed(list, body + at, size - at < chunk ? size - at : chunk));
	found = wire_list_end_page(list, NULL, &next) && wire_list_take(list, remotes);
	if (!found)
		*remotes = (struct wire_remotes){0};
	free(next);
	wire_list_free(list);
	return found;
}

/* Sorted, with ids that may be used; the same however it arrives. */
static void check_list(const char *body, size_t size)
{
	struct wire_remotes remotes, piecemeal;
	bool found = read_list(body, size, 65536, &remotes);

	require(read_list(body, size, 3, &piecemeal) == found);
	require(piecemeal.count == remotes.count);
	for (size_t i = 0; i < remotes.count; i++) {
		const struct wire_remote *remote = &remotes.items[i];

		require(remote->id >= 1 && piecemeal.items[i].id == remote->id);
		require(i == 0 || remotes.items[i - 1].id < remote->id);
		require((remote->cron_known == WIRE_GIVEN) == (remote->indexing_cron != NULL));
		require(wire_may_be_mode(remote) || remote->cron_known == WIRE_UNKNOWN);
	}
	wire_remotes_clear(&remotes);
	wire_remotes_clear(&piecemeal);
}

static void check_answer(const char *body, size_t size)
{
	char *indexing_cron;
	enum wire_known known;
	struct json_tokener *tokener = wire_tokener_new();
	enum wire_body kind = wire_parse_answer(tokener, body, size, &known, &indexing_cron);

	wire_tokener_free(tokener);
	require(kind == WIRE_BODY_FINE || known == WIRE_UNKNOWN);

	require((known == WIRE_GIVEN) == (indexing_cron != NULL));
	free(indexing_cron);
}

int fuzz_list(const uint8_t *data, size_t size)
{
	const char *body = size > 0 ? (const char *)data : "";

	check_list(body, size);
	check_answer(body, size);
	return 0;
}
