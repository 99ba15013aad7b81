/* SPDX-License-Identifier: MIT */
/* systemd gives each instance of the template dfmode-sync@.service directories of its own, and
 * their names to the daemon. A command by hand names the instance's file, not these directories,
 * and has to find the same. */
#include "commands/directories.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "version.h"

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

char *directories_find(const char *given, const char *usual, const char *config_path)
{
	if (given != NULL && given[0] != '\0')
		return mem_dup_bytes(given, strcspn(given, ":"));
	return name_of(usual, "-", config_path, "");
}

char *directories_unit(const char *config_path)
{
	return name_of("dfmode-sync", "@", config_path, ".service");
}
