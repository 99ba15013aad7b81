/* SPDX-License-Identifier: MIT */
/* Anybody may ask for the status, which holds no secret; what acts, and the lines of faulty files,
 * are for root and the service's own user.
 *
 * A status is streamed: the next piece is put together when the client has taken the one before, so
 * that neither its length nor a slow reader holds the loop up, and each integration is shown as it
 * is at that moment. */
#include "daemon/daemon_control.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "daemon/control_request.h"
#include "daemon/control_status.h"
#include "daemon/daemon_internal.h"
#include "log/log.h"
#include "os/control.h"

#define PIECE 200 /* integrations in one piece, some 64 KiB */

/* A status on its way out. */
struct stream {
	struct daemon *daemon;
	struct control_request request; /* owned */
	size_t next;                    /* of its ids */
	int64_t last;                   /* id that was shown, if all are */
	bool has_begun;
	bool shows_excerpts;
};

static struct control_status_context describe(const struct daemon *daemon, bool shows_excerpts)
{
	return (struct control_status_context){
		.now_ms = (int64_t)uv_now(&daemon->loop),
		.unix_s = (int64_t)time(NULL),
		.started_at = daemon->status.started_at,
		.pid = (int64_t)getpid(),
		.config_path = daemon->options->config_path,
		.config = daemon->refused                                 ? CONTROL_STATUS_REFUSED
	                  : daemon->load.running && !daemon->load.is_trim ? CONTROL_STATUS_CHANGED
	                                                                  : CONTROL_STATUS_IN_FORCE,
		.faults = &daemon->faults,
		.shows_excerpts = shows_excerpts,
		.state_directory = daemon->options->state_directory,
		.state_failing = daemon->engine.save.failing,
		.stopping = daemon->stopping,
		.log_dropped = log_dropped(),
	};
}

static void answer_error(struct control_client *client, const char *error, int code)
{
	struct text answer = {.length = 0};

	json_out_open_object(&answer, NULL);
	json_out_string(&answer, "error", error);
	json_out_int(&answer, "code", code);
	json_out_close_object(&answer);
	control_answer(client, &answer);
}

/* The next integration to be shown; false if there is none. */
static bool find_next(struct stream *stream, struct sync_view *view)
{
	const struct sync *sync = stream->daemon->engine.sync;
	const struct control_request *request = &stream->request;
	size_t index;

	if (request->ids == NULL) {
		index = sync_index_after(sync, stream->last);
		if (index < sync_count(sync))
			*view = sync_view_at(sync, index);
		return index < sync_count(sync);
	}
	while (stream->next < request->count) {
		if (sync_view_of(sync, request->ids[stream->next++], view))
			return true;
	}
	return false;
}

static bool add_integrations(struct stream *stream, const struct control_status_context *context,
                             struct text *out)
{
	for (size_t i = 0; i < PIECE; i++) {
		struct sync_view view;

		if (!find_next(stream, &view))
			return false;
		/* A piece that begins with one does not see the one before. */
		if (out->length == 0)
			text_add_char(out, ',');
		control_status_add_integration(&view, context, out);
		stream->last = view.id;
	}
	return true;
}

static bool add_piece(struct text *out, void *data)
{
	struct stream *stream = data;
	struct control_status_context context = describe(stream->daemon, stream->shows_excerpts);
	bool is_more;

	if (!stream->has_begun)
		control_status_add_start(stream->daemon->engine.sync, &context, out);
	stream->has_begun = true;
	is_more = add_integrations(stream, &context, out);
	if (!is_more)
		control_status_add_end(out);
	return is_more;
}

static void release_stream(void *data)
{
	struct stream *stream = data;

	control_request_clear(&stream->request);
	free(stream);
}

static void answer_status(struct daemon *daemon, struct control_client *client,
                          struct control_request *request)
{
	struct stream *stream = mem_new(struct stream);

	stream->daemon = daemon;
	stream->request = *request;
	stream->shows_excerpts = control_is_trusted(client);
	*request = (struct control_request){.ids = NULL};
	control_stream(client, add_piece, release_stream, stream);
}

static void answer_summary(struct daemon *daemon, struct control_client *client)
{
	struct control_status_context context = describe(daemon, control_is_trusted(client));
	struct text answer = {.length = 0};

	control_status_add_summary(daemon->engine.sync, &context, &answer);
	control_answer(client, &answer);
}

static void answer(struct daemon *daemon, struct control_client *client,
                   struct control_request *request)
{
	switch (request->kind) {
	case CONTROL_STATUS:
		answer_status(daemon, client, request);
		return;
	case CONTROL_SUMMARY:
		answer_summary(daemon, client);
		return;
	case CONTROL_PENDING:
	case CONTROL_RELOAD:
	case CONTROL_WAIT:
	case CONTROL_PUSH:
		break;
	}
	answer_error(client, "not yet", EX_UNAVAILABLE);
}

static void on_request(struct control_client *client, const char *line, size_t length, void *data)
{
	struct control_request request;
	struct fault fault = {.text = NULL};

	if (control_request_decode(&request, line, length, &fault)) {
		if (request.kind >= CONTROL_RELOAD && !control_is_trusted(client)) {
			answer_error(client, "this is for root and the user of the service",
			             EX_NOPERM);
		} else {
			answer(data, client, &request);
		}
		control_request_clear(&request);
	} else {
		answer_error(client, fault.text, EX_USAGE);
		fault_clear(&fault);
	}
}

bool daemon_control_open(struct daemon *daemon, struct fault *fault)
{
	char *path = mem_printf("%s/" CONTROL_NAME, daemon->options->runtime_directory);

	/* The service manager makes it; without one it may not be there. */
	(void)mkdir(daemon->options->runtime_directory, 0755);
	daemon->control = control_open(&daemon->loop, path, on_request, daemon, fault);
	free(path);
	return daemon->control != NULL;
}

void daemon_control_close(struct daemon *daemon)
{
	control_close(daemon->control);
	daemon->control = NULL;
}
