/* SPDX-License-Identifier: MIT */
/* The paths of the remote API (SPEC §1, Datafold's OpenAPI), below the base URL. */
#ifndef API_PATHS_H
#define API_PATHS_H

#include <stdint.h>

#define API_PATHS_MAX 64 /* bytes of a path with its NUL */

/* GET lists all integrations. */
#define API_PATHS_LIST "/api/v1/lineage/bi/"

/* Write the path to which the schedule of an integration is PUT; returns `path`. */
const char *api_paths_update(int64_t id, char path[API_PATHS_MAX]);

/* Write the path whose GET starts an unscheduled synchronisation; returns `path`. */
const char *api_paths_sync(int64_t id, char path[API_PATHS_MAX]);

#endif
