/* SPDX-License-Identifier: MIT */
/* When the state goes to disk: at once if intents wait for it, else a moment later, together with
 * what follows.
 *
 * Whether or not a write succeeds, what waited for it goes on: a full disk must not keep a schedule
 * from the server. Only a crash before the next good write costs something: a repeated PUT, or an
 * edit that is taken back meanwhile and taken for nothing to do. */
#include "sync/sync_internal.h"

#define QUIET_MS  INT64_C(200)
#define LATEST_MS INT64_C(2000)
/* After a failed write: most pass at once, and until then a crash may cost an edit. */
#define RETRY_FIRST_MS INT64_C(1000)
#define RETRY_MAX_MS   INT64_C(300000)

void save_changed(struct sync *sync, int64_t now_ms)
{
	struct saver *saver = &sync->saver;

	saver->changed_at_ms = moment_sooner(saver->changed_at_ms, now_ms);
	if (saver->failures == 0)
		saver->at_ms = moment_sooner(now_ms + QUIET_MS, saver->changed_at_ms + LATEST_MS);
}

void save_flush(struct sync *sync, const struct sync_event *event)
{
	struct saver *saver = &sync->saver;

	(void)event;
	saver->urgent = saver->urgent || saver->changed_at_ms != INT64_MAX;
}

int64_t save_start(struct sync *sync, int64_t now_ms)
{
	struct saver *saver = &sync->saver;

	if (saver->running)
		return INT64_MAX;
	if (!saver->urgent && now_ms < saver->at_ms)
		return saver->at_ms;
	saver->running = true;
	saver->urgent = false;
	saver->at_ms = INT64_MAX;
	saver->changed_at_ms = INT64_MAX;
	action_add(sync, SYNC_SAVE, NULL)->save = saver->next++;
	return INT64_MAX;
}

void save_end(struct sync *sync, const struct sync_event *event)
{
	static const struct backoff retry = {RETRY_FIRST_MS, RETRY_MAX_MS};
	struct saver *saver = &sync->saver;
	int64_t now_ms = event->now_ms;

	saver->running = false;
	saver->ended = event->save.number;
	if (!event->save.saved) {
		saver->at_ms = now_ms + backoff_delay(&retry, ++saver->failures, &sync->random);
		return;
	}
	saver->failures = 0;
	if (saver->changed_at_ms != INT64_MAX)
		saver->at_ms = moment_sooner(saver->changed_at_ms + LATEST_MS, now_ms + QUIET_MS);
}
