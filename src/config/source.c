/* SPDX-License-Identifier: MIT */
/* The joined text, and what is known about it. Each of its lines is noted with its file and number,
 * so that a place is a binary search. The paths that it depends on are kept in their order and
 * found by a search tree, as 100,000 integrations may name as many secret files; the hash of all
 * that was found at them says whether anything is new. */
#include "config/source.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/siphash.h"
#include "base/text.h"
#include "config/secrecy.h"
#include "config/source_internal.h"

/* the joined text */

/* Like mem_grow(), but what is left behind is wiped: the text may hold secrets. */
static void reserve(struct source *source, size_t more)
{
	size_t need = source->length + more + 1;
	char *larger;

	if (need <= source->capacity)
		return;
	if (need < source->capacity * 2)
		need = source->capacity * 2;
	larger = mem_alloc(need, 1);
	if (source->length > 0)
		memcpy(larger, source->text, source->length);
	if (source->text != NULL)
		mem_wipe(source->text, source->length);
	free(source->text);
	source->text = larger;
	source->capacity = need;
}

void source_begin(struct source *source)
{
	*source = (struct source){.hash = TEXT_HASH_START};
	reserve(source, 0);
}

static void begin_line(struct source *source, uint32_t file, uint32_t line)
{
	source->lines = mem_room(source->lines, &source->line_capacity, source->line_count + 1);
	source->lines[source->line_count++] = (struct source_line){
		.start = (uint32_t)source->length,
		.file = file,
		.line = line,
	};
}

void source_append(struct source *source, struct source_origin *origin, const char *bytes,
                   size_t length)
{
	const char *end = bytes + length;

	reserve(source, length + 1);
	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t step = (size_t)((newline != NULL ? newline + 1 : end) - bytes);

		begin_line(source, origin->file, origin->line++);
		memcpy(source->text + source->length, bytes, step);
		source->length += step;
		bytes += step;
		if (newline == NULL)
			source->text[source->length++] = '\n';
	}
	source->text[source->length] = '\0';
}

uint32_t source_add_file(struct source *source, const char *path)
{
	source->files = mem_room(source->files, &source->file_capacity, source->file_count + 2);
	source->originals =
		mem_room(source->originals, &source->original_capacity, source->file_count + 1);
	source->originals[source->file_count] = NULL;
	source->files[source->file_count++] = mem_dup(path);
	source->files[source->file_count] = NULL;
	return (uint32_t)(source->file_count - 1);
}

void source_add_root(struct source *source)
{
	source->roots = mem_room(source->roots, &source->root_capacity, source->root_count + 1);
	source->roots[source->root_count++] = source->line_count;
}

/* looking things up */

struct fault_place source_place(const struct source *source, size_t offset, size_t width)
{
	const struct source_line *line = source->lines;
	size_t count = source->line_count; /* from `line` on, that may be the one */

	if (count == 0)
		return (struct fault_place){.file = source->file_count > 0 ? source->files[0]
		                                                           : NULL};
	while (count > 1) {
		size_t half = count / 2;

		/* Without a branch, which nobody could predict. */
		line += line[half].start <= offset ? half : 0;
		count -= half;
	}
	return (struct fault_place){
		.file = source->files[line->file],
		.line = (int)line->line,
		.column = (int)(offset - line->start) + 1,
		.width = (int)width,
		.source = source->text + line->start,
	};
}

size_t source_find_line(const struct source *source, const char *file, int line)
{
	size_t index = 0;

	while (index < source->line_count &&
	       (source->lines[index].line != (uint32_t)line ||
	        strcmp(source->files[source->lines[index].file], file) != 0))
		index++;
	return index;
}

const char *source_line_text(const struct source *source, size_t index)
{
	const struct source_line *line = &source->lines[index];
	const char *original = source->originals[line->file];

	if (original == NULL)
		return source->text + line->start;
	for (uint32_t i = 1; i < line->line; i++)
		original = strchr(original, '\n') + 1;
	return original;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(a, b);
}

void source_watch(struct source *source, const char *path)
{
	const char **found = mem_demand(tsearch(path, &source->seen, compare_paths));

	if (*found != path)
		return;
	source->watched =
		mem_room(source->watched, &source->watched_capacity, source->watched_count + 2);
	*found = source->watched[source->watched_count++] = mem_dup(path);
	source->watched[source->watched_count] = NULL;
}

static void forget(void *path)
{
	(void)path; /* it is one of `watched` */
}

void source_hash(struct source *source, const char *path, const char *bytes, size_t length,
                 int error)
{
	uint64_t content = siphash_of(bytes, length);

	source->hash = text_hash(source->hash, path, strlen(path) + 1);
	source->hash = text_hash(source->hash, &error, sizeof(error));
	source->hash = text_hash(source->hash, &content, sizeof(content));
}

void source_note_unread(struct source *source, const char *path, const char *predicate)
{
	struct fault unread = {0};

	if (source->unread != NULL)
		return;
	(void)fault_set(&unread, "%s", predicate);
	secrecy_name_path(path, &unread);
	source->unread = unread.text;
}

char *source_path_from(const char *file, const char *path)
{
	const char *slash = file != NULL ? strrchr(file, '/') : NULL;

	if (*path == '/' || slash == NULL)
		return mem_dup(path);
	return mem_printf("%.*s/%s", (int)(slash - file), file, path);
}

bool source_read(struct source *source, struct file_read *file, const char *path, size_t max,
                 struct fault *fault)
{
	bool good = file_read(file, path, max, source->opener, fault);
	/* What was refused hashes as its kind: a FIFO in the place of a directory is a change. */
	int reason = file->error == EINVAL ? -(int)(file->status.st_mode & S_IFMT) : file->error;

	source_watch(source, path);
	source_hash(source, path, file->bytes, file->length, reason);
	if (!good && file_read_is_transient(file->error))
		source_note_unread(source, path, fault->text);
	return good;
}

char **source_take_watched(struct source *source, size_t *count)
{
	char **watched = source->watched != NULL ? source->watched : mem_new(char *);

	*count = source->watched_count;
	source->watched = NULL;
	source->watched_count = source->watched_capacity = 0;
	tdestroy(source->seen, forget);
	source->seen = NULL;
	return watched;
}

void source_clear(struct source *source)
{
	if (source->text != NULL)
		mem_wipe(source->text, source->length);
	free(source->text);
	free(source->lines);
	for (size_t i = 0; i < source->file_count; i++) {
		free(source->files != NULL ? source->files[i] : NULL);
		mem_free_secret(source->originals[i]);
	}
	free(source->files);
	free(source->originals);
	free(source->roots);
	for (size_t i = 0; i < source->watched_count; i++)
		free(source->watched[i]);
	free(source->watched);
	tdestroy(source->seen, forget);
	free(source->unread);
	*source = (struct source){0};
}
