/* SPDX-License-Identifier: MIT */
/* The table: a row for each integration, its columns as wide as their widest cell, and the last
 * error in what is left of the line. What the operator waits for is told relative to now, since
 * that is the question. Every text of the file is escaped: it may have come from elsewhere. */
#include "commands/command_status_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"

#define NAME_MAX_SHOWN 60 /* bytes of a name or a schedule */
#define ERROR_MIN      16 /* characters of an error that are shown in any case */

enum column { ID, NAME, SCHEDULE, STATE, ACCEPTED, NEXT, ERROR, COLUMN_COUNT };

struct row {
	struct text cells[COLUMN_COUNT];
	const char *colour; /* of the state */
	bool in_sync;
};

/* What a state means to the operator. */
static const struct {
	const char *name;
	const char *colour;
	const char *next; /* the next attempt; NULL: as the file says */
	bool in_sync;
} states[] = {
	{.name = "in-sync", .colour = "\033[32m", .next = "-", .in_sync = true},
	{.name = "drifted", .colour = "\033[31m", .next = "-"},
	{.name = "confirming", .colour = "\033[32m", .in_sync = true},
	{.name = "paused", .colour = "", .next = "-", .in_sync = true},
	{.name = "leaving", .colour = "", .next = "-", .in_sync = true},
	{.name = "due", .colour = "\033[33m"},
	{.name = "in-flight", .colour = "\033[33m", .next = "now"},
	{.name = "waiting", .colour = "\033[33m"},
	{.name = "rejected", .colour = "\033[31m"},
	{.name = "parked", .colour = "\033[31m", .next = "waits for a change"},
};

#define STATE_COUNT (sizeof(states) / sizeof(states[0]))

void command_status_show(struct text *out, const char *error_text, size_t max)
{
	if (error_text != NULL)
		text_escape(out, error_text, strlen(error_text), max);
}

bool command_status_gate_is_closed(struct json_object *gate)
{
	const char *state = command_status_string(gate, "state");

	return state != NULL && strcmp(state, "open") != 0;
}

static void show_or_dash(struct text *out, const char *error_text)
{
	command_status_show(out, error_text != NULL && error_text[0] != '\0' ? error_text : "-",
	                    NAME_MAX_SHOWN);
}

static void add_accepted(struct text *out, struct json_object *integration, int64_t now_unix_s)
{
	int64_t at = command_status_int(integration, "accepted_at", -1);
	char span[SPAN_TEXT_MAX];

	if (at < 0)
		text_add(out, "never");
	else if (at >= now_unix_s)
		text_add(out, "just now");
	else
		text_printf(out, "%s ago", span_format((now_unix_s - at) * 1000, span));
}

/* A closed gate and a pause hold up what would be due before their end. */
static void add_next(struct text *out, struct json_object *integration, struct json_object *gate,
                     int64_t now_unix_s)
{
	int64_t at = command_status_int(integration, "next_at", now_unix_s);
	int64_t probe_at = command_status_int(gate, "next_probe_at", now_unix_s);
	int64_t paused_until = command_status_int(gate, "paused_until", now_unix_s);
	char span[SPAN_TEXT_MAX];

	at = at > paused_until ? at : paused_until;
	if (command_status_gate_is_closed(gate) && at <= probe_at)
		text_add(out, "after the probe");
	else if (at <= now_unix_s)
		text_add(out, "now");
	else
		text_printf(out, "in %s", span_format((at - now_unix_s) * 1000, span));
}

static void add_state(struct row *row, struct json_object *integration, struct json_object *gate,
                      int64_t now_unix_s)
{
	const char *name = command_status_string(integration, "state");
	size_t i = 0;

	show_or_dash(&row->cells[STATE], name);
	while (i < STATE_COUNT && (name == NULL || strcmp(states[i].name, name) != 0))
		i++;
	row->colour = i < STATE_COUNT ? states[i].colour : "";
	row->in_sync = i < STATE_COUNT && states[i].in_sync;
	if (i < STATE_COUNT && states[i].next != NULL)
		text_add(&row->cells[NEXT], states[i].next);
	else
		add_next(&row->cells[NEXT], integration, gate, now_unix_s);
}

static void fill(struct row *row, struct json_object *integration, struct json_object *gate,
                 int64_t now_unix_s)
{
	const char *cron = command_status_string(integration, "indexing_cron");

	text_add_int(&row->cells[ID], command_status_int(integration, "id", 0));
	show_or_dash(&row->cells[NAME], command_status_string(integration, "name"));
	show_or_dash(&row->cells[SCHEDULE], cron != NULL ? cron : "none");
	add_state(row, integration, gate, now_unix_s);
	add_accepted(&row->cells[ACCEPTED], integration, now_unix_s);
	command_status_show(&row->cells[ERROR], command_status_string(integration, "last_error"),
	                    STATUS_WORDS_MAX);
	text_add(&row->cells[ERROR], "");
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
static void add_cut(struct text *out, const char *error_text, size_t width)
{
	size_t length = 0;

	if (width_of(error_text) <= width) {
		text_add(out, error_text);
		return;
	}
	for (size_t shown = 0; error_text[length] != '\0'; length++) {
		bool is_start = ((unsigned char)error_text[length] & 0xc0) != 0x80;

		if (is_start && ++shown == width)
			break;
	}
	text_add_bytes(out, error_text, length);
	text_add(out, "\xe2\x80\xa6");
}

static void add_row(const struct row *row, const size_t widths[COLUMN_COUNT],
                    const struct command_status_options *options, struct text *out)
{
	const char *error = row->cells[ERROR].bytes;
	size_t used = 0;

	for (size_t i = 0; i < ERROR; i++) {
		const char *cell = row->cells[i].bytes;
		bool is_coloured = options->colour && i == STATE && row->colour[0] != '\0';
		bool is_last = i + 1 == ERROR && error[0] == '\0';

		text_printf(out, "%s%s%s", is_coloured ? row->colour : "", cell,
		            is_coloured ? "\033[0m" : "");
		for (size_t j = width_of(cell); !is_last && j < widths[i] + 2; j++)
			text_add_char(out, ' ');
		used += widths[i] + 2;
	}
	if (options->columns == 0) {
		text_add(out, error);
	} else {
		add_cut(out, error,
		        options->columns > used + ERROR_MIN ? options->columns - used : ERROR_MIN);
	}
	text_add_char(out, '\n');
}

static void fill_titles(struct row *row)
{
	static const char *const titles[COLUMN_COUNT] = {
		[ID] = "ID",           [NAME] = "NAME",         [SCHEDULE] = "SCHEDULE",
		[STATE] = "STATE",     [ACCEPTED] = "ACCEPTED", [NEXT] = "NEXT ATTEMPT",
		[ERROR] = "LAST ERROR"};

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		text_add(&row->cells[i], titles[i]);
	row->colour = "";
}

static void add_rows(const struct row *rows, size_t count,
                     const struct command_status_options *options, struct text *out)
{
	size_t widths[COLUMN_COUNT] = {0};

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < COLUMN_COUNT; j++) {
			size_t width = width_of(rows[i].cells[j].bytes);

			widths[j] = width > widths[j] ? width : widths[j];
		}
	}
	for (size_t i = 0; i < count; i++)
		add_row(&rows[i], widths, options, out);
}

/* What is not in sync first; else the order stays. */
static void put_troubles_first(struct row *rows, size_t count)
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

/* How many of `count` rows fit below what stands there and the titles, a line kept for the rest. */
static size_t count_fitting(size_t count, const struct command_status_options *options,
                            const struct text *out)
{
	size_t used = 2;

	for (size_t i = 0; i < out->length; i++)
		used += out->bytes[i] == '\n';
	if (options->lines == 0 || count + used <= options->lines)
		return count;
	return options->lines > used + 2 ? options->lines - used - 1 : 1;
}

static void add_fitting(struct row *rows, size_t count,
                        const struct command_status_options *options, struct text *out)
{
	size_t fitting = count_fitting(count, options, out);

	if (fitting < count)
		put_troubles_first(rows + 1, count);
	text_add_char(out, '\n');
	add_rows(rows, fitting + 1, options, out);
	if (fitting < count) {
		text_printf(out, "\xe2\x80\xa6 and %zu more%s\n", count - fitting,
		            rows[fitting + 1].in_sync ? ", all in sync" : "");
	}
}

bool command_status_add_table(struct json_object *status,
                              const struct command_status_options *options, struct text *out)
{
	struct json_object *list = json_object_object_get(status, "integrations");
	struct json_object *gate = json_object_object_get(status, "gate");
	size_t count =
		json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
	struct row *rows = mem_alloc(count + 1, sizeof(*rows));
	bool in_sync = true;

	fill_titles(&rows[0]);
	for (size_t i = 0; i < count; i++) {
		struct row *row = &rows[i + 1];

		fill(row, json_object_array_get_idx(list, i), gate, options->now_unix_s);
		in_sync = in_sync && row->in_sync;
	}
	if (count > 0)
		add_fitting(rows, count, options, out);
	for (size_t i = 0; i <= count; i++) {
		for (size_t j = 0; j < COLUMN_COUNT; j++)
			text_clear(&rows[i].cells[j]);
	}
	free(rows);
	return in_sync;
}
