/* SPDX-License-Identifier: MIT */
/* The key is there, is not, is no key, or cannot be read: four different things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/state_file.h"
#include "support/scratch.h"
#include "support/wiped.h"

static void what_is_saved_is_read(void **state)
{
	struct state_key key, other, read = {0};
	struct state found = {0};
	struct fault fault = {0};
	char *path = mem_printf("%s/" STATE_FILE_KEY_NAME, (char *)*state);
	struct stat status;
	bool is_due = true;

	assert_true(state_file_load(*state, &found, &other, &is_due));
	assert_int_equal(unlink(path), 0);
	found.key_id = 0;
	assert_true(state_file_load(*state, &found, &key, &is_due));
	assert_false(is_due);
	assert_memory_not_equal(key.bytes, other.bytes, sizeof(key.bytes));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(state_file_read_key(*state, &read, &fault), STORE_READ);
	assert_memory_equal(read.bytes, key.bytes, sizeof(key.bytes));
	free(path);
}

static void no_copy_of_it_is_left(void **state)
{
	struct state_key key, read;
	struct fault fault = {0};
	char watched[] = "0123456789abcdef";
	size_t freed;

	memset(key.bytes, 'k', sizeof(key.bytes));
	memcpy(key.bytes, watched, sizeof(key.bytes) < 8 ? sizeof(key.bytes) : 8);
	watched[8] = '\0';
	assert_true(store_replace(*state, STATE_FILE_KEY_NAME, key.bytes, sizeof(key.bytes),
	                          STORE_KEPT, &fault));
	wiped_watch(watched);
	assert_int_equal(state_file_read_key(*state, &read, &fault), STORE_READ);
	assert_int_equal(wiped_forgotten(&freed), 0);
	assert_true(freed > 0);
	wiped_watch(NULL);
}

static void what_is_no_key_is_said(void **state)
{
	static const struct {
		const char *bytes;
		enum store_result result;
		const char *text;
	} rows[] = {
		{"", STORE_UNFIT, "is not of 16 bytes"},
		{"fifteen bytes..", STORE_UNFIT, "is not of 16 bytes"},
		{"seventeen bytes..", STORE_UNFIT, "is larger than 16 bytes"},
		{NULL, STORE_MISSING, "does not exist"},
	};
	const char *directory = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct state_key key = {.bytes = "untouched"};
		struct fault fault = {0};
		char *path = mem_printf("%s/" STATE_FILE_KEY_NAME, directory);

		(void)unlink(path);
		if (rows[i].bytes != NULL)
			assert_true(store_replace(directory, STATE_FILE_KEY_NAME, rows[i].bytes,
			                          strlen(rows[i].bytes), STORE_KEPT, &fault));
		assert_int_equal(state_file_read_key(directory, &key, &fault), rows[i].result);
		assert_non_null(strstr(fault.text, rows[i].text));
		assert_non_null(strstr(fault.text, directory));
		assert_memory_equal(key.bytes, "untouched", 9);
		fault_clear(&fault);
		free(path);
	}
}

static void one_that_cannot_be_read_is_not_lost(void **state)
{
	struct state_key key;
	struct fault fault = {0};
	char *path = mem_printf("%s/" STATE_FILE_KEY_NAME, (char *)*state);

	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(state_file_read_key(*state, &key, &fault), STORE_FAILED);
	assert_non_null(fault.text);
	fault_clear(&fault);
	free(path);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_saved_is_read),
		TEST(no_copy_of_it_is_left),
		TEST(what_is_no_key_is_said),
		TEST(one_that_cannot_be_read_is_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
