/* SPDX-License-Identifier: MIT */
/* A loop that runs for as long as one request takes. The answer is taken apart in the callback,
 * where it is borrowed; what is kept of it is an outcome, and text that may be shown.
 *
 * There is nothing to put in order when the user interrupts: nothing was changed, and a request
 * that is on its way cannot be called back. So the signal ends the process, as it does by default.
 */
#include "commands/client.h"

#include <stdlib.h>
#include <sysexits.h>
#include <uv.h>

#include "api/wire.h"
#include "base/mem.h"
#include "base/span.h"
#include "engine/answer.h"
#include "engine/remote_list.h"
#include "http/http.h"
#include "log/log.h"
#include "os/loop.h"

struct client {
	uv_loop_t loop;
	struct http *http;
	struct redactor *redactor;
	struct remote_list list;
	uv_timer_t again; /* for a server that asked to wait */
	int64_t patience_ms;
	struct sync_list end; /* of the last list */
};

/* A request that is waited for. */
struct wait {
	struct client *client;
	struct wire_remotes *remotes;
	struct fault *fault;
	enum client_outcome outcome;
	int64_t left_ms; /* of the client's patience */
	bool done;
};

static enum client_outcome sort_out(enum verdict_kind kind, int status)
{
	if (kind == VERDICT_DENIED)
		return CLIENT_REFUSED;
	return status == 0 ? CLIENT_UNREACHABLE : CLIENT_FAILED;
}

static enum client_outcome finish(struct client *client, const char *path, const struct wait *wait)
{
	while (!wait->done)
		(void)uv_run(&client->loop, UV_RUN_ONCE);
	log_debug("GET %s: %s", path, wait->fault->text != NULL ? wait->fault->text : "accepted");
	return wait->outcome;
}

static void set_fault(const struct wait *wait, const char *error_text, int64_t retry_after_ms)
{
	char span[SPAN_TEXT_MAX];

	if (retry_after_ms > 0)
		(void)fault_set(wait->fault, "%s; it asks to wait for %s", error_text,
		                span_format(retry_after_ms, span));
	else
		(void)fault_set(wait->fault, "%s", error_text);
}

static void start_list(struct wait *wait);

static void on_again(uv_timer_t *timer)
{
	start_list(timer->data);
}

/* Ask again after the time that the server asked for, if that is not too long. */
static bool obeys(struct wait *wait, const struct sync_list *result)
{
	struct client *client = wait->client;

	if (result->verdict.kind != VERDICT_TRANSIENT || result->retry_after_ms <= 0 ||
	    result->retry_after_ms > wait->left_ms)
		return false;
	wait->left_ms -= result->retry_after_ms;
	client->again.data = wait;
	(void)uv_timer_start(&client->again, on_again, (uint64_t)result->retry_after_ms, 0);
	return true;
}

static void on_list(const struct sync_list *result, bool is_cancelled, void *data)
{
	struct wait *wait = data;

	(void)is_cancelled;
	if (result->remotes == NULL && obeys(wait, result))
		return;
	wait->done = true;
	wait->client->end = (struct sync_list){.verdict = result->verdict,
	                                       .status = result->status,
	                                       .retry_after_ms = result->retry_after_ms};
	if (result->remotes != NULL) {
		*wait->remotes = *result->remotes;
		*result->remotes = (struct wire_remotes){0};
		return;
	}
	wait->outcome = result->status == 403 ? CLIENT_FORBIDDEN
	                                      : sort_out(result->verdict.kind, result->status);
	set_fault(wait, result->error_text, result->retry_after_ms);
}

static void start_list(struct wait *wait)
{
	wait->client->list.data = wait;
	remote_list_start(&wait->client->list, NULL, 0);
}

enum client_outcome client_list(struct client *client, struct wire_remotes *remotes,
                                struct fault *fault)
{
	struct wait wait = {.client = client,
	                    .remotes = remotes,
	                    .fault = fault,
	                    .left_ms = client->patience_ms};

	*remotes = (struct wire_remotes){0};
	start_list(&wait);
	return finish(client, WIRE_PATH_LIST, &wait);
}

struct sync_list client_list_end(const struct client *client)
{
	return client->end;
}

static void on_answer(const struct http_answer *http, void *data)
{
	struct wait *wait = data;
	struct answer answer = {0};

	wait->done = true;
	answer_read(&answer, http, wait->client->redactor);
	if (answer.verdict.kind != VERDICT_ACCEPTED) {
		wait->outcome = sort_out(answer.verdict.kind, answer.status);
		set_fault(wait, answer.error_text, http->retry_after_ms);
	}
	answer_clear(&answer);
}

enum client_outcome client_resync(struct client *client, int64_t id, struct fault *fault)
{
	char path[WIRE_PATH_MAX];

	const struct http_request request = {.method = HTTP_GET, .path = wire_path_sync(id, path)};
	struct wait wait = {.client = client, .fault = fault};

	http_drop_idle(client->http);
	http_send(client->http, &request, on_answer, &wait);
	return finish(client, path, &wait);
}

int client_exit_code(enum client_outcome outcome)
{
	static const int codes[] = {[CLIENT_DONE] = EX_OK,
	                            [CLIENT_UNREACHABLE] = EX_UNAVAILABLE,
	                            [CLIENT_REFUSED] = EX_NOPERM,
	                            [CLIENT_FORBIDDEN] = EX_NOPERM,
	                            [CLIENT_FAILED] = EXIT_FAILURE};

	return codes[outcome];
}

const struct redactor *client_redactor(const struct client *client)
{
	return client->redactor;
}

struct client *client_open(const struct spec *spec, struct fault *fault)
{
	struct client *client = mem_new(struct client);

	if (loop_open(&client->loop, fault)) {
		client->http = http_open(&client->loop, &spec->api, fault);
		if (client->http == NULL)
			loop_close(&client->loop);
	}
	if (client->http == NULL) {
		free(client);
		return NULL;
	}
	http_read_only(client->http);
	client->list.http = client->http;
	client->list.redactor = &client->redactor;
	client->list.rate_limit = spec->api.rate_limit;
	client->list.done = on_list;
	remote_list_init(&client->list, &client->loop);
	(void)uv_timer_init(&client->loop, &client->again);
	client->patience_ms = spec->api.timeout_ms;
	client->redactor = spec_redactor(spec, NULL);
	return client;
}

void client_close(struct client *client)
{
	if (client == NULL)
		return;
	remote_list_close(&client->list);
	uv_close((uv_handle_t *)&client->again, NULL);
	http_close(client->http);
	loop_close(&client->loop);
	redactor_free(client->redactor);
	free(client);
}

int client_work(const struct command_line *line, const struct specfile *specfile,
                client_work_fn *work, struct text *out, struct text *errors)
{
	struct fault fault = {0};
	struct client *client;
	int code = EXIT_FAILURE;

	if (specfile->spec == NULL) {
		faults_print(&specfile->faults, line->error_colour, errors);
		return specfile->unread != NULL ? EX_TEMPFAIL : EX_CONFIG;
	}
	client = client_open(specfile->spec, &fault);
	if (client != NULL)
		code = work(line, specfile->spec, client, out, errors);
	else
		text_printf(errors, "error: %s\n", fault.text);
	client_close(client);
	fault_clear(&fault);
	return code;
}
