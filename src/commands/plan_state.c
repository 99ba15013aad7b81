/* SPDX-License-Identifier: MIT */
/* The state file lags behind a running daemon by up to two seconds: an intent may stand in it that
 * was accepted meanwhile. So the daemon is asked which are under way or uncertain, which also has
 * it write the file at once; as long as the file has an intent that the daemon does not have any
 * more, it is older than that answer, and is read again in a moment. Nobody but a daemon listens:
 * beside `apply`, or nothing at all, the file is what there is. */
#include "commands/command_plan_internal.h"

#include <poll.h>

#include "commands/control_client.h"
#include "engine/state_file.h"
#include "os/store.h"

#define TRIES    50 /* more than a write ever takes; if it fails, the file has to do */
#define PAUSE_MS 50

static bool read_once(struct state *state, const char *directory, struct fault *fault)
{
	struct text text = {0};
	enum store_result result = store_read(directory, STATE_FILE_NAME, STATE_MAX, &text, fault);
	bool is_read = result == STORE_MISSING;

	if (is_read)
		fault_clear(fault);
	else if (result == STORE_READ)
		is_read = state_decode(state, text.bytes, text.length, fault) ||
		          fault_set(fault, "'%s/%s' cannot be used: %s", directory, STATE_FILE_NAME,
		                    fault->text);
	text_clear(&text);
	return is_read;
}

/* Whether an intent is left in the file which the daemon does not have any more. Both are in the
 * order of ids. */
static bool is_stale(const struct state *state, struct json_object *pending)
{
	size_t count = control_client_count(pending, "ids");
	size_t at = 0;

	for (size_t i = 0; i < state->count; i++) {
		int64_t id = state->entries[i].id;

		if (!state->entries[i].intended)
			continue;
		while (at < count &&
		       json_object_get_int64(control_client_at(pending, "ids", at)) < id)
			at++;
		if (at == count ||
		    json_object_get_int64(control_client_at(pending, "ids", at)) != id)
			return true;
	}
	return false;
}

bool plan_state_read(struct state *state, const char *state_directory,
                     const char *runtime_directory, struct fault *fault)
{
	const struct control_client_request request = {.name = "pending"};

	for (int tries = 1;; tries++) {
		struct json_object *pending; /* NULL: there is no daemon, or none that answers */
		bool is_read, is_old;

		(void)control_client_ask(runtime_directory, &request, &pending, NULL);
		is_read = read_once(state, state_directory, fault);
		is_old = pending != NULL && is_read && is_stale(state, pending);
		json_object_put(pending);
		if (!is_old || tries == TRIES)
			return is_read;
		state_clear(state);
		(void)poll(NULL, 0, PAUSE_MS);
	}
}
