/* SPDX-License-Identifier: MIT */
/* The next piece is put together when the client has taken the one before, so that neither the
 * length of an answer nor a slow reader holds the loop up. Between two pieces integrations may come
 * and go: the next one is found by its id. */
#include "daemon/daemon_internal.h"

#include <stdlib.h>

#include "base/json_out.h"
#include "base/mem.h"

#define PIECE 200 /* integrations that are visited for one piece, some 64 KiB */

struct stream {
	struct answer_stream_options options;
	struct control_request request; /* owned */
	size_t next;                    /* of its ids */
	int64_t last;                   /* id that was visited, without ids */
	bool has_rows;
};

static void add_row(struct stream *stream, const struct sync_view *view, int64_t id,
                    struct text *out)
{
	size_t before;

	/* A piece that begins with an integration does not see the one before. */
	if (out->length == 0 && stream->has_rows)
		text_add_char(out, ',');
	before = out->length;
	if (view != NULL)
		stream->options.add(view, stream->options.data, out);
	else if (stream->options.add_unknown != NULL)
		stream->options.add_unknown(id, out);
	if (out->length > before)
		stream->has_rows = true;
	else if (before == 1)
		text_truncate(out, 0); /* the comma alone */
}

/* False if there is none. */
static bool add_next(struct stream *stream, struct text *out)
{
	const struct sync *sync = stream->options.sync;
	const struct control_request *request = &stream->request;
	struct sync_view view;
	size_t index;

	if (request->ids != NULL) {
		int64_t id;

		if (stream->next == request->count)
			return false;
		id = request->ids[stream->next++];
		add_row(stream, sync_view_of(sync, id, &view) ? &view : NULL, id, out);
		return true;
	}
	index = sync_index_after(sync, stream->last);
	if (index == sync_count(sync))
		return false;
	view = sync_view_at(sync, index);
	stream->last = view.id;
	add_row(stream, &view, view.id, out);
	return true;
}

static bool add_piece(struct text *out, void *data)
{
	struct stream *stream = data;
	bool is_more = true;

	if (stream->options.head.length > 0) {
		text_add_bytes(out, stream->options.head.bytes, stream->options.head.length);
		text_clear(&stream->options.head);
	}
	for (size_t i = 0; i < PIECE && is_more; i++)
		is_more = add_next(stream, out);
	if (!is_more) {
		json_out_close_array(out);
		json_out_close_object(out);
	}
	return is_more;
}

static void release(void *data)
{
	struct stream *stream = data;

	text_clear(&stream->options.head);
	control_request_clear(&stream->request);
	free(stream);
}

void answer_stream_start(struct control_client *client, const struct answer_stream_options *options)
{
	struct stream *stream = mem_new(struct stream);

	stream->options = *options;
	stream->request = *options->request;
	*options->request = (struct control_request){0};
	control_stream(client, add_piece, release, stream);
}
