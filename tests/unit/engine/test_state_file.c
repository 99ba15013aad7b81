/* SPDX-License-Identifier: MIT */
/* The key of the state's digests: made where there is none, left alone where it cannot be read, and
 * written with the state where it could not be written before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/state_file.h"
#include "engine/state_writer.h"
#include "log/log.h"

static char directory[] = "/tmp/test_state_file.XXXXXX";
static char logged[2048];

static char *key_path(void)
{
	return mem_printf("%s/state.key", directory);
}

static void forget(const char *name)
{
	char *path = mem_printf("%s/%s", directory, name);

	if (unlink(path) != 0)
		(void)rmdir(path);
	free(path);
}

static int begin(void **state)
{
	(void)state;
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	forget("state.key");
	forget("state.json");
	return rmdir(directory);
}

static bool load(struct state *found, struct credentials_key *key, bool *key_is_due)
{
	int ends[2];
	ssize_t length;
	bool is_loaded;

	assert_int_equal(pipe(ends), 0);
	log_open_at(LOG_FORM_TEXT, LOG_INFO, ends[1], "/nonexistent");
	is_loaded = state_file_load(directory, found, key, key_is_due);
	log_close(0);
	assert_int_equal(close(ends[1]), 0);
	length = read(ends[0], logged, sizeof(logged) - 1);
	assert_true(length >= 0);
	logged[length] = '\0';
	(void)close(ends[0]);
	return is_loaded;
}

static void makes_a_key_once(void **state)
{
	struct credentials_key first = {0}, second = {0};
	struct state found = {0};
	bool is_due = true;

	(void)state;
	assert_true(load(&found, &first, &is_due));
	assert_false(is_due);
	assert_int_equal(found.key_id, credentials_key_id(&first));
	is_due = true;
	assert_true(load(&found, &second, &is_due));
	assert_false(is_due);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_string_equal(logged, "");
}

/* A link to itself stands for whatever cannot be opened now. */
static void leaves_a_key_alone_that_cannot_be_read(void **state)
{
	struct credentials_key key = {0};
	struct state found = {0};
	bool is_due = true;
	struct stat status;
	char *path = key_path();

	(void)state;
	assert_int_equal(symlink("state.key", path), 0);
	assert_false(load(&found, &key, &is_due));
	assert_non_null(strstr(logged, "state.key': Too many levels of symbolic links; repair or "
	                               "remove it\n"));
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	free(path);
}

static void a_state_is_written_after_its_key(void **state)
{
	struct credentials_key key = {0}, again = {0};
	struct state found = {0};
	struct state_writer writer = {.directory = directory, .key = &key};
	struct sync *sync;
	struct stat status;
	char *path = key_path();
	char *state_path = mem_printf("%s/state.json", directory);
	uv_loop_t loop;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(load(&found, &key, &writer.key_is_due));
	assert_true(writer.key_is_due);
	assert_non_null(strstr(logged, "Is a directory; until it is, credentials that change while "
	                               "nothing runs will not be noticed\n"));
	sync = sync_new(&found, 1);
	writer.sync = sync;
	assert_int_equal(uv_loop_init(&loop), 0);
	state_writer_open(&writer, &loop);
	state_writer_write_last(&writer);
	assert_int_not_equal(stat(state_path, &status), 0);
	assert_int_equal(rmdir(path), 0);
	state_writer_write_last(&writer);
	assert_false(writer.key_is_due);
	assert_int_equal(stat(state_path, &status), 0);
	state_writer_close(&writer);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	sync_free(sync);
	found = (struct state){0};
	assert_true(load(&found, &again, &writer.key_is_due));
	assert_memory_equal(&key, &again, sizeof(key));
	state_clear(&found);
	free(state_path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_a_key_once, begin, end),
		cmocka_unit_test_setup_teardown(leaves_a_key_alone_that_cannot_be_read, begin, end),
		cmocka_unit_test_setup_teardown(a_state_is_written_after_its_key, begin, end),
	};

	return cmocka_run_group_tests_name("state_file", tests, NULL, NULL);
}
