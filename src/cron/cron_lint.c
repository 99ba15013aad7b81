/* SPDX-License-Identifier: MIT */
/* What is valid can still be another schedule than the one that was meant, or be read differently
 * by the scheduler that runs it. */
#include "cron/cron_lint.h"

#include "cron/cron_days.h"
#include "cron/cron_describe.h"
#include "cron/cron_interval.h"

#define ALL_MINUTES  ((UINT64_C(1) << 60) - 1)
#define ALL_HOURS    0xffffffu
#define ALL_DAYS     (~UINT32_C(1))
#define ALL_WEEKDAYS 0x7fu

unsigned cron_lint(const struct cron *cron)
{
	unsigned flags = 0;

	if (cron->kind != CRON_STANDARD)
		flags |= CRON_EXTENSION;
	if (cron->kind == CRON_OPAQUE)
		return flags;
	if (cron_days_unclear(cron))
		flags |= CRON_DAYS_UNCLEAR;
	else if (cron_days_either(cron) && !cron_days_all(cron))
		flags |= CRON_BOTH_DAYS;
	if (!cron_days_either(cron) && !cron_days_exist(cron))
		return flags | CRON_NEVER; /* at which minutes does not matter then */
	if (cron->minutes == ALL_MINUTES)
		flags |= CRON_EVERY_MINUTE;
	if (cron->wide_step)
		flags |= CRON_WIDE_STEP;
	return flags;
}

static void add_never(const struct cron *cron, struct text *out)
{
	bool is_one = (cron->days & (cron->days - 1)) == 0;

	text_printf(out, "never runs: there %s no ", is_one ? "is" : "are");
	cron_describe_dates(cron, out);
}

static void add_unclear(const struct cron *cron, struct text *out)
{
	bool either = cron_days_either(cron);

	text_printf(out,
	            "restricts day of month and day of week in a way that schedulers read "
	            "differently: some run when %s, others when %s",
	            either ? "either fits" : "both fit", either ? "both fit" : "either fits");
	if (cron->days == ALL_DAYS && !cron->bare_day)
		text_add(out, "; for any day of the month write '*'");
	if (cron->weekdays == ALL_WEEKDAYS && !cron->bare_weekday)
		text_add(out, "; for any day of the week write '*'");
}

static void add_extension(const struct cron *cron, struct text *out)
{
	const char *fields;

	text_printf(out, "uses %s, which not every cron knows; sent as written", cron->extension);
	if (cron->every_ms == 0)
		return;
	if (cron_interval_fields(cron->every_ms, &fields))
		text_printf(out, "; every cron knows '%s'", fields);
	else
		text_printf(out, "; the nearest that every cron knows is '%s'", fields);
}

void cron_lint_text(const struct cron *cron, enum cron_lint flag, struct text *out)
{
	switch (flag) {
	case CRON_NEVER:
		add_never(cron, out);
		break;
	case CRON_EVERY_MINUTE:
		text_add(out, "runs every minute");
		if (cron->hours != ALL_HOURS)
			text_add(out,
			         " of the hours it names; to run once in each, begin with '0'");
		break;
	case CRON_BOTH_DAYS:
		text_add(out, "restricts both day of month and day of week: runs when either fits");
		break;
	case CRON_DAYS_UNCLEAR:
		add_unclear(cron, out);
		break;
	case CRON_WIDE_STEP:
		text_add(out, "a step is larger than its range: only the first value is left");
		break;
	case CRON_EXTENSION:
		add_extension(cron, out);
		break;
	}
}
