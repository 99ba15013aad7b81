/* SPDX-License-Identifier: MIT */
/* Plain blocking calls: a command has nothing else to do. The protocol is private to one version of
 * the program, so what is not understood is reported as an upgrade without a restart. */
#include "commands/control_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>
#include <uv.h>

#include "base/fault.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "base/span.h"
#include "log/log.h"
#include "os/control.h"

#define WAIT_MS      10000               /* for what the daemon answers at once */
#define STEP_MS      500                 /* of waiting */
#define ANSWER_MAX   (512 * 1024 * 1024) /* bytes; 100,000 integrations take some 40 MiB */
#define CHUNK        65536
#define ENDING_MS    500 /* in which a daemon that ended stops listening too */
#define ENDING_STEPS 20

/* A connection of one question. */
struct link {
	int fd;             /* -1: closed */
	char *path;         /* owned: of the socket */
	struct text answer; /* owned: what came so far, in the end one line */
};

/* connecting */

static int report_connect(const struct link *link, int error, struct fault *fault)
{
	bool is_absent = error == ENOENT || error == ECONNREFUSED;

	(void)fault_set(fault, "%s: nothing listens at %s: %s",
	                is_absent ? "not running" : "the daemon cannot be asked", link->path,
	                strerror(error));
	return is_absent ? CONTROL_CLIENT_NOT_RUNNING : EXIT_FAILURE;
}

static int dial(struct link *link, struct fault *fault)
{
	struct timeval wait = {.tv_sec = WAIT_MS / 1000};
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(link->path) >= sizeof(address.sun_path)) {
		(void)fault_set(fault,
		                "the path of the control socket is longer than %zu bytes: %s",
		                sizeof(address.sun_path) - 1, link->path);
		return EXIT_FAILURE;
	}
	memcpy(address.sun_path, link->path, strlen(link->path));
	link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (link->fd < 0) {
		(void)fault_set(fault, "no socket: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	(void)setsockopt(link->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (TEMP_FAILURE_RETRY(
		    connect(link->fd, (const struct sockaddr *)&address, sizeof(address))) < 0)
		return report_connect(link, errno, fault);
	return 0;
}

static void add_request(const struct control_client_request *request, struct text *out)
{
	json_out_open_object(out, NULL);
	json_out_string(out, "request", request->name);
	if (request->ids != NULL) {
		json_out_open_array(out, "ids");
		for (size_t i = 0; i < request->count; i++)
			json_out_int(out, NULL, request->ids[i]);
		json_out_close_array(out);
	}
	if (request->timeout_ms > 0)
		json_out_int(out, "timeout_ms", request->timeout_ms);
	json_out_close_object(out);
	text_add_char(out, '\n');
}

static int send_all(struct link *link, const struct text *line, struct fault *fault)
{
	size_t sent = 0;

	while (sent < line->length) {
		ssize_t count =
			send(link->fd, line->bytes + sent, line->length - sent, MSG_NOSIGNAL);

		if (count > 0) {
			sent += (size_t)count;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return 0; /* The answer, which says why, may be there already. */
		} else if (errno != EINTR) {
			(void)fault_set(fault, "the daemon takes no request: %s", strerror(errno));
			return EX_TEMPFAIL;
		}
	}
	return 0;
}

static int send_request(struct link *link, const struct control_client_request *request,
                        struct fault *fault)
{
	struct text line = {0};
	int code = EX_USAGE;

	add_request(request, &line);
	if (line.length > CONTROL_LINE_MAX)
		(void)fault_set(fault, "too many ids for one request");
	else
		code = dial(link, fault);
	if (code == 0)
		code = send_all(link, &line, fault);
	log_debug("asking %s: %.*s", link->path, (int)line.length - 1, line.bytes);
	text_clear(&line);
	return code;
}

/* receiving */

/* Append what is there; false at the end of the connection. */
static bool take_some(struct link *link)
{
	char chunk[CHUNK];
	ssize_t count = recv(link->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (count > 0)
		text_add_bytes(&link->answer, chunk, (size_t)count);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	return count > 0 && link->answer.length <= ANSWER_MAX;
}

static int parse(struct link *link, struct json_object **answer, struct fault *fault)
{
	const char *error = NULL;
	int64_t code = EXIT_FAILURE;

	*answer = json_tokener_parse(link->answer.bytes);
	if (!json_object_is_type(*answer, json_type_object)) {
		(void)fault_set(fault,
		                "the answer at %s is not what this version understands; has "
		                "the daemon been restarted since the upgrade?",
		                link->path);
	} else {
		/* Beside a result it says more of it. */
		if (json_object_object_get(*answer, "result") == NULL)
			error = control_client_string(*answer, "error");
		if (error == NULL)
			return 0;
		(void)fault_set(fault, "%s", error);
		code = control_client_int(*answer, "code", EXIT_FAILURE);
	}
	json_object_put(*answer);
	*answer = NULL;
	return code > 0 && code < 128 ? (int)code : EXIT_FAILURE;
}

static bool is_listening(const struct link *link)
{
	struct link again = {.fd = -1, .path = link->path};
	struct fault reason = {0};
	int code = dial(&again, &reason);

	if (again.fd >= 0)
		(void)close(again.fd);
	fault_clear(&reason);
	return code != CONTROL_CLIENT_NOT_RUNNING;
}

/* A daemon without a file descriptor to spare accepts a client only to close it: it runs. Of one
 * that was killed the kernel closes the sockets in any order, so the other one is waited for. */
static int report_end(const struct link *link, struct fault *fault)
{
	bool is_there = true;

	for (int i = 0; is_there && i < ENDING_STEPS; i++) {
		(void)poll(NULL, 0, ENDING_MS / ENDING_STEPS);
		is_there = is_listening(link);
	}
	if (!is_there) {
		(void)fault_set(fault, "not running: the daemon ended without an answer");
		return CONTROL_CLIENT_NOT_RUNNING;
	}
	(void)fault_set(fault, "the daemon closed the connection without an answer: it may be out "
	                       "of file descriptors");
	return EX_TEMPFAIL;
}

static int receive(struct link *link, const struct control_client_request *request,
                   struct fault *fault)
{
	int64_t wait_ms = request->wait_ms > 0 ? request->wait_ms : WAIT_MS;
	uint64_t start_ns = uv_hrtime();
	struct pollfd poller = {.fd = link->fd, .events = POLLIN};
	char span[SPAN_TEXT_MAX];

	while (link->answer.length == 0 || link->answer.bytes[link->answer.length - 1] != '\n') {
		int64_t elapsed_ms = (int64_t)(uv_hrtime() - start_ns) / 1000000;
		int64_t left_ms = wait_ms - elapsed_ms;
		int ready;

		if (left_ms <= 0) {
			(void)fault_set(fault, "the daemon does not answer at %s within %s",
			                link->path, span_format(wait_ms, span));
			return EXIT_FAILURE;
		}
		ready = poll(&poller, 1, (int)(left_ms < STEP_MS ? left_ms : STEP_MS));
		if (ready > 0 && !take_some(link))
			return report_end(link, fault);
		if (ready == 0 && request->waiting != NULL)
			request->waiting(elapsed_ms, request->data);
	}
	return 0;
}

int control_client_ask(const char *runtime_directory, const struct control_client_request *request,
                       struct json_object **answer, struct text *errors)
{
	struct link link = {.fd = -1, .path = mem_printf("%s/" CONTROL_NAME, runtime_directory)};
	struct fault fault = {0};
	int code = send_request(&link, request, &fault);

	*answer = NULL;
	if (code == 0)
		code = receive(&link, request, &fault);
	if (code == 0)
		code = parse(&link, answer, &fault);
	if (code != 0 && errors != NULL)
		text_printf(errors, "%s\n", fault.text);
	else if (code == 0 && request->verbatim != NULL)
		text_add_bytes(request->verbatim, link.answer.bytes, link.answer.length);
	if (link.fd >= 0)
		(void)close(link.fd);
	free(link.path);
	text_clear(&link.answer);
	fault_clear(&fault);
	return code;
}

/* members */

int64_t control_client_int(struct json_object *object, const char *key, int64_t otherwise)
{
	struct json_object *member = json_object_object_get(object, key);

	return json_object_is_type(member, json_type_int) ? json_object_get_int64(member)
	                                                  : otherwise;
}

bool control_client_bool(struct json_object *object, const char *key)
{
	return json_object_get_boolean(json_object_object_get(object, key)) != 0;
}

const char *control_client_string(struct json_object *object, const char *key)
{
	struct json_object *member = json_object_object_get(object, key);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member)
	                                                     : NULL;
}

size_t control_client_count(struct json_object *object, const char *key)
{
	struct json_object *list = json_object_object_get(object, key);

	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

struct json_object *control_client_at(struct json_object *object, const char *key, size_t index)
{
	return index < control_client_count(object, key)
	               ? json_object_array_get_idx(json_object_object_get(object, key), index)
	               : NULL;
}

void control_client_print_faults(struct json_object *object, bool colour, struct text *out)
{
	struct faults faults = {0};
	size_t count = control_client_count(object, "faults");
	int64_t errors = control_client_int(object, "errors", 0);

	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = control_client_at(object, "faults", i);
		const char *severity = control_client_string(entry, "severity");
		const char *message = control_client_string(entry, "message");
		struct fault_place place = {
			.file = control_client_string(entry, "file"),
			.line = (int)control_client_int(entry, "line", 0),
			.column = (int)control_client_int(entry, "column", 0),
			.width = (int)control_client_int(entry, "width", 0),
			.source = control_client_string(entry, "excerpt"),
			.caret = (int)control_client_int(entry, "caret", 0),
		};

		faults_add(&faults,
		           severity != NULL && strcmp(severity, "warning") == 0 ? FAULT_WARNING
		                                                                : FAULT_ERROR,
		           place, "%s", message != NULL ? message : "");
	}
	faults.errors = (size_t)errors > faults.errors ? (size_t)errors : faults.errors;
	faults_print(&faults, colour, out);
	faults_clear(&faults);
}
