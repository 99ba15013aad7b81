/* SPDX-License-Identifier: MIT */
/* Whatever a file holds, its text is contained: no NUL, no invalid UTF-8, no word that is open, no
 * include, brackets that open as many as they close, and each line is found at its place. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/lexer.h"
#include "config/source.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_words(const struct source *source)
{
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, source->text, source->length);
	while ((token = lexer_next(&lexer)).kind != LEXER_END)
		require(token.kind != LEXER_OPEN_STRING && token.kind != LEXER_OPEN_COMMENT &&
		        token.kind != LEXER_INCLUDE);
}

static void check_lines(const struct source *source)
{
	uint32_t offset = 0;

	for (size_t i = 0; i < source->line_count; i++) {
		const char *newline = strchr(source->text + offset, '\n');
		struct fault_place place = source_place(source, offset, 1);

		require(source->lines[i].start == offset && newline != NULL);
		require(place.column == 1 && (uint32_t)place.line == source->lines[i].line);
		/* Brackets that are closed for the file stand on its last line again. */
		require(i == 0 || source->lines[i].line == source->lines[i - 1].line + 1 ||
		        i == source->line_count - 1);
		offset = (uint32_t)(newline - source->text) + 1;
	}
	require(offset == source->length);
}

static void check_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault_entry *entry = &faults->entries[i];

		require(entry->line >= 0 && entry->width >= 1);
		require((entry->line == 0) == (entry->column == 0));
		require(entry->text[0] != '\0');
	}
}

int fuzz_source(const uint8_t *data, size_t size)
{
	struct faults faults = {0};
	struct text printed = {0};
	struct source source;

	source_from_bytes(&source, "x.conf", (const char *)data, size, &faults);
	require(strlen(source.text) == source.length);
	require(text_utf8_error(source.text, source.length) == source.length);
	check_words(&source);
	check_lines(&source);
	check_faults(&faults);
	faults_sort(&faults, NULL);
	faults_print(&faults, true, &printed);
	text_clear(&printed);
	faults_clear(&faults);
	source_clear(&source);
	return 0;
}
