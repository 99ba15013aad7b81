/* SPDX-License-Identifier: MIT */
/* The state file: read once at the start, written in the thread pool whenever the mind asks, and
 * once more when the loop has ended.
 *
 * A file that cannot be understood is set aside, never overwritten, and everything is sent again.
 * A write that fails is told once; the daemon goes on, and the mind tries again later. */
#include "daemon_p.h"

#include <stdlib.h>
#include <syslog.h>

#include "log.h"
#include "mem.h"
#include "store.h"

#define STATE_NAME "state.json"

static void tell(enum event event, int level, char *message)
{
	log_write(&(const struct log_record){.event = event, .level = level, .message = message});
	free(message);
}

static bool set_aside(struct daemon *daemon, const struct fault *why)
{
	const char *directory = daemon->options->state_directory;
	struct fault fault = {.text = NULL};
	char *aside = NULL;

	if (!store_set_aside(directory, STATE_NAME, &aside, &fault)) {
		tell(EVENT_STATE_CORRUPT, 0,
		     mem_printf("%s/%s cannot be used (%s), nor set aside: %s", directory,
		                STATE_NAME, why->text, fault.text));
		fault_clear(&fault);
		return false;
	}
	tell(EVENT_STATE_CORRUPT, 0,
	     mem_printf("%s/%s cannot be used: %s; kept as %s, and everything is sent again",
	                directory, STATE_NAME, why->text, aside));
	free(aside);
	return true;
}

/* False if the daemon cannot go on; what was not understood leaves `state` empty. */
bool daemon_restore(struct daemon *daemon, struct state *state)
{
	const char *directory = daemon->options->state_directory;
	struct fault fault = {.text = NULL};
	struct text text = {.length = 0};
	bool missing = false;
	bool usable = true;

	if (!store_read(directory, STATE_NAME, STATE_MAX, &text, &missing, &fault)) {
		if (!missing) {
			tell(EVENT_STATE_CORRUPT, 0,
			     mem_printf("%s; mend or remove it", fault.text));
			usable = false;
		}
	} else if (!state_decode(state, text.bytes != NULL ? text.bytes : "", text.length,
	                         &fault)) {
		usable = set_aside(daemon, &fault);
	}
	fault_clear(&fault);
	text_clear(&text);
	return usable;
}

static bool write_state(const struct daemon *daemon, struct text *text, struct fault *fault)
{
	state_encode_end(text);
	return store_replace(daemon->options->state_directory, STATE_NAME, text->bytes,
	                     text->length, STORE_KEPT, fault);
}

static void tell_result(struct daemon_save *save)
{
	if (!save->ok && !save->failing) {
		tell(EVENT_STATE_WRITE_FAILED, 0,
		     mem_printf(
			     "%s; the old state stays, schedules are still sent, tried again later",
			     save->fault.text));
	}
	if (save->ok && save->failing) {
		tell(EVENT_STATE_WRITE_FAILED, LOG_NOTICE,
		     mem_printf("the state is written again"));
	}
	save->failing = !save->ok;
	fault_clear(&save->fault);
}

static void work_save(uv_work_t *work)
{
	struct daemon *daemon = work->data;

	daemon->save.ok = write_state(daemon, &daemon->save.text, &daemon->save.fault);
}

static void on_saved(uv_work_t *work, int status)
{
	struct daemon *daemon = work->data;
	struct daemon_save *save = &daemon->save;
	struct sync_event event = {.kind = SYNC_SAVED, .save = save->number};

	save->running = false;
	save->ok = save->ok && status == 0;
	text_clear(&save->text);
	tell_result(save);
	event.saved = save->ok;
	daemon_step(daemon, &event, NULL);
}

void daemon_save_start(struct daemon *daemon, uint64_t number)
{
	struct daemon_save *save = &daemon->save;

	save->number = number;
	save->started_ms = uv_now(&daemon->loop);
	save->running = true;
	save->ok = false;
	save->work.data = daemon;
	sync_encode(daemon->sync, &save->text);
	(void)uv_queue_work(&daemon->loop, &save->work, work_save, on_saved);
}

/* The loop has ended: nothing is left that waiting could hold up. */
void daemon_save_last(struct daemon *daemon)
{
	struct daemon_save *save = &daemon->save;

	sync_encode(daemon->sync, &save->text);
	save->ok = write_state(daemon, &save->text, &save->fault);
	tell_result(save);
	text_clear(&save->text);
}
