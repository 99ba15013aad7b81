/* SPDX-License-Identifier: MIT */
/* Repairs never move a byte, so that places found afterwards are the file's own; and what is shown
 * of a line is what stood there before them. */
#include "config/file_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/lexer.h"

#define REPORTED_MAX 10 /* faults of one kind that are reported of one file */

static void rewind_cursor(struct file_text *file_text)
{
	file_text->cursor.at = file_text->cursor.line_start = file_text->text;
	file_text->cursor.line = 1;
}

void file_text_init(struct file_text *file_text, const char *name, char *bytes, size_t length)
{
	size_t mark = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	*file_text = (struct file_text){
		.name = name,
		.text = bytes + mark,
		.bytes = bytes,
		.length = length - mark,
	};
	file_text->closers = mem_dup("");
	rewind_cursor(file_text);
}

void file_text_clear(struct file_text *file_text)
{
	if (file_text->bytes != NULL)
		mem_wipe(file_text->text, file_text->length);
	free(file_text->bytes);
	if (file_text->original != NULL)
		mem_wipe(file_text->original, file_text->length);
	free(file_text->original);
	free(file_text->includes);
	free(file_text->closers);
	*file_text = (struct file_text){0};
}

struct fault_place file_text_place(struct file_text *file_text, const char *at, size_t width)
{
	const char *shown = file_text->original != NULL ? file_text->original : file_text->text;
	const char *newline;

	if (at < file_text->cursor.at)
		rewind_cursor(file_text);
	while ((newline = memchr(file_text->cursor.at, '\n',
	                         (size_t)(at - file_text->cursor.at))) != NULL) {
		file_text->cursor.at = file_text->cursor.line_start = newline + 1;
		file_text->cursor.line++;
	}
	file_text->cursor.at = at;
	return (struct fault_place){
		.file = file_text->name,
		.line = file_text->cursor.line,
		.column = (int)(at - file_text->cursor.line_start) + 1,
		.width = (int)width,
		.source = shown + (file_text->cursor.line_start - file_text->text),
	};
}

const char *file_text_end(const struct file_text *file_text)
{
	return file_text->text + file_text->length;
}

const char *file_text_line_end(const struct file_text *file_text, const char *at)
{
	const char *end = file_text_end(file_text);
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	end = newline != NULL ? newline : end;
	return end > at && end[-1] == '\r' ? end - 1 : end;
}

void file_text_keep(struct file_text *file_text)
{
	if (file_text->original == NULL)
		file_text->original = mem_dup_bytes(file_text->text, file_text->length);
}

void file_text_fill(struct file_text *file_text, const char *from, const char *to, char byte)
{
	file_text_keep(file_text);
	for (char *at = file_text->text + (from - file_text->text); at < to; at++) {
		if (*at != '\n' && *at != '\r')
			*at = byte;
	}
}

struct file_text_repair *file_text_set_repair(struct file_text *file_text, const char *sentence,
                                              const char *start, const char *end)
{
	file_text->repair = (struct file_text_repair){
		.sentence = sentence,
		.start = start,
		.end = end,
		.fill_from = start,
		.fill_to = end,
		.fill = LEXER_REPLACED_BYTE,
	};
	return &file_text->repair;
}

void file_text_report(struct file_text *file_text, struct faults *faults, const char *at,
                      size_t width, const char *sentence)
{
	faults_add(faults, FAULT_ERROR, file_text_place(file_text, at, width), "%s", sentence);
}

void file_text_repair(struct file_text *file_text, struct faults *faults,
                      const struct file_text_repair *repair)
{
	file_text_report(file_text, faults, repair->start, (size_t)(repair->end - repair->start),
	                 repair->sentence);
	file_text_fill(file_text, repair->fill_from, repair->fill_to, repair->fill);
}

/* bytes: what is no UTF-8 becomes an underscore, which hurts neither in a string nor in a name;
 * many NULs (a crash of the machine leaves them) become blanks */

static bool refuse_utf16(struct file_text *file_text, struct faults *faults)
{
	const char *text = file_text->text;
	bool utf16 = file_text->length >= 2 &&
	             (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 ||
	              (text[0] == '\0') != (text[1] == '\0'));

	if (!utf16)
		return false;
	faults_add(faults, FAULT_ERROR, (struct fault_place){.file = file_text->name},
	           "the file looks like UTF-16; save it as UTF-8");
	memset(file_text->text, ' ', file_text->length);
	return true;
}

static void replace_nul(struct file_text *file_text, struct faults *faults)
{
	const char *end = file_text_end(file_text);
	char *at = file_text->text;
	int reported = 0;

	while ((at = memchr(at, '\0', (size_t)(end - at))) != NULL) {
		char *start = at;

		while (at < end && *at == '\0')
			*at++ = ' ';
		if (at - start == 1)
			*start = '_';
		if (reported++ < REPORTED_MAX)
			file_text_report(file_text, faults, start, (size_t)(at - start),
			                 at - start == 1 ? "NUL byte" : "NUL bytes");
	}
}

static bool is_broken_at(const char *at, const char *end)
{
	size_t left = (size_t)(end - at);

	return left > 0 && text_utf8_error(at, left < 4 ? left : 4) == 0;
}

static void replace_invalid(struct file_text *file_text, struct faults *faults)
{
	const char *end = file_text_end(file_text);
	char *at = file_text->text;
	int reported = 0;

	while ((at += text_utf8_error(at, (size_t)(end - at))) < end) {
		const char *start = at;
		unsigned char first = (unsigned char)*at;

		while (is_broken_at(at, end))
			*at++ = '_';
		if (reported++ < REPORTED_MAX)
			faults_add(faults, FAULT_ERROR,
			           file_text_place(file_text, start, (size_t)(at - start)),
			           "invalid UTF-8 (byte 0x%02x); save the file as UTF-8", first);
	}
}

/* A comment runs to a line feed: without this, one old line end would swallow what follows. */
static void replace_returns(struct file_text *file_text, struct faults *faults)
{
	const char *end = file_text_end(file_text);
	char *at = file_text->text;
	bool reported = false;

	while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
		if (at + 1 == end || at[1] == '\n') {
			at++;
			continue;
		}
		if (!reported)
			file_text_report(file_text, faults, at, 1,
			                 "carriage return without a line feed after it");
		reported = true;
		*at = '\n';
	}
}

/* The byte is taken for what a repair leaves behind. */
static void replace_marks(struct file_text *file_text, struct faults *faults)
{
	const char *end = file_text_end(file_text);
	char *at = file_text->text;
	int reported = 0;

	while ((at = memchr(at, LEXER_REPLACED_BYTE, (size_t)(end - at))) != NULL) {
		if (reported++ < REPORTED_MAX)
			file_text_report(file_text, faults, at, 1, "control byte 0x1a");
		*at++ = ' ';
	}
}

bool file_text_check_bytes(struct file_text *file_text, struct faults *faults)
{
	if (refuse_utf16(file_text, faults))
		return false;
	replace_returns(file_text, faults); /* first, as the others' lines are counted by it */
	replace_invalid(file_text, faults);
	replace_nul(file_text, faults);
	replace_marks(file_text, faults);
	return true;
}
