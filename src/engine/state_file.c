/* SPDX-License-Identifier: MIT */
/* A file that cannot be understood is set aside, never overwritten, and everything is sent again. A
 * key that is lost costs no more than the answer it was kept for: whether credentials have changed
 * since they were accepted. One that cannot be read now is not lost.
 *
 * A write that fails is reported once; the work goes on, and the reconciler tries again later. */
#include "engine/state_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <syslog.h>

#include "base/mem.h"
#include "log/log.h"
#include "sync/sync_query.h"

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
	          "%s/" STATE_FILE_KEY_NAME " is lost, or another one: credentials that changed "
	          "while nothing ran are not noticed this once",
	          directory);
}

enum store_result state_file_read_key(const char *directory, struct state_key *key,
                                      struct fault *fault)
{
	struct text text = {0};
	enum store_result result =
		store_read(directory, STATE_FILE_KEY_NAME, sizeof(key->bytes), &text, fault);

	if (result == STORE_READ && text.length != sizeof(key->bytes)) {
		(void)fault_set(fault, "'%s/" STATE_FILE_KEY_NAME "' is not of %zu bytes",
		                directory, sizeof(key->bytes));
		result = STORE_UNFIT;
	}
	if (result == STORE_READ)
		memcpy(key->bytes, text.bytes, sizeof(key->bytes));
	if (text.bytes != NULL)
		mem_wipe(text.bytes, text.capacity);
	text_clear(&text);
	return result;
}

static bool save_key(const char *directory, const struct state_key *key, struct fault *fault)
{
	return store_replace(directory, STATE_FILE_KEY_NAME, key->bytes, sizeof(key->bytes),
	                     STORE_KEPT, fault);
}

/* The state is written after its key, so that what cannot be written now is written with it. */
static bool make_key(const char *directory, struct state_key *key, bool *is_due,
                     struct fault *fault)
{
	if (getentropy(key->bytes, sizeof(key->bytes)) < 0)
		return fault_set(fault, "cannot make a key: %s", strerror(errno));
	*is_due = !save_key(directory, key, fault);
	if (*is_due)
		log_event(EVENT_STATE_CORRUPT, LOG_WARNING,
		          "%s; until it is, credentials that change while nothing runs "
		          "will not be noticed",
		          fault->text);
	return true;
}

static bool load_key(const char *directory, struct state_key *key, bool *is_due)
{
	struct fault fault = {0};
	enum store_result result = state_file_read_key(directory, key, &fault);
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
static void adopt_key(const char *directory, const struct state_key *key, struct state *state)
{
	uint64_t id = state_key_id(key);

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
	         (result == STORE_READ && !state_decode(state, text.bytes, text.length, &fault)))
		usable = state->lost = set_aside(directory, &fault);
	fault_clear(&fault);
	text_clear(&text);
	return usable;
}

bool state_file_load(const char *directory, struct state *state, struct state_key *key,
                     bool *key_is_due)
{
	if (!load_file(directory, state) || !load_key(directory, key, key_is_due))
		return false;
	adopt_key(directory, key, state);
	return true;
}

/* writes */

/* What has changed since the reconciler asked is in it as well: there can only be more intents. At
 * the end what was never sent, or rejected, leaves none: if it is taken back before the next start,
 * there is nothing to do. */
static bool encode(struct text *out, void *data)
{
	struct state_file *file = data;
	const struct spec *spec = sync_spec(file->sync);

	/* Parts of two specifications do not fit together: they may name two servers. */
	if (out->length == 0 || spec != file->encoded_spec) {
		text_truncate(out, 0);
		file->encoded_id = 0;
		file->encoded_spec = spec;
	}
	return sync_encode_part(file->sync, file->is_last, STATE_FILE_PART, &file->encoded_id, out);
}

static bool write_file(struct text *text, struct fault *fault, void *data)
{
	struct state_file *file = data;

	state_encode_end(text);
	if (file->key_is_due)
		file->key_is_due = !save_key(file->directory, file->key, fault);
	return !file->key_is_due && store_replace(file->directory, STATE_FILE_NAME, text->bytes,
	                                          text->length, STORE_KEPT, fault);
}

static void on_done(const char *why, bool is_news, void *data)
{
	const struct state_file *file = data;

	if (why != NULL && is_news)
		log_event(EVENT_STATE_WRITE_FAILED, 0,
		          "%s; the old state stays, schedules are still sent, tried "
		          "again later",
		          why);
	if (why == NULL && is_news)
		log_event(EVENT_STATE_WRITE_FAILED, LOG_NOTICE, "the state is written again");
	if (!file->is_last)
		file->done(file->number, why == NULL, file->data);
}

void state_file_open(struct state_file *file, uv_loop_t *loop)
{
	publisher_open(
		&file->publisher, loop,
		&(const struct publisher_options){
			.encode = encode, .write = write_file, .done = on_done, .data = file});
}

void state_file_start(struct state_file *file, uint64_t number)
{
	if (file->is_closed)
		return;
	file->number = number;
	publisher_start(&file->publisher);
}

void state_file_close(struct state_file *file)
{
	file->is_closed = true;
	publisher_close(&file->publisher);
}

void state_file_write_last(struct state_file *file)
{
	file->is_last = true;
	publisher_write_now(&file->publisher);
}
