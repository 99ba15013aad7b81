/* SPDX-License-Identifier: MIT */
/* A file is read, its text checked and repaired by itself (file_text.h), and its lines go into the
 * joined text; at an @include the same happens with that file, amid the other's lines. Then come
 * the drop-ins. What fails is reported and left out, and the rest goes on: one pass finds
 * everything. Whatever was tried, there or not, is noted as a path to watch and goes into the hash.
 * A file is itself by device and inode, so that a cycle is seen through any number of links, and a
 * draft stands for its file whatever path leads to it.
 *
 * A path that could not be read now (file_read_is_transient) makes the whole load one that is to be
 * repeated: what was not read must never look empty, or the list of drop-ins shorter. */
#include "config/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/file_text.h"
#include "config/lexer.h"
#include "config/secrecy.h"
#include "config/source_internal.h"

/* One load. */
struct loader {
	struct source *source;
	const struct file_opener *opener; /* of all files but the first; NULL: we do */
	struct faults *faults;
	char *drop_ins; /* owned: FILE.d; NULL: no file is opened */
	size_t total;   /* bytes read */
	bool full;      /* too many files or bytes, reported once */
};

/* A file within the files that include it. */
struct frame {
	const struct frame *parent;
	const char *path;
	struct file_text file_text;
	dev_t device;
	ino_t inode;
	size_t depth;
	struct source_origin origin; /* of the next line that is appended */
};

/* the draft */

static struct {
	const char *bytes; /* borrowed; NULL: no draft */
	size_t length;
	dev_t device;
	ino_t inode;
	bool was_read;
} draft;

void source_set_draft(const struct stat *status, const char *bytes, size_t length)
{
	draft.bytes = bytes;
	draft.length = length;
	draft.device = status->st_dev;
	draft.inode = status->st_ino;
	draft.was_read = false;
}

bool source_draft_was_read(void)
{
	return draft.was_read;
}

/* The size is that of the bytes from now on, which file_read_clear() goes by. */
static void replace_by_draft(struct file_read *file)
{
	if (draft.bytes == NULL || file->status.st_dev != draft.device ||
	    file->status.st_ino != draft.inode)
		return;
	file_read_clear(file);
	file->bytes = mem_dup_bytes(draft.bytes, draft.length);
	file->length = draft.length;
	file->status.st_size = (off_t)draft.length;
	draft.was_read = true;
}

/* includes */

/* The path of an include as it is written (given to the caller); NULL if it cannot be one. */
static char *path_of(const struct lexer_token *token, struct fault *fault)
{
	const char *wrong;
	char *path = mem_alloc(token->length, 1);
	size_t length = lexer_string_copy(token, path, &wrong);

	if (wrong != NULL)
		(void)fault_set(fault, "the path has an unknown escape; a backslash itself is "
		                       "written \\\\");
	else if (length == 0)
		(void)fault_set(fault, "the path is empty");
	else if (strlen(path) != length)
		(void)fault_set(fault, "the path holds a NUL byte");
	else
		return path;
	free(path);
	return NULL;
}

/* "a -> b -> a": from a file that is being read to the one that turns out to be the same. */
static char *chain_text(const struct frame *first, const struct frame *last)
{
	char *chain = mem_dup(last->path);

	for (const struct frame *frame = last; frame != first;) {
		char *shorter = chain;

		frame = frame->parent;
		chain = mem_printf("%s -> %s", frame->path, shorter);
		free(shorter);
	}
	return chain;
}

static bool is_cycle(const struct frame *frame, struct fault *fault)
{
	const struct frame *up = frame->parent;
	char *chain;

	while (up != NULL && (up->device != frame->device || up->inode != frame->inode))
		up = up->parent;
	if (up == NULL)
		return false;
	chain = chain_text(up, frame);
	(void)fault_set(fault, "includes itself: %s", chain);
	free(chain);
	return true;
}

static bool count_bytes(struct loader *loader, size_t length, struct fault *fault)
{
	loader->total += length;
	if (loader->total <= SOURCE_TOTAL_MAX)
		return true;
	loader->full = true;
	return fault_set(fault, "makes the files together larger than %d MiB",
	                 SOURCE_TOTAL_MAX / (1024 * 1024));
}

/* Read the file of a frame; false sets `fault` to a predicate (file.h), or to nothing if it
 * was reported already that there is too much. */
static bool open_frame(struct loader *loader, struct frame *frame, struct fault *fault)
{
	struct source *source = loader->source;
	struct file_read file;
	bool good;

	source_watch(source, frame->path);
	if (loader->full)
		return false;
	if (source->file_count == SOURCE_FILES_MAX) {
		loader->full = true;
		return fault_set(fault, "is one too many: at most %d files are read",
		                 SOURCE_FILES_MAX);
	}
	good = source_read(source, &file, frame->path, SOURCE_FILE_MAX, fault);
	if (good)
		replace_by_draft(&file);
	frame->device = file.status.st_dev;
	frame->inode = file.status.st_ino;
	if (!good || is_cycle(frame, fault) || !count_bytes(loader, file.length, fault)) {
		file_read_clear(&file);
		return false;
	}
	file_text_init(&frame->file_text, frame->path, file.bytes, file.length);
	return true;
}

/* Add the remedy, where one is known. */
static void add_remedy(const struct loader *loader, const char *written, const char *path,
                       struct fault *fault)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		(void)fault_set(fault, "%s; include its files one by one, or put them into '%s'",
		                fault->text, loader->drop_ins);
	else if (strcmp(fault->text, "does not exist") != 0)
		return;
	else if (strpbrk(written, "*?[") != NULL)
		(void)fault_set(fault,
		                "%s; an include names one file and is no pattern, but all of "
		                "'%s/*.conf' is read by itself",
		                fault->text, loader->drop_ins);
	else if (*written != '/')
		(void)fault_set(fault, "%s; the path is relative to the directory of this file",
		                fault->text);
}

static void append_text(struct loader *loader, struct frame *frame);

static bool include(struct loader *loader, const struct frame *parent,
                    const struct lexer_token *token, struct fault *fault)
{
	struct frame frame = {.parent = parent, .depth = parent->depth + 1};
	char *written, *path;
	bool good;

	if (loader->drop_ins == NULL)
		return fault_set(fault, "no file can be included here");
	if (parent->depth == SOURCE_DEPTH_MAX)
		return fault_set(fault, "files are included more than %d deep", SOURCE_DEPTH_MAX);
	written = path_of(token, fault);
	if (written == NULL)
		return false;
	frame.path = path = source_path_from(parent->path, written);
	good = open_frame(loader, &frame, fault);
	if (good)
		append_text(loader, &frame);
	if (fault->text != NULL) {
		add_remedy(loader, written, path, fault);
		secrecy_name_path(path, fault);
	}
	free(path);
	free(written);
	return good;
}

static const char *line_start(const struct file_text *file_text, const char *at)
{
	const char *newline = memrchr(file_text->text, '\n', (size_t)(at - file_text->text));

	return newline != NULL ? newline + 1 : file_text->text;
}

/* Append a file before the line that includes it, of which blanks are left. */
static void append_include(struct loader *loader, struct frame *frame,
                           const struct lexer_token *found)
{
	struct file_text *file_text = &frame->file_text;
	struct fault fault = {0};

	if (!include(loader, frame, found, &fault) && fault.text != NULL)
		file_text_report(file_text, loader->faults, found->start, found->length,
		                 fault.text);
	fault_clear(&fault);
	file_text_fill(file_text, line_start(file_text, found->start), found->start + found->length,
	               ' ');
}

/* Check and append the text of an open frame, and close it. */
static void append_text(struct loader *loader, struct frame *frame)
{
	struct source *source = loader->source;
	struct file_text *file_text = &frame->file_text;
	struct source_origin nowhere; /* no line of the file has the closers */
	const char *done = file_text->text;

	frame->origin.file = source_add_file(source, frame->path);
	frame->origin.line = 1;
	file_text_check(file_text, loader->faults);
	for (size_t i = 0; i < file_text->include_count; i++) {
		const char *line = line_start(file_text, file_text->includes[i].start);

		source_append(source, &frame->origin, done, (size_t)(line - done));
		append_include(loader, frame, &file_text->includes[i]);
		done = line;
	}
	source_append(source, &frame->origin, done, (size_t)(file_text_end(file_text) - done));
	nowhere = (struct source_origin){.file = frame->origin.file};
	source_append(source, &nowhere, file_text->closers, strlen(file_text->closers));
	source->originals[frame->origin.file] = file_text->original;
	file_text->original = NULL;
	file_text_clear(file_text);
}

/* the top-level files */

static void report_file(struct loader *loader, const char *path, const char *subject,
                        const char *predicate)
{
	faults_add(loader->faults, FAULT_ERROR, (struct fault_place){.file = path}, "%s %s",
	           subject, predicate);
}

static void append_root(struct loader *loader, const char *path)
{
	struct frame frame = {.path = path};
	struct fault fault = {0};
	bool good;

	source_add_root(loader->source);
	good = open_frame(loader, &frame, &fault);
	loader->source->opener = loader->opener;
	if (good)
		append_text(loader, &frame);
	else if (fault.text != NULL)
		report_file(loader, path, "the file", fault.text);
	fault_clear(&fault);
}

static bool is_drop_in(const char *name)
{
	size_t length = strlen(name);

	return *name != '.' && length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

/* The names in byte order (given to the caller), no more than can be read and one; `*error` is the
 * errno of a listing that broke off. */
static char **list_drop_ins(DIR *directory, size_t *count, int *error)
{
	char **names = NULL;
	size_t capacity = 0;
	const struct dirent *entry;

	while (*count <= SOURCE_FILES_MAX) {
		errno = 0;
		entry = readdir(directory);
		*error = entry == NULL ? errno : 0;
		if (entry == NULL)
			break;
		if (!is_drop_in(entry->d_name))
			continue;
		names = mem_room(names, &capacity, *count + 1);
		names[(*count)++] = mem_dup(entry->d_name);
	}
	if (*count > 0)
		qsort(names, *count, sizeof(*names), text_compare);
	return names;
}

/* One that is not there says as much as an empty one; one that cannot be listed says nothing, and a
 * link to nothing that something is wrong. */
static void report_directory(struct loader *loader, int error)
{
	struct fault fault = {0};
	struct stat status;
	bool is_missing = error == ENOENT && (lstat(loader->drop_ins, &status) < 0 ||
	                                      !S_ISLNK(status.st_mode)); /* made just now */

	source_watch(loader->source, loader->drop_ins);
	source_hash(loader->source, loader->drop_ins, NULL, 0, is_missing ? 0 : error);
	if (error == 0 || is_missing)
		return;
	if (error == ENOENT)
		(void)fault_set(&fault, "is a symbolic link to nothing");
	else if (error == ENOTDIR)
		(void)fault_set(&fault, "is not a directory");
	else
		(void)fault_set(&fault, "cannot be listed: %s", strerrordesc_np(error));
	report_file(loader, loader->drop_ins, "this", fault.text);
	if (file_read_is_transient(error))
		source_note_unread(loader->source, loader->drop_ins, fault.text);
	fault_clear(&fault);
}

static void append_drop_ins(struct loader *loader)
{
	DIR *directory = opendir(loader->drop_ins);
	int error = directory == NULL ? errno : 0;
	size_t count = 0;
	char **names = NULL;

	if (directory != NULL) {
		names = list_drop_ins(directory, &count, &error);
		(void)closedir(directory);
	}
	report_directory(loader, error);
	for (size_t i = 0; i < count; i++) {
		char *path = mem_printf("%s/%s", loader->drop_ins, names[i]);

		append_root(loader, path);
		free(path);
		free(names[i]);
	}
	free(names);
}

void source_load(struct source *source, const char *path, const struct file_opener *opener,
                 struct faults *faults)
{
	struct loader loader = {
		.source = source,
		.opener = opener,
		.faults = faults,
		.drop_ins = mem_printf("%s.d", path),
	};

	source_begin(source);
	append_root(&loader, path);
	append_drop_ins(&loader);
	free(loader.drop_ins);
}

void source_from_bytes(struct source *source, const char *name, const char *bytes, size_t length,
                       struct faults *faults)
{
	struct loader loader = {.source = source, .faults = faults};
	struct frame frame = {.path = name};

	source_begin(source);
	source_add_root(source);
	source_hash(source, name, bytes, length, 0);
	if (length > SOURCE_FILE_MAX) {
		report_file(&loader, name, "the file", "is too large");
	} else {
		file_text_init(&frame.file_text, name, mem_dup_bytes(bytes, length), length);
		append_text(&loader, &frame);
	}
}
