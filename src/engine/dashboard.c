/* SPDX-License-Identifier: MIT */
/* The dashboard line: how many are where they should be, and of the others a few by name. */
#include "engine/report.h"

#include <inttypes.h>

#include "sync/sync_query.h"

#define NAMED 3 /* integrations of each kind */

static void name_some(const struct sync *sync, enum sync_state shown, struct text *out)
{
	size_t named = 0;

	for (size_t i = 0; i < sync_count(sync) && named < NAMED; i++) {
		struct sync_view view = sync_view_at(sync, i);

		if (view.shown == shown) {
			text_printf(out, "%s%" PRId64, named++ == 0 ? " (" : ", ", view.id);
			if (view.error_text != NULL && view.about != SPEC_ID)
				text_printf(out, " %s", spec_field_name(view.about));
		}
	}
	if (named > 0)
		text_add(out, named < sync_shown_count(sync, shown) ? ", …)" : ")");
}

void dashboard_text(const struct sync *sync, struct text *out)
{
	static const struct {
		enum sync_state shown;
		const char *name;
	} others[] = {
		{SYNC_DRIFTED, "drifted"}, {SYNC_GONE, "gone"},       {SYNC_REJECTED, "rejected"},
		{SYNC_PARKED, "parked"},   {SYNC_WAITING, "waiting"}, {SYNC_PAUSED, "paused"},
	};
	size_t total = sync_count(sync) - sync_shown_count(sync, SYNC_LEAVING);
	size_t in_sync =
		sync_shown_count(sync, SYNC_IN_SYNC) + sync_shown_count(sync, SYNC_CONFIRMING);
	size_t due = sync_shown_count(sync, SYNC_DUE) + sync_shown_count(sync, SYNC_IN_FLIGHT);
	static const char *const gates[] = {
		[GATE_OPEN] = "",
		[GATE_AUTH] = "; the API key is refused",
		[GATE_CONFIG] = "; the server cannot be used as configured",
		[GATE_BREAKER] = "; the server cannot be reached",
	};

	text_printf(out, "%zu of %zu in sync", in_sync, total);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t count = sync_shown_count(sync, others[i].shown);

		if (count > 0) {
			text_printf(out, ", %zu %s", count, others[i].name);
			name_some(sync, others[i].shown, out);
		}
	}
	if (due > 0)
		text_printf(out, ", %zu due", due);
	text_add(out,
	         sync_gate(sync)->failing ? "; the server fails" : gates[sync_gate(sync)->state]);
}
