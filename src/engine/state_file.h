/* SPDX-License-Identifier: MIT */
/* The state file and the key of its digests: as an earlier run left them, and written whenever the
 * reconciler asks. */
#ifndef STATE_FILE_H
#define STATE_FILE_H

#include <stdbool.h>

#include "os/publisher.h"
#include "os/store.h"
#include "sync/state.h"
#include "sync/sync.h"

#define STATE_FILE_NAME     "state.json"
#define STATE_FILE_KEY_NAME "state.key"
#define STATE_FILE_PART     10000 /* integrations put into the text in one iteration of the loop */

/* Read the state into an empty one, and the key of its digests, which is made if there is none.
 * What is not understood is set aside, reported, and leaves `state` empty. False, reported, if the
 * file can be neither used nor set aside, or if there is a key that cannot be read. `key_is_due`
 * says whether the key is still to be written. Blocks. */
bool state_file_load(const char *directory, struct state *state, struct state_key *key,
                     bool *key_is_due);

/* Read the key; `key` is untouched, and there is a fault, unless the result is STORE_READ. Blocks.
 */
enum store_result state_file_read_key(const char *directory, struct state_key *key,
                                      struct fault *fault);

/* What is written; embedded. The first members say what it is, before the open. */
struct state_file {
	const char *directory;       /* borrowed */
	const struct sync *sync;     /* borrowed */
	const struct state_key *key; /* borrowed: of the state's digests */
	bool key_is_due;             /* to be written before the state */
	/* A write has ended, as a number that was asked for; on the loop. */
	void (*done)(uint64_t number, bool is_saved, void *data);
	void *data;
	struct publisher publisher;
	const struct spec *encoded_spec; /* in force when the text was begun */
	int64_t encoded_id;              /* the last one in the text; 0: there is none */
	uint64_t number;
	bool is_last; /* nothing will be sent any more */
	bool is_closed;
};

void state_file_open(struct state_file *file, uv_loop_t *loop);

/* Write the state as it is in the loop's next iterations; not while a write runs. After the close
 * nothing is done: state_file_write_last() is still to come. */
void state_file_start(struct state_file *file, uint64_t number);

void state_file_close(struct state_file *file);

/* The loop has ended: write the state once more. Blocks. */
void state_file_write_last(struct state_file *file);

#endif
