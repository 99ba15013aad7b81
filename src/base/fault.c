/* SPDX-License-Identifier: MIT */
/* A fault is made where something failed and is set again on its way out, so that its text reads
 * from the outside in: "/etc/x.conf: api.key_file: cannot open 'k': No such file or directory".
 * Faults that point into files are collected instead, so that one pass finds all of them; of each
 * level the first FAULTS_MAX are kept and the rest is counted, because a file of another kind has
 * a fault on every line. What is printed is safe for a terminal whatever stands in the file, and
 * a line of any length is shown as the part around the caret. */
#include "base/fault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"
#include "base/mem.h"

#define TEXT_MAX   1024 /* bytes of one message */
#define FILE_MAX   4096 /* bytes of a file's name */
#define BEFORE_MAX 80   /* bytes shown before the caret, when the line has to be cut */
#define SHOWN_MAX  160  /* bytes shown of a line */
#define ELLIPSIS   "\xe2\x80\xa6"

bool fault_set(struct fault *fault, const char *format, ...)
{
	struct text text = {0};
	va_list arguments;

	va_start(arguments, format);
	text_vprintf(&text, format, arguments);
	va_end(arguments);
	free(fault->text); /* last, as it may be one of the arguments */
	fault->text = text_take(&text);
	return false;
}

void fault_clear(struct fault *fault)
{
	free(fault->text);
	fault->text = NULL;
}

/* A character has at most three bytes after its first; what has more is none. */
static size_t char_start(const char *line, size_t at)
{
	size_t start = at;

	while (start > 0 && at - start < 3 && ((unsigned char)line[start] & 0xc0) == 0x80)
		start--;
	return start;
}

/* A part of a line, with what shows that there is more; given to the caller. */
static char *cut(const char *line, size_t start, size_t end, bool is_more)
{
	char *shown = mem_alloc(end - start + 2 * strlen(ELLIPSIS) + 1, 1);
	char *at = shown;

	if (start > 0)
		at = stpcpy(at, ELLIPSIS);
	at = mempcpy(at, line + start, end - start);
	if (is_more)
		(void)stpcpy(at, ELLIPSIS);
	return shown;
}

void fault_show_line(struct fault_entry *entry, const char *line, size_t length)
{
	size_t wanted = entry->column > 0 ? (size_t)entry->column - 1 : 0;
	size_t caret = wanted < length ? wanted : length; /* past the end: what is missing there */
	size_t start = 0, end = length;

	if (length > SHOWN_MAX && caret > BEFORE_MAX)
		start = char_start(line, caret - BEFORE_MAX);
	if (length - start > SHOWN_MAX)
		end = char_start(line, start + SHOWN_MAX);
	if (end < length && (size_t)entry->width > end - caret)
		entry->width = (int)(end - caret);
	mem_free_secret(entry->source);
	entry->source = cut(line, start, end, end < length);
	entry->caret = entry->column > 0 ? (int)(caret - start) + 1 : 0;
	if (entry->caret > 0 && start > 0)
		entry->caret += (int)strlen(ELLIPSIS);
}

static void fill_place(struct fault_entry *entry, const struct fault_place *place)
{
	size_t length;

	entry->file = mem_dup(place->file);
	entry->line = place->line;
	entry->column = place->column;
	entry->width = place->width > 0 ? place->width : 1;
	if (place->source == NULL)
		return;
	length = strcspn(place->source, "\r\n");
	if (place->caret <= 0) {
		fault_show_line(entry, place->source, length);
		return;
	}
	entry->source = mem_dup_bytes(place->source, length);
	entry->caret = (size_t)place->caret <= length ? place->caret : (int)length + 1;
}

void faults_add(struct faults *faults, enum fault_level level, struct fault_place place,
                const char *format, ...)
{
	size_t *total = level == FAULT_ERROR ? &faults->errors : &faults->warnings;
	struct text raw = {0}, escaped = {0};
	struct fault_entry *entry;
	va_list arguments;

	if (++*total > FAULTS_MAX)
		return;
	faults->entries = mem_room(faults->entries, &faults->capacity, faults->count + 1);
	entry = &faults->entries[faults->count];
	*entry = (struct fault_entry){.level = level, .order = faults->count};
	faults->count++;
	va_start(arguments, format);
	text_vprintf(&raw, format, arguments);
	va_end(arguments);
	text_escape(&escaped, raw.bytes, raw.length, TEXT_MAX);
	text_clear(&raw);
	entry->text = text_take(&escaped);
	if (place.file != NULL)
		fill_place(entry, &place);
}

/* The index in the list of files; beyond it the order of the file's first entry. */
static size_t rank(const struct faults *faults, char *const *files, const struct fault_entry *entry)
{
	size_t first = entry->order;
	size_t count = 0;

	for (; files != NULL && files[count] != NULL; count++) {
		if (text_equal(entry->file, files[count]))
			return count;
	}
	for (size_t i = 0; i < faults->count; i++) {
		if (faults->entries[i].order < first &&
		    text_equal(faults->entries[i].file, entry->file))
			first = faults->entries[i].order;
	}
	return count + first;
}

static int compare(const void *left, const void *right)
{
	const struct fault_entry *a = left, *b = right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void faults_sort(struct faults *faults, char *const *files)
{
	for (size_t i = 0; i < faults->count; i++)
		faults->entries[i].rank = rank(faults, files, &faults->entries[i]);
	if (faults->count > 0)
		qsort(faults->entries, faults->count, sizeof(*faults->entries), compare);
}

static void paint(struct text *out, bool colour, const char *code)
{
	if (colour)
		text_printf(out, "\033[%sm", code);
}

void fault_add_place(const char *file, int64_t line, int64_t column, struct text *out)
{
	if (file == NULL)
		return;
	text_escape(out, file, strlen(file), FILE_MAX);
	if (line > 0)
		text_printf(out, ":%" PRId64, line);
	if (line > 0 && column > 0)
		text_printf(out, ":%" PRId64, column);
	text_add(out, ": ");
}

static void print_head(const struct fault_entry *entry, bool colour, struct text *out)
{
	bool error = entry->level == FAULT_ERROR;

	paint(out, colour, "1");
	fault_add_place(entry->file, entry->line, entry->column, out);
	paint(out, colour, error ? "31" : "35");
	text_add(out, error ? "error:" : "warning:");
	paint(out, colour, "0");
	text_printf(out, " %s\n", entry->text);
}

/* Step over one character, or one byte that is none, and say what to print for it. */
static size_t step_over(const char *at, size_t length, bool *plain)
{
	size_t step = text_character(at, length, plain);

	*plain = *plain || *at == '\t';
	return step > 0 ? step : 1;
}

static void print_source(const char *source, struct text *out)
{
	const char *end = source + strlen(source);
	size_t step;
	bool plain;

	for (const char *at = source; at < end; at += step) {
		step = step_over(at, (size_t)(end - at), &plain);
		text_add_bytes(out, plain ? at : "?", plain ? step : 1);
	}
}

/* As many as a terminal takes for the character at `at`; returns what it has bytes. */
static size_t add_columns(const char *at, size_t length, char byte, struct text *out)
{
	bool plain;
	size_t step = step_over(at, length, &plain);

	for (size_t columns = plain ? character_width(at, step) : 1; columns > 0; columns--)
		text_add_char(out, byte);
	return step;
}

/* As many columns as the characters before have, so that the caret stands under its byte also after
 * an umlaut, a combining accent, or an emoji. */
static void print_caret(const struct fault_entry *entry, struct text *out)
{
	const char *at = entry->source;
	const char *end = at + strlen(at);
	const char *caret = at + entry->caret - 1;
	const char *stop = end - caret > entry->width ? caret + entry->width : end;
	size_t start;

	while (at < caret)
		at += add_columns(at, (size_t)(end - at), *at == '\t' ? '\t' : ' ', out);
	start = out->length;
	for (at = caret; at < stop;)
		at += add_columns(at, (size_t)(end - at), '~', out);
	if (out->length == start)
		text_add_char(out, '^');
	else
		out->bytes[start] = '^';
}

static void print_excerpt(const struct fault_entry *entry, bool colour, struct text *out)
{
	text_printf(out, "%5d | ", entry->line);
	print_source(entry->source, out);
	text_add_char(out, '\n');
	if (entry->caret <= 0)
		return;
	text_add(out, "      | ");
	paint(out, colour, "1;32");
	print_caret(entry, out);
	paint(out, colour, "0");
	text_add_char(out, '\n');
}

void fault_print(const struct fault_entry *entry, bool colour, struct text *out)
{
	print_head(entry, colour, out);
	if (entry->source != NULL && entry->line > 0)
		print_excerpt(entry, colour, out);
}

static void print_count(size_t count, const char *noun, struct text *out)
{
	text_printf(out, "%zu %s%s", count, noun, count == 1 ? "" : "s");
	if (count > FAULTS_MAX)
		text_printf(out, " (%zu not shown)", count - FAULTS_MAX);
}

void faults_print(const struct faults *faults, bool colour, struct text *out)
{
	for (size_t i = 0; i < faults->count; i++)
		fault_print(&faults->entries[i], colour, out);
	if (faults->errors > 0)
		print_count(faults->errors, "error", out);
	if (faults->errors > 0 && faults->warnings > 0)
		text_add(out, ", ");
	if (faults->warnings > 0)
		print_count(faults->warnings, "warning", out);
	if (faults->errors + faults->warnings > 0)
		text_add_char(out, '\n');
}

void faults_clear(struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		free(faults->entries[i].file);
		free(faults->entries[i].source);
		free(faults->entries[i].text);
	}
	free(faults->entries);
	*faults = (struct faults){0};
}
