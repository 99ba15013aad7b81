/* SPDX-License-Identifier: MIT */
/* First the times: as clock times where they are few ("at 06:00 and 18:00"), as a beat where they
 * are even ("every 15 minutes from 09:00 to 17:45"), else as the minutes of certain hours. Then the
 * days, joined by "or" where either field is enough and by "but only" where both must fit; then the
 * months. Sets become runs ("1 to 5, 9 and 12"), or steps where many numbers stand equally far
 * apart. Nothing is left out.
 *
 * What is valid can still be another schedule than the one that was meant, or be read differently
 * by the scheduler that runs it: then there is a warning. */
#include "cron/cron_describe.h"

#include "cron/cron_fields.h"
#include "cron/cron_internal.h"

#define TIMES_MAX 6 /* clock times listed one by one */
#define SPANS_MAX 3 /* times of the day with a beat */
#define STEPS_MIN 5 /* numbers listed as steps */

/* Numbers and how to say them. Names go round: December, January. */
struct numbers {
	uint64_t set;
	unsigned least;
	unsigned most;
	const char *noun;               /* "day"; of names there is none */
	const struct cron_field *named; /* NULL: they have no names */
};

struct run {
	unsigned first;
	unsigned last;
};

/* Numbers that stand equally far apart; a step of 0 says that they do not. */
struct steps {
	unsigned first;
	unsigned last;
	unsigned step;
	unsigned count;
};

/* Weekdays from Monday, so that a week-end is a run. */
static struct numbers numbers_of(const struct cron *cron, enum cron_field_index field)
{
	const struct numbers kinds[CRON_FIELD_COUNT] = {
		[CRON_MINUTE] = {.set = cron->minutes, .most = 59, .noun = "minute"},
		[CRON_HOUR] = {.set = cron->hours, .most = 23, .noun = "hour"},
		[CRON_DAY] = {.set = cron->days, .least = 1, .most = 31, .noun = "day"},
		[CRON_MONTH] = {.set = cron->months, .least = 1, .most = 12, .noun = "month"},
		[CRON_WEEKDAY] = {.set = (cron->weekdays & 0x7eu) | (cron->weekdays & 1u) << 7,
	                          .least = 1,
	                          .most = 7},
	};
	struct numbers numbers = kinds[field];

	if (field == CRON_MONTH || field == CRON_WEEKDAY)
		numbers.named = &cron_fields[field];
	return numbers;
}

static bool has(const struct numbers *numbers, unsigned number)
{
	return (numbers->set >> number & 1) != 0;
}

static unsigned count(const struct numbers *numbers)
{
	return (unsigned)__builtin_popcountll(numbers->set);
}

static bool full(const struct numbers *numbers)
{
	return count(numbers) == numbers->most - numbers->least + 1;
}

static struct steps measure(const struct numbers *numbers)
{
	uint64_t set = numbers->set;
	uint64_t expected = 0;
	struct steps steps = {.first = (unsigned)__builtin_ctzll(set),
	                      .last = 63 - (unsigned)__builtin_clzll(set),
	                      .count = count(numbers)};

	if (steps.count < 2)
		return steps;
	steps.step = (unsigned)__builtin_ctzll(set & (set - 1)) - steps.first;
	for (unsigned i = steps.first; i <= steps.last; i += steps.step)
		expected |= UINT64_C(1) << i;
	if (expected != set)
		steps.step = 0;
	return steps;
}

/* Cut a set into runs; one shorter than `shortest` becomes single numbers. */
static size_t cut(const struct numbers *numbers, unsigned shortest, struct run runs[60])
{
	unsigned size = numbers->most - numbers->least + 1;
	unsigned start = numbers->least; /* the number that bit 0 of the set is */
	uint64_t set = numbers->set >> start;
	size_t used = 0;

	/* What goes round begins with the run that does. */
	while (numbers->named != NULL && !full(numbers) && (set & 1) != 0 &&
	       set >> (size - 1) != 0) {
		set = (set << 1 | 1) & ((UINT64_C(1) << size) - 1);
		start += size - 1;
	}
	while (set != 0) {
		unsigned first = (unsigned)__builtin_ctzll(set);
		unsigned length = (unsigned)__builtin_ctzll(~(set >> first));

		if (length < shortest)
			length = 1;
		runs[used].first = (start + first - numbers->least) % size + numbers->least;
		runs[used].last =
			(start + first + length - 1 - numbers->least) % size + numbers->least;
		used++;
		set = set >> (first + length) << (first + length);
	}
	return used;
}

static void add_number(const struct numbers *numbers, unsigned number, struct text *out)
{
	const struct cron_field *field = numbers->named;

	if (field == NULL)
		text_add_int(out, number);
	else
		text_add(out,
		         field->words[(number - field->least) % (field->last - field->least + 1)]);
}

/* What stands before item `i` of `count`. */
static const char *joint(size_t i, size_t of)
{
	if (i == 0)
		return "";
	return i + 1 < of ? ", " : " and ";
}

static void add_runs(const struct numbers *numbers, struct text *out)
{
	struct run runs[60];
	size_t used = cut(numbers, 3, runs);

	for (size_t i = 0; i < used; i++) {
		text_add(out, joint(i, used));
		add_number(numbers, runs[i].first, out);
		if (runs[i].last != runs[i].first) {
			text_add(out, " to ");
			add_number(numbers, runs[i].last, out);
		}
	}
}

static const char *ordinal(unsigned number)
{
	static const char *const endings[] = {"th", "st", "nd", "rd"};

	return number % 100 / 10 != 1 && number % 10 <= 3 ? endings[number % 10] : "th";
}

static void add_beat(unsigned step, const char *noun, struct text *out)
{
	if (step == 1)
		text_printf(out, "every %s", noun);
	else
		text_printf(out, "every %u %ss", step, noun);
}

/* "every day", "day 1", "days 1 to 5 and 9", "every 2nd day from 1 to 31"; names without their
 * noun.
 */
static void add_set(const struct numbers *numbers, struct text *out)
{
	struct steps steps = measure(numbers);

	if (full(numbers)) {
		add_beat(1, numbers->noun, out);
		return;
	}
	if (steps.step > 1 && steps.count >= STEPS_MIN) {
		text_printf(out, "every %u%s %s from ", steps.step, ordinal(steps.step),
		            numbers->noun);
		add_number(numbers, steps.first, out);
		text_add(out, " to ");
		add_number(numbers, steps.last, out);
		return;
	}
	if (numbers->named == NULL)
		text_printf(out, "%s%s ", numbers->noun, steps.count == 1 ? "" : "s");
	add_runs(numbers, out);
}

/* Few times: one by one. */
static void add_times(const struct cron *cron, struct text *out)
{
	struct numbers minutes = numbers_of(cron, CRON_MINUTE);
	struct numbers hours = numbers_of(cron, CRON_HOUR);
	size_t of = count(&minutes) * count(&hours);
	size_t i = 0;

	text_add(out, "at ");
	for (unsigned at = 0; at < 1440; at++) {
		if (has(&hours, at / 60) && has(&minutes, at % 60))
			text_printf(out, "%s%02u:%02u", joint(i++, of), at / 60, at % 60);
	}
}

/* Minutes that go round the clock evenly: "every 15 minutes from 09:00 to 17:45". False, with
 * nothing added, if the hours are too many pieces. */
static bool add_minute_beat(const struct numbers *hours, struct steps beat, struct text *out)
{
	struct run runs[60];
	size_t used = cut(hours, 2, runs);

	if (used > SPANS_MAX)
		return false;
	add_beat(beat.step, "minute", out);
	if (full(hours) && beat.first > 0)
		text_printf(out, " from minute %u to %u of every hour", beat.first, beat.last);
	for (size_t i = 0; i < used && !full(hours); i++)
		text_printf(out, "%s from %02u:%02u to %02u:%02u", i == 0 ? "" : " and",
		            runs[i].first, beat.first, runs[i].last, beat.last);
	return true;
}

/* One minute of hours that stand evenly: "every 2 hours from 08:30 to 18:30". */
static void add_hour_beat(const struct numbers *hours, struct steps beat, unsigned minute,
                          struct text *out)
{
	bool whole_day = beat.first == 0 && beat.step * beat.count == 24;

	add_beat(beat.step, "hour", out);
	if (full(hours) && minute > 0)
		text_printf(out, " at minute %u", minute);
	else if (!whole_day || minute > 0)
		text_printf(out, " from %02u:%02u to %02u:%02u", beat.first, minute, beat.last,
		            minute);
}

/* Append the times; true if they are single ones, of which a reader asks "on which day?". */
static bool add_clock(const struct cron *cron, struct text *out)
{
	struct numbers minutes = numbers_of(cron, CRON_MINUTE);
	struct numbers hours = numbers_of(cron, CRON_HOUR);
	struct steps minute_steps = measure(&minutes);
	struct steps hour_steps = measure(&hours);
	bool are_single = minute_steps.count * hour_steps.count <= TIMES_MAX;

	if (are_single) {
		add_times(cron, out);
	} else if (minute_steps.count == 1 && hour_steps.step > 0) {
		add_hour_beat(&hours, hour_steps, minute_steps.first, out);
	} else if (minute_steps.step * minute_steps.count != 60 ||
	           !add_minute_beat(&hours, minute_steps, out)) {
		text_add(out, full(&minutes) ? "" : "at ");
		add_set(&minutes, out);
		text_add(out, " of ");
		add_set(&hours, out);
	}
	return are_single;
}

static void add_weekdays(const struct cron *cron, struct text *out)
{
	struct numbers weekdays = numbers_of(cron, CRON_WEEKDAY);
	struct run runs[60];

	if (cut(&weekdays, 3, runs) > 1 || runs[0].first == runs[0].last)
		text_add(out, "on ");
	add_runs(&weekdays, out);
}

static void add_months(const struct cron *cron, const char *before, struct text *out)
{
	struct numbers months = numbers_of(cron, CRON_MONTH);

	if (full(&months))
		return;
	text_add(out, before);
	add_set(&months, out);
}

/* "on days 1 and 15 of the month", or "of January and July" where `named`. */
static void add_days(const struct cron *cron, bool named, struct text *out)
{
	struct numbers days = numbers_of(cron, CRON_DAY);
	struct numbers months = numbers_of(cron, CRON_MONTH);

	text_add(out, "on ");
	add_set(&days, out);
	if (named && !full(&months))
		add_months(cron, " of ", out);
	else
		text_add(out, " of the month");
}

static void add_date(const struct cron *cron, bool single_times, struct text *out)
{
	struct numbers days = numbers_of(cron, CRON_DAY);
	struct numbers weekdays = numbers_of(cron, CRON_WEEKDAY);
	bool either = cron_days_either(cron);
	bool has_days = either || !full(&days);
	bool has_weekdays = either || !full(&weekdays);

	if (either ? full(&days) || full(&weekdays) : !has_days && !has_weekdays) {
		text_add(out, single_times ? ", every day" : "");
		add_months(cron, single_times ? " in " : ", in ", out);
		return;
	}
	text_add(out, ", ");
	if (has_days)
		add_days(cron, !either, out);
	if (has_days && has_weekdays)
		text_add(out, either ? " or " : ", but only ");
	if (has_weekdays)
		add_weekdays(cron, out);
	if (either || !has_days)
		add_months(cron, either ? ", only in " : ", in ", out);
}

void cron_describe(const struct cron *cron, struct text *out)
{
	if (cron->kind == CRON_OPAQUE) {
		text_printf(out, "known only to the server (uses %s)", cron->extension);
		return;
	}
	add_date(cron, add_clock(cron, out), out);
	if (cron_days_never(cron))
		text_add(out, " (never)");
}

unsigned cron_lint(const struct cron *cron)
{
	struct numbers minutes = numbers_of(cron, CRON_MINUTE);
	unsigned flags = 0;

	if (cron->kind != CRON_STANDARD)
		flags |= CRON_EXTENSION;
	if (cron->kind == CRON_OPAQUE)
		return flags;
	if (cron_days_unclear(cron))
		flags |= CRON_DAYS_UNCLEAR;
	else if (cron_days_either(cron) && !cron_days_all(cron))
		flags |= CRON_BOTH_DAYS;
	if (cron_days_never(cron))
		return flags | CRON_NEVER; /* at which minutes does not matter then */
	if (full(&minutes))
		flags |= CRON_EVERY_MINUTE;
	if (cron->wide_step)
		flags |= CRON_WIDE_STEP;
	return flags;
}

static void add_never(const struct cron *cron, struct text *out)
{
	struct numbers days = numbers_of(cron, CRON_DAY);

	text_printf(out, "never runs: there %s no ", count(&days) == 1 ? "is" : "are");
	add_set(&days, out);
	add_months(cron, " in ", out);
}

static void add_unclear(const struct cron *cron, struct text *out)
{
	struct numbers days = numbers_of(cron, CRON_DAY);
	struct numbers weekdays = numbers_of(cron, CRON_WEEKDAY);
	bool either = cron_days_either(cron);

	text_printf(out,
	            "restricts day of month and day of week in a way that schedulers read "
	            "differently: some run when %s, others when %s",
	            either ? "either fits" : "both fit", either ? "both fit" : "either fits");
	if (full(&days) && !cron->bare_day)
		text_add(out, "; for any day of the month write '*'");
	if (full(&weekdays) && !cron->bare_weekday)
		text_add(out, "; for any day of the week write '*'");
}

static void add_extension(const struct cron *cron, struct text *out)
{
	const char *fields;

	text_printf(out, "uses %s, which not every cron knows; sent as written", cron->extension);
	if (cron->every_ms == 0)
		return;
	if (cron_alias_of_interval(cron->every_ms, &fields))
		text_printf(out, "; every cron knows '%s'", fields);
	else
		text_printf(out, "; the nearest that every cron knows is '%s'", fields);
}

unsigned cron_lint_text(const struct cron *cron, unsigned flags, struct text *out)
{
	struct numbers hours = numbers_of(cron, CRON_HOUR);

	switch ((enum cron_lint)(flags & (~flags + 1))) {
	case CRON_NEVER:
		add_never(cron, out);
		break;
	case CRON_EVERY_MINUTE:
		text_add(out, "runs every minute");
		if (!full(&hours))
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
	return flags & (flags - 1);
}
