/* SPDX-License-Identifier: MIT */
/* What the server has: its list of integrations, asked for page by page and read as it comes. */
#ifndef REMOTE_LIST_H
#define REMOTE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "api/wire_list.h"
#include "base/redactor.h"
#include "http/http.h"
#include "sync/sync.h"

#define REMOTE_LIST_PAGES_MAX 1000

/* Called once for each start, from the loop, never from within remote_list_start(). What is in the
 * result is borrowed; the list may be taken. `is_cancelled`: http_close() came first, and nothing
 * is set. */
typedef void remote_list_done_fn(const struct sync_list *result, bool is_cancelled, void *data);

/* One request for the list; embedded in what asks, which sets the first members. */
struct remote_list {
	struct http *http;                /* borrowed */
	struct redactor *const *redactor; /* borrowed until the callback: the variable that holds
	                                     the one in force, since a reload may replace it */
	double rate_limit;                /* pages a second, 1e-5 at least; 0: no limit */
	remote_list_done_fn *done;
	void *data;
	uv_timer_t pause;                     /* before the next page */
	struct wire_list *list;               /* NULL: none is asked for */
	struct text path;                     /* of the page that is asked for */
	uint64_t seen[REMOTE_LIST_PAGES_MAX]; /* hashes of the paths so far */
	size_t pages;
};

/* Before the first start. */
void remote_list_init(struct remote_list *list, uv_loop_t *loop);

/* Ask for the list, for one at a time; `ids` is given: those to keep, sorted; NULL: keep all. A
 * page that fails ends it; pages that cannot be followed leave it partial. */
void remote_list_start(struct remote_list *list, int64_t *ids, size_t count);

/* Stop waiting for a next page and close the timer. The callback comes at most for a request that
 * is in flight, when http_close() cancels it. */
void remote_list_close(struct remote_list *list);

#endif
