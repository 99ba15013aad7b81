/* SPDX-License-Identifier: MIT */
/* The collection of bad files: each NAME.conf of tests/bad is loaded, and what is told must be
 * NAME.expect to the byte. It is copied first, as git keeps no modes: what has "open" in its name
 * can be read by everybody, nothing else can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/specfile.h"

static struct {
	char *from;
	char *to;
	char **names; /* NAME.conf */
	size_t count;
	size_t capacity;
} bad;

/* the copy */

static struct text read_whole(const char *path)
{
	struct text text = {0};
	char buffer[4096];
	size_t length;
	FILE *stream = fopen(path, "re");
	if (!stream)
		fail_msg("cannot open %s", path);
	while ((length = fread(buffer, 1, sizeof(buffer), stream)) > 0)
		text_add_bytes(&text, buffer, length);
	(void)fclose(stream);
	return text;
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
	struct text text = read_whole(from);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	if (text.length > 0)
		assert_int_equal(write(fd, text.bytes, text.length), text.length);
	assert_int_equal(close(fd), 0);
	text_clear(&text);
}

static bool ends_with(const char *string, const char *end)
{
	size_t length = strlen(string);
	return length >= strlen(end) && strcmp(string + length - strlen(end), end) == 0;
}

static int copy_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	const char *name = path + strlen(bad.from);
	char *target = mem_printf("%s%s", bad.to, name);
	(void)status;
	if (type == FTW_D)
		(void)mkdir(target, 0755);
	else
		copy_file(path, target, strstr(name, "exposed") ? 0644 : 0600);
	if (type == FTW_F && walk->level == 1 && ends_with(name, ".conf")) {
		bad.names = mem_grow(bad.names, &bad.capacity, bad.count + 1, sizeof(*bad.names));
		bad.names[bad.count++] = mem_dup(name + 1);
	}
	free(target);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

/* the test */

static struct text load(const char *name)
{
	const struct secret_environment environment = {
		.credentials_directory = strstr(name, "nocredentials") ? NULL : "credentials",
		.api_key = strstr(name, "nokey") ? NULL : "key-of-the-environment",
	};
	struct specfile specfile;
	struct text told = {0};
	specfile_load(&specfile, name, &environment, false);
	faults_print(&specfile.faults, false, &told);
	assert_int_equal(specfile.spec == NULL, specfile.faults.errors > 0);
	assert_true(specfile.faults.errors + specfile.faults.warnings > 0);
	specfile_clear(&specfile);
	return told;
}

static void every_fault_is_told_at_its_place(void **state)
{
	const char *name = *state;
	char *expect = mem_printf("%.*s.expect", (int)(strlen(name) - strlen(".conf")), name);
	struct text told = load(name);
	struct text wanted = read_whole(expect);
	text_add(&wanted, "");
	assert_string_equal(told.bytes, wanted.bytes);
	assert_null(strstr(told.bytes, "canary"));
	assert_null(strstr(told.bytes, "passw0rd"));
	assert_null(strstr(told.bytes, "t0ken"));
	text_clear(&told);
	text_clear(&wanted);
	free(expect);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Write what is told instead of comparing: for a person, who then reads the difference. */
static void record(void)
{
	for (size_t i = 0; i < bad.count; i++) {
		size_t length = strlen(bad.names[i]) - strlen(".conf");
		char *path = mem_printf("%s/%.*s.expect", bad.from, (int)length, bad.names[i]);
		struct text told = load(bad.names[i]);
		FILE *stream = fopen(path, "we");
		assert_non_null(stream);
		(void)fwrite(told.bytes, 1, told.length, stream);
		(void)fclose(stream);
		text_clear(&told);
		free(path);
	}
}

static int run(void)
{
	struct CMUnitTest *tests = mem_alloc(bad.count, sizeof(*tests));
	int failed;

	for (size_t i = 0; i < bad.count; i++) {
		tests[i].name = bad.names[i];
		tests[i].test_func = every_fault_is_told_at_its_place;
		tests[i].initial_state = bad.names[i];
	}
	failed = _cmocka_run_group_tests("bad", tests, bad.count, NULL, NULL);
	free(tests);
	return failed;
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/dfmode-bad-XXXXXX";
	const char *source = getenv("srcdir");
	int failed = 0;

	bad.from = mem_printf("%s/tests/bad", source ? source : ".");
	bad.to = mkdtemp(directory);
	if (!bad.to || nftw(bad.from, copy_one, 16, FTW_PHYS) != 0 || chdir(bad.to) != 0 ||
	    mkfifo("include/fifo", 0600) != 0 || bad.count < 120) {
		(void)fprintf(stderr, "cannot copy %s\n", bad.from);
		return EXIT_FAILURE;
	}
	qsort(bad.names, bad.count, sizeof(*bad.names), compare_names);
	if (argc > 1 && strcmp(argv[1], "--record") == 0)
		record();
	else
		failed = run();
	(void)nftw(bad.to, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < bad.count; i++)
		free(bad.names[i]);
	free(bad.names);
	free(bad.from);
	return failed;
}
