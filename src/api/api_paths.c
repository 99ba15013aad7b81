/* SPDX-License-Identifier: MIT */
/* The trailing slash is part of each path: without it the server answers with a redirect, which is
 * never followed. */
#include "api/api_paths.h"

#include <inttypes.h>
#include <stdio.h>

const char *api_paths_update(int64_t id, char path[API_PATHS_MAX])
{
	(void)snprintf(path, API_PATHS_MAX, API_PATHS_LIST "mode/%" PRId64 "/", id);
	return path;
}

const char *api_paths_sync(int64_t id, char path[API_PATHS_MAX])
{
	(void)snprintf(path, API_PATHS_MAX, API_PATHS_LIST "%" PRId64 "/sync/", id);
	return path;
}
