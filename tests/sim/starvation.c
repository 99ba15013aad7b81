/* SPDX-License-Identifier: MIT */
/* k of n integrations fail for ever, in each way that a server has, from the start or from an edit
 * on. How long does the edit of a healthy one take, how much is sent in vain, and does it all
 * arrive when the server works again? (SPEC §6, "Nobody starves")
 *
 * starvation [-v]. Prints TAP; -v says the seconds of each edit, -1: never. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "play.h"

#define HEALTHY    20
#define UNATTENDED 30            /* that fail, more than are sent before the breaker opens */
#define EDIT_MS    INT64_C(2200) /* 2 s and one request of the rate limit */
#define HANGING_MS ((int64_t)2 * PLAY_TIMEOUT_MS) /* two time-outs */
#define PAUSED_MS  INT64_C(62200)                 /* another one is tried after a minute */
#define FOREVER_MS INT64_C(3600000)
#define MINUTE_MS  INT64_C(60000)
#define CHECK_MS   (10 * MINUTE_MS) /* from one check for drift to the next */

struct kind {
	const char *name;
	struct play_reply fails;
	int list_status;
	int64_t bound_ms; /* of an edit */
};

#define REFUSES                                                        \
	{                                                              \
		.transfer = VERDICT_TRANSFER_NOT_SENT, .latency_ms = 1 \
	}
#define HANGS                                                                       \
	{                                                                           \
		.transfer = VERDICT_TRANSFER_UNKNOWN, .latency_ms = PLAY_TIMEOUT_MS \
	}

static const struct kind hanging = {"hanging", HANGS, 200, HANGING_MS};

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
	{"refused connections", REFUSES, 200, EDIT_MS},
	/* The list shows that the application answers: it fails, and is asked on. */
	{"refused connections, no list", REFUSES, 404, EDIT_MS},
	{"hanging", HANGS, 200, HANGING_MS},
	{"hanging, the list fails", HANGS, 500, HANGING_MS},
};

struct scenario {
	struct play play;
	const struct kind *kind;
	size_t failing; /* ids 1 to that */
	size_t fixed;   /* of these, ids 1 to that work again */
	size_t count;
	bool is_broken;
	bool is_checked; /* for drift */
	bool always_due; /* no more fail than are asked at once, and others are due */
	unsigned *versions;
	int64_t watched; /* the id whose acceptance is waited for */
	int64_t accepted_at;
	bool *accepted;
	bool *tried;       /* sent since its last edit, and failed: it goes by the retry queue */
	bool *again;       /* the request under way is one of these */
	unsigned vain;     /* how many there were */
	unsigned closures; /* of any gate */
	unsigned slow;     /* edits that took longer than EDIT_MS */
	int64_t passed_at; /* the last success; 0: none */
	int64_t released_at;
	int64_t slowest_ms;
};

static struct play_reply reply(const struct play *play, int64_t id)
{
	const struct scenario *scenario = play->data;

	if (id == 0)
		return (struct play_reply){.status = scenario->kind->list_status,
		                           .latency_ms = 100};
	if (scenario->is_broken && (size_t)id > scenario->fixed && (size_t)id <= scenario->failing)
		return scenario->kind->fails;
	return (struct play_reply){.status = 200, .latency_ms = 20};
}

static unsigned version_of(const struct spec_value *value)
{
	return (unsigned)strtoul(value->indexing_cron, NULL, 10);
}

/* Requests under way of what failed before. */
static unsigned count_retries(const struct scenario *scenario)
{
	unsigned count = 0;

	for (size_t i = 0; i < PLAY_SLOTS; i++) {
		const struct play_slot *slot = &scenario->play.slots[i];

		count += slot->taken && slot->id > 0 && scenario->again[slot->id - 1];
	}
	return count;
}

static void take_send(struct scenario *scenario, const struct sync_action *action)
{
	struct play *play = &scenario->play;
	const struct gate *gate = sync_gate(play->sync);
	bool *tried = &scenario->tried[action->id - 1];

	scenario->again[action->id - 1] = false;
	if (!scenario->is_broken || (size_t)action->id <= scenario->fixed ||
	    (size_t)action->id > scenario->failing)
		return;
	scenario->vain += *tried;
	if (*tried && count_retries(scenario) >= PLAY_IN_FLIGHT / 2)
		play_fail(play, "more than half of the requests are of what failed before");
	/* A release asks for a probe beside them. */
	if (gate->failing && play->in_flight >= PLAY_IN_FLIGHT / 2 &&
	    play->now > scenario->released_at + 2 * GATE_HURRY_MS)
		play_fail(play, "a server that fails is asked by too many at once");
	scenario->again[action->id - 1] = *tried;
	*tried = true;
}

static bool is_gate_matter(const struct scenario *scenario)
{
	const struct play_reply *fails = &scenario->kind->fails;

	return verdict_of(fails->transfer, fails->status).needs_witness;
}

static void take_accepted(struct scenario *scenario, const struct sync_action *action)
{
	size_t at = (size_t)action->id - 1;

	scenario->passed_at = scenario->play.now;
	scenario->tried[at] = false;
	if (action->accepted.confirming)
		return;
	scenario->accepted[at] = true;
	if (action->id == scenario->watched && scenario->accepted_at == 0 &&
	    scenario->versions[at] == version_of(action->accepted.value))
		scenario->accepted_at = scenario->play.now;
}

static void take_gate(struct scenario *scenario, const struct sync_action *action)
{
	scenario->closures++;
	if (action->gate.state != GATE_BREAKER && scenario->always_due)
		play_fail(&scenario->play, "a gate closed, though the key is good for others");
	if (action->gate.state == GATE_BREAKER && scenario->failing < GATE_BREAKER_FAILURES)
		play_fail(&scenario->play, "the breaker opened for a few");
}

static void acted(struct play *play, const struct sync_action *action)
{
	struct scenario *scenario = play->data;
	bool has_witness =
		scenario->passed_at != 0 && play->now < scenario->passed_at + GATE_WITNESS_MS;

	if (action->kind == SYNC_SEND)
		take_send(scenario, action);
	else if (action->kind == SYNC_REPORT_GATE)
		take_gate(scenario, action);
	else if (action->kind == SYNC_REPORT_ACCEPTED)
		take_accepted(scenario, action);
	else if (action->kind == SYNC_LIST && is_gate_matter(scenario) && has_witness)
		play_fail(play, "the list is asked for, though there is a witness");
}

static void configure(struct scenario *scenario)
{
	struct spec *spec = play_spec(scenario->count, scenario->versions);

	spec->drift.mode = scenario->is_checked ? SPEC_DRIFT_REPORT : SPEC_DRIFT_OFF;
	spec->drift.interval_ms = CHECK_MS;
	play_configure(&scenario->play, spec);
}

static void edit_failing(struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->failing; i++)
		scenario->versions[i]++;
	memset(scenario->tried, 0, scenario->failing * sizeof(*scenario->tried));
	configure(scenario);
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
	scenario->slow += took_ms > EDIT_MS;
	scenario->slowest_ms = moment_later(scenario->slowest_ms, took_ms);
}

/* Seconds, minutes and an hour after it began. */
static void time_edits(struct scenario *scenario)
{
	static const int64_t waits[] = {0, 1000, 7000, MINUTE_MS, 10 * MINUTE_MS, FOREVER_MS};

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		play_until(&scenario->play, scenario->play.now + waits[i]);
		time_edit(scenario, i);
		scenario->always_due = false;
	}
	/* Once for each time that the pause is asked for: at first, and after an hour. */
	if (scenario->kind->fails.retry_after_ms > 0 && scenario->failing == 1 &&
	    scenario->slow > 2)
		play_fail(&scenario->play, "one that is asked to wait holds up the others");
	if (scenario->slowest_ms > scenario->kind->bound_ms)
		play_fail(&scenario->play, "the edit of a healthy one waits too long");
}

/* Of what failed at its last try no more than a fifth of the rate is sent. */
static void check_load(struct scenario *scenario)
{
	unsigned before = scenario->vain;
	unsigned closures = scenario->closures;
	bool all_tried = sync_gate(scenario->play.sync)->state == GATE_OPEN;

	for (size_t i = 0; i < scenario->failing; i++)
		all_tried = all_tried && scenario->tried[i];
	play_until(&scenario->play, scenario->play.now + FOREVER_MS);
	if (scenario->vain - before > FOREVER_MS / 1000 * PLAY_RATE / 5 + 2)
		play_fail(&scenario->play, "too much is sent in vain");
	if (all_tried && scenario->closures > closures)
		play_fail(&scenario->play, "what fails alone closes a gate");
}

static void release(struct scenario *scenario)
{
	scenario->released_at = scenario->play.now;
	play_release(&scenario->play);
}

/* A reload remembers whose failure it is: all that failed are due now, and go as slowly. */
static void check_release(struct scenario *scenario)
{
	unsigned before = scenario->vain;

	release(scenario);
	play_until(&scenario->play, scenario->play.now + MINUTE_MS);
	if (scenario->vain - before > MINUTE_MS / 1000 * PLAY_RATE / 5 + 4)
		play_fail(&scenario->play, "after a reload too much is sent in vain");
	time_edit(scenario, 0);
}

/* No healthy one waits behind those that fail, unless these take hours by themselves. */
static void check_healthy(struct scenario *scenario)
{
	for (size_t i = 0; scenario->failing <= 10 && i < HEALTHY; i++) {
		if (!scenario->accepted[scenario->failing + i])
			play_fail(&scenario->play, "a healthy one was never accepted");
	}
}

static void check_recovery(struct scenario *scenario)
{
	int64_t needed_ms = (int64_t)scenario->failing * 1000 / PLAY_RATE;

	scenario->is_broken = false;
	for (size_t i = scenario->failing / 2; i < scenario->failing; i++)
		scenario->accepted[i] = false;
	release(scenario);
	play_until(&scenario->play, scenario->play.now + needed_ms * 21 / 20 + MINUTE_MS);
	for (size_t i = 0; i < scenario->failing; i++) {
		if (!scenario->accepted[i])
			play_fail(&scenario->play, "the server works, and not all have arrived");
	}
}

/* When half of them work again they are tried faster, and the other half not for long. */
static void check_half(struct scenario *scenario)
{
	scenario->fixed = scenario->failing / 2;
	play_until(&scenario->play, scenario->play.now + FOREVER_MS);
	check_load(scenario);
	scenario->fixed = 0;
}

/* Broken once more, the retry queue starts as slowly as the first time. */
static void check_relapse(struct scenario *scenario)
{
	unsigned closures = scenario->closures;

	scenario->is_broken = true;
	play_until(&scenario->play, scenario->play.now + 2 * GATE_WITNESS_MS);
	edit_failing(scenario);
	play_until(&scenario->play, scenario->play.now + 10 * FOREVER_MS);
	check_load(scenario);
	if (is_gate_matter(scenario) &&
	    (scenario->closures > closures) != (scenario->kind->list_status != 200))
		play_fail(&scenario->play, "a gate closed with a witness, or not without one");
}

static void open(struct scenario *scenario, const struct kind *kind, size_t failing)
{
	*scenario = (struct scenario){.kind = kind, .failing = failing, .count = failing + HEALTHY};
	scenario->versions = mem_alloc(scenario->count, sizeof(*scenario->versions));
	scenario->accepted = mem_alloc(scenario->count, sizeof(*scenario->accepted));
	scenario->again = mem_alloc(scenario->count, sizeof(*scenario->again));
	scenario->tried = mem_alloc(scenario->count, sizeof(*scenario->tried));
	scenario->play = (struct play){.reply = reply, .acted = acted, .data = scenario};
	play_open(&scenario->play);
}

static void close(struct scenario *scenario)
{
	play_close(&scenario->play);
	free(scenario->versions);
	free(scenario->accepted);
	free(scenario->again);
	free(scenario->tried);
}

static bool run(const struct kind *kind, size_t failing, bool known, int64_t *slowest_ms,
                const char **failure)
{
	struct scenario scenario;

	open(&scenario, kind, failing);
	scenario.is_broken = !known;
	scenario.always_due = !known && failing <= PLAY_IN_FLIGHT;
	configure(&scenario);
	if (known) {
		play_until(&scenario.play, (int64_t)scenario.count * 1000 / PLAY_RATE + MINUTE_MS);
		scenario.is_broken = true;
		edit_failing(&scenario);
	}
	time_edits(&scenario);
	check_load(&scenario);
	check_release(&scenario);
	check_healthy(&scenario);
	check_half(&scenario);
	check_recovery(&scenario);
	check_relapse(&scenario);
	*slowest_ms = scenario.slowest_ms;
	*failure = scenario.play.failure;
	close(&scenario);
	return *failure == NULL;
}

/* Twelve edits a second of ten, five of them sent: what was edited once arrives all the same. */
static bool run_constant_edits(void)
{
	static const struct kind healthy = {
		"constant edits", {.status = 200, .latency_ms = 20}, 200, 0};
	struct scenario scenario;
	bool arrived = true;

	open(&scenario, &healthy, 0);
	configure(&scenario);
	play_until(&scenario.play, MINUTE_MS);
	for (size_t i = 0; i < 250; i++) {
		for (size_t id = 0; i == 50 && id < HEALTHY / 2; id++) {
			scenario.versions[id]++;
			scenario.accepted[id] = false;
		}
		scenario.versions[HEALTHY / 2 + i % (HEALTHY / 2)]++;
		configure(&scenario);
		play_until(&scenario.play, scenario.play.now + 80);
	}
	for (size_t id = 0; id < HEALTHY / 2; id++)
		arrived = arrived && scenario.accepted[id];
	arrived = arrived && scenario.play.failure == NULL;
	close(&scenario);
	return arrived;
}

/* How many behind those that fail arrive in time, with nobody to edit anything. */
static size_t count_unattended(const struct kind *kind, size_t failing, int64_t time_ms)
{
	struct scenario scenario;
	size_t arrived = 0;

	open(&scenario, kind, failing);
	scenario.is_broken = true;
	configure(&scenario);
	play_until(&scenario.play, time_ms);
	for (size_t i = scenario.failing; i < scenario.count; i++)
		arrived += scenario.accepted[i];
	close(&scenario);
	return arrived;
}

/* Those behind many that fail arrive within a minute; of what hangs a slot is had only by chance,
 * but so many that apply, which waits two minutes for the next one, goes on. */
static bool run_unattended(const struct kind *kind)
{
	if (kind->list_status >= 500 ||
	    (kind->list_status >= 300 &&
	     verdict_of(kind->fails.transfer, kind->fails.status).needs_witness))
		return true;
	if (kind->bound_ms == HANGING_MS)
		return count_unattended(kind, 10, 2 * MINUTE_MS) >= HEALTHY / 2 &&
		       count_unattended(kind, 100, 2 * MINUTE_MS) > 0;
	return kind->bound_ms > EDIT_MS || count_unattended(kind, UNATTENDED, MINUTE_MS) == HEALTHY;
}

/* While all that fail hang for ever the server is checked for drift all the same. */
static bool run_checked(const struct kind *kind, size_t failing)
{
	struct scenario scenario;
	unsigned lists;

	open(&scenario, kind, failing);
	scenario.is_checked = true;
	configure(&scenario);
	play_until(&scenario.play, (int64_t)scenario.count * 1000 / PLAY_RATE + MINUTE_MS);
	scenario.is_broken = true;
	edit_failing(&scenario);
	lists = scenario.play.lists;
	play_until(&scenario.play, scenario.play.now + 10 * FOREVER_MS);
	lists = scenario.play.lists - lists;
	close(&scenario);
	return lists >= 10 * FOREVER_MS / (CHECK_MS + (failing < 1000 ? 10000 : 40000));
}

static void print_times(const struct kind *kind, bool known, const int64_t *times, size_t count)
{
	(void)printf("# %s, %s:", kind->name, known ? "known" : "fresh");
	for (size_t i = 0; i < count; i++)
		(void)printf(" %.1f", times[i] == INT64_MAX ? -1 : (double)times[i] / 1000);
	(void)printf("\n");
}

int main(int argc, char **argv)
{
	static const size_t failing[] = {1, 2, PLAY_IN_FLIGHT, 10, 100, 1000};
	enum { SIZES = sizeof(failing) / sizeof(failing[0]) };
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	size_t number = 0;
	int failures = 0;
	bool arrived;

	(void)printf("1..%zu\n", 2 * sizeof(kinds) / sizeof(kinds[0]) + 1 + SIZES);
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
		if (why == NULL && i % 2 == 0 && !run_unattended(kind)) {
			broken = UNATTENDED;
			why = "a healthy one waits for an edit";
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
	arrived = run_constant_edits();
	failures += !arrived;
	(void)printf("%sok %zu - constant edits\n", arrived ? "" : "not ", ++number);
	for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
		arrived = run_checked(&hanging, failing[i]);
		failures += !arrived;
		(void)printf("%sok %zu - drift is checked for beside %zu that hang\n",
		             arrived ? "" : "not ", ++number, failing[i]);
	}
	return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
