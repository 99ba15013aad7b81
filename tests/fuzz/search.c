/* SPDX-License-Identifier: MIT */
/* What libFuzzer calls: the target that FUZZ_TARGET names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_TARGET");

	(void)argc;
	(void)argv;
	for (const struct fuzz_row *row = fuzz_targets; row->name != NULL; row++)
		if (name != NULL && strcmp(row->name, name) == 0)
			target = row->run;
	if (target == NULL) {
		(void)fprintf(stderr, "FUZZ_TARGET names no target\n");
		exit(EXIT_FAILURE);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return target(data, size);
}
