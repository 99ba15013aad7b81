/* SPDX-License-Identifier: MIT */
/* Replay the corpora of the fuzz targets without libFuzzer: each file once, in
 * $srcdir/tests/fuzz/corpus/TARGET, reported as TAP. Arguments name targets, none stands for all.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/targets.h"

#define SIZE_MAX_READ (1 << 20)

static unsigned count;

static void give_up(const char *path)
{
	(void)printf("Bail out! %s: %s\n", path, strerror(errno));
	exit(EXIT_FAILURE);
}

static void replay(fuzz_target *target, const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(SIZE_MAX_READ);
	size_t size;

	if (file == NULL || data == NULL)
		give_up(path);
	size = fread(data, 1, SIZE_MAX_READ, file);
	(void)fclose(file);
	/* In a block of its exact size, so that a byte read beyond it is seen. */
	data = realloc(data, size > 0 ? size : 1);
	(void)target(data, size);
	free(data);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay_all(const struct fuzz_row *row, const char *srcdir)
{
	char directory[4096], path[8192];
	struct dirent **entries;
	int length;

	(void)snprintf(directory, sizeof(directory), "%s/tests/fuzz/corpus/%s", srcdir, row->name);
	length = scandir(directory, &entries, is_visible, alphasort);
	if (length <= 0)
		give_up(directory);
	for (int i = 0; i < length; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		/* Before it: what aborts has a name. */
		(void)printf("# %s/%s\n", row->name, entries[i]->d_name);
		(void)fflush(stdout);
		replay(row->run, path);
		(void)printf("ok %u - %s/%s\n", ++count, row->name, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static bool is_named(const char *name, char **names)
{
	if (*names == NULL)
		return true;
	while (*names != NULL)
		if (strcmp(*names++, name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");

	(void)argc;
	for (const struct fuzz_row *row = fuzz_targets; row->name != NULL; row++)
		if (is_named(row->name, argv + 1))
			replay_all(row, srcdir != NULL ? srcdir : ".");
	(void)printf("1..%u\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
