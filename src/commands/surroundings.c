/* SPDX-License-Identifier: MIT */
/* Of terminals, as ls(1) and git(1) ask it. Of directories: systemd gives each instance of the
 * template dfmode-sync@.service directories of its own, and their names to the daemon. A command by
 * hand names the instance's file, not these directories, and has to find the same. */
#include "commands/surroundings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "version.h"

#define COLUMNS_MAX 10000

static const char lead[] = SYSCONFDIR "/dfmode-sync/";
static const char tail[] = ".conf";

/* The length of an instance's name, which follows `lead`; 0: the file is no instance's. */
static size_t measure_name(const char *config_path)
{
	size_t length = strlen(config_path);
	size_t around = sizeof(lead) - 1 + sizeof(tail) - 1;

	if (length <= around || strncmp(config_path, lead, sizeof(lead) - 1) != 0 ||
	    strcmp(config_path + length - (sizeof(tail) - 1), tail) != 0 ||
	    strchr(config_path + sizeof(lead) - 1, '/') != NULL)
		return 0;
	return length - around;
}

/* `before` and `after` alone, or with an instance's name, after `joint`, between them. */
static char *name_of(const char *before, const char *joint, const char *config_path,
                     const char *after)
{
	size_t length = measure_name(config_path);

	return length == 0 ? mem_printf("%s%s", before, after)
	                   : mem_printf("%s%s%.*s%s", before, joint, (int)length,
	                                config_path + sizeof(lead) - 1, after);
}

char *surroundings_directory(const char *given, const char *usual, const char *config_path)
{
	if (given != NULL && given[0] != '\0')
		return mem_dup_bytes(given, strcspn(given, ":"));
	return name_of(usual, "-", config_path, "");
}

char *surroundings_unit(const char *config_path)
{
	return name_of("dfmode-sync", "@", config_path, ".service");
}

bool surroundings_have_colour(int descriptor)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(descriptor) && (no_color == NULL || no_color[0] == '\0');
}

bool surroundings_have_progress(enum log_form form)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && form != LOG_FORM_JSON && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

size_t surroundings_terminal_columns(int descriptor)
{
	struct winsize size = {0};

	return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

size_t surroundings_columns(int descriptor)
{
	const char *columns = getenv("COLUMNS");
	int64_t number;

	if (!isatty(descriptor))
		return 0;
	if (columns != NULL && text_to_int(columns, 1, COLUMNS_MAX, &number))
		return (size_t)number;
	return surroundings_terminal_columns(descriptor);
}
