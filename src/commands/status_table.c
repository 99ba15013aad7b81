/* SPDX-License-Identifier: MIT */
/* When each is due is shown relative to now, as that is the question, but for the next run, which
 * is compared with a calendar. Errors have no column: they never fit, and stand in full below the
 * table. */
#include "commands/command_status_internal.h"

#include "base/mem.h"
#include "base/span.h"
#include "commands/control_client.h"
#include "commands/format.h"

#define CELL_MAX 60 /* bytes of a name or a schedule */

enum chosen { ALL, NOT_IN_SYNC, IN_SYNC };

enum column { ID, NAME, SCHEDULE, RUN, STATE, ACCEPTED, ATTEMPT };

static const struct table_format format = {
	.columns = {[ID] = {.title = "ID", .is_vital = true},
                    [NAME] = {.title = "NAME"},
                    [SCHEDULE] = {.title = "SCHEDULE"},
                    [RUN] = {.title = "NEXT RUN"},
                    [STATE] = {.title = "STATE", .is_vital = true},
                    [ACCEPTED] = {.title = "ACCEPTED"},
                    [ATTEMPT] = {.title = "NEXT TRY"}},
	/* The next try of what fails stands below the table, too, so that column goes first. */
	.steps = {{.column = NAME, .width = 20},
                  {.column = SCHEDULE, .width = 16},
                  {.column = ATTEMPT},
                  {.column = ACCEPTED},
                  {.column = RUN},
                  {.column = SCHEDULE},
                  {.column = NAME, .width = 4},
                  {.column = NAME}}};

static void show_or_dash(struct text *out, const char *string)
{
	format_text(string != NULL && string[0] != '\0' ? string : "-", CELL_MAX, NULL, out);
}

static void add_run(struct text *out, const char *cron, int64_t now_unix_s)
{
	int64_t at_unix_s;

	if (format_find_next(cron, now_unix_s, &at_unix_s))
		format_time(at_unix_s, FORMAT_SHORT_TIME, out);
	else
		text_add_char(out, '-');
}

static void add_accepted(struct text *out, struct json_object *integration, int64_t now_unix_s)
{
	int64_t at = control_client_int(integration, "accepted_at", -1);
	char span[SPAN_TEXT_MAX];

	if (at < 0)
		text_add(out, "never");
	else if (at >= now_unix_s)
		text_add(out, "just now");
	else
		text_printf(out, "%s ago", span_format((now_unix_s - at) * 1000, span));
}

static void fill(struct table_row *row, struct json_object *integration, struct json_object *gate,
                 const struct command_line *line)
{
	int64_t now_unix_s = line->now_unix_s;
	const char *cron = control_client_string(integration, "indexing_cron");
	const struct integration_state *state = integration_state_of(integration);

	text_add_int(&row->cells[ID], control_client_int(integration, "id", 0));
	show_or_dash(&row->cells[NAME], control_client_string(integration, "name"));
	show_or_dash(&row->cells[SCHEDULE], cron != NULL ? cron : "none");
	add_run(&row->cells[RUN], state->is_paused ? NULL : cron, now_unix_s);
	show_or_dash(&row->cells[STATE], control_client_string(integration, "state"));
	add_accepted(&row->cells[ACCEPTED], integration, now_unix_s);
	integration_state_add_next(integration, gate, now_unix_s, &row->cells[ATTEMPT]);
	row->coloured = STATE;
	row->colour = line->colour && state->colour[0] != '\0' ? state->colour : NULL;
}

static size_t fill_those(struct json_object *status, const struct command_line *line,
                         enum chosen chosen, struct table_row *rows)
{
	struct json_object *gate = json_object_object_get(status, "gate");
	size_t count = control_client_count(status, "integrations");
	size_t filled = 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *integration = control_client_at(status, "integrations", i);
		bool in_sync = integration_state_of(integration)->in_sync;

		if (chosen == ALL || in_sync == (chosen == IN_SYNC))
			fill(&rows[filled++], integration, gate, line);
	}
	return filled;
}

/* Where there is room for all of them the order of the ids stays. */
void status_table_add(struct json_object *status, const struct command_line *line, size_t most,
                      struct text *out)
{
	size_t count = control_client_count(status, "integrations");
	bool has_room = most == 0 || most >= count;
	size_t shown = has_room ? count : most;
	struct table_row *rows = mem_alloc(count + 1, sizeof(*rows));
	size_t first = fill_those(status, line, has_room ? ALL : NOT_IN_SYNC, rows);

	if (!has_room)
		(void)fill_those(status, line, IN_SYNC, rows + first);
	table_add(&format, rows, count, shown, line->columns, out);
	if (!has_room) {
		text_printf(out, "\xe2\x80\xa6 and %zu more%s\n", count - shown,
		            first <= shown ? ", all in sync" : "");
	}
}
