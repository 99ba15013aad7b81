/* SPDX-License-Identifier: MIT */
/* The state file as an earlier run left it. */
#ifndef STATE_FILE_H
#define STATE_FILE_H

#include <stdbool.h>

#include "sync/credentials.h"
#include "sync/state.h"

#define STATE_FILE_NAME "state.json"

/* Read the state into an empty one, and the key of its digests, which is made if there is none.
 * What is not understood is set aside, reported, and leaves `state` empty. False, reported, if the
 * file can be neither used nor set aside, or if there is a key that cannot be read. `key_is_due`
 * says whether the key is still to be written. Blocks. */
bool state_file_load(const char *directory, struct state *state, struct credentials_key *key,
                     bool *key_is_due);

#endif
