/* SPDX-License-Identifier: MIT */
/* A span is read as systemd reads it: numbers with units are summed, blanks stand anywhere between
 * them, and a number without a unit is seconds. It is counted in whole microseconds, never in
 * floating point, so that "1.1h" is exactly 3,960,000 ms; what is left over below a millisecond
 * rounds up, because a wait may be longer than asked for and never shorter. */
#include "base/span.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)
#define MAX_US    (SPAN_MAX_MS * 1000)

/* More would not fit an int64_t together with a week: 7 * DAY_US * 10^6 is 6.05 * 10^17. */
#define FRACTION_DIGITS 6

#define MICRO_SIGN "\xc2\xb5"
#define LETTER_MU  "\xce\xbc"
#define BLANKS     " \t\n\r"
#define SHOWN_MAX  32 /* bytes of the string that a fault quotes */

static const struct unit {
	int64_t us;
	const char *names[6]; /* NULL-ended */
} units[] = {
	{.us = 1, .names = {"us", "usec", MICRO_SIGN "s", LETTER_MU "s"}},
	{.us = 1000, .names = {"ms", "msec"}},
	{.us = SECOND_US, .names = {"", "s", "sec", "second", "seconds"}},
	{.us = MINUTE_US, .names = {"m", "min", "minute", "minutes"}},
	{.us = HOUR_US, .names = {"h", "hr", "hour", "hours"}},
	{.us = DAY_US, .names = {"d", "day", "days"}},
	{.us = 7 * DAY_US, .names = {"w", "week", "weeks"}},
};

/* A number as it stands there: 1.25 is whole 1, fraction 25, scale 100. */
struct number {
	int64_t whole; /* MAX_US + 1 for all that are larger */
	int64_t fraction;
	int64_t scale;
};

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, BLANKS);
}

/* Set a fault that quotes the first `length` bytes of `part`, as far as they can be shown. */
static bool refuse(struct fault *fault, const char *part, size_t length, const char *why)
{
	struct text shown = {0};

	text_escape(&shown, part, length, SHOWN_MAX);
	fault_set(fault, "'%s' %s", shown.bytes, why);
	text_clear(&shown);
	return false;
}

static bool refuse_large(struct fault *fault, const char *string)
{
	return refuse(fault, string, strlen(string), "is longer than 366 days");
}

static const char *read_whole(const char *at, struct number *number)
{
	for (; isdigit((unsigned char)*at); at++) {
		number->whole = number->whole * 10 + (*at - '0');
		if (number->whole > MAX_US)
			number->whole = MAX_US + 1;
	}
	return at;
}

/* Read a number and step over it. */
static bool read_number(const char **at, struct number *number, struct fault *fault)
{
	const char *start = *at, *point = read_whole(start, number), *end = point;
	size_t digits;

	if (*point == '.') {
		end = point + 1 + strspn(point + 1, "0123456789");
		if (end == point + 1)
			return refuse(fault, start, (size_t)(end - start),
			              "has no digit after the point");
		for (digits = (size_t)(end - point - 1); digits > 0 && point[digits] == '0';)
			digits--; /* zeros at the end say nothing */
		if (digits > FRACTION_DIGITS)
			return refuse(fault, start, (size_t)(end - start),
			              "has more than six digits after the point");
		for (size_t i = 1; i <= digits; i++) {
			number->fraction = number->fraction * 10 + (point[i] - '0');
			number->scale *= 10;
		}
	}
	if (*end == '.')
		return refuse(fault, start, strcspn(start, BLANKS), "has two points");
	*at = end;
	return true;
}

/* The microseconds of the unit whose name is the `length` bytes at `name`; 0: there is none. */
static int64_t find_unit(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		for (const char *const *known = units[i].names; *known != NULL; known++) {
			if (strlen(*known) == length && memcmp(*known, name, length) == 0)
				return units[i].us;
		}
	}
	return 0;
}

/* Read "1.5 h" at `*at`, add it to `*total_us`, and step over it and the blanks behind. */
static bool read_part(const char **at, int64_t *total_us, struct fault *fault)
{
	const char *start = *at, *name;
	struct number number = {.scale = 1};
	int64_t unit_us;
	size_t length;

	if (*start == '-')
		return refuse(fault, start, strlen(start), "is negative");
	if (!isdigit((unsigned char)*start) && *start != '.')
		return refuse(fault, start, strlen(start), "does not start with a number");
	if (!read_number(at, &number, fault))
		return false;
	name = skip_blanks(*at);
	length = strcspn(name, BLANKS "0123456789.+-");
	unit_us = find_unit(name, length);
	if (unit_us == 0)
		return refuse(fault, name, length,
		              "is no unit of time; there are us, ms, s, min, h, d and w");
	if (number.whole > MAX_US / unit_us)
		return refuse_large(fault, start);
	*total_us += number.whole * unit_us +
	             (number.fraction * unit_us + number.scale - 1) / number.scale;
	*at = skip_blanks(name + length);
	return *total_us <= MAX_US || refuse_large(fault, start);
}

bool span_parse(const char *string, int64_t *ms, struct fault *fault)
{
	const char *at = skip_blanks(string);
	int64_t total_us = 0;

	if (*at == '\0')
		return fault_set(fault, "an empty string is no span of time");
	while (*at != '\0') {
		if (!read_part(&at, &total_us, fault))
			return false;
	}
	*ms = (total_us + 999) / 1000;
	return true;
}

/* Those that a span is written in, two at a time. */
static const struct {
	const char *name;
	int64_t ms;
} written[] = {{"d", DAY_US / 1000}, {"h", HOUR_US / 1000}, {"min", MINUTE_US / 1000}, {"s", 1000}};

static int64_t round_to(int64_t ms, int64_t step_ms)
{
	int64_t rest = ms % step_ms;

	return ms - rest + (rest * 2 >= step_ms ? step_ms : 0);
}

static const char *format_seconds(int64_t ms, char buffer[SPAN_TEXT_MAX])
{
	int64_t tenths = round_to(ms, ms < 10000 ? 100 : 1000) / 100;

	if (ms > 0 && ms < 1000)
		snprintf(buffer, SPAN_TEXT_MAX, "%" PRId64 "ms", ms);
	else if (tenths % 10 == 0)
		snprintf(buffer, SPAN_TEXT_MAX, "%" PRId64 "s", tenths / 10);
	else
		snprintf(buffer, SPAN_TEXT_MAX, "%" PRId64 ".%" PRId64 "s", tenths / 10,
		         tenths % 10);
	return buffer;
}

const char *span_format(int64_t ms, char buffer[SPAN_TEXT_MAX])
{
	size_t i = 2; /* the larger unit */
	int64_t large, small;

	if (ms < 59500)
		return format_seconds(ms > 0 ? ms : 0, buffer);
	if (ms > INT64_MAX / 2)
		ms = INT64_MAX / 2;
	/* Rounding may carry into the next unit: 59min 59.9s is an hour. */
	while (i > 0 && round_to(ms, written[i + 1].ms) >= written[i - 1].ms)
		i--;
	ms = round_to(ms, written[i + 1].ms);
	large = ms / written[i].ms;
	small = ms % written[i].ms / written[i + 1].ms;
	if (small == 0)
		snprintf(buffer, SPAN_TEXT_MAX, "%" PRId64 "%s", large, written[i].name);
	else
		snprintf(buffer, SPAN_TEXT_MAX, "%" PRId64 "%s %" PRId64 "%s", large,
		         written[i].name, small, written[i + 1].name);
	return buffer;
}
