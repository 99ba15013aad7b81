/* SPDX-License-Identifier: MIT */
/* What the server has: its list of integrations, asked for once and read. */
#ifndef REMOTE_LIST_H
#define REMOTE_LIST_H

#include <stdint.h>
#include <uv.h>

#include "api/verdict.h"
#include "api/wire.h"
#include "base/redactor.h"
#include "base/text.h"
#include "http/http.h"

/* How asking for the list ended; all borrowed for the length of the callback. */
struct remote_list_result {
	bool cancelled; /* http_close() came first; nothing else is set */
	struct verdict verdict;
	int64_t retry_after_ms;
	const struct wire_remotes *remotes; /* redacted; NULL: no list was had */
	const char *error_text;             /* why not, fit to be shown; NULL: nothing failed */
};

/* Called once for each start, from the loop, never from within remote_list_start(). */
typedef void remote_list_done_fn(const struct remote_list_result *result, void *data);

/* One request for the list; embedded in what asks, zeroed before its first start. */
struct remote_list {
	uv_loop_t *loop;
	struct redactor *const *redactor;
	remote_list_done_fn *done;
	void *data;
	uv_work_t work;
	struct text body;
	struct wire_remotes remotes;
	struct verdict verdict;
	int64_t retry_after_ms;
	bool is_list;
};

/* Ask for the list, one request at a time. `redactor` is borrowed until the callback: the variable
 * that holds the one in force, since a reload may replace it meanwhile. */
void remote_list_start(struct remote_list *list, uv_loop_t *loop, struct http *http,
                       struct redactor *const *redactor, remote_list_done_fn *done, void *data);

#endif
