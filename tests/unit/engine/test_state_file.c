/* SPDX-License-Identifier: MIT */
/* The state is set aside where it says nothing, and left alone where it cannot be read or moved.
 * The key of its digests is made where there is none, left alone where it cannot be read, and
 * written with the state where it could not be written before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/state_file.h"
#include "log/log.h"

static char directory[] = "/tmp/test_state_file.XXXXXX";
static char logged[2048];
static int fail_rename; /* errno; 0: do not */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	errno = fail_rename;
	return fail_rename != 0 ? -1 : __real_renameat(from_fd, from, to_fd, to);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static char *key_path(void)
{
	return mem_printf("%s/state.key", directory);
}

static char *state_path(void)
{
	return mem_printf("%s/state.json", directory);
}

static void write_state(const char *text)
{
	char *path = state_path();
	FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
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
	char *command = mem_printf("rm -r '%s'", directory);

	(void)state;
	assert_int_equal(system(command), 0);
	free(command);
	return 0;
}

static bool load(struct state *found, struct state_key *key, bool *key_is_due)
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
	struct state_key first = {0}, second = {0};
	struct state found = {0};
	bool is_due = true;

	(void)state;
	assert_true(load(&found, &first, &is_due));
	assert_false(is_due);
	assert_int_equal(found.key_id, state_key_id(&first));
	is_due = true;
	assert_true(load(&found, &second, &is_due));
	assert_false(is_due);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_string_equal(logged, "");
}

/* A link to itself stands for whatever cannot be opened now. */
static void leaves_a_key_alone_that_cannot_be_read(void **state)
{
	struct state_key key = {0};
	struct state found = {0};
	bool is_due = true;
	struct stat status;
	char *path = key_path();

	(void)state;
	assert_int_equal(symlink("state.key", path), 0);
	assert_false(load(&found, &key, &is_due));
	assert_non_null(strstr(logged, "state.key' is a symbolic link; repair or "
	                               "remove it\n"));
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	free(path);
}

static void a_state_is_written_after_its_key(void **state)
{
	struct state_key key = {0}, again = {0};
	struct state found = {0};
	struct state_file file = {.directory = directory, .key = &key};
	struct sync *sync;
	struct stat status;
	char *path = key_path();
	char *written = state_path();
	uv_loop_t loop;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(load(&found, &key, &file.key_is_due));
	assert_true(file.key_is_due);
	assert_non_null(strstr(logged, "Is a directory; until it is, credentials that change while "
	                               "nothing runs will not be noticed\n"));
	sync = sync_new(&found, 1);
	file.sync = sync;
	assert_int_equal(uv_loop_init(&loop), 0);
	state_file_open(&file, &loop);
	state_file_write_last(&file);
	assert_int_not_equal(stat(written, &status), 0);
	assert_int_equal(rmdir(path), 0);
	state_file_write_last(&file);
	assert_false(file.key_is_due);
	assert_int_equal(stat(written, &status), 0);
	state_file_close(&file);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	sync_free(sync);
	found = (struct state){0};
	assert_true(load(&found, &again, &file.key_is_due));
	assert_memory_equal(&key, &again, sizeof(key));
	state_clear(&found);
	free(written);
	free(path);
}

static void what_cannot_be_set_aside_stays(void **state)
{
	struct state_key key = {0};
	struct state found = {0};
	bool is_due = true;
	char *path = state_path();
	struct stat status;

	(void)state;
	write_state("no state at all");
	fail_rename = EROFS;
	assert_false(load(&found, &key, &is_due));
	fail_rename = 0;
	assert_non_null(strstr(logged, "/state.json cannot be used ("));
	assert_non_null(strstr(logged, "), nor set aside: cannot set aside '"));
	assert_non_null(strstr(logged, "Read-only file system\n"));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 15);
	free(path);
}

static void a_state_is_set_aside_that_says_nothing(void **state)
{
	struct state_key key = {0};
	struct state found = {0};
	bool is_due = true;
	char *path = state_path();

	(void)state;
	write_state("no state at all");
	assert_true(load(&found, &key, &is_due));
	assert_true(found.lost);
	assert_non_null(strstr(logged, ", and everything is sent again\n"));
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

/* A link to itself stands for whatever cannot be opened now. */
static void a_state_that_cannot_be_read_is_left_alone(void **state)
{
	struct state_key key = {0};
	struct state found = {0};
	bool is_due = true;
	char *path = state_path();

	(void)state;
	assert_int_equal(symlink("state.json", path), 0);
	assert_false(load(&found, &key, &is_due));
	assert_non_null(strstr(logged, "state.json' is a symbolic link; repair or "
	                               "remove it\n"));
	free(path);
}

/* Digests that were made with another key say nothing; the rest of the state does. */
static void another_key_forgets_the_credentials(void **state)
{
	struct state_key key = {0};

	(void)state;
	for (int is_other = 0; is_other < 2; is_other++) {
		struct state_entry entry = {.id = 42, .accepted = true, .credentials = 7};
		struct state found = {0};
		struct text text = {0};
		bool is_due = true;

		assert_true(load(&found, &key, &is_due));
		state_encode_start(&text, "https://api.example",
		                   state_key_id(&key) + (uint64_t)is_other);
		state_encode_entry(&text, &entry);
		state_encode_end(&text);
		write_state(text.bytes);
		text_clear(&text);
		state_clear(&found);
		found = (struct state){0};
		assert_true(load(&found, &key, &is_due));
		assert_int_equal(found.count, 1);
		assert_int_equal(found.entries[0].credentials, is_other ? 0 : 7);
		assert_int_equal(found.key_id, state_key_id(&key));
		assert_int_equal(strstr(logged, "state.key is lost, or another one: ") != NULL,
		                 is_other);
		state_clear(&found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_a_key_once, begin, end),
		cmocka_unit_test_setup_teardown(leaves_a_key_alone_that_cannot_be_read, begin, end),
		cmocka_unit_test_setup_teardown(a_state_is_written_after_its_key, begin, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_set_aside_stays, begin, end),
		cmocka_unit_test_setup_teardown(a_state_is_set_aside_that_says_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_state_that_cannot_be_read_is_left_alone, begin,
	                                        end),
		cmocka_unit_test_setup_teardown(another_key_forgets_the_credentials, begin, end),
	};

	return cmocka_run_group_tests_name("state_file", tests, NULL, NULL);
}
