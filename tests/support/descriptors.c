/* SPDX-License-Identifier: MIT */
/* /proc lists them; that of the listing itself is one of them each time. */
#include "support/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

size_t open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(directory);
	while (readdir(directory) != NULL)
		count++;
	assert_int_equal(closedir(directory), 0);
	return count;
}
