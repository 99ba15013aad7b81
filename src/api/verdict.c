/* SPDX-License-Identifier: MIT */
/* A status that is known decides, whatever became of the rest of the transfer: the first rule whose
 * range holds it. Without one, and for a status that means nothing (1xx as the last word, 999), the
 * way the transfer ended decides. When that is uncertain the request may have been applied: that
 * costs one more PUT of the same value, the opposite mistake would lose an edit. */
#include "api/verdict.h"

#include <stddef.h>

struct rule {
	int first;
	int last;
	struct verdict verdict;
};

/* It may have been applied, or yet be. */
#define UNCERTAIN                                                                 \
	{                                                                         \
		.kind = VERDICT_TRANSIENT, .unanswered = true, .uncertain = true, \
		.maybe_done = true                                                \
	}

static const struct rule rules[] = {
	{.first = 200, .last = 299, .verdict = {.kind = VERDICT_ACCEPTED}},
	{.first = 300,
         .last = 399,
         .verdict = {.kind = VERDICT_MISCONFIGURED, .needs_witness = true}},
	{.first = 401, .last = 401, .verdict = {.kind = VERDICT_DENIED, .needs_witness = true}},
	{.first = 403, .last = 403, .verdict = {.kind = VERDICT_DENIED, .needs_witness = true}},
	{.first = 407, .last = 407, .verdict = {.kind = VERDICT_MISCONFIGURED}},
	{.first = 408, .last = 408, .verdict = {.kind = VERDICT_TRANSIENT, .unanswered = true}},
	{.first = 425, .last = 425, .verdict = {.kind = VERDICT_TRANSIENT, .unanswered = true}},
	{.first = 429, .last = 429, .verdict = {.kind = VERDICT_TRANSIENT, .host_wide = true}},
	{.first = 400, .last = 499, .verdict = {.kind = VERDICT_REJECTED}},
	/* A gateway that gave up does not know what the server behind it did, or will yet do. */
	{.first = 502, .last = 502, .verdict = UNCERTAIN},
	{.first = 503,
         .last = 503,
         .verdict = {.kind = VERDICT_TRANSIENT,
                     .unanswered = true,
                     .maybe_done = true,
                     .host_wide = true}},
	{.first = 504, .last = 504, .verdict = UNCERTAIN},
	{.first = 500, .last = 599, .verdict = {.kind = VERDICT_TRANSIENT, .maybe_done = true}},
};

static const struct verdict by_transfer[] = {
	[VERDICT_TRANSFER_DONE] = UNCERTAIN,
	[VERDICT_TRANSFER_NOT_SENT] = {.kind = VERDICT_TRANSIENT, .unanswered = true},
	[VERDICT_TRANSFER_UNKNOWN] = UNCERTAIN,
	[VERDICT_TRANSFER_SETUP] = {.kind = VERDICT_MISCONFIGURED},
};

struct verdict verdict_of(enum verdict_transfer transfer, int status)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (status >= rules[i].first && status <= rules[i].last)
			return rules[i].verdict;
	}
	return by_transfer[transfer];
}

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[] = {
		[VERDICT_ACCEPTED] = "accepted",           [VERDICT_REJECTED] = "rejected",
		[VERDICT_TRANSIENT] = "transient",         [VERDICT_DENIED] = "denied",
		[VERDICT_MISCONFIGURED] = "misconfigured",
	};

	return names[kind];
}
