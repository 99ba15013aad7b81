/* SPDX-License-Identifier: MIT */
/* Any string is a schedule or is refused at a place within it with one printable line; a schedule
 * equals itself, reads well, and runs at growing times on whole minutes that its sets name. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cron/cron.h"
#include "cron/cron_describe.h"
#include "fuzz/targets.h"

#define RUNS      4
#define WORDS_MAX 1000 /* the longest description lists 30 minutes and as many hours and days */

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_printable(const char *line, size_t most)
{
	size_t length = strlen(line);

	require(length > 0 && length < most);
	for (size_t i = 0; i < length; i++)
		require(line[i] >= 0x20 && line[i] < 0x7f);
}

static void check_refusal(const char *expression, const struct cron_fault *fault)
{
	size_t length = strlen(expression);

	check_printable(fault->text, sizeof(fault->text));
	require(fault->width >= 1);
	require(fault->offset <= length);
	require(fault->offset == length || fault->width <= length - fault->offset);
}

static void check_words(const struct cron *cron)
{
	struct text out = {0};
	unsigned flags = cron_lint(cron);

	cron_describe(cron, &out);
	check_printable(out.bytes, WORDS_MAX);
	while (flags != 0) {
		text_truncate(&out, 0);
		flags = cron_lint_text(cron, flags, &out);
		check_printable(out.bytes, WORDS_MAX);
	}
	text_clear(&out);
}

static void check_run(const struct cron *cron, int64_t at_unix_s)
{
	time_t at = at_unix_s;
	struct tm date;

	require(gmtime_r(&at, &date) != NULL && date.tm_sec == 0);
	require((cron->minutes >> date.tm_min & 1) != 0);
	require((cron->hours >> date.tm_hour & 1) != 0);
	require((cron->months >> (date.tm_mon + 1) & 1) != 0);
	require((cron->days >> date.tm_mday & 1) != 0 || (cron->weekdays >> date.tm_wday & 1) != 0);
}

static void check_runs(const struct cron *cron, int64_t after_unix_s)
{
	int64_t at = after_unix_s;
	bool runs = false;

	for (int i = 0; i < RUNS; i++) {
		int64_t next;

		if (!cron_next(cron, at, &next))
			break;
		require(next > at);
		check_run(cron, next);
		at = next;
		runs = true;
	}
	require(!runs || (cron->kind != CRON_OPAQUE && (cron_lint(cron) & CRON_NEVER) == 0));
}

int fuzz_cron(const uint8_t *data, size_t size)
{
	int64_t after_unix_s = 0;
	struct cron cron;
	struct cron_fault fault;
	char *expression, *spaced;

	/* The last bytes, if there are enough, choose the time. */
	if (size > CRON_TEXT_MAX / 2) {
		size -= sizeof(after_unix_s);
		memcpy(&after_unix_s, data + size, sizeof(after_unix_s));
	}
	expression = mem_dup_bytes(data, size);
	spaced = mem_printf("%s ", expression);
	require(*expression == '\0' || cron_same(expression, spaced));
	free(spaced);
	if (cron_parse(expression, &cron, &fault)) {
		check_words(&cron);
		check_runs(&cron, after_unix_s);
		check_runs(&cron, after_unix_s % INT64_C(100000000000));
	} else {
		check_refusal(expression, &fault);
	}
	free(expression);
	return 0;
}
