/* SPDX-License-Identifier: MIT */
/* Anybody may ask for the status, which holds no secret; what acts, and the lines of faulty files,
 * are for root and the service's own user. A status that comes while the files may have changed,
 * which most often they have not, waits a moment until that is known. */
#include "daemon/daemon_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "daemon/control_request.h"
#include "daemon/control_status.h"
#include "daemon/daemon_waits.h"
#include "log/log.h"
#include "os/control.h"

static enum control_status_config compare_files(const struct daemon *daemon)
{
	if (daemon->unread != NULL)
		return CONTROL_STATUS_UNREAD;
	if (daemon->is_refused)
		return CONTROL_STATUS_REFUSED;
	if (daemon_waits_for_files(daemon))
		return CONTROL_STATUS_CHANGED;
	return CONTROL_STATUS_IN_FORCE;
}

static struct control_status_context describe(const struct daemon *daemon, bool shows_excerpts)
{
	return (struct control_status_context){
		.now_ms = (int64_t)uv_now(&daemon->loop),
		.unix_s = (int64_t)time(NULL),
		.started_at = daemon->started_at,
		.pid = (int64_t)getpid(),
		.config_path = daemon->options->config_path,
		.config = compare_files(daemon),
		.faults = &daemon->faults,
		.shows_excerpts = shows_excerpts,
		.state_directory = daemon->options->state_directory,
		.state_failing = daemon->engine.file.publisher.is_failing,
		.stopping = daemon->is_stopping,
		.log_dropped = log_dropped(),
	};
}

static void add_integration(const struct sync_view *view, void *data, struct text *out)
{
	const struct daemon *daemon = data;
	const struct control_status_context context = {.now_ms = (int64_t)uv_now(&daemon->loop),
	                                               .unix_s = (int64_t)time(NULL)};

	control_status_add_integration(view, &context, out);
}

static void answer_status(struct daemon *daemon, struct control_client *client,
                          struct control_request *request)
{
	struct control_status_context context = describe(daemon, control_is_trusted(client));
	struct answer_stream_options options = {.sync = daemon->engine.sync,
	                                        .request = request,
	                                        .add = add_integration,
	                                        .data = daemon};

	control_status_add_members(daemon->engine.sync, &context, &options.head);
	json_out_open_array(&options.head, "integrations");
	answer_stream_start(client, &options);
}

static void answer_summary(struct daemon *daemon, struct control_client *client)
{
	struct control_status_context context = describe(daemon, control_is_trusted(client));
	struct text answer = {0};

	control_status_add_members(daemon->engine.sync, &context, &answer);
	json_out_close_object(&answer);
	control_answer(client, &answer);
}

static void add_pending(const struct sync_view *view, void *data, struct text *out)
{
	(void)data;
	if (view->entry->intended || view->entry->uncertain)
		json_out_int(out, NULL, view->id);
}

static void answer_pending(struct daemon *daemon, struct control_client *client,
                           struct control_request *request)
{
	struct answer_stream_options options = {
		.sync = daemon->engine.sync, .request = request, .add = add_pending};
	struct sync_event event = {.kind = SYNC_FLUSHED};

	/* Whoever asks reads the state file next. */
	engine_step(&daemon->engine, &event);
	json_out_open_object(&options.head, NULL);
	json_out_open_array(&options.head, "ids");
	answer_stream_start(client, &options);
}

static void answer(struct daemon *daemon, struct control_client *client,
                   struct control_request *request)
{
	if (request->kind >= CONTROL_RELOAD)
		daemon_waits_add(daemon, client, request);
	else if (request->kind == CONTROL_PENDING)
		answer_pending(daemon, client, request);
	else if (request->kind == CONTROL_SUMMARY)
		answer_summary(daemon, client);
	else if (daemon_waits_for_files(daemon))
		daemon_waits_hold(daemon, client, request, answer_status);
	else
		answer_status(daemon, client, request);
}

static void on_request(struct control_client *client, const char *line, size_t length, void *data)
{
	struct control_request request;
	struct fault fault = {0};

	if (control_request_decode(&request, line, length, &fault)) {
		if (request.kind >= CONTROL_RELOAD && !control_is_trusted(client)) {
			control_reject(client, "this is for root and the user of the service",
			               EX_NOPERM);
		} else {
			answer(data, client, &request);
		}
		control_request_clear(&request);
	} else {
		control_reject(client, fault.text, EX_USAGE);
		fault_clear(&fault);
	}
}

static void on_failed(const char *sentence, void *data)
{
	(void)data;
	log_event(EVENT_CONTROL_FAILED, LOG_WARNING, "%s", sentence);
}

struct control *daemon_control_open(struct daemon *daemon, struct fault *fault)
{
	const struct control_options options = {.request = on_request,
	                                        .failed = on_failed,
	                                        .data = daemon,
	                                        .patience_ms = CONTROL_PATIENCE_MS};
	const char *directory = daemon->options->runtime_directory;
	char *path = mem_printf("%s/" CONTROL_NAME, directory);
	struct control *control = NULL;

	/* The service manager makes it; without one it may not be there. */
	if (mkdir(directory, 0755) != 0 && errno != EEXIST)
		(void)fault_set(fault, "cannot create '%s': %s", directory, strerror(errno));
	else
		control = control_open(&daemon->loop, path, &options, fault);
	if (control == NULL)
		(void)fault_set(fault, "%s; $RUNTIME_DIRECTORY names another directory",
		                fault->text);
	free(path);
	return control;
}
