/* SPDX-License-Identifier: MIT */
/* A line on the control socket: whatever it is, it is a request that holds to its own limits, or
 * there is a sentence that says why it is none. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/control_request.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check(const struct control_request *request)
{
	require(request->kind <= CONTROL_PUSH);
	require((request->ids == NULL) == (request->count == 0));
	for (size_t i = 0; i < request->count; i++)
		require(request->ids[i] > (i > 0 ? request->ids[i - 1] : 0));
	require(request->kind != CONTROL_PUSH || request->count > 0);
	require(request->timeout_ms >= 0);
}

int fuzz_control(const uint8_t *data, size_t size)
{
	char *line = mem_dup_bytes(data, size);
	struct fault fault = {0};
	struct control_request request;

	if (control_request_decode(&request, line, size, &fault))
		check(&request);
	else
		require(fault.text != NULL && request.ids == NULL);
	control_request_clear(&request);
	fault_clear(&fault);
	free(line);
	return 0;
}
