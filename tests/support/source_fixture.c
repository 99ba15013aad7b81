/* SPDX-License-Identifier: MIT */
/* Plain files, and what came of a load as texts that a test can hold beside what it expects. */
#include "support/source_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void source_fixture_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

char *source_fixture_faults(struct faults *faults)
{
	struct text out = {0};

	faults_sort(faults, NULL);
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault_entry *entry = &faults->entries[i];

		text_printf(&out, "%s:%d:%d+%d %s\n", entry->file, entry->line, entry->column,
		            entry->width, entry->text);
	}
	return text_take(&out);
}

char *source_fixture_lines(const struct source *source)
{
	struct text out = {0};

	for (size_t offset = 0; offset < source->length;) {
		struct fault_place place = source_place(source, offset, 1);
		size_t length = strcspn(source->text + offset, "\n");

		assert_ptr_equal(place.source, source->text + offset);
		assert_int_equal(place.column, 1);
		text_printf(&out, "%s:%d|%.*s\n", place.file, place.line, (int)length,
		            place.source);
		offset += length + 1;
	}
	assert_int_equal(source->text[source->length], '\0');
	return text_take(&out);
}

static char *list_watched(const struct source *source)
{
	struct text out = {0};

	assert_null(source->watched[source->watched_count]);
	for (size_t i = 0; i < source->watched_count; i++)
		text_printf(&out, "%s%s", i > 0 ? " " : "", source->watched[i]);
	return text_take(&out);
}

void source_fixture_assert(const char *faults, const char *lines, const char *watched)
{
	struct faults found = {0};
	struct source source;
	char *texts[3];

	source_load(&source, "x.conf", NULL, &found);
	texts[0] = source_fixture_faults(&found);
	texts[1] = source_fixture_lines(&source);
	texts[2] = list_watched(&source);
	assert_string_equal(texts[0], faults);
	assert_int_equal(found.errors == 0, *faults == '\0');
	if (lines != NULL)
		assert_string_equal(texts[1], lines);
	if (watched != NULL)
		assert_string_equal(texts[2], watched);
	for (size_t i = 0; i < COUNT(texts); i++)
		free(texts[i]);
	source_clear(&source);
	faults_clear(&found);
}
