/* SPDX-License-Identifier: MIT */
/* An hour's outage with 10,000 integrations due, in three kinds: the server cannot be reached,
 * answers 503, or never answers. The reconciler may ask once an interval of the breaker and no
 * more; when the hour is over everything goes at the rate limit, no faster and hardly slower.
 *
 * outage [COUNT [HOURS]]. Prints TAP. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sync/sync.h"

#define HOUR_MS     INT64_C(3600000)
#define LATENCY_MS  20 /* of an answer, and of a write of the state */
#define RATE        5
#define BURST       (2 * RATE)
#define SLOTS       64
#define ROOM_MS     (GATE_BREAKER_MAX_MS + 60000) /* the last probe, the ramp, the last requests */
#define EARLY_MOST  16 /* requests before the breaker opens: five failures, and those under way */
#define STARTED_MS  1000
#define UNANSWERED  0
#define UNAVAILABLE 503

struct kind {
	const char *name;
	enum verdict_transfer transfer;
	int status;
	int64_t latency_ms;
	bool confirms; /* what failed may have arrived, so its value goes twice */
};

static const struct kind kinds[] = {
	{.name = "unreachable",
         .transfer = VERDICT_TRANSFER_NOT_SENT,
         .status = UNANSWERED,
         .latency_ms = LATENCY_MS},
	{.name = "unavailable",
         .transfer = VERDICT_TRANSFER_DONE,
         .status = UNAVAILABLE,
         .latency_ms = LATENCY_MS},
	{.name = "unanswered",
         .transfer = VERDICT_TRANSFER_UNKNOWN,
         .status = UNANSWERED,
         .latency_ms = 30000,
         .confirms = true},
};

/* A request under way. */
struct slot {
	bool taken;
	int64_t id;
	uint64_t generation;
	int64_t answer_at;
};

struct outage {
	const struct kind *kind;
	struct sync *sync;
	int64_t now;
	int64_t ends_at;
	struct slot slots[SLOTS];
	unsigned in_flight;
	int64_t save_at; /* INT64_MAX: no write */
	uint64_t save;
	bool opened;         /* the breaker, for the first time */
	unsigned early;      /* requests before that */
	unsigned probes;     /* requests after it, in the outage */
	int64_t may_send_at; /* the next probe, as it was told */
	double tokens;       /* an independent count of the rate */
	int64_t tokens_at;
	int64_t recovered_at; /* the breaker closed; 0: not yet */
	int64_t first_at;
	int64_t last_at;
	unsigned accepted;
	unsigned confirmed;
	const char *failure;
};

static void fail(struct outage *outage, const char *what)
{
	if (outage->failure == NULL)
		outage->failure = what;
}

static bool is_out(const struct outage *outage)
{
	return outage->now < outage->ends_at;
}

static void count_rate(struct outage *outage)
{
	outage->tokens += (double)(outage->now - outage->tokens_at) * RATE / 1000;
	outage->tokens_at = outage->now;
	if (outage->tokens > BURST)
		outage->tokens = BURST;
	outage->tokens--;
	/* One in a thousand of a token is a rounded millisecond. */
	if (outage->tokens < -0.001)
		fail(outage, "faster than the rate limit");
}

static void count_probe(struct outage *outage)
{
	if (!outage->opened) {
		outage->early++;
		return;
	}
	outage->probes++;
	if (outage->in_flight > 0)
		fail(outage, "a probe beside another request");
	if (outage->now < outage->may_send_at)
		fail(outage, "a probe before its time");
}

static void send(struct outage *outage, const struct sync_action *action)
{
	struct slot *slot = outage->slots;

	count_rate(outage);
	if (outage->recovered_at == 0)
		count_probe(outage);
	while (slot->taken)
		slot++;
	*slot = (struct slot){.taken = true, .id = action->id, .generation = action->generation};
	slot->answer_at =
		outage->now + (is_out(outage) ? outage->kind->latency_ms : (int64_t)LATENCY_MS);
	outage->in_flight++;
}

static void take_action(struct outage *outage, const struct sync_action *action)
{
	switch (action->kind) {
	case SYNC_SEND:
		send(outage, action);
		return;
	case SYNC_SAVE:
		outage->save = action->save;
		outage->save_at = outage->now + LATENCY_MS;
		return;
	case SYNC_REPORT_GATE:
		if (action->gate.state != GATE_BREAKER)
			fail(outage, "another gate than the breaker");
		outage->opened = true;
		outage->may_send_at = outage->now + action->gate.retry_ms;
		if (action->gate.retry_ms < GATE_BREAKER_FIRST_MS / 2)
			fail(outage, "a shorter interval than the breaker's first");
		return;
	case SYNC_REPORT_OPENED:
		outage->recovered_at = outage->now;
		return;
	case SYNC_REPORT_ACCEPTED:
		outage->accepted += !action->accepted.confirming;
		outage->confirmed += action->accepted.confirming;
		outage->first_at = outage->first_at != 0 ? outage->first_at : outage->now;
		outage->last_at = outage->now;
		return;
	case SYNC_LIST:
		fail(outage, "a look, though drift is off");
		return;
	case SYNC_REPORT_DRIFT:
	case SYNC_REPORT_REPAIRED:
	case SYNC_REPORT_UNKNOWN:
	case SYNC_REPORT_RUNAWAY:
	case SYNC_REPORT_REJECTED:
		fail(outage, "parked or refused");
		return;
	case SYNC_REPORT_ADDED:
	case SYNC_REPORT_REMOVED:
	case SYNC_REPORT_FAILED:
	case SYNC_REPORT_HELD:
		return;
	}
}

static void step(struct outage *outage, struct sync_event event)
{
	const struct sync_action *actions;
	size_t count = 0;

	event.now_ms = outage->now;
	event.unix_s = outage->now / 1000;
	actions = sync_step(outage->sync, &event, &count);
	for (size_t i = 0; i < count; i++)
		take_action(outage, &actions[i]);
}

static struct slot *next_answer(struct outage *outage)
{
	struct slot *next = NULL;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &outage->slots[i];

		if (slot->taken && (next == NULL || slot->answer_at < next->answer_at))
			next = slot;
	}
	return next;
}

static void answer(struct outage *outage, struct slot *slot)
{
	const struct kind *kind = outage->kind;
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .answer = {.id = slot->id,
	                                      .generation = slot->generation,
	                                      .verdict = verdict_of(VERDICT_TRANSFER_DONE, 200)}};

	if (is_out(outage)) {
		event.answer.verdict = verdict_of(kind->transfer, kind->status);
		event.answer.error_text = "no answer";
	}
	slot->taken = false;
	outage->in_flight--;
	step(outage, event);
}

static void take_save(struct outage *outage)
{
	struct sync_event event = {.kind = SYNC_SAVED,
	                           .save = {.number = outage->save, .saved = true}};

	outage->save_at = INT64_MAX;
	step(outage, event);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Let the next thing happen; false if nothing is to come before `until`. */
static bool happen(struct outage *outage, int64_t until)
{
	struct slot *slot = next_answer(outage);
	int64_t answer_at = slot != NULL ? slot->answer_at : INT64_MAX;
	int64_t next = sooner(sooner(answer_at, outage->save_at), sync_deadline(outage->sync));

	if (next > until) {
		outage->now = until;
		return false;
	}
	outage->now = next > outage->now ? next : outage->now;
	if (outage->save_at <= outage->now)
		take_save(outage);
	else if (answer_at <= outage->now)
		answer(outage, slot);
	else
		step(outage, (struct sync_event){.kind = SYNC_TICKED});
	return true;
}

static struct spec *make_spec(size_t count)
{
	struct spec *spec = spec_new();

	spec->api.rate_limit = RATE;
	spec->drift.mode = SPEC_DRIFT_OFF;
	spec->integrations = mem_alloc(count, sizeof(*spec->integrations));
	spec->count = count;
	for (size_t i = 0; i < count; i++) {
		spec->integrations[i] =
			(struct spec_integration){.id = (int64_t)i + 1,
		                                  .value.indexing_cron = mem_dup("0 6 * * *"),
		                                  .token = mem_dup("token"),
		                                  .password = mem_dup("password")};
	}
	return spec;
}

/* The most requests that the breaker's shortest intervals leave room for. */
static unsigned most_probes(int64_t outage_ms)
{
	int64_t interval = GATE_BREAKER_FIRST_MS;
	unsigned probes = 0;

	for (int64_t at = 0; at < outage_ms; probes++) {
		at += interval / 2;
		interval = sooner(2 * interval, GATE_BREAKER_MAX_MS);
	}
	return probes;
}

static void check(struct outage *outage, size_t count)
{
	int64_t ideal_ms = (int64_t)count * 1000 / RATE;
	int64_t took_ms = outage->last_at - outage->first_at;

	if (outage->early > EARLY_MOST)
		fail(outage, "too many requests before the breaker opened");
	if (outage->recovered_at == 0)
		fail(outage, "the breaker never closed");
	if (outage->accepted != count || outage->in_flight != 0)
		fail(outage, "not all were accepted, once each");
	if ((outage->confirmed > 0) != outage->kind->confirms)
		fail(outage, "confirmed without need, or not with it");
	if (outage->recovered_at - outage->ends_at > GATE_BREAKER_MAX_MS)
		fail(outage, "the end of the outage was noticed too late");
	if (took_ms < ideal_ms - BURST * 1000 / RATE || took_ms > ideal_ms * 21 / 20 + ROOM_MS)
		fail(outage, "the recovery was not at the rate limit");
}

static void play(struct outage *outage, const struct kind *kind, size_t count, int64_t outage_ms)
{
	*outage = (struct outage){.kind = kind,
	                          .now = STARTED_MS,
	                          .tokens = BURST,
	                          .tokens_at = STARTED_MS,
	                          .ends_at = STARTED_MS + outage_ms,
	                          .save_at = INT64_MAX};
	outage->sync = sync_new(NULL, 1);
	step(outage, (struct sync_event){.kind = SYNC_CONFIGURED, .spec = make_spec(count)});
	while (happen(outage, outage->ends_at)) {
	}
	if (outage->probes > most_probes(outage_ms))
		fail(outage, "more than one request an interval");
	/* Twice as long as it may take: whatever comes too much comes within. */
	while (happen(outage, outage->ends_at + (int64_t)count * 2000 / RATE + 2 * HOUR_MS)) {
	}
	check(outage, count);
	sync_free(outage->sync);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	int64_t outage_ms = (argc > 2 ? strtol(argv[2], NULL, 10) : 1) * HOUR_MS;
	int failures = 0;

	(void)printf("1..%zu\n", sizeof(kinds) / sizeof(kinds[0]));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct outage outage;

		play(&outage, &kinds[i], count, outage_ms);
		failures += outage.failure != NULL;
		(void)printf("%sok %zu - %s: %u requests until the breaker opened, then %u probes "
		             "(at most %u); %u accepted in %" PRId64 " s, %u confirmed%s%s\n",
		             outage.failure != NULL ? "not " : "", i + 1, kinds[i].name,
		             outage.early, outage.probes, most_probes(outage_ms), outage.accepted,
		             (outage.last_at - outage.first_at) / 1000, outage.confirmed,
		             outage.failure != NULL ? ": " : "",
		             outage.failure != NULL ? outage.failure : "");
	}
	return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
