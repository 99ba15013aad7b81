/* SPDX-License-Identifier: MIT */
/* Repairs never move a byte, so that places found afterwards are the file's own; and what is shown
 * of a line is what stood there before them. */
#include "config/file_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/lexer.h"

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
	file_text->cursor.line = 1;
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

struct fault_place file_text_place(struct file_text *file_text, size_t offset, size_t width)
{
	const char *newline;

	if (offset < file_text->cursor.offset) {
		file_text->cursor.line_start = 0;
		file_text->cursor.line = 1;
	}
	while ((newline = memchr(file_text->text + file_text->cursor.line_start, '\n',
	                         offset - file_text->cursor.line_start)) != NULL) {
		file_text->cursor.line_start = (size_t)(newline - file_text->text) + 1;
		file_text->cursor.line++;
	}
	file_text->cursor.offset = offset;
	return (struct fault_place){
		.file = file_text->name,
		.line = file_text->cursor.line,
		.column = (int)(offset - file_text->cursor.line_start) + 1,
		.width = (int)width,
		.source = (file_text->original != NULL ? file_text->original : file_text->text) +
	                  file_text->cursor.line_start,
	};
}

size_t file_text_line_end(const struct file_text *file_text, size_t offset)
{
	const char *newline = memchr(file_text->text + offset, '\n', file_text->length - offset);
	size_t end = newline != NULL ? (size_t)(newline - file_text->text) : file_text->length;

	return end > offset && file_text->text[end - 1] == '\r' ? end - 1 : end;
}

void file_text_keep(struct file_text *file_text)
{
	if (file_text->original == NULL)
		file_text->original = mem_dup_bytes(file_text->text, file_text->length);
}

void file_text_fill(struct file_text *file_text, size_t from, size_t to, char byte)
{
	file_text_keep(file_text);
	for (size_t i = from; i < to; i++) {
		if (file_text->text[i] != '\n' && file_text->text[i] != '\r')
			file_text->text[i] = byte;
	}
}

void file_text_set_repair(struct file_text *file_text, const char *sentence, const char *start,
                          const char *end)
{
	size_t from = (size_t)(start - file_text->text);
	size_t to = (size_t)(end - file_text->text);

	file_text->repair = (struct file_text_repair){
		.sentence = sentence,
		.start = from,
		.end = to,
		.fill_from = from,
		.fill_to = to,
		.fill = LEXER_REPLACED_BYTE,
	};
}

char *file_text_take_original(struct file_text *file_text)
{
	char *original = file_text->original;

	file_text->original = NULL;
	return original;
}

void file_text_report(struct file_text *file_text, struct faults *faults, size_t offset,
                      size_t width, const char *sentence)
{
	struct fault_place place = file_text_place(file_text, offset, width);

	faults_add(faults, FAULT_ERROR, &place, "%s", sentence);
}
