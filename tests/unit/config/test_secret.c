/* SPDX-License-Identifier: MIT */
/* Secrets: what is taken from a file, what is refused, and what is said about its mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/secret.h"
#include "config/source.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int set_up(void **state)
{
	char directory[] = "/tmp/test_secret.XXXXXX";

	(void)state;
	return mkdtemp(directory) == NULL || chdir(directory) != 0;
}

static int tear_down(void **state)
{
	char *here = getcwd(NULL, 0);
	int failed;

	(void)state;
	(void)unlink("key");
	(void)unlink("link");
	(void)rmdir("key");
	failed = chdir("/") != 0 || rmdir(here) != 0;
	free(here);
	return failed;
}

static void write_key(const char *bytes, size_t length, mode_t mode)
{
	int fd;

	(void)unlink("key"); /* its mode may keep its owner from writing */
	fd = open("key", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	assert_int_equal(chmod("key", mode), 0);
}

/* What reading "key" gives: the secret, or "!" and the fault. */
static char *read_key(void)
{
	struct source source = {0};
	struct fault fault = {0};
	char *warning = NULL;
	char *secret = secret_read(&source, "key", &fault, &warning);
	char *result =
		secret ? mem_printf("%s%s%s", secret, warning ? " ? " : "", warning ? warning : "")
		       : mem_printf("!%s", fault.text);

	assert_int_equal(secret == NULL, fault.text != NULL);
	mem_free_secret(secret);
	free(warning);
	fault_clear(&fault);
	source_clear(&source);
	return result;
}

static void assert_key(const char *want)
{
	char *got = read_key();

	assert_string_equal(got, want);
	free(got);
}

static void what_looks_decorated(void **state)
{
	static const struct {
		const char *secret;
		bool is_decorated;
	} cases[] = {
		{"abc", false},        {"Key abc", true},    {"key abc", true},
		{"Keyabc", false},     {"Bearer abc", true}, {"Authorization: Key a", true},
		{"\"abc\"", true},     {"'abc'", true},      {"\"abc", false},
		{"\"", false},         {"${TOKEN}", true},   {"$TOKEN", false},
		{"{{ token }}", true}, {"<token>", true},    {"MODE_TOKEN=abc", true},
		{"token=abc", true},   {"QUJD=", false},     {"QUJD==", false},
		{"ab=cd", false},      {"a1b=cd", false},    {"Tokenabc=", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if ((secret_decoration(cases[i].secret) != NULL) != cases[i].is_decorated)
			fail_msg("%s", cases[i].secret);
	}
}

static void contents(void **state)
{
	static const struct {
		const char *bytes;
		size_t length; /* 0: to the NUL */
		const char *want;
	} cases[] = {
		{"secret", 0, "secret"},
		{"secret\n", 0, "secret"},
		{"secret\r\n", 0, "secret"},
		{"!~", 0, "!~"},
		{"x", 0, "x"},
		{"", 0, "!'key' is empty"},
		{"\n", 0, "!'key' holds only a newline"},
		{"\r\n", 0, "!'key' holds only a newline"},
		{"\n\n", 0, "!'key' holds more than one line (line break at byte 1)"},
		{"secret\n\n", 0, "!'key' holds more than one line (line break at byte 7)"},
		{"secret\r", 0, "!'key' holds more than one line (line break at byte 7)"},
		{"se\ncret", 0, "!'key' holds more than one line (line break at byte 3)"},
		{"se\r\ncret\n", 0, "!'key' holds more than one line (line break at byte 3)"},
		{" secret", 0, "!'key' begins with a blank"},
		{"secret \n", 0, "!'key' ends with a blank"},
		{"sec\tret", 0, "!'key' holds a tab (byte 4)"},
		{"s\0cret", 6, "!'key' holds a control byte (0x00 at byte 2)"},
		{"secret\n\0", 8, "!'key' holds more than one line (line break at byte 7)"},
		{"s\x1b[0m", 0, "!'key' holds a control byte (0x1b at byte 2)"},
		{"s\x7f", 0, "!'key' holds a control byte (0x7f at byte 2)"},
		{"\xef\xbb\xbfsecret", 0, "!'key' holds a byte that is not ASCII (byte 1)"},
		{"caf\xc3\xa9", 0, "!'key' holds a byte that is not ASCII (byte 4)"},
		{"\x80", 0, "!'key' holds a byte that is not ASCII (byte 1)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = cases[i].length ? cases[i].length : strlen(cases[i].bytes);

		write_key(cases[i].bytes, length, 0600);
		assert_key(cases[i].want);
	}
}

static void sizes(void **state)
{
	char bytes[SECRET_MAX + 2];
	char *got;

	(void)state;
	memset(bytes, 'k', sizeof(bytes));
	write_key(bytes, SECRET_MAX, 0600);
	got = read_key();
	assert_int_equal(strlen(got), SECRET_MAX);
	assert_memory_equal(got, bytes, SECRET_MAX);
	free(got);
	write_key(bytes, SECRET_MAX + 1, 0600);
	assert_key("!'key' is larger than 4096 bytes");
}

static void modes(void **state)
{
	static const struct {
		mode_t mode;
		const char *want;
	} cases[] = {
		{0400, "secret"},
		{0600, "secret"},
		{0640, "secret"}, /* root:dfmode-sync */
		{0440, "secret"},
		{0644, "secret ? 'key' can be read by everybody (mode 0644); chmod o= 'key'"},
		{0604, "secret ? 'key' can be read by everybody (mode 0604); chmod o= 'key'"},
		{0666,
	         "secret ? 'key' can be changed by everybody (mode 0666); chmod g-w,o= 'key'"},
		{0602, "secret ? 'key' can be changed by everybody (mode 0602); chmod o= 'key'"},
		{0660, "secret ? 'key' can be changed by its group (mode 0660); chmod g-w 'key'"},
		{0664, "secret ? 'key' can be read by everybody (mode 0664); chmod g-w,o= 'key'"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		write_key("secret\n", 7, cases[i].mode);
		assert_key(cases[i].want);
	}
	/* A secret that is refused anyway gets no warning on top. */
	write_key("", 0, 0666);
	assert_key("!'key' is empty");
}

static void what_is_no_file(void **state)
{
	(void)state;
	assert_key("!'key' does not exist");
	mkdir("key", 0700);
	assert_key("!'key' is a directory, not a regular file");
	rmdir("key");
	mkfifo("key", 0600);
	assert_key("!'key' is a FIFO, not a regular file");
	unlink("key");
	assert_int_equal(symlink("/dev/zero", "key"), 0);
	assert_key("!'key' is a device, not a regular file");
	unlink("key");
	assert_int_equal(symlink("key", "key"), 0);
	assert_key("!'key' is a loop of symbolic links");
}

static void symlinks_are_followed(void **state)
{
	struct source source = {0};
	struct fault fault = {0};
	char *warning;
	char *secret;

	(void)state;
	write_key("secret\n", 7, 0600);
	assert_int_equal(symlink("key", "link"), 0);
	secret = secret_read(&source, "link", &fault, &warning);
	assert_string_equal(secret, "secret");
	assert_null(warning);
	mem_free_secret(secret);
	source_clear(&source);
}

static uint64_t hash_of_key(void)
{
	struct source source = {0};
	struct fault fault = {0};
	char *warning;
	uint64_t hash;

	mem_free_secret(secret_read(&source, "key", &fault, &warning));
	assert_int_equal(source.watched_count, 1);
	assert_string_equal(source.watched[0], "key");
	hash = source.hash;
	source_clear(&source);
	fault_clear(&fault);
	free(warning);
	return hash;
}

/* Also what was refused, so that its mend is seen. */
static void source_takes_note(void **state)
{
	uint64_t hashes[4];

	(void)state;
	hashes[0] = hash_of_key();
	write_key("", 0, 0600);
	hashes[1] = hash_of_key();
	write_key("secret", 6, 0600);
	hashes[2] = hash_of_key();
	write_key("secrft", 6, 0600);
	hashes[3] = hash_of_key();
	for (size_t i = 0; i < COUNT(hashes); i++) {
		for (size_t j = i + 1; j < COUNT(hashes); j++)
			assert_true(hashes[i] != hashes[j]);
	}
	assert_true(hash_of_key() == hashes[3]);
}

static void at_hand(void **state)
{
	static const struct {
		const char *secret;
		const char *want; /* NULL: it is fine */
	} cases[] = {
		{"secret", NULL},
		{"", "is empty"},
		{"secret\n", "holds more than one line (line break at byte 7)"},
		{"se cret", NULL},
		{"secret ", "ends with a blank"},
		{"\x01", "holds a control byte (0x01 at byte 1)"},
		{"\xff", "holds a byte that is not ASCII (byte 1)"},
	};
	char *large = mem_alloc(SECRET_MAX + 2, 1);
	struct fault fault = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(secret_check(cases[i].secret, strlen(cases[i].secret), &fault),
		                 cases[i].want == NULL);
		if (cases[i].want != NULL)
			assert_string_equal(fault.text, cases[i].want);
		fault_clear(&fault);
	}
	memset(large, 'k', SECRET_MAX);
	assert_true(secret_check(large, strlen(large), &fault));
	large[SECRET_MAX] = 'k';
	assert_false(secret_check(large, strlen(large), &fault));
	assert_string_equal(fault.text, "is longer than 4096 bytes");
	fault_clear(&fault);
	free(large);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_looks_decorated),
		TEST(contents),
		TEST(sizes),
		TEST(modes),
		TEST(what_is_no_file),
		TEST(symlinks_are_followed),
		TEST(source_takes_note),
		cmocka_unit_test(at_hand),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
