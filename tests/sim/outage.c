/* SPDX-License-Identifier: MIT */
/* An hour's outage with 10,000 integrations due, in four kinds: the server cannot be reached,
 * answers 503, never answers, or answers 500 to all. Where nothing answers it may be asked once an
 * interval of the breaker and no more; where the application answers, first tries go twice a second
 * and what failed at a fifth of the rate limit. When the hour is over everything goes at the rate
 * limit, no faster and hardly slower.
 *
 * outage [COUNT [HOURS]]. Prints TAP. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/moment.h"
#include "play.h"

#define HOUR_MS    INT64_C(3600000)
#define ROOM_MS    (GATE_BREAKER_MAX_MS + 60000) /* the last probe, the ramp, the last requests */
#define EARLY_MOST 16 /* requests before the breaker opens: five failures, and those under way */

struct kind {
	const char *name;
	struct play_reply fails;
	bool answers;  /* the application does, so it is asked on */
	bool confirms; /* what failed may have arrived, so its value goes twice */
};

static const struct kind kinds[] = {
	{.name = "unreachable", .fails = {.transfer = VERDICT_TRANSFER_NOT_SENT, .latency_ms = 20}},
	{.name = "unavailable", .fails = {.status = 503, .latency_ms = 20}},
	{.name = "unanswered",
         .fails = {.transfer = VERDICT_TRANSFER_UNKNOWN, .latency_ms = PLAY_TIMEOUT_MS},
         .confirms = true},
	{.name = "failing", .fails = {.status = 500, .latency_ms = 20}, .answers = true},
};

struct outage {
	struct play play;
	const struct kind *kind;
	int64_t ends_at;
	bool is_edited;       /* then a probe may go before its time */
	bool opened;          /* the breaker, for the first time */
	unsigned early;       /* requests before that */
	unsigned probes;      /* requests after it, in the outage; the list included */
	unsigned first;       /* of these, of a value that was never tried */
	int64_t may_send_at;  /* the next probe, as it was reported */
	int64_t recovered_at; /* the breaker closed; 0: not yet */
	int64_t first_at;
	int64_t last_at;
	unsigned accepted;
	unsigned confirmed;
	int64_t last_id; /* which was sent last */
};

static struct play_reply reply(const struct play *play, int64_t id)
{
	const struct outage *outage = play->data;

	(void)id;
	if (play->now < outage->ends_at)
		return outage->kind->fails;
	return (struct play_reply){.status = 200, .latency_ms = 20};
}

static void count_request(struct outage *outage, const struct sync_action *action)
{
	struct play *play = &outage->play;
	unsigned passed = outage->accepted + outage->confirmed;

	if (outage->recovered_at != 0) {
		if (!outage->kind->answers && passed < 2 && play->in_flight + 1 > 1u << passed)
			play_fail(play, "all at once, as soon as one has passed");
		return;
	}
	if (!outage->opened) {
		outage->early++;
		return;
	}
	outage->probes++;
	outage->first += action->kind == SYNC_SEND && action->send.attempt == 1;
	if (outage->kind->answers)
		return;
	if (play->in_flight > 0)
		play_fail(play, "a probe beside another request");
	if (play->now < outage->may_send_at && !outage->is_edited)
		play_fail(play, "a probe before its time");
	if (action->id != 0 && action->id == outage->last_id)
		play_fail(play, "the same one is probed twice in a row");
	outage->last_id = action->id;
}

static void take_gate(struct outage *outage, const struct sync_action *action)
{
	if (action->gate.state != GATE_BREAKER)
		play_fail(&outage->play, "another gate than the breaker");
	if (action->gate.failing != outage->kind->answers)
		play_fail(&outage->play, "the wrong kind of breaker");
	outage->opened = true;
	outage->may_send_at = outage->play.now + action->gate.retry_ms;
	if (!outage->kind->answers && action->gate.retry_ms < GATE_BREAKER_FIRST_MS / 2)
		play_fail(&outage->play, "a shorter interval than the breaker's first");
}

static void acted(struct play *play, const struct sync_action *action)
{
	struct outage *outage = play->data;

	if (action->kind == SYNC_SEND || action->kind == SYNC_LIST) {
		count_request(outage, action);
	} else if (action->kind == SYNC_REPORT_GATE) {
		take_gate(outage, action);
	} else if (action->kind == SYNC_REPORT_OPENED) {
		outage->recovered_at = play->now;
	} else if (action->kind == SYNC_REPORT_ACCEPTED) {
		outage->accepted += !action->accepted.confirming;
		outage->confirmed += action->accepted.confirming;
		outage->first_at = outage->first_at != 0 ? outage->first_at : play->now;
		outage->last_at = play->now;
	} else if (action->kind == SYNC_REPORT_REJECTED) {
		play_fail(play, "rejected");
	}
}

/* The most requests that the breaker's shortest intervals leave room for, or what is asked on. */
static unsigned most_requests(const struct kind *kind, int64_t outage_ms)
{
	int64_t interval = GATE_BREAKER_FIRST_MS;
	unsigned probes = 0;

	if (kind->answers)
		return (unsigned)(outage_ms / GATE_FIRST_TRY_MS + outage_ms * PLAY_RATE / 5000 + 2);
	for (int64_t at = 0; at < outage_ms; probes++) {
		at += interval / 2;
		interval = moment_sooner(2 * interval, GATE_BREAKER_MAX_MS);
	}
	return probes;
}

static void check_outage(struct outage *outage, int64_t outage_ms)
{
	struct play *play = &outage->play;

	if (outage->early > EARLY_MOST)
		play_fail(play, "too many requests before the breaker opened");
	if (outage->probes > most_requests(outage->kind, outage_ms))
		play_fail(play, "too many requests in the outage");
	if (outage->kind->answers && outage->first > outage_ms / GATE_FIRST_TRY_MS + 1)
		play_fail(play, "more than two first tries a second");
}

static void check_recovery(struct outage *outage, size_t count)
{
	struct play *play = &outage->play;
	int64_t ideal_ms = (int64_t)count * 1000 / PLAY_RATE;
	int64_t took_ms = outage->last_at - outage->first_at;

	if (outage->recovered_at == 0)
		play_fail(play, "the breaker never closed");
	if (outage->accepted != count || play->in_flight != 0)
		play_fail(play, "not all were accepted, once each");
	if ((outage->confirmed > 0) != outage->kind->confirms)
		play_fail(play, "confirmed without need, or not with it");
	if (outage->recovered_at - outage->ends_at > GATE_BREAKER_MAX_MS)
		play_fail(play, "the end of the outage was noticed too late");
	if (took_ms < ideal_ms - PLAY_BURST * 1000 / PLAY_RATE ||
	    took_ms > ideal_ms * 21 / 20 + ROOM_MS)
		play_fail(play, "the recovery was not at the rate limit");
}

static void run(struct outage *outage, const struct kind *kind, size_t count, int64_t outage_ms)
{
	unsigned *versions = mem_alloc(count, sizeof(*versions));

	*outage = (struct outage){.kind = kind};
	outage->play = (struct play){.reply = reply, .acted = acted, .data = outage};
	play_open(&outage->play);
	outage->ends_at = outage->play.now + outage_ms;
	play_configure(&outage->play, play_spec(count, versions));
	play_until(&outage->play, outage->ends_at);
	check_outage(outage, outage_ms);
	/* Twice as long as it may take: whatever comes too much comes within. */
	play_until(&outage->play,
	           outage->ends_at + (int64_t)count * 2000 / PLAY_RATE + 2 * HOUR_MS);
	check_recovery(outage, count);
	play_close(&outage->play);
	free(versions);
}

/* Edits come ten a second, while nothing is accepted. */
static void check_edits(struct outage *outage, unsigned *versions, size_t count)
{
	struct play *play = &outage->play;
	unsigned before;

	outage->is_edited = true;
	play_until(play, play->now + 600000);
	before = outage->probes;
	for (size_t i = 0; i < count; i++) {
		versions[i]++;
		play_configure(play, play_spec(count, versions));
		play_until(play, play->now + 100);
	}
	/* One a second, and what is sent slowly anyway. */
	if (outage->probes - before > count / 10 * (outage->kind->answers ? 4 : 1) + 2)
		play_fail(play, "edits hurry more than one probe a second");
	if (outage->probes == before)
		play_fail(play, "edits hurry no probe");
}

static const char *run_edits(const struct kind *kind)
{
	enum { COUNT = 50 };
	unsigned versions[COUNT] = {0};
	struct outage outage = {.kind = kind, .ends_at = INT64_MAX};

	outage.play = (struct play){.reply = reply, .acted = acted, .data = &outage};
	play_open(&outage.play);
	play_configure(&outage.play, play_spec(COUNT, versions));
	check_edits(&outage, versions, COUNT);
	play_close(&outage.play);
	return outage.play.failure;
}

/* With two that are due each is probed in turn. */
static const char *run_pair(const struct kind *kind)
{
	unsigned versions[2] = {0};
	struct outage outage = {.kind = kind, .ends_at = INT64_MAX};

	outage.play = (struct play){.reply = reply, .acted = acted, .data = &outage};
	play_open(&outage.play);
	play_configure(&outage.play, play_spec(2, versions));
	play_until(&outage.play, HOUR_MS);
	/* Its back-off is short now: still the other one has its turn. */
	outage.is_edited = true;
	versions[0]++;
	play_configure(&outage.play, play_spec(2, versions));
	play_until(&outage.play, 2 * HOUR_MS);
	play_close(&outage.play);
	return outage.play.failure;
}

static const char *run_others(const struct kind *kind)
{
	const char *failure = run_edits(kind);

	return failure != NULL ? failure : run_pair(kind);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	int64_t outage_ms = (argc > 2 ? strtol(argv[2], NULL, 10) : 1) * HOUR_MS;
	int failures = 0;

	(void)printf("1..%zu\n", sizeof(kinds) / sizeof(kinds[0]));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct outage outage;
		const char *failure;

		run(&outage, &kinds[i], count, outage_ms);
		failure = outage.play.failure != NULL ? outage.play.failure : run_others(&kinds[i]);
		failures += failure != NULL;
		(void)printf("%sok %zu - %s: %u requests until the breaker opened, then %u "
		             "(at most %u); %u accepted in %" PRId64 " s, %u confirmed%s%s\n",
		             failure != NULL ? "not " : "", i + 1, kinds[i].name, outage.early,
		             outage.probes, most_requests(&kinds[i], outage_ms), outage.accepted,
		             (outage.last_at - outage.first_at) / 1000, outage.confirmed,
		             failure != NULL ? ": " : "", failure != NULL ? failure : "");
	}
	return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
