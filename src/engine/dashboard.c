/* SPDX-License-Identifier: MIT */
/* The dashboard line: how many are where they should be, and of the others a few by name. */
#include "engine/report.h"
#include "sync/sync_query.h"

#define NAMED 3 /* integrations in trouble, of each kind */

static void name_troubled(const struct sync *sync, enum sync_state state, struct text *out)
{
	size_t named = 0;

	for (size_t i = 0; i < sync_count(sync) && named < NAMED; i++) {
		struct sync_view view = sync_view_at(sync, i);

		if (view.state == state) {
			text_printf(out, "%s%lld", named++ == 0 ? " (" : ", ", (long long)view.id);
			if (view.error_text != NULL && view.about != SPEC_ID)
				text_printf(out, " %s", spec_field_name(view.about));
		}
	}
	if (named > 0)
		text_add(out, named < sync_count_of(sync, state) ? ", …)" : ")");
}

static void name_drifted(const struct sync *sync, size_t count, struct text *out)
{
	size_t named = 0;

	text_printf(out, ", %zu drifted (", count);
	for (size_t i = 0; named < NAMED && named < count; i++) {
		struct sync_view view = sync_view_at(sync, i);

		if (view.drifted)
			text_printf(out, "%s%lld", named++ == 0 ? "" : ", ", (long long)view.id);
	}
	text_add(out, named < count ? ", …)" : ")");
}

void dashboard_text(const struct sync *sync, struct text *out)
{
	static const struct {
		enum sync_state state;
		const char *word;
	} others[] = {
		{SYNC_REJECTED, "rejected"},
		{SYNC_PARKED, "parked"},
		{SYNC_WAITING, "waiting"},
		{SYNC_PAUSED, "paused"},
	};
	size_t total = sync_count(sync) - sync_count_of(sync, SYNC_LEAVING);
	size_t in_sync = sync_count_of(sync, SYNC_IN_SYNC) + sync_count_of(sync, SYNC_CONFIRMING);
	size_t due = sync_count_of(sync, SYNC_DUE) + sync_count_of(sync, SYNC_SAVING_INTENT) +
	             sync_count_of(sync, SYNC_IN_FLIGHT);
	size_t drifted = sync_count_drifted(sync);
	static const char *const gates[] = {
		[GATE_OPEN] = "",
		[GATE_AUTH] = "; the API key is refused",
		[GATE_CONFIG] = "; the server cannot be used as configured",
		[GATE_BREAKER] = "; the server fails",
	};

	text_printf(out, "%zu of %zu in sync", in_sync - drifted, total);
	if (drifted > 0)
		name_drifted(sync, drifted, out);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t count = sync_count_of(sync, others[i].state);

		if (count > 0) {
			text_printf(out, ", %zu %s", count, others[i].word);
			name_troubled(sync, others[i].state, out);
		}
	}
	if (due > 0)
		text_printf(out, ", %zu due", due);
	text_add(out, gates[sync_gate(sync)->state]);
}
