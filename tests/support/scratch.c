/* SPDX-License-Identifier: MIT */
/* rm(1) walks a tree better than we do. */
#include "support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

char *scratch_new(void)
{
	char *directory = mem_dup("/tmp/dfmode-sync-test.XXXXXX");

	assert_non_null(mkdtemp(directory));
	return directory;
}

void scratch_remove(char *directory)
{
	char *command = mem_printf("rm -r '%s'", directory);

	assert_int_equal(system(command), 0);
	free(command);
	free(directory);
}

int scratch_open(void **state)
{
	*state = scratch_new();
	assert_int_equal(chdir(*state), 0);
	return 0;
}

int scratch_close(void **state)
{
	assert_int_equal(chdir("/"), 0);
	scratch_remove(*state);
	return 0;
}
