/* SPDX-License-Identifier: MIT */
/* A request takes a handle from the pool, goes into `in_flight`, and is given to the pool's multi.
 * When it ends, for whatever reason, it moves to `finished`, and from there it is reported to its
 * owner, from the loop: at the end of libcurl's turn, or, for what never got to libcurl, in the
 * next iteration. The handle goes back to its pool.
 *
 * A pool is one multi and the handles of one configuration. Another configuration, idle
 * connections that are to go, a multi that failed: each time a new pool takes the new requests,
 * and the old one is retired: it closes when its last request was reported. A request that is older
 * than its time-out by far was lost by libcurl or by us: then its whole pool is given up, and all
 * that had begun in it is answered as unknown. */
#include "http/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>

#include "base/mem.h"
#include "http/http_internal.h"
#include "http/http_transfer.h"

#define HUNG_MS 10000 /* beyond the time-out */

struct http_pool {
	struct http *http;
	struct http_template *template;
	struct http_multi *multi; /* NULL if libcurl has no memory */
	struct http_transfers idle;
	size_t busy;      /* transfers not back yet */
	bool unreachable; /* a connection failed, or none was tried: another pool may do better */
	bool retired;
};

struct http {
	uv_loop_t *loop;
	struct http_pool *pool;          /* for new requests */
	struct http_transfers in_flight; /* the oldest first */
	struct http_transfers finished;  /* to be reported */
	uv_idle_t soon;                  /* to report what did not end in a turn of libcurl */
	uv_timer_t guard;                /* for what hangs */
	size_t open;                     /* pools and handles of libuv, not closed yet */
	bool watches_tls;                /* a connection ended early: see why the next one does */
	bool read_only;
	bool closing;
};

static struct http_pool *pool_of(const struct http_transfer *transfer)
{
	return transfer->owner;
}

static void forget_part(struct http *http)
{
	if (--http->open == 0)
		free(http);
}

static void on_handle_closed(uv_handle_t *handle)
{
	forget_part(handle->data);
}

static void on_pool_closed(void *data)
{
	struct http_pool *pool = data;
	struct http *http = pool->http;

	http_template_free(pool->template);
	free(pool);
	forget_part(http);
}

static void close_pool(struct http_pool *pool)
{
	struct http_transfer *transfer;

	while ((transfer = TAILQ_FIRST(&pool->idle)) != NULL) {
		TAILQ_REMOVE(&pool->idle, transfer, link);
		http_transfer_free(transfer);
	}
	if (pool->multi != NULL)
		http_multi_close(pool->multi);
	else
		on_pool_closed(pool);
}

static void retire(struct http_pool *pool)
{
	pool->retired = true;
	if (pool->busy == 0)
		close_pool(pool);
}

static void release(struct http_transfer *transfer)
{
	struct http_pool *pool = pool_of(transfer);

	TAILQ_INSERT_HEAD(&pool->idle, transfer, link);
	pool->busy--;
	if (pool->retired && pool->busy == 0)
		close_pool(pool);
}

static void finish(struct http_transfer *transfer)
{
	struct http *http = pool_of(transfer)->http;

	TAILQ_REMOVE(&http->in_flight, transfer, link);
	TAILQ_INSERT_TAIL(&http->finished, transfer, link);
	if (TAILQ_EMPTY(&http->in_flight))
		(void)uv_timer_stop(&http->guard);
}

static void on_soon(uv_idle_t *idle);

static void report_soon(struct http *http)
{
	(void)uv_idle_start(&http->soon, on_soon);
}

/* What callbacks finish meanwhile waits for its own turn, or a refused request that is made again
 * in its callback would hold the loop. */
static void report_finished(struct http *http)
{
	struct http_transfers now = TAILQ_HEAD_INITIALIZER(now);
	struct http_transfer *transfer;

	TAILQ_CONCAT(&now, &http->finished, link);
	while ((transfer = TAILQ_FIRST(&now)) != NULL) {
		TAILQ_REMOVE(&now, transfer, link);
		http_transfer_report(transfer);
		release(transfer);
	}
	if (!TAILQ_EMPTY(&http->finished)) {
		report_soon(http);
	} else if (http->closing && http->pool != NULL) {
		retire(http->pool);
		http->pool = NULL;
		uv_close((uv_handle_t *)&http->soon, on_handle_closed);
		uv_close((uv_handle_t *)&http->guard, on_handle_closed);
	}
}

static void on_soon(uv_idle_t *idle)
{
	struct http *http = idle->data;

	(void)uv_idle_stop(&http->soon);
	report_finished(http);
}

/* Take all that is in flight, of one pool or of all (NULL), from libcurl. */
static void end_all(struct http *http, const struct http_pool *pool, struct http_ending ending)
{
	struct http_transfer *transfer = TAILQ_FIRST(&http->in_flight);

	while (transfer != NULL) {
		struct http_transfer *next = TAILQ_NEXT(transfer, link);

		if (pool == NULL || pool_of(transfer) == pool) {
			transfer->ending = ending;
			if (!http_multi_remove(pool_of(transfer)->multi, transfer->curl))
				transfer->ending.transfer = VERDICT_TRANSFER_NOT_SENT;
			finish(transfer);
		}
		transfer = next;
	}
}

static void on_done(CURL *curl, CURLcode code, int socket_errno, void *data)
{
	struct http_pool *pool = data;
	struct http_transfer *transfer = http_transfer_of(curl);

	transfer->code = code;
	transfer->os_errno = socket_errno;
	if (http_transfer_never_connected(transfer))
		pool->unreachable = true;
	if (code == CURLE_OK)
		pool->http->watches_tls = false;
	else if (http_transfer_ended_early(transfer))
		pool->http->watches_tls = true;
	finish(transfer);
}

static void on_refused(CURL *curl, const char *reason, void *data)
{
	struct http_pool *pool = data;
	struct http_transfer *transfer = http_transfer_of(curl);

	pool->unreachable = true;
	transfer->ending =
		(struct http_ending){.reason = reason, .transfer = VERDICT_TRANSFER_NOT_SENT};
	finish(transfer);
}

static void on_turn(const char *broken, void *data);

static const struct http_multi_events multi_events = {
	.on_done = on_done,
	.on_refused = on_refused,
	.on_turn = on_turn,
	.on_closed = on_pool_closed,
};

static struct http_pool *open_pool(struct http *http, struct http_template *template)
{
	struct http_pool *pool = mem_new(struct http_pool);

	pool->http = http;
	pool->template = template;
	TAILQ_INIT(&pool->idle);
	/* One more, so that a GET of the list keeps no PUT waiting. */
	pool->multi = http_multi_open(http->loop, template->max_in_flight + 1, &multi_events, pool);
	if (pool->multi == NULL)
		(void)fault_set(&template->fault, "libcurl: out of memory");
	else if (template->curl != NULL)
		http_multi_adopt(pool->multi, template->curl);
	http->open++;
	return pool;
}

/* From here on `template` (given) is what requests are made with. */
static void renew_pool(struct http *http, struct http_template *template)
{
	struct http_pool *old = http->pool;

	http->pool = open_pool(http, template);
	retire(old);
}

/* libcurl is not to be trusted with this pool any more; the server may have got anything. */
static void give_up(struct http_pool *pool, const char *reason)
{
	struct http_ending ending = {.reason = reason, .transfer = VERDICT_TRANSFER_UNKNOWN};

	end_all(pool->http, pool, ending);
	if (!pool->retired)
		renew_pool(pool->http, http_template_copy(pool->template));
}

static void on_turn(const char *broken, void *data)
{
	struct http_pool *pool = data;
	struct http *http = pool->http;

	if (broken != NULL)
		give_up(pool, broken);
	else if (pool->unreachable && !pool->retired)
		renew_pool(http, http_template_copy(pool->template)); /* forgets addresses */
	if (!TAILQ_EMPTY(&http->finished))
		report_finished(http);
}

static void watch_oldest(struct http *http);

static void on_guard(uv_timer_t *timer)
{
	struct http *http = timer->data;
	struct http_transfer *oldest = TAILQ_FIRST(&http->in_flight);

	if (http_oldest_ms(http) >= oldest->template->timeout_ms + HUNG_MS) {
		give_up(pool_of(oldest), "the request hung beyond its time-out");
		report_soon(http);
	}
	if (!TAILQ_EMPTY(&http->in_flight))
		watch_oldest(http);
}

static void watch_oldest(struct http *http)
{
	const struct http_transfer *oldest = TAILQ_FIRST(&http->in_flight);
	int64_t left_ms = oldest->template->timeout_ms + HUNG_MS - http_oldest_ms(http);

	(void)uv_timer_start(&http->guard, on_guard, left_ms > 0 ? (uint64_t)left_ms : 0, 0);
}

struct http *http_open(uv_loop_t *loop, const struct spec_api *api, struct fault *fault)
{
	struct http *http = mem_new(struct http);

	http->loop = loop;
	TAILQ_INIT(&http->in_flight);
	TAILQ_INIT(&http->finished);
	http->pool = open_pool(http, http_template_new(api));
	if (http->pool->multi == NULL || http->pool->template->curl == NULL) {
		(void)fault_set(fault, "libcurl cannot start");
		retire(http->pool);
		return NULL;
	}
	(void)uv_idle_init(loop, &http->soon);
	(void)uv_timer_init(loop, &http->guard);
	http->soon.data = http;
	http->guard.data = http;
	http->open += 2;
	return http;
}

void http_configure(struct http *http, const struct spec_api *api)
{
	if (!http->closing && !http_template_serves(http->pool->template, api))
		renew_pool(http, http_template_new(api));
}

static struct http_transfer *acquire(struct http_pool *pool)
{
	struct http_transfer *transfer = TAILQ_FIRST(&pool->idle);

	if (transfer != NULL)
		TAILQ_REMOVE(&pool->idle, transfer, link);
	else
		transfer = http_transfer_new(pool, pool->template);
	pool->busy++;
	return transfer;
}

/* Give a request to libcurl, or say why not. */
static struct http_ending start(struct http *http, struct http_transfer *transfer, CURLcode loaded)
{
	const struct http_template *template = transfer->template;

	if (http->closing)
		return (struct http_ending){.cancelled = true};
	if (http->read_only && !transfer->is_get)
		return (struct http_ending){.reason = "only reading is allowed here",
		                            .transfer = VERDICT_TRANSFER_NOT_SENT};
	if (template->fault.text != NULL)
		return (struct http_ending){.reason = template->fault.text,
		                            .transfer = VERDICT_TRANSFER_SETUP};
	if (loaded != CURLE_OK)
		return (struct http_ending){.reason = curl_easy_strerror(loaded),
		                            .transfer = loaded == CURLE_URL_MALFORMAT
		                                                ? VERDICT_TRANSFER_SETUP
		                                                : VERDICT_TRANSFER_NOT_SENT,
		                            .code = loaded};
	http_transfer_watch_tls(transfer, http->watches_tls);
	http_multi_add(pool_of(transfer)->multi, transfer->curl);
	return (struct http_ending){0};
}

void http_send(struct http *http, const struct http_request *request, http_done_fn *done,
               void *data)
{
	struct http_transfer *transfer = acquire(http->pool);
	CURLcode loaded = http_transfer_load(transfer, request, done, data);
	struct http_ending ending = start(http, transfer, loaded);

	transfer->ending = ending;
	transfer->started_at = (int64_t)uv_now(http->loop);
	TAILQ_INSERT_TAIL(&http->in_flight, transfer, link);
	if (ending.cancelled || ending.reason != NULL) {
		finish(transfer);
		report_soon(http);
	} else if (TAILQ_FIRST(&http->in_flight) == transfer) {
		watch_oldest(http);
	}
}

bool http_next_page(const struct http *http, const char *path, const char *reference,
                    struct text *query)
{
	return !http->closing && http_template_page(http->pool->template, path, reference, query);
}

void http_read_only(struct http *http)
{
	http->read_only = true;
}

int64_t http_oldest_ms(const struct http *http)
{
	const struct http_transfer *oldest = TAILQ_FIRST(&http->in_flight);

	return oldest != NULL ? (int64_t)uv_now(http->loop) - oldest->started_at : 0;
}

void http_drop_idle(struct http *http)
{
	if (!http->closing)
		renew_pool(http, http_template_copy(http->pool->template));
}

void http_close(struct http *http)
{
	assert(!http->closing);
	http->closing = true;
	end_all(http, NULL, (struct http_ending){.cancelled = true});
	report_soon(http);
}
