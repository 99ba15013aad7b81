/* SPDX-License-Identifier: MIT */
/* An answer of the control socket that has an array of integrations at its end, sent in pieces. */
#ifndef ANSWER_STREAM_H
#define ANSWER_STREAM_H

#include "daemon/control_request.h"
#include "os/control.h"
#include "sync/sync_query.h"

struct answer_stream_options {
	const struct sync *sync; /* borrowed until the client is dropped or has all */
	struct text head;        /* given: up to and with the "[" */
	struct control_request
		*request; /* given: its ids choose, in their order; none choose all */
	/* Append an integration's object, or nothing, as it is at this moment. */
	void (*add)(const struct sync_view *view, void *data, struct text *out);
	/* Likewise one that was named and is not there; NULL: left out. */
	void (*add_unknown)(int64_t id, struct text *out);
	void *data; /* borrowed as long as `sync` */
};

void answer_stream_start(struct control_client *client,
                         const struct answer_stream_options *options);

#endif
