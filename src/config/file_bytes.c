/* SPDX-License-Identifier: MIT */
/* What is no UTF-8 is reported and becomes an underscore, which hurts neither in a string nor in a
 * name; many NULs (a crash of the machine leaves them) become blanks. */
#include "config/file_bytes.h"

#include <string.h>

#include "base/text.h"
#include "config/lexer.h"

#define REPORTED_MAX 10 /* faults of one kind that are reported of one file */

static bool refuse_utf16(struct file_text *file_text, struct faults *faults)
{
	const char *text = file_text->text;
	bool utf16 = file_text->length >= 2 &&
	             (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 ||
	              (text[0] == '\0') != (text[1] == '\0'));

	if (!utf16)
		return false;
	faults_add(faults, FAULT_ERROR, &(struct fault_place){.file = file_text->name},
	           "the file looks like UTF-16; save it as UTF-8");
	memset(file_text->text, ' ', file_text->length);
	return true;
}

static void replace_nul(struct file_text *file_text, struct faults *faults)
{
	char *end = file_text->text + file_text->length;
	char *at = file_text->text;
	int reported = 0;

	while ((at = memchr(at, '\0', (size_t)(end - at))) != NULL) {
		char *start = at;

		while (at < end && *at == '\0')
			*at++ = ' ';
		if (at - start == 1)
			*start = '_';
		if (reported++ < REPORTED_MAX)
			file_text_report(file_text, faults, (size_t)(start - file_text->text),
			                 (size_t)(at - start),
			                 at - start == 1 ? "NUL byte" : "NUL bytes");
	}
}

static bool is_broken_at(const struct file_text *file_text, size_t at)
{
	size_t left = file_text->length - at;

	return left > 0 && text_utf8_error(file_text->text + at, left < 4 ? left : 4) == 0;
}

/* All are replaced before the first is reported, so that the lines that are shown are clean. */
static void replace_invalid(struct file_text *file_text, struct faults *faults)
{
	struct fault_place place;
	struct {
		size_t start, end;
		unsigned char first;
	} found[REPORTED_MAX];
	size_t at = 0, count = 0;

	while ((at += text_utf8_error(file_text->text + at, file_text->length - at)) <
	       file_text->length) {
		if (count < REPORTED_MAX) {
			found[count].start = at;
			found[count].first = (unsigned char)file_text->text[at];
		}
		while (is_broken_at(file_text, at))
			file_text->text[at++] = '_';
		if (count < REPORTED_MAX)
			found[count++].end = at;
	}
	for (size_t i = 0; i < count; i++) {
		place = file_text_place(file_text, found[i].start, found[i].end - found[i].start);
		faults_add(faults, FAULT_ERROR, &place,
		           "invalid UTF-8 (byte 0x%02x); save the file as UTF-8", found[i].first);
	}
}

/* A comment runs to a line feed: without this, one old line end would swallow what follows. */
static void replace_returns(struct file_text *file_text, struct faults *faults)
{
	char *end = file_text->text + file_text->length;
	char *at = file_text->text;
	bool reported = false;

	while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
		if (at + 1 == end || at[1] == '\n') {
			at++;
			continue;
		}
		if (!reported)
			file_text_report(file_text, faults, (size_t)(at - file_text->text), 1,
			                 "carriage return without a line feed after it");
		reported = true;
		*at = '\n';
	}
}

/* The byte is taken for what a repair leaves behind. */
static void replace_marks(struct file_text *file_text, struct faults *faults)
{
	char *end = file_text->text + file_text->length;
	char *at = file_text->text;
	int reported = 0;

	while ((at = memchr(at, LEXER_REPLACED_BYTE, (size_t)(end - at))) != NULL) {
		if (reported++ < REPORTED_MAX)
			file_text_report(file_text, faults, (size_t)(at - file_text->text), 1,
			                 "control byte 0x1a");
		*at++ = ' ';
	}
}

bool file_bytes_check(struct file_text *file_text, struct faults *faults)
{
	if (refuse_utf16(file_text, faults))
		return false;
	replace_returns(file_text, faults); /* first, as the others' lines are counted by it */
	replace_invalid(file_text, faults);
	replace_nul(file_text, faults);
	replace_marks(file_text, faults);
	return true;
}
