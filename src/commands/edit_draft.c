/* SPDX-License-Identifier: MIT */
/* The editor is started as git(1) starts it, by the shell, so that EDITOR may have arguments. The
 * terminal's signals are the editor's while it runs; a terminal that goes away ends us, and the
 * draft stays. */
#include "commands/command_edit_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static bool write_draft(const char *path, const char *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool done = fd >= 0 && file_write(fd, bytes, length);

	return fd >= 0 && close(fd) == 0 && done;
}

bool edit_draft_create(struct edit_draft *draft, const char *name, const char *bytes, size_t length,
                       struct fault *fault)
{
	const char *parent = getenv("TMPDIR");

	*draft = (struct edit_draft){
		.directory = mem_printf("%s/dfmode-sync-edit.XXXXXX",
	                                parent != NULL && parent[0] != '\0' ? parent : "/tmp")};
	if (mkdtemp(draft->directory) == NULL) {
		(void)fault_set(fault, "no directory '%s' for the draft: %s", draft->directory,
		                strerror(errno));
	} else {
		draft->path = mem_printf("%s/%s", draft->directory, name);
		if (write_draft(draft->path, bytes, length))
			return true;
		(void)fault_set(fault, "the draft '%s' cannot be written: %s", draft->path,
		                strerror(errno));
	}
	edit_draft_close(draft, true);
	return false;
}

const char *edit_draft_editor(void)
{
	static const char *const names[] = {"SUDO_EDITOR", "VISUAL", "EDITOR"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *editor = getenv(names[i]);

		if (editor != NULL && editor[0] != '\0')
			return editor;
	}
	return "editor";
}

static void start_editor(const char *editor, const char *path)
{
	char *command = mem_printf("%s \"$@\"", editor);

	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execl("/bin/sh", "sh", "-c", command, editor, path, (char *)NULL);
	_exit(127);
}

/* The wait status of the editor; -1: it could not be started. */
static int run_editor(const char *editor, const char *path)
{
	void (*on_int)(int) = signal(SIGINT, SIG_IGN);
	void (*on_quit)(int) = signal(SIGQUIT, SIG_IGN);
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		start_editor(editor, path);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)signal(SIGINT, on_int);
	(void)signal(SIGQUIT, on_quit);
	return status;
}

/* The shell reports a signal as 128 and its number (POSIX.1, 2.8.2). */
bool edit_draft_edit(struct edit_draft *draft, const char *editor, struct fault *fault)
{
	int status = run_editor(editor, draft->path);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	if (status == -1)
		return fault_set(fault, "the editor cannot be started: %s", editor);
	if (code == 127)
		return fault_set(fault, "the editor was not found: %s", editor);
	if (code > 128)
		return fault_set(fault, "the editor was killed by signal %d: %s", code - 128,
		                 editor);
	if (code != 0)
		return fault_set(fault, "the editor ended with %d: %s", code, editor);
	file_read_clear(&draft->content);
	return file_read(&draft->content, draft->path, EDIT_FILE_MAX, NULL, fault) ||
	       fault_set(fault, "the draft '%s': %s", draft->path, fault->text);
}

/* An editor may have left a backup or a swap file, which then keeps the directory. */
void edit_draft_close(struct edit_draft *draft, bool removes)
{
	if (removes && draft->path != NULL) {
		(void)unlink(draft->path);
		(void)rmdir(draft->directory);
	}
	file_read_clear(&draft->content);
	free(draft->path);
	free(draft->directory);
	*draft = (struct edit_draft){0};
}
