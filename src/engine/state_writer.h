/* SPDX-License-Identifier: MIT */
/* Writes the state file, whenever the reconciler asks. */
#ifndef STATE_WRITER_H
#define STATE_WRITER_H

#include "os/publisher.h"
#include "sync/sync.h"

/* A write has ended, as a number that was asked for; on the loop. */
typedef void state_writer_done_fn(uint64_t number, bool is_saved, void *data);

/* Embedded. */
struct state_writer {
	struct publisher publisher;
	const char *directory;             /* borrowed */
	const struct sync *sync;           /* borrowed */
	const struct credentials_key *key; /* borrowed: of the state's digests */
	bool key_is_due;                   /* to be written before the state */
	state_writer_done_fn *done;
	void *data;
	uint64_t number;
	bool is_last; /* nothing will be sent any more */
	bool is_closed;
};

/* Into a writer whose members say what it writes: directory, sync, key, key_is_due. */
void state_writer_open(struct state_writer *writer, uv_loop_t *loop);

/* Write the state as it is in the loop's next iteration; not while a write runs. After the close
 * nothing is done: state_writer_write_last() is still to come. */
void state_writer_start(struct state_writer *writer, uint64_t number, state_writer_done_fn *done,
                        void *data);

void state_writer_close(struct state_writer *writer);

/* The loop has ended: write the state once more. Blocks. */
void state_writer_write_last(struct state_writer *writer);

#endif
