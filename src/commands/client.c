/* SPDX-License-Identifier: MIT */
/* A loop that runs for as long as one request takes. The answer is taken apart in the callback,
 * where it is borrowed; what is kept of it is an outcome, and words that may be shown.
 *
 * There is nothing to put in order when the user interrupts: nothing was changed, and a request
 * that is on its way cannot be called back. So the signal ends the process, as it does by default.
 */
#include "commands/client.h"

#include <stdlib.h>
#include <sysexits.h>
#include <uv.h>

#include "api/api_paths.h"
#include "base/mem.h"
#include "engine/answer.h"
#include "http/http.h"
#include "log/log.h"
#include "os/loop.h"

struct client {
	uv_loop_t loop;
	struct http *http;
	struct redactor *redactor;
};

/* A request that is waited for. */
struct wait {
	const struct client *client;
	struct wire_remotes *remotes; /* NULL: the body of a good answer does not matter */
	struct fault *fault;
	enum client_outcome outcome;
	bool done;
};

static enum client_outcome sort_out(const struct answer *report)
{
	if (report->verdict.kind == VERDICT_DENIED)
		return CLIENT_REFUSED;
	return report->status == 0 ? CLIENT_UNREACHABLE : CLIENT_FAILED;
}

/* A list that came in part is none: what is missing would seem to be unknown to the server. */
static void read_list(struct wait *wait, const struct http_answer *answer)
{
	if (answer->curl_code != 0 || answer->body_cut) {
		(void)fault_set(wait->fault, "%d, but the list of integrations is %s",
		                answer->status,
		                answer->body_cut ? "larger than 64 MiB" : "cut off");
		wait->outcome = CLIENT_FAILED;
	} else if (!wire_parse_list(answer->body, answer->body_length, wait->remotes)) {
		(void)fault_set(wait->fault, "%d, but there is no list of integrations in it",
		                answer->status);
		wait->outcome = CLIENT_FAILED;
	}
}

static void on_answer(const struct http_answer *answer, void *data)
{
	struct wait *wait = data;
	struct answer report = {.status = 0};

	wait->done = true;
	answer_read(&report, answer, wait->client->redactor);
	if (report.verdict.kind != VERDICT_ACCEPTED) {
		wait->outcome = sort_out(&report);
		(void)fault_set(wait->fault, "%s", report.error_text);
	} else if (wait->remotes != NULL) {
		read_list(wait, answer);
	}
	answer_clear(&report);
}

static enum client_outcome ask(struct client *client, const char *path,
                               struct wire_remotes *remotes, struct fault *fault)
{
	const struct http_request request = {.method = HTTP_GET, .path = path};
	struct wait wait = {.client = client, .remotes = remotes, .fault = fault};

	http_drop_idle(client->http);
	http_send(client->http, &request, on_answer, &wait);
	while (!wait.done)
		(void)uv_run(&client->loop, UV_RUN_ONCE);
	log_debug("GET %s: %s", path, fault->text != NULL ? fault->text : "accepted");
	return wait.outcome;
}

enum client_outcome client_list(struct client *client, struct wire_remotes *remotes,
                                struct fault *fault)
{
	*remotes = (struct wire_remotes){.count = 0};
	return ask(client, API_PATHS_LIST, remotes, fault);
}

enum client_outcome client_resync(struct client *client, int64_t id, struct fault *fault)
{
	char path[API_PATHS_MAX];

	return ask(client, api_paths_sync(id, path), NULL, fault);
}

int client_exit_code(enum client_outcome outcome)
{
	switch (outcome) {
	case CLIENT_DONE:
		return EX_OK;
	case CLIENT_UNREACHABLE:
		return EX_UNAVAILABLE;
	case CLIENT_REFUSED:
		return EX_NOPERM;
	case CLIENT_FAILED:
		break;
	}
	return EXIT_FAILURE;
}

const struct redactor *client_redactor(const struct client *client)
{
	return client->redactor;
}

struct client *client_open(const struct spec *spec, struct fault *fault)
{
	struct client *client = mem_new(struct client);
	const char **secrets;
	size_t count;

	if (!loop_open(&client->loop, fault)) {
		free(client);
		return NULL;
	}
	client->http = http_open(&client->loop, &spec->api, fault);
	if (client->http == NULL) {
		loop_close(&client->loop);
		free(client);
		return NULL;
	}
	http_read_only(client->http);
	secrets = spec_secrets(spec, &count);
	client->redactor = redactor_new(secrets, count);
	free(secrets);
	return client;
}

void client_close(struct client *client)
{
	if (client == NULL)
		return;
	http_close(client->http);
	loop_close(&client->loop);
	redactor_free(client->redactor);
	free(client);
}
