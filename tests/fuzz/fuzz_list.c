/* SPDX-License-Identifier: MIT */
/* Any bytes as the remote list, and as the answer to a PUT: what is read of them is sorted, has
 * ids that may be used, and a schedule exactly where it says so. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/wire.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_list(const char *body, size_t size)
{
	struct wire_remotes remotes;
	bool found = wire_parse_list(body, size, &remotes);

	require(found || remotes.count == 0);
	for (size_t i = 0; i < remotes.count; i++) {
		const struct wire_remote *remote = &remotes.items[i];

		require(remote->id >= 1);
		require(i == 0 || remotes.items[i - 1].id < remote->id);
		require((remote->cron_known == WIRE_GIVEN) == (remote->indexing_cron != NULL));
	}
	wire_remotes_clear(&remotes);
}

static void check_answer(const char *body, size_t size)
{
	char *indexing_cron;
	enum wire_known known = wire_parse_answer(body, size, &indexing_cron);

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
