/* SPDX-License-Identifier: MIT */
/* One line of the terminal that says how far it is: drawn over itself, gone before anything else is
 * written there, and never wider than the terminal, since what wraps cannot be drawn over. What
 * matters most stands first, as the end may be cut off. */
#include "commands/command_apply_internal.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/character.h"
#include "base/span.h"
#include "commands/surroundings.h"

#define COLUMNS_USUAL 80
#define RATE_FROM_MS  1000 /* before that a rate means nothing */

/* A terminal that was stopped with ^S must not stop the loop. What is not written now is drawn
 * again with the next beat. */
static void put(const char *bytes, size_t length)
{
	struct pollfd poller = {.fd = STDERR_FILENO, .events = POLLOUT};
	ssize_t written = 0;

	if (poll(&poller, 1, 0) == 1 && (poller.revents & POLLOUT) != 0)
		written = write(STDERR_FILENO, bytes, length);
	(void)written;
}

static void add_cut(const struct text *line, size_t columns, struct text *out)
{
	if (character_width(line->bytes, line->length) <= columns) {
		text_add_bytes(out, line->bytes, line->length);
	} else if (columns > 0) {
		text_add_bytes(out, line->bytes,
		               character_fit(line->bytes, line->length, columns - 1));
		text_add(out, "…");
	}
}

static void add_times(const struct apply_line_progress *progress, struct text *line)
{
	size_t left = progress->total - progress->done;
	char span[SPAN_TEXT_MAX];

	if (progress->stopping) {
		text_add(line, ", stopping");
	} else if (progress->stalled && left > 0) {
		text_printf(line, ", gives up in %s", span_format(progress->give_up_ms, span));
	} else if (progress->elapsed_ms >= RATE_FROM_MS && progress->done > 0) {
		double rate = (double)progress->done * 1000 / (double)progress->elapsed_ms;

		text_printf(line, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
		if (left > 0) {
			text_printf(
				line, ", about %s left",
				span_format((int64_t)((double)left / rate) * 1000 + 1000, span));
		}
	}
}

static void add_retries(const struct apply_line_progress *progress, struct text *line)
{
	char span[SPAN_TEXT_MAX];

	if (progress->retrying == 0)
		return;
	text_printf(line, ", retrying %zu", progress->retrying);
	if (progress->stalled && progress->next_ms > 0 && progress->next_ms != INT64_MAX) {
		int64_t tenths = (progress->next_ms + 99) / 100;

		text_printf(line, " in %s", span_format(tenths * 100, span));
	}
	if (progress->error_text != NULL)
		text_printf(line, " (%s)", progress->error_text);
}

void apply_line_format(const struct apply_line_progress *progress, size_t columns, struct text *out)
{
	struct text line = {0};

	text_printf(&line, "%zu/%zu done", progress->done, progress->total);
	if (progress->rejected > 0)
		text_printf(&line, ", %zu rejected", progress->rejected);
	add_times(progress, &line);
	if (progress->confirming > 0)
		text_printf(&line, ", %zu to confirm", progress->confirming);
	add_retries(progress, &line);
	/* In its last column a terminal may wrap already. */
	add_cut(&line, columns > 1 ? columns - 1 : 0, out);
	text_clear(&line);
}

void apply_line_show(struct apply_line *line, const char *text)
{
	struct text whole = {0};

	if (!line->on_terminal)
		return;
	text_printf(&whole, "\r%s\033[K", text);
	put(whole.bytes, whole.length);
	text_clear(&whole);
	line->drawn = true;
}

void apply_line_show_progress(struct apply_line *line, const struct apply_line_progress *progress)
{
	size_t columns = surroundings_terminal_columns(STDERR_FILENO);
	struct text text = {0};

	if (!line->on_terminal)
		return;
	apply_line_format(progress, columns > 0 ? columns : COLUMNS_USUAL, &text);
	apply_line_show(line, text.bytes);
	text_clear(&text);
}

void apply_line_wipe(void *data)
{
	static const char erase[] = "\r\033[K";
	struct apply_line *line = data;

	if (line->drawn) {
		line->drawn = false;
		put(erase, strlen(erase));
	}
}
