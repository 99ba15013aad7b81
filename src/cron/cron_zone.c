/* SPDX-License-Identifier: MIT */
/* The abbreviations are those of tz's busiest zones; no user, command, weekday or word for a time
 * of day is among them. */
#include "cron/cron_internal.h"

#include <stddef.h>

enum cron_zone cron_zone_of(struct cron_slice word)
{
	static const char *const utc[] = {"utc", "etc/utc", "gmt", "etc/gmt", "zulu", "z", NULL};
	static const char *const areas[] = {
		"africa",    "america", "antarctica", "arctic", "asia", "atlantic",
		"australia", "brazil",  "canada",     "chile",  "etc",  "europe",
		"indian",    "mexico",  "pacific",    "us",     NULL};
	static const char *const others[] = {"akst", "aedt", "aest", "bst", "cdt",  "cest", "cet",
	                                     "cst",  "edt",  "eest", "eet", "est",  "hst",  "ist",
	                                     "jst",  "kst",  "mdt",  "msk", "mst",  "nzst", "pdt",
	                                     "pst",  "sast", "sgt",  "wet", "west", NULL};
	struct cron_slice area;
	struct cron_slice city;

	if (cron_slice_find(word, utc) != NULL)
		return CRON_ZONE_UTC;
	if (cron_slice_find(word, others) != NULL)
		return CRON_ZONE_OTHER;
	return cron_slice_cut(word, '/', &area, &city) && city.length > 0 &&
	                       cron_slice_find(area, areas) != NULL
	               ? CRON_ZONE_OTHER
	               : CRON_ZONE_NONE;
}
