/* SPDX-License-Identifier: MIT */
/* The sets are compared, and how the two day fields are joined, which the sets do not show. */
#include "cron/cron_compare.h"

#include <string.h>
#include <strings.h>

#include "cron/cron.h"
#include "cron/cron_days.h"

/* Compare but for case and for how much blank there is between words. */
static bool same_words(const char *a, const char *b)
{
	for (;;) {
		size_t length;

		a += strspn(a, " \t");
		b += strspn(b, " \t");
		length = strcspn(a, " \t");
		if (length != strcspn(b, " \t") || strncasecmp(a, b, length) != 0)
			return false;
		if (length == 0)
			return true;
		a += length;
		b += length;
	}
}

bool cron_equal(const char *a, const char *b)
{
	struct cron first;
	struct cron second;

	if (!cron_parse(a, &first, NULL) || !cron_parse(b, &second, NULL) ||
	    first.kind == CRON_OPAQUE || second.kind == CRON_OPAQUE || first.lone_range ||
	    second.lone_range)
		return same_words(a, b);
	return first.minutes == second.minutes && first.hours == second.hours &&
	       first.days == second.days && first.months == second.months &&
	       first.weekdays == second.weekdays &&
	       (cron_days_all(&first) || cron_days_alike(&first, &second));
}

static bool is_none(const char *text)
{
	return text == NULL || text[0] == '\0';
}

bool cron_same(const char *a, const char *b)
{
	if (is_none(a) || is_none(b))
		return is_none(a) && is_none(b);
	return strcmp(a, b) == 0 || cron_equal(a, b);
}
