/* SPDX-License-Identifier: MIT */
/* A file that cannot be understood is set aside, never overwritten, and everything is sent again.
 */
#include "engine/state_file.h"

#include <stdlib.h>
#include <syslog.h>

#include "base/mem.h"
#include "engine/digest_key.h"
#include "log/log.h"
#include "os/store.h"

static bool set_aside(const char *directory, const struct fault *why)
{
	struct fault fault = {0};
	char *aside = NULL;

	if (!store_set_aside(directory, STATE_FILE_NAME, &aside, &fault)) {
		log_event(EVENT_STATE_CORRUPT, 0, "%s/%s cannot be used (%s), nor set aside: %s",
		          directory, STATE_FILE_NAME, why->text, fault.text);
		fault_clear(&fault);
		return false;
	}
	log_event(EVENT_STATE_CORRUPT, 0,
	          "%s/%s cannot be used: %s; kept as %s, and everything is sent again", directory,
	          STATE_FILE_NAME, why->text, aside);
	free(aside);
	return true;
}

/* Which credentials were accepted is not known any more: they count as those of now. */
static void forget_credentials(const char *directory, struct state *state)
{
	for (size_t i = 0; i < state->count; i++)
		state->entries[i].credentials = 0;
	log_event(EVENT_STATE_CORRUPT, LOG_WARNING,
	          "%s/" DIGEST_KEY_NAME " is lost, or another one: credentials that changed "
	          "while nothing ran are not noticed this once",
	          directory);
}

/* The state is written after its key, so that what cannot be written now is written with it. */
static bool make_key(const char *directory, struct credentials_key *key, bool *is_due,
                     struct fault *fault)
{
	if (!digest_key_make(key, fault))
		return false;
	*is_due = !digest_key_save(directory, key, fault);
	if (*is_due)
		log_event(EVENT_STATE_CORRUPT, LOG_WARNING,
		          "%s; until it is, credentials that change while nothing runs "
		          "will not be noticed",
		          fault->text);
	return true;
}

static bool load_key(const char *directory, struct credentials_key *key, bool *is_due)
{
	struct fault fault = {0};
	enum store_result result = digest_key_read(directory, key, &fault);
	bool is_usable;

	*is_due = false;
	if (result != STORE_FAILED)
		fault_clear(&fault);
	is_usable = result == STORE_READ ||
	            (result != STORE_FAILED && make_key(directory, key, is_due, &fault));
	if (!is_usable)
		log_event(EVENT_STATE_CORRUPT, 0, "%s; repair or remove it", fault.text);
	fault_clear(&fault);
	return is_usable;
}

/* Digests by another key say nothing. */
static void adopt_key(const char *directory, const struct credentials_key *key, struct state *state)
{
	uint64_t id = credentials_key_id(key);

	if (state->key_id != 0 && state->key_id != id)
		forget_credentials(directory, state);
	state->key_id = id;
}

static bool load_file(const char *directory, struct state *state)
{
	struct fault fault = {0};
	struct text text = {0};
	enum store_result result = store_read(directory, STATE_FILE_NAME, STATE_MAX, &text, &fault);
	bool usable = result != STORE_FAILED;

	if (result == STORE_FAILED)
		log_event(EVENT_STATE_CORRUPT, 0, "%s; repair or remove it", fault.text);
	else if (result == STORE_UNFIT ||
	         (result == STORE_READ &&
	          !state_decode(state, text.bytes != NULL ? text.bytes : "", text.length, &fault)))
		usable = state->lost = set_aside(directory, &fault);
	fault_clear(&fault);
	text_clear(&text);
	return usable;
}

bool state_file_load(const char *directory, struct state *state, struct credentials_key *key,
                     bool *key_is_due)
{
	if (!load_file(directory, state) || !load_key(directory, key, key_is_due))
		return false;
	adopt_key(directory, key, state);
	return true;
}
