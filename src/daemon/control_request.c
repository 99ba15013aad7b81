/* SPDX-License-Identifier: MIT */
/* Both sides are the same program, so that what is not understood is a client of another version,
 * or none of ours: it is rejected, not guessed at. A line is at most 64 KiB (os/control), which
 * bounds what json-c makes of it. */
#include "daemon/control_request.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TIMEOUT_MAX_MS (INT64_C(24) * 3600 * 1000)

static const struct {
	const char *name;
	bool has_ids;
	bool needs_ids;
	bool has_timeout;
} kinds[] = {
	[CONTROL_STATUS] = {.name = "status", .has_ids = true},
	[CONTROL_SUMMARY] = {.name = "summary"},
	[CONTROL_PENDING] = {.name = "pending"},
	[CONTROL_RELOAD] = {.name = "reload"},
	[CONTROL_WAIT] = {.name = "wait", .has_ids = true, .has_timeout = true},
	[CONTROL_PUSH] = {.name = "push", .has_ids = true, .needs_ids = true},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* A whole number from `min` to `max`, and nothing that json-c would make one of. */
static bool read_int(struct json_object *value, int64_t min, int64_t max, int64_t *number)
{
	int64_t found;

	if (!json_object_is_type(value, json_type_int))
		return false;
	found = json_object_get_int64(value);
	if (found < min || found > max)
		return false;
	*number = found;
	return true;
}

static bool read_kind(struct control_request *request, struct json_object *value,
                      struct fault *fault)
{
	if (!json_object_is_type(value, json_type_string))
		return fault_set(fault, "request: a string is missing");
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strcmp(kinds[i].name, json_object_get_string(value)) == 0) {
			request->kind = (enum control_request_kind)i;
			return true;
		}
	}
	return fault_set(fault, "unknown request; does the daemon run another version?");
}

static void sort_ids(struct control_request *request)
{
	size_t kept = 0;

	if (request->count > 0)
		qsort(request->ids, request->count, sizeof(*request->ids), mem_compare_int);
	for (size_t i = 0; i < request->count; i++) {
		if (kept == 0 || request->ids[kept - 1] != request->ids[i])
			request->ids[kept++] = request->ids[i];
	}
	request->count = kept;
}

static bool read_ids(struct control_request *request, struct json_object *value,
                     struct fault *fault)
{
	size_t count;

	if (!json_object_is_type(value, json_type_array))
		return fault_set(fault, "ids: an array is expected");
	count = json_object_array_length(value);
	if (count == 0)
		return fault_set(fault, "ids: none are named");
	request->ids = mem_alloc(count, sizeof(*request->ids));
	request->count = count;
	for (size_t i = 0; i < count; i++) {
		if (!read_int(json_object_array_get_idx(value, i), 1, INT64_MAX, &request->ids[i]))
			return fault_set(fault, "ids: an id is a whole number from 1 on");
	}
	sort_ids(request);
	return true;
}

static bool read_member(struct control_request *request, const char *name,
                        struct json_object *value, struct fault *fault)
{
	if (strcmp(name, "request") == 0)
		return true;
	if (strcmp(name, "ids") == 0 && kinds[request->kind].has_ids)
		return read_ids(request, value, fault);
	if (strcmp(name, "timeout_ms") == 0 && kinds[request->kind].has_timeout)
		return read_int(value, 0, TIMEOUT_MAX_MS, &request->timeout_ms) ||
		       fault_set(fault, "timeout_ms: 0 to 86400000 is expected");
	return fault_set(fault, "%s has no such member", kinds[request->kind].name);
}

static bool read_members(struct control_request *request, struct json_object *root,
                         struct fault *fault)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(root, json_type_object) ||
	    !json_object_object_get_ex(root, "request", &value))
		return fault_set(fault, "a request is {\"request\":…}");
	if (!read_kind(request, value, fault))
		return false;
	json_object_object_foreach(root, name, member)
	{
		if (!read_member(request, name, member, fault))
			return false;
	}
	if (kinds[request->kind].needs_ids && request->count == 0)
		return fault_set(fault, "ids: none are named");
	return true;
}

bool control_request_decode(struct control_request *request, const char *bytes, size_t length,
                            struct fault *fault)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root = NULL;
	bool is_good = false;

	if (tokener == NULL)
		abort();
	*request = (struct control_request){.timeout_ms = CONTROL_REQUEST_TIMEOUT_MS};
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* The NUL ends a number that would else wait for its next digit. */
	if (memchr(bytes, '\0', length) == NULL)
		root = json_tokener_parse_ex(tokener, bytes, (int)length + 1);
	if (root == NULL)
		(void)fault_set(fault, "the request is no JSON");
	else
		is_good = read_members(request, root, fault);
	json_object_put(root);
	json_tokener_free(tokener);
	if (!is_good)
		control_request_clear(request);
	return is_good;
}

void control_request_clear(struct control_request *request)
{
	free(request->ids);
	*request = (struct control_request){0};
}
