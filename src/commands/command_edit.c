/* SPDX-License-Identifier: MIT */
/* A dialogue around the code of `check`, `plan` and `wait`: the draft is judged as if it stood at
 * the file (config/source), so that they need not know of it. Nothing is written to the file but by
 * the one exchange at the end; whatever goes wrong before that, the draft is kept and named. */
#include "commands/command_edit_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/command.h"
#include "commands/control_client.h"
#include "commands/service_user.h"
#include "config/source.h"
#include "config/specfile.h"

#define ANSWER_MAX 80 /* bytes of a line that the user types */

struct edit {
	const struct command_line *line;
	struct edit_file file;
	struct edit_draft draft;
};

static void put(struct text *text, FILE *stream)
{
	if (text->length > 0)
		(void)fwrite(text->bytes, 1, text->length, stream);
	(void)fflush(stream);
	text_clear(text);
}

static void report(struct fault *fault)
{
	(void)fprintf(stderr, "dfmode-sync: %s\n", fault->text);
	fault_clear(fault);
}

/* The first letter of an answer, one of `letters`; the end of the input is a 'q'. */
static char ask(const char *question, const char *letters)
{
	char line[ANSWER_MAX];

	for (;;) {
		(void)fprintf(stdout, "%s ", question);
		(void)fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL)
			return 'q';
		if (line[0] != '\0' && strchr(letters, tolower((unsigned char)line[0])) != NULL)
			return (char)tolower((unsigned char)line[0]);
	}
}

/* which file */

/* `name` as it is, if it has a slash; else in FILE.d, else beside FILE. A new string. */
static char *find_file(const struct command_line *line)
{
	const char *slash = strrchr(line->config_path, '/');
	int length = slash != NULL ? (int)(slash + 1 - line->config_path) : 0;
	char *path;

	if (line->file == NULL)
		return mem_dup(line->config_path);
	if (strchr(line->file, '/') != NULL)
		return mem_dup(line->file);
	path = mem_printf("%s.d/%s", line->config_path, line->file);
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return mem_printf("%.*s%s", length, line->config_path, line->file);
}

/* Whether the file is one of those that the configuration is read from. */
static bool belongs(const struct edit *edit)
{
	const struct secret_environment secrets = service_user_own_environment();
	struct specfile specfile = {0};

	source_set_draft(&edit->file.content.status, edit->file.content.bytes,
	                 edit->file.content.length);
	specfile_load(&specfile, edit->line->config_path, &secrets, false);
	specfile_clear(&specfile);
	return source_draft_was_read();
}

/* Whether another file has been put in its place since it was opened. */
static bool was_replaced(const struct edit_file *file)
{
	struct stat now;

	return stat(file->named, &now) == 0 && (now.st_ino != file->content.status.st_ino ||
	                                        now.st_dev != file->content.status.st_dev);
}

static bool open_all(struct edit *edit, struct fault *fault)
{
	char *path = find_file(edit->line);
	bool is_open, is_part;

	/* The configuration that was read may be that of another save. */
	do {
		edit_file_close(&edit->file);
		is_open = edit_file_open(&edit->file, path, fault);
		is_part = is_open && belongs(edit);
	} while (is_open && !is_part && was_replaced(&edit->file));
	if (is_open && !is_part)
		is_open = fault_set(fault, "'%s' is no part of the configuration '%s'", path,
		                    edit->line->config_path);
	free(path);
	return is_open &&
	       edit_draft_create(&edit->draft, strrchr(edit->file.path, '/') + 1,
	                         edit->file.content.bytes, edit->file.content.length, fault);
}

/* rounds of editing */

static bool is_good(const struct edit *edit)
{
	struct text table = {0};
	struct text errors = {0};
	int code;

	source_set_draft(&edit->file.content.status, edit->draft.content.bytes,
	                 edit->draft.content.length);
	code = command_check(edit->line, &table, &errors);
	text_clear(&table);
	put(&errors, stderr);
	return code == EX_OK;
}

static void show_plan(const struct edit *edit)
{
	struct command_line plan = *edit->line;
	struct text out = {0};
	struct text errors = {0};

	plan.now_unix_s = (int64_t)time(NULL);
	/* Without a plan, which `errors` explains, the file may be saved all the same. */
	(void)command_plan(&plan, &out, &errors);
	put(&errors, stderr);
	put(&out, stdout);
}

/* 'y': save, 'q': give up, 'u': nothing was changed. */
static char edit_until_decided(struct edit *edit)
{
	struct fault fault = {0};
	char choice = 'e';

	while (choice == 'e') {
		if (!edit_draft_edit(&edit->draft, edit_draft_editor(), &fault)) {
			report(&fault);
			return 'q';
		}
		if (edit_file_held(&edit->file, &edit->draft.content))
			return 'u';
		if (!is_good(edit)) {
			choice = ask("(e)dit again, (q)uit without saving?", "eq");
			continue;
		}
		show_plan(edit);
		choice = ask("save? (y)es, (e)dit again, (q)uit without saving:", "yseqn");
	}
	return choice == 's' ? 'y' : choice == 'n' ? 'q' : choice;
}

/* the end */

static void wait_for_daemon(const struct command_line *line)
{
	struct text out = {0};
	struct text errors = {0};
	int code = command_wait(line, &out, &errors);

	if (code == CONTROL_CLIENT_NOT_RUNNING) {
		text_clear(&errors);
		text_add(&out, "no daemon is running: nothing was sent\n");
	}
	put(&errors, stderr);
	put(&out, stdout);
}

static int save(struct edit *edit)
{
	struct fault fault = {0};

	if (!edit_file_save(&edit->file, edit->draft.content.bytes, edit->draft.content.length,
	                    &fault)) {
		report(&fault);
		(void)printf("the draft is kept: %s\n", edit->draft.path);
		edit_draft_close(&edit->draft, false);
		return EXIT_FAILURE;
	}
	(void)printf("saved %s\n", edit->file.path);
	(void)fflush(stdout);
	edit_draft_close(&edit->draft, true);
	wait_for_daemon(edit->line);
	return EX_OK;
}

/* A draft that holds something new is kept. */
static int give_up(struct edit *edit)
{
	struct file_read content = {0};
	struct fault fault = {0};
	bool is_new = file_read(&content, edit->draft.path, EDIT_FILE_MAX, NULL, &fault) &&
	              !edit_file_held(&edit->file, &content);

	file_read_clear(&content);
	fault_clear(&fault);
	(void)printf("not saved\n");
	if (is_new)
		(void)printf("the draft is kept: %s\n", edit->draft.path);
	edit_draft_close(&edit->draft, !is_new);
	return EXIT_FAILURE;
}

int command_edit(const struct command_line *line)
{
	struct edit edit = {.line = line};
	struct fault fault = {0};
	int code = EXIT_FAILURE;
	char choice = '\0';

	if (open_all(&edit, &fault))
		choice = edit_until_decided(&edit);
	else
		report(&fault);
	if (choice == 'y') {
		code = save(&edit);
	} else if (choice == 'q') {
		code = give_up(&edit);
	} else if (choice == 'u') {
		(void)printf("unchanged\n");
		edit_draft_close(&edit.draft, true);
		code = EX_OK;
	}
	source_set_draft(&edit.file.content.status, NULL, 0);
	edit_file_close(&edit.file);
	return code;
}
