/* SPDX-License-Identifier: MIT */
/* k of n integrations fail for ever, in each way that a server has, from the start or from an edit
 * on. How long does the edit of a healthy one take, how much is sent in vain, and does it all
 * arrive when the server works again? (SPEC §6, "Nobody starves")
 *
 * starvation [-v]. Prints TAP; -v says the seconds of each edit. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "play.h"

#define HEALTHY    20
#define EDIT_MS    INT64_C(2200)                  /* 2 s and one request of the rate limit */
#define HANGING_MS ((int64_t)2 * PLAY_TIMEOUT_MS) /* two time-outs */
#define PAUSED_MS  INT64_C(62200)                 /* another one is tried after a minute */
#define FOREVER_MS INT64_C(3600000)
#define MINUTE_MS  INT64_C(60000)

struct kind {
	const char *name;
	struct play_reply fails;
	int list_status;
	int64_t bound_ms; /* of an edit */
};

static const struct kind kinds[] = {
	{"500", {.status = 500, .latency_ms = 20}, 200, EDIT_MS},
	{"502", {.status = 502, .latency_ms = 20}, 200, EDIT_MS},
	{"503", {.status = 503, .latency_ms = 20}, 200, EDIT_MS},
	{"503 with Retry-After",
         {.status = 503, .latency_ms = 20, .retry_after_ms = 3600000},
         200,
         PAUSED_MS},
	{"500 with Retry-After",
         {.status = 500, .latency_ms = 20, .retry_after_ms = 600000},
         200,
         EDIT_MS},
	{"403", {.status = 403, .latency_ms = 20}, 200, EDIT_MS},
	{"302", {.status = 302, .latency_ms = 20}, 200, EDIT_MS},
	{"403, the list too", {.status = 403, .latency_ms = 20}, 403, EDIT_MS},
	{"302, no list", {.status = 302, .latency_ms = 20}, 404, EDIT_MS},
	{"422", {.status = 422, .latency_ms = 20}, 200, EDIT_MS},
	{"refused connections",
         {.transfer = VERDICT_TRANSFER_NOT_SENT, .latency_ms = 1},
         200,
         EDIT_MS},
	{"hanging",
         {.transfer = VERDICT_TRANSFER_UNKNOWN, .latency_ms = PLAY_TIMEOUT_MS},
         200,
         HANGING_MS},
	{"hanging, the list fails",
         {.transfer = VERDICT_TRANSFER_UNKNOWN, .latency_ms = PLAY_TIMEOUT_MS},
         500,
         HANGING_MS},
};

struct scenario {
	struct play play;
	const struct kind *kind;
	size_t failing; /* ids 1 to that */
	size_t count;
	bool is_broken;
	unsigned *versions;
	int64_t watched; /* the id whose acceptance is waited for */
	int64_t accepted_at;
	unsigned vain; /* requests of those that fail */
	bool *accepted;
	int64_t slowest_ms;
};

static struct play_reply reply(const struct play *play, int64_t id)
{
	const struct scenario *scenario = play->data;

	if (id == 0)
		return (struct play_reply){.status = scenario->kind->list_status,
		                           .latency_ms = 100};
	if (scenario->is_broken && (size_t)id <= scenario->failing)
		return scenario->kind->fails;
	return (struct play_reply){.status = 200, .latency_ms = 20};
}

static unsigned version_of(const struct spec_value *value)
{
	return (unsigned)strtoul(value->indexing_cron, NULL, 10);
}

static void acted(struct play *play, const struct sync_action *action)
{
	struct scenario *scenario = play->data;

	if (action->kind == SYNC_SEND && (size_t)action->id <= scenario->failing)
		scenario->vain += action->send.attempt > 1;
	if (action->kind != SYNC_REPORT_ACCEPTED || action->accepted.confirming)
		return;
	scenario->accepted[action->id - 1] = true;
	if (action->id == scenario->watched && scenario->accepted_at == 0 &&
	    scenario->versions[action->id - 1] == version_of(action->accepted.value))
		scenario->accepted_at = play->now;
}

static void configure(struct scenario *scenario)
{
	play_configure(&scenario->play, play_spec(scenario->count, scenario->versions));
}

/* Edit a healthy one, and see when its newest value is accepted. */
static void time_edit(struct scenario *scenario, size_t which)
{
	int64_t edited_at = scenario->play.now;
	size_t at = scenario->failing + which % HEALTHY;
	int64_t took_ms;

	scenario->versions[at]++;
	scenario->watched = (int64_t)at + 1;
	scenario->accepted_at = 0;
	configure(scenario);
	while (scenario->accepted_at == 0 && scenario->play.now < edited_at + 10 * FOREVER_MS)
		play_until(&scenario->play, scenario->play.now + 1000);
	took_ms = scenario->accepted_at == 0 ? INT64_MAX : scenario->accepted_at - edited_at;
	scenario->slowest_ms = moment_later(scenario->slowest_ms, took_ms);
}

/* Seconds, minutes and an hour after it began. */
static void time_edits(struct scenario *scenario)
{
	static const int64_t waits[] = {0, 1000, 7000, MINUTE_MS, 10 * MINUTE_MS, FOREVER_MS};

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		play_until(&scenario->play, scenario->play.now + waits[i]);
		time_edit(scenario, i);
	}
	if (scenario->slowest_ms > scenario->kind->bound_ms)
		play_fail(&scenario->play, "the edit of a healthy one waits too long");
}

/* Of what failed at its last try no more than a fifth of the rate is sent. */
static void check_load(struct scenario *scenario)
{
	unsigned before = scenario->vain;

	play_until(&scenario->play, scenario->play.now + FOREVER_MS);
	if (scenario->vain - before > FOREVER_MS / 1000 * PLAY_RATE / 5 + 2)
		play_fail(&scenario->play, "too much is sent in vain");
}

static void check_recovery(struct scenario *scenario)
{
	int64_t needed_ms = (int64_t)scenario->failing * 1000 / PLAY_RATE;
	int64_t slow_ms = scenario->kind->fails.retry_after_ms > 0 ? FOREVER_MS : 0;

	scenario->is_broken = false;
	memset(scenario->accepted, 0, scenario->failing * sizeof(*scenario->accepted));
	play_release(&scenario->play);
	play_until(&scenario->play, scenario->play.now + needed_ms * 21 / 20 + MINUTE_MS + slow_ms);
	for (size_t i = 0; i < scenario->failing; i++) {
		if (!scenario->accepted[i])
			play_fail(&scenario->play, "the server works, and not all have arrived");
	}
}

static void open(struct scenario *scenario, const struct kind *kind, size_t failing)
{
	*scenario = (struct scenario){.kind = kind, .failing = failing, .count = failing + HEALTHY};
	scenario->versions = mem_alloc(scenario->count, sizeof(*scenario->versions));
	scenario->accepted = mem_alloc(scenario->count, sizeof(*scenario->accepted));
	scenario->play = (struct play){.reply = reply, .acted = acted, .data = scenario};
	play_open(&scenario->play);
}

static void close(struct scenario *scenario)
{
	play_close(&scenario->play);
	free(scenario->versions);
	free(scenario->accepted);
}

static bool run(const struct kind *kind, size_t failing, bool known, int64_t *slowest_ms,
                const char **failure)
{
	struct scenario scenario;

	open(&scenario, kind, failing);
	scenario.is_broken = !known;
	configure(&scenario);
	if (known) {
		play_until(&scenario.play, (int64_t)scenario.count * 1000 / PLAY_RATE + MINUTE_MS);
		scenario.is_broken = true;
		for (size_t i = 0; i < failing; i++)
			scenario.versions[i]++;
		configure(&scenario);
	}
	time_edits(&scenario);
	check_load(&scenario);
	check_recovery(&scenario);
	*slowest_ms = scenario.slowest_ms;
	*failure = scenario.play.failure;
	close(&scenario);
	return *failure == NULL;
}

static void print_times(const struct kind *kind, bool known, const int64_t *times, size_t count)
{
	(void)printf("# %s, %s:", kind->name, known ? "known" : "fresh");
	for (size_t i = 0; i < count; i++) {
		if (times[i] == INT64_MAX)
			(void)printf(" never");
		else
			(void)printf(" %.1f", (double)times[i] / 1000);
	}
	(void)printf("\n");
}

int main(int argc, char **argv)
{
	static const size_t failing[] = {1, 2, 10, 100, 1000};
	enum { SIZES = sizeof(failing) / sizeof(failing[0]) };
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	size_t number = 0;
	int failures = 0;

	(void)printf("1..%zu\n", 2 * sizeof(kinds) / sizeof(kinds[0]));
	for (size_t i = 0; i < 2 * sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *kind = &kinds[i / 2];
		int64_t times[SIZES];
		size_t broken = 0;
		const char *why = NULL;

		for (size_t size = 0; size < SIZES; size++) {
			const char *failure;

			if (!run(kind, failing[size], i % 2 == 1, &times[size], &failure) &&
			    why == NULL) {
				broken = failing[size];
				why = failure;
			}
		}
		failures += why != NULL;
		(void)printf("%sok %zu - %s, %s", why != NULL ? "not " : "", ++number, kind->name,
		             i % 2 == 1 ? "known" : "fresh");
		if (why != NULL)
			(void)printf(": %zu failing: %s", broken, why);
		(void)printf("\n");
		if (verbose || why != NULL)
			print_times(kind, i % 2 == 1, times, SIZES);
	}
	return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
