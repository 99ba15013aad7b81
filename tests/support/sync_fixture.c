/* SPDX-License-Identifier: MIT */
/* The rig keeps the generation of what it saw sent in the mind itself: an answer is always to the
 * newest SEND of its id. */
#include "support/sync_fixture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct spec *rig_spec(const struct rig_integration *integrations)
{
	struct spec *spec = spec_new();
	size_t count = 0;

	while (integrations[count].id != 0) {
		count++;
	}
	spec->api.key = mem_dup("key");
	spec->api.rate_limit = 0;
	spec->api.max_in_flight = 4;
	spec->api.timeout_ms = 30000;
	spec->drift.mode = SPEC_DRIFT_OFF;
	spec->retry = (struct spec_retry){.first_ms = 1000,
	                                  .max_ms = 8000,
	                                  .rejected_first_ms = 30000,
	                                  .rejected_max_ms = 120000};
	spec->integrations = mem_alloc(count + 1, sizeof(*spec->integrations));
	spec->count = count;
	for (size_t i = 0; i < count; i++) {
		struct spec_integration *made = &spec->integrations[i];

		made->id = integrations[i].id;
		made->value.indexing_cron = mem_dup(integrations[i].cron);
		made->token =
			mem_dup(integrations[i].token != NULL ? integrations[i].token : "token");
		made->password = mem_dup("password");
		made->paused = integrations[i].paused;
	}
	return spec;
}

static void step(struct rig *rig, struct sync_event event)
{
	event.now_ms = rig->now_ms;
	event.unix_s = rig->now_ms / 1000;
	rig->actions = sync_step(rig->sync, &event, &rig->count);
}

void rig_open(struct rig *rig, struct state *state)
{
	*rig = (struct rig){.sync = sync_new(state, RIG_SEED), .now_ms = 1000000};
}

void rig_close(struct rig *rig)
{
	sync_free(rig->sync);
}

void rig_configure(struct rig *rig, struct spec *spec)
{
	step(rig, (struct sync_event){.kind = SYNC_CONFIGURED, .spec = spec});
}

void rig_release(struct rig *rig)
{
	step(rig, (struct sync_event){.kind = SYNC_RELEASED});
}

void rig_stop(struct rig *rig)
{
	step(rig, (struct sync_event){.kind = SYNC_STOPPED});
}

void rig_save(struct rig *rig, uint64_t save, bool saved)
{
	step(rig, (struct sync_event){.kind = SYNC_SAVED, .save = save, .saved = saved});
}

void rig_answer(struct rig *rig, int64_t id, enum verdict_transfer transfer, int status,
                int64_t retry_after_ms)
{
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .id = id,
	                           .verdict = verdict_of(transfer, status),
	                           .retry_after_ms = retry_after_ms,
	                           .words = status >= 200 && status < 300 ? NULL : "words"};

	event.generation = rig_view(rig, id).flying_generation;
	step(rig, event);
}

void rig_list(struct rig *rig, int status, int64_t retry_after_ms,
              const struct wire_remote *remotes)
{
	struct wire_remotes list = {.count = 0};
	struct sync_event event = {.kind = SYNC_LISTED,
	                           .verdict = verdict_of(VERDICT_TRANSFER_DONE, status),
	                           .retry_after_ms = retry_after_ms,
	                           .words = "words"};

	if (remotes != NULL) {
		while (remotes[list.count].id != 0) {
			list.count++;
		}
		list.items = mem_alloc(list.count + 1, sizeof(*list.items));
		memcpy(list.items, remotes, list.count * sizeof(*list.items));
		event.remotes = &list;
	}
	step(rig, event);
	free(list.items);
}

void rig_answer_with(struct rig *rig, int64_t id, enum wire_known known, const char *cron)
{
	step(rig, (struct sync_event){.kind = SYNC_ANSWERED,
	                              .id = id,
	                              .generation = rig_view(rig, id).flying_generation,
	                              .verdict = verdict_of(VERDICT_TRANSFER_DONE, 200),
	                              .known = known,
	                              .cron = cron});
}

unsigned rig_pass(struct rig *rig, int64_t ms)
{
	int64_t end = rig->now_ms + ms;
	unsigned sends = 0;

	while (sync_deadline(rig->sync) <= end) {
		int64_t deadline = sync_deadline(rig->sync);

		rig->now_ms = deadline > rig->now_ms ? deadline : rig->now_ms;
		step(rig, (struct sync_event){.kind = SYNC_TICKED});
		sends += rig_count(rig, SYNC_SEND);
	}
	rig->now_ms = end;
	return sends;
}

void rig_start(struct rig *rig, struct spec *spec)
{
	const struct sync_action *save;

	rig_configure(rig, spec);
	save = rig_find(rig, SYNC_SAVE, 0);
	if (save != NULL) {
		rig_save(rig, save->save, true);
	}
}

const struct sync_action *rig_find(const struct rig *rig, enum sync_action_kind kind, int64_t id)
{
	for (size_t i = 0; i < rig->count; i++) {
		if (rig->actions[i].kind == kind && (id == 0 || rig->actions[i].id == id)) {
			return &rig->actions[i];
		}
	}
	return NULL;
}

unsigned rig_count(const struct rig *rig, enum sync_action_kind kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < rig->count; i++) {
		count += rig->actions[i].kind == kind;
	}
	return count;
}

struct sync_view rig_view(const struct rig *rig, int64_t id)
{
	for (size_t i = 0; i < sync_count(rig->sync); i++) {
		struct sync_view view = sync_view_at(rig->sync, i);

		if (view.id == id) {
			return view;
		}
	}
	return (struct sync_view){.id = 0};
}
