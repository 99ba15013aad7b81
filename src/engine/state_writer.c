/* SPDX-License-Identifier: MIT */
/* A write that fails is reported once; the work goes on, and the reconciler tries again later. */
#include "engine/state_writer.h"

#include <stdlib.h>
#include <syslog.h>

#include "base/mem.h"
#include "engine/digest_key.h"
#include "engine/state_file.h"
#include "log/log.h"
#include "os/store.h"
#include "sync/sync_query.h"

/* What has changed since the reconciler asked is in it as well: there can only be more intents. At
 * the end what was never sent, or rejected, leaves none: if it is taken back before the next start,
 * there is nothing to do. */
static void encode(struct text *out, void *data)
{
	const struct state_writer *writer = data;

	sync_encode(writer->sync, writer->is_last, out);
}

static bool write_file(struct text *text, struct fault *fault, void *data)
{
	struct state_writer *writer = data;

	state_encode_end(text);
	if (writer->key_is_due)
		writer->key_is_due = !digest_key_save(writer->directory, writer->key, fault);
	return !writer->key_is_due && store_replace(writer->directory, STATE_FILE_NAME, text->bytes,
	                                            text->length, STORE_KEPT, fault);
}

static void on_done(enum publisher_result result, const char *why, void *data)
{
	const struct state_writer *writer = data;

	if (result == PUBLISHER_FAILED)
		log_event(EVENT_STATE_WRITE_FAILED, 0,
		          "%s; the old state stays, schedules are still sent, tried again later",
		          why);
	if (result == PUBLISHER_RECOVERED)
		log_event(EVENT_STATE_WRITE_FAILED, LOG_NOTICE, "the state is written again");
	if (!writer->is_last)
		writer->done(writer->number,
		             result == PUBLISHER_WRITTEN || result == PUBLISHER_RECOVERED,
		             writer->data);
}

void state_writer_open(struct state_writer *writer, uv_loop_t *loop)
{
	publisher_open(
		&writer->publisher, loop,
		&(const struct publisher_options){
			.encode = encode, .write = write_file, .done = on_done, .data = writer});
}

void state_writer_start(struct state_writer *writer, uint64_t number, state_writer_done_fn *done,
                        void *data)
{
	if (writer->is_closed)
		return;
	writer->number = number;
	writer->done = done;
	writer->data = data;
	publisher_start(&writer->publisher);
}

void state_writer_close(struct state_writer *writer)
{
	writer->is_closed = true;
	publisher_close(&writer->publisher);
}

void state_writer_write_last(struct state_writer *writer)
{
	writer->is_last = true;
	publisher_write_now(&writer->publisher);
}
