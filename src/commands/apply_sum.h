/* SPDX-License-Identifier: MIT */
/* What became of each integration that `apply` was to send, and of all of them. */
#ifndef APPLY_SUM_H
#define APPLY_SUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "sync/sync_query.h"

/* Something to be sent. */
struct apply_job {
	int64_t id;
	enum { APPLY_OPEN, APPLY_ACCEPTED, APPLY_REJECTED } outcome;
};

/* All borrowed. */
struct apply_result {
	const struct sync *sync; /* when all is over */
	const struct apply_job *jobs;
	size_t count;
	int64_t elapsed_ms;
};

struct apply_sum {
	size_t accepted;
	size_t unconfirmed; /* of these: to be sent once more, after an unknown outcome */
	size_t rejected;
	size_t unanswered;
	size_t not_sent; /* it was not their turn */
};

/* Count them. */
struct apply_sum apply_sum_of(const struct apply_result *result);

/* Append a line for each that failed, the place to fix first, and the sum. */
void apply_sum_print(const struct apply_result *result, struct text *out);

/* Append one document: the counts, and each integration with its outcome. */
void apply_sum_print_json(const struct apply_result *result, struct text *out);

#endif
