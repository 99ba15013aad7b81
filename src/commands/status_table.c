/* SPDX-License-Identifier: MIT */
/* The columns are as wide as their widest cell. When each is due is said relative to now, as that
 * is the question, but for the next run, which is compared with a calendar. Errors have no column:
 * they never fit, and are said in full below the table. */
#include "commands/status_table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/span.h"
#include "commands/control_client.h"
#include "commands/format.h"
#include "commands/integration_state.h"

#define CELL_MAX 60 /* bytes of a name or a schedule */
#define GAP      2

enum column { ID, NAME, SCHEDULE, RUN, STATE, ACCEPTED, ATTEMPT, COLUMN_COUNT };

struct row {
	struct text cells[COLUMN_COUNT];
	const char *colour; /* of the state */
	bool in_sync;
};

static void show_or_dash(struct text *out, const char *string)
{
	format_text(string != NULL && string[0] != '\0' ? string : "-", CELL_MAX, NULL, out);
}

static void add_run(struct text *out, const char *cron, int64_t now_unix_s)
{
	int64_t at_unix_s;
	time_t seconds;
	struct tm parts;
	char text[32];

	if (cron == NULL || !format_find_next(cron, now_unix_s, &at_unix_s)) {
		text_add_char(out, '-');
		return;
	}
	seconds = (time_t)at_unix_s;
	(void)gmtime_r(&seconds, &parts);
	(void)strftime(text, sizeof(text), "%a %m-%d %H:%M", &parts);
	text_add(out, text);
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

static void fill(struct row *row, struct json_object *integration, struct json_object *gate,
                 int64_t now_unix_s)
{
	const char *cron = control_client_string(integration, "indexing_cron");
	const struct integration_state *state = integration_state_of(integration);

	text_add_int(&row->cells[ID], control_client_int(integration, "id", 0));
	show_or_dash(&row->cells[NAME], control_client_string(integration, "name"));
	show_or_dash(&row->cells[SCHEDULE], cron != NULL ? cron : "none");
	add_run(&row->cells[RUN], cron, now_unix_s);
	show_or_dash(&row->cells[STATE], control_client_string(integration, "state"));
	add_accepted(&row->cells[ACCEPTED], integration, now_unix_s);
	integration_state_add_next(integration, gate, now_unix_s, &row->cells[ATTEMPT]);
	row->colour = state->colour;
	row->in_sync = state->in_sync;
}

static void fill_titles(struct row *row)
{
	static const char *const titles[COLUMN_COUNT] = {
		[ID] = "ID",           [NAME] = "NAME",   [SCHEDULE] = "SCHEDULE",
		[RUN] = "NEXT RUN",    [STATE] = "STATE", [ACCEPTED] = "ACCEPTED",
		[ATTEMPT] = "NEXT TRY"};

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		text_add(&row->cells[i], titles[i]);
	row->colour = "";
}

/* Characters, not bytes; wide ones count as one. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* At most `width` characters, the last of them "…" if there are more. */
static void add_cut(struct text *out, const char *cell, size_t width)
{
	size_t length = 0;

	if (width_of(cell) <= width) {
		text_add(out, cell);
		return;
	}
	for (size_t shown = 0; cell[length] != '\0'; length++) {
		bool is_start = ((unsigned char)cell[length] & 0xc0) != 0x80;

		if (is_start && ++shown == width)
			break;
	}
	text_add_bytes(out, cell, length);
	text_add(out, "\xe2\x80\xa6");
}

/* Of the columns that say something of any row; 0: left out. */
static void measure(const struct row *rows, size_t count, size_t widths[COLUMN_COUNT])
{
	for (size_t j = 0; j < COLUMN_COUNT; j++) {
		bool says_something = j == ID || j == STATE;

		widths[j] = width_of(rows[0].cells[j].bytes);
		for (size_t i = 1; i <= count; i++) {
			size_t width = width_of(rows[i].cells[j].bytes);

			says_something |= strcmp(rows[i].cells[j].bytes, "-") != 0;
			widths[j] = width > widths[j] ? width : widths[j];
		}
		widths[j] = says_something ? widths[j] : 0;
	}
}

/* By how much it is too wide. */
static size_t excess(const size_t widths[COLUMN_COUNT], size_t columns)
{
	size_t used = 0;

	for (size_t j = 0; j < COLUMN_COUNT; j++)
		used += widths[j] > 0 ? widths[j] + GAP : 0;
	return used > columns + GAP ? used - columns - GAP : 0;
}

static void narrow(size_t widths[COLUMN_COUNT], enum column column, size_t least, size_t columns)
{
	size_t over = excess(widths, columns);
	size_t spare = widths[column] > least ? widths[column] - least : 0;

	widths[column] -= over < spare ? over : spare;
}

/* The next try of what fails is said below the table, too, so that column goes first. */
static void fit(size_t widths[COLUMN_COUNT], size_t columns)
{
	static const enum column order[] = {ATTEMPT, ACCEPTED, RUN, SCHEDULE};

	if (columns == 0)
		return;
	narrow(widths, NAME, 20, columns);
	narrow(widths, SCHEDULE, 16, columns);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (excess(widths, columns) > 0)
			widths[order[i]] = 0;
	}
	narrow(widths, NAME, 4, columns);
	if (excess(widths, columns) > 0)
		widths[NAME] = 0;
}

static void add_row(const struct row *row, const size_t widths[COLUMN_COUNT], bool colour,
                    struct text *out)
{
	size_t blanks = 0;

	for (size_t j = 0; j < COLUMN_COUNT; j++) {
		bool is_coloured = colour && j == STATE && row->colour[0] != '\0';
		size_t width = width_of(row->cells[j].bytes);

		if (widths[j] == 0)
			continue;
		for (; blanks > 0; blanks--)
			text_add_char(out, ' ');
		text_add(out, is_coloured ? row->colour : "");
		add_cut(out, row->cells[j].bytes, widths[j]);
		text_add(out, is_coloured ? "\033[0m" : "");
		blanks = GAP + (widths[j] > width ? widths[j] - width : 0);
	}
	text_add_char(out, '\n');
}

/* What is not in sync first; else the order stays. */
static void put_problems_first(struct row *rows, size_t count)
{
	struct row *sorted = mem_alloc(count + 1, sizeof(*sorted));
	size_t at = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			if (rows[i].in_sync == (pass == 1))
				sorted[at++] = rows[i];
		}
	}
	memcpy(rows, sorted, count * sizeof(*rows));
	free(sorted);
}

static void add_rows(struct row *rows, size_t count, const struct status_table_options *options,
                     struct text *out)
{
	size_t shown = options->rows > 0 && options->rows < count ? options->rows : count;
	size_t widths[COLUMN_COUNT];

	if (shown < count)
		put_problems_first(rows + 1, count);
	measure(rows, count, widths);
	fit(widths, options->columns);
	for (size_t i = 0; i <= shown; i++)
		add_row(&rows[i], widths, options->colour, out);
	if (shown < count) {
		text_printf(out, "\xe2\x80\xa6 and %zu more%s\n", count - shown,
		            rows[shown + 1].in_sync ? ", all in sync" : "");
	}
}

void status_table_add(struct json_object *status, const struct status_table_options *options,
                      struct text *out)
{
	struct json_object *gate = json_object_object_get(status, "gate");
	size_t count = control_client_count(status, "integrations");
	struct row *rows = mem_alloc(count + 1, sizeof(*rows));

	fill_titles(&rows[0]);
	for (size_t i = 0; i < count; i++) {
		fill(&rows[i + 1], control_client_at(status, "integrations", i), gate,
		     options->now_unix_s);
	}
	add_rows(rows, count, options, out);
	for (size_t i = 0; i <= count; i++) {
		for (size_t j = 0; j < COLUMN_COUNT; j++)
			text_clear(&rows[i].cells[j]);
	}
	free(rows);
}
