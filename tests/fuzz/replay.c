/* SPDX-License-Identifier: MIT */
/* Replay a fuzz target's corpus without libFuzzer: each file once, told as TAP. The target's name,
 * and so its corpus, is that of this program: replay_cron reads $srcdir/tests/fuzz/corpus/cron. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path, unsigned number)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(1 << 20);
	size_t size;

	if (file == NULL || data == NULL) {
		(void)printf("not ok %u - %s: %s\n", number, path, strerror(errno));
		exit(EXIT_FAILURE);
	}
	size = fread(data, 1, 1 << 20, file);
	(void)fclose(file);
	/* In a block of its exact size, so that a byte read beyond it is seen. */
	data = realloc(data, size > 0 ? size : 1);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(argv[0], '_');
	char directory[4096];
	const struct dirent *entry;
	DIR *corpus;
	unsigned count = 0;

	(void)argc;
	(void)snprintf(directory, sizeof(directory), "%s/tests/fuzz/corpus/%s",
	               srcdir != NULL ? srcdir : ".", name != NULL ? name + 1 : "");
	corpus = opendir(directory);
	if (corpus == NULL) {
		(void)printf("Bail out! %s: %s\n", directory, strerror(errno));
		return EXIT_FAILURE;
	}
	while ((entry = readdir(corpus)) != NULL) {
		char path[8192];

		if (entry->d_name[0] != '.') {
			(void)snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
			replay(path, ++count);
			(void)printf("ok %u - %s\n", count, entry->d_name);
			(void)fflush(stdout);
		}
	}
	(void)closedir(corpus);
	(void)printf("1..%u\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
