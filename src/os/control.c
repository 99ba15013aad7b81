/* SPDX-License-Identifier: MIT */
/* Whatever clients send, and however slowly they read, costs little memory and no time of others:
 * of each client one request is worked on, and at most one more line is kept; the next piece of an
 * answer is put together when the one before is in the kernel's hands.
 *
 * A client is dropped that sends no request for half a minute, or does not read for as long while
 * something is written. One that waits for its answer is not: but when it hangs up, which poll(2)
 * distinguishes from shutting down its sending side, its place is free again. */
#include "os/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "os/listener.h"

#define NOBODY    65534 /* user_namespaces(7), /proc/sys/kernel/overflowuid */
#define READ_STEP 4096
#define TURN_NS   4000000 /* of a loop iteration, for answers in pieces */
#define CHECKS    30      /* in the time that a client has, of whether it does something */

struct control {
	uv_loop_t *loop;
	struct listener *listener; /* owned */
	uv_idle_t turn;            /* runs while a client is ready for its next piece */
	bool is_closed;            /* and so is that */
	struct control_options options;
	TAILQ_HEAD(, control_client) clients; /* owned; who was served last is the last */
	size_t count;
	size_t untrusted;
	char buffer[READ_STEP]; /* what was just read */
};

struct control_client {
	struct control *control;
	TAILQ_ENTRY(control_client) link;
	uv_pipe_t pipe;
	uv_timer_t timer;
	unsigned handles; /* not closed yet */
	bool is_trusted;
	bool is_owed;  /* an answer */
	bool is_ended; /* sends nothing more */
	bool is_closing;
	bool is_counted; /* has one of the places */
	bool is_last;    /* the piece being written ends the answer */
	bool is_ready;   /* for the next piece */
	struct text input;
	uv_write_t write;
	struct text output; /* being written */
	size_t queued;      /* bytes of it that the kernel had not taken at the last check */
	unsigned stalled;   /* checks in a row without progress */
	control_piece_fn *piece;
	control_release_fn *release;
	control_gone_fn *gone;
	void *data;
};

static void take_line(struct control_client *client);

static void free_control(struct control *control)
{
	if (control->is_closed && TAILQ_EMPTY(&control->clients))
		free(control);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;
	struct control *control = client->control;

	if (--client->handles > 0)
		return;
	TAILQ_REMOVE(&control->clients, client, link);
	/* What is not called from within a call of its owner is called here. */
	if (client->release != NULL)
		client->release(client->data);
	else if (client->gone != NULL)
		client->gone(client->data);
	text_clear(&client->input);
	text_clear(&client->output);
	free(client);
	free_control(control);
}

static void drop(struct control_client *client)
{
	struct control *control = client->control;

	if (client->is_closing)
		return;
	client->is_closing = true;
	if (client->is_counted) {
		control->count--;
		control->untrusted -= !client->is_trusted;
	}
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
	uv_close((uv_handle_t *)&client->timer, on_client_closed);
}

static void on_check(uv_timer_t *timer)
{
	struct control_client *client = timer->data;
	size_t queued = uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe);

	client->stalled = queued == client->queued ? client->stalled + 1 : 0;
	client->queued = queued;
	if (client->stalled >= CHECKS)
		drop(client);
}

/* A request has half a minute from its connection, or from the answer before, and so has a client
 * that does not read. */
static void expect_progress(struct control_client *client)
{
	uint64_t check_ms = client->control->options.patience_ms / CHECKS;

	client->stalled = 0;
	client->queued = 0;
	(void)uv_timer_start(&client->timer, on_check, check_ms, check_ms);
}

static void on_turn(uv_idle_t *turn);

static void on_written(uv_write_t *write, int status)
{
	struct control_client *client = write->data;

	client->stalled = 0;
	text_truncate(&client->output, 0);
	if (status != 0) {
		drop(client);
	} else if (!client->is_last) {
		client->is_ready = true;
		(void)uv_idle_start(&client->control->turn, on_turn);
	} else {
		client->is_owed = false;
		text_clear(&client->output);
		expect_progress(client);
		take_line(client);
	}
}

static void write_output(struct control_client *client)
{
	uv_buf_t buffer;

	if (client->is_last)
		text_add_char(&client->output, '\n');
	buffer = uv_buf_init(client->output.bytes, (unsigned)client->output.length);
	client->write.data = client;
	if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &buffer, 1, on_written) != 0)
		drop(client);
}

static void write_piece(struct control_client *client)
{
	client->is_last = !client->piece(&client->output, client->data);
	if (client->is_last) {
		client->release(client->data);
		client->release = NULL;
	}
	write_output(client);
}

static struct control_client *find_ready(struct control *control)
{
	struct control_client *client;

	TAILQ_FOREACH(client, &control->clients, link)
	{
		if (client->is_ready && !client->is_closing)
			break;
	}
	return client;
}

/* However many clients are served, an iteration of the loop has a few milliseconds for them. */
static void on_turn(uv_idle_t *turn)
{
	struct control *control = turn->data;
	uint64_t start_ns = uv_hrtime();
	struct control_client *client = find_ready(control);

	while (client != NULL && uv_hrtime() - start_ns < TURN_NS) {
		client->is_ready = false;
		/* Who was served goes behind the others. */
		TAILQ_REMOVE(&control->clients, client, link);
		TAILQ_INSERT_TAIL(&control->clients, client, link);
		write_piece(client);
		client = find_ready(control);
	}
	if (client == NULL)
		(void)uv_idle_stop(turn);
}

void control_answer(struct control_client *client, struct text *answer)
{
	client->gone = NULL;
	if (client->is_closing) {
		text_clear(answer);
		return;
	}
	client->output = *answer;
	*answer = (struct text){0};
	client->is_last = true;
	expect_progress(client);
	write_output(client);
}

void control_stream(struct control_client *client, control_piece_fn *piece,
                    control_release_fn *release, void *data)
{
	client->gone = NULL;
	client->piece = piece;
	client->release = release;
	client->data = data;
	if (client->is_closing)
		return; /* released by the last close callback */
	expect_progress(client);
	write_piece(client);
}

void control_wait(struct control_client *client, control_gone_fn *gone, void *data)
{
	client->gone = gone;
	client->data = data;
}

void control_reject(struct control_client *client, const char *error, int code)
{
	struct text answer = {0};

	json_out_open_object(&answer, NULL);
	json_out_string(&answer, "error", error);
	json_out_int(&answer, "code", code);
	json_out_close_object(&answer);
	control_answer(client, &answer);
}

/* Read nothing more from a client. */
static void refuse(struct control_client *client, const char *error, int code)
{
	client->is_owed = true;
	client->is_ended = true;
	text_clear(&client->input);
	(void)uv_read_stop((uv_stream_t *)&client->pipe);
	control_reject(client, error, code);
}

/* Hand on the next line, unless one is being worked on. */
static void take_line(struct control_client *client)
{
	struct text *input = &client->input;
	char *newline;
	char *line;
	size_t length;

	if (client->is_owed || client->is_closing)
		return;
	newline = input->length > 0 ? memchr(input->bytes, '\n', input->length) : NULL;
	if (newline == NULL) {
		if (client->is_ended)
			drop(client);
		else if (input->length > CONTROL_LINE_MAX)
			refuse(client, "the request is too long", EX_USAGE);
		return;
	}
	length = (size_t)(newline - input->bytes);
	line = mem_dup_bytes(input->bytes, length);
	memmove(input->bytes, newline + 1, input->length - length - 1);
	text_truncate(input, input->length - length - 1);
	if (input->length == 0)
		text_clear(input);
	client->is_owed = true;
	(void)uv_timer_stop(&client->timer);
	client->control->options.request(client, line, length, client->control->options.data);
	free(line);
}

/* Has the client closed its socket, not just the sending side of it? */
static bool has_hung_up(const struct control_client *client)
{
	struct pollfd poller = {0};

	return uv_fileno((const uv_handle_t *)&client->pipe, &poller.fd) == 0 &&
	       poll(&poller, 1, 0) == 1 && (poller.revents & (POLLHUP | POLLERR)) != 0;
}

static void on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct control_client *client = handle->data;

	(void)size;
	*buffer = uv_buf_init(client->control->buffer, READ_STEP);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct control_client *client = stream->data;

	if (count < 0) {
		client->is_ended = true;
		if (count != UV_EOF || has_hung_up(client))
			drop(client);
	} else {
		text_add_bytes(&client->input, buffer->base, (size_t)count);
	}
	/* What comes while an answer is owed is kept, up to a limit; what is more is a flood. */
	if (client->is_owed && client->input.length > CONTROL_LINE_MAX)
		drop(client);
	take_line(client);
}

static bool trusts(const struct control_client *client)
{
	struct ucred peer = {.uid = NOBODY};
	socklen_t size = sizeof(peer);
	int fd;

	if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	return peer.uid == 0 || (peer.uid == geteuid() && peer.uid != NOBODY);
}

bool control_is_trusted(const struct control_client *client)
{
	return client->is_trusted;
}

static bool has_room(const struct control *control, bool is_trusted)
{
	return control->count < CONTROL_CLIENTS &&
	       (is_trusted || control->untrusted < CONTROL_CLIENTS - CONTROL_RESERVED);
}

/* Of many that come and go at once some may have gone unnoticed. */
static void drop_hung_up(struct control *control)
{
	struct control_client *client;

	TAILQ_FOREACH(client, &control->clients, link)
	{
		if (client->is_counted && has_hung_up(client))
			drop(client);
	}
}

static struct control_client *add_client(struct control *control)
{
	struct control_client *client = mem_new(struct control_client);

	client->control = control;
	TAILQ_INSERT_HEAD(&control->clients, client, link);
	client->handles = 2;
	(void)uv_pipe_init(control->loop, &client->pipe, 0);
	(void)uv_timer_init(control->loop, &client->timer);
	client->pipe.data = client;
	client->timer.data = client;
	return client;
}

static void on_accepted(int fd, void *data)
{
	struct control *control = data;
	struct control_client *client = add_client(control);

	if (uv_pipe_open(&client->pipe, fd) != 0) {
		(void)close(fd);
		drop(client);
		return;
	}
	client->is_trusted = trusts(client);
	if (!has_room(control, client->is_trusted))
		drop_hung_up(control);
	if (!has_room(control, client->is_trusted)) {
		refuse(client, "too many clients", EX_TEMPFAIL);
		return;
	}
	client->is_counted = true;
	control->count++;
	control->untrusted += !client->is_trusted;
	expect_progress(client);
	if (uv_read_start((uv_stream_t *)&client->pipe, on_allocate, on_read) != 0)
		drop(client);
}

static void on_failed(const char *sentence, void *data)
{
	struct control *control = data;

	control->options.failed(sentence, control->options.data);
}

static void on_control_closed(uv_handle_t *handle)
{
	struct control *control = handle->data;

	control->is_closed = true;
	free_control(control);
}

struct control *control_open(uv_loop_t *loop, const char *path,
                             const struct control_options *options, struct fault *fault)
{
	struct control *control = mem_new(struct control);

	control->listener = listener_open(loop, path, on_accepted, on_failed, control, fault);
	if (control->listener == NULL) {
		free(control);
		return NULL;
	}
	control->loop = loop;
	control->options = *options;
	TAILQ_INIT(&control->clients);
	(void)uv_idle_init(loop, &control->turn);
	control->turn.data = control;
	return control;
}

void control_close(struct control *control)
{
	if (control == NULL)
		return;
	listener_close(control->listener);
	uv_close((uv_handle_t *)&control->turn, on_control_closed);
	for (struct control_client *client = TAILQ_FIRST(&control->clients); client != NULL;
	     client = TAILQ_NEXT(client, link))
		drop(client);
}
