/* SPDX-License-Identifier: MIT */
/* The abbreviations are those of tz's busiest zones; no user, command, weekday or word for a time
 * of day is among them. */
#include "cron/cron_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* "UTC+2", "GMT-03:00": whatever it is, what reads it next would turn it into hours. */
static bool is_offset(struct cron_slice word)
{
	return word.length > 4 &&
	       (strncasecmp(word.at, "utc", 3) == 0 || strncasecmp(word.at, "gmt", 3) == 0) &&
	       (word.at[3] == '+' || word.at[3] == '-') && isdigit((unsigned char)word.at[4]);
}

/* "Europe/Berlin"; what has a dot is a file. */
static bool is_in_area(struct cron_slice word)
{
	static const char *const areas[] = {"africa", "america",  "antarctica", "arctic",
	                                    "asia",   "atlantic", "australia",  "brazil",
	                                    "canada", "chile",    "europe",     "indian",
	                                    "mexico", "pacific",  "us",         NULL};
	struct cron_slice area;
	struct cron_slice city;

	if (!cron_slice_cut(word, '/', &area, &city))
		return false;
	if (cron_slice_is(area, "etc"))
		return is_offset(city);
	return city.length > 0 && memchr(city.at, '.', city.length) == NULL &&
	       cron_slice_find(area, areas) != NULL;
}

enum cron_zone cron_zone_of(struct cron_slice word)
{
	static const char *const utc[] = {"utc", "etc/utc", "gmt", "etc/gmt", "zulu", "z", NULL};
	static const char *const others[] = {"acdt", "acst", "aedt", "aest", "akdt", "akst", "awst",
	                                     "brt",  "bst",  "cdt",  "cest", "cet",  "cst",  "edt",
	                                     "eest", "eet",  "est",  "hkt",  "hst",  "ist",  "jst",
	                                     "kst",  "mdt",  "msk",  "mst",  "nzdt", "nzst", "pdt",
	                                     "pst",  "sast", "sgt",  "wet",  "west", NULL};

	if (cron_slice_find(word, utc) != NULL)
		return CRON_ZONE_UTC;
	if (cron_slice_find(word, others) != NULL || is_offset(word) || is_in_area(word))
		return CRON_ZONE_OTHER;
	return CRON_ZONE_NONE;
}
