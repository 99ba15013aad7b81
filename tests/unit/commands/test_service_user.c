/* SPDX-License-Identifier: MIT */
/* Files as the service's user would find them: what it may not read is a fault, by whatever rule
 * the kernel says so. Needs root, who alone can become another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "commands/service_user.h"
#include "config/specfile.h"
#include "support/skip.h"

#define USER  61234 /* of no entry: a dynamic user */
#define GROUP 61235

static char directory[] = "/tmp/test-service-user.XXXXXX";

static void write_file(const char *path, const char *text, mode_t mode, gid_t group)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchown(fd, 0, group), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static int enter(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	(void)unsetenv("DATAFOLD_API_KEY");
	if (mkdtemp(directory) == NULL || chdir(directory) != 0 || chmod(directory, 0755) != 0 ||
	    mkdir("state", 0700) != 0 || chown("state", USER, GROUP) != 0 ||
	    mkdir("shut", 0700) != 0)
		return -1;
	write_file("ours", "k", 0640, GROUP);
	write_file("roots", "k", 0600, 0);
	write_file("shut/open", "k", 0644, 0);
	return 0;
}

static int leave(void **state)
{
	static const char *const files[] = {"ours", "roots", "shut/open", "x.conf", "more.conf"};

	(void)state;
	if (geteuid() != 0)
		return 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(files[i]);
	(void)rmdir("shut");
	(void)rmdir("state");
	return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static void need_root(void)
{
	if (geteuid() != 0)
		skip_because("needs root, who alone can become another user");
}

static void the_kernel_decides(void **state)
{
	struct service_user *user;

	(void)state;
	need_root();
	user = service_user_new("x.conf", "state");
	assert_string_equal(user->name, "61234");
	assert_null(user->note);
	assert_true(service_user_can_read(user, "ours"));
	assert_false(service_user_can_read(user, "roots"));
	assert_false(service_user_can_read(user, "shut/open"));
	assert_true(service_user_can_read(user, "missing"));
	service_user_free(user);
}

static void a_user_with_an_entry_has_its_name(void **state)
{
	const struct passwd *entry = getpwnam("nobody");
	struct service_user *user;

	(void)state;
	need_root();
	if (entry == NULL)
		skip_because("has no user nobody");
	assert_int_equal(chown("state", entry->pw_uid, entry->pw_gid), 0);
	user = service_user_new("x.conf", "state");
	assert_int_equal(chown("state", USER, GROUP), 0);
	assert_string_equal(user->name, "nobody");
	assert_null(user->note);
	assert_false(service_user_can_read(user, "roots"));
	assert_false(service_user_can_read(user, "ours"));
	service_user_free(user);
}

static void a_file_is_opened_by_the_user(void **state)
{
	const struct file_opener *opener;
	struct service_user *user;
	struct file_read file;
	struct fault fault = {0};

	(void)state;
	need_root();
	user = service_user_new("x.conf", "state");
	opener = user->environment.opener;
	for (int i = 0; i < 2000; i++) { /* no descriptor is left behind */
		assert_true(file_read(&file, "ours", 10, opener, &fault));
		assert_string_equal(file.bytes, "k");
		file_read_clear(&file);
	}
	assert_false(file_read(&file, "roots", 10, opener, &fault));
	assert_string_equal(fault.text, "cannot be opened by user 61234: Permission denied");
	assert_false(file_read(&file, "missing", 10, opener, &fault));
	assert_string_equal(fault.text, "does not exist");
	assert_false(file_read(&file, "", 10, opener, &fault));
	assert_string_equal(fault.text, "does not exist");
	fault_clear(&fault);
	service_user_free(user);
}

static void assert_load(const char *text, const char *expected)
{
	struct service_user *user = service_user_new("x.conf", "state");
	struct specfile specfile;
	struct text out = {0};

	write_file("x.conf", text, 0600, 0);
	specfile_load(&specfile, "x.conf", &user->environment, false);
	faults_print(&specfile.faults, false, &out);
	assert_string_equal(out.bytes != NULL ? out.bytes : "", expected);
	text_clear(&out);
	specfile_clear(&specfile);
	service_user_free(user);
}

/* The file itself is opened by us, in a directory that is not open to the service either. */
static void what_the_file_names_is_judged(void **state)
{
	(void)state;
	need_root();
	write_file("more.conf", "allow_empty = true;\n", 0600, 0);
	assert_load("api = { key_file = \"ours\"; };\nintegrations = ( );\nallow_empty = true;\n",
	            "");
	assert_load("api = { key_file = \"roots\"; };\nintegrations = ( );\nallow_empty = true;\n",
	            "x.conf:1:20: error: api.key_file: 'roots' cannot be opened by user 61234: "
	            "Permission denied\n"
	            "    1 | api = { key_file = \"roots\"; };\n"
	            "      |                    ^~~~~~~\n"
	            "1 error\n");
	assert_load("api = { key_file = \"ours\"; };\n@include \"more.conf\"\n"
	            "integrations = ( );\nallow_empty = true;\n",
	            "x.conf:2:10: error: 'more.conf' cannot be opened by user 61234: "
	            "Permission denied\n"
	            "    2 | @include \"more.conf\"\n"
	            "      |          ^~~~~~~~~~~\n"
	            "1 error\n");
}

static void roots_state_is_judged_as_root(void **state)
{
	struct service_user *user;

	(void)state;
	need_root();
	user = service_user_new("x.conf", "shut");
	assert_null(user->name);
	assert_null(user->note);
	assert_null(user->environment.opener);
	assert_true(service_user_can_read(user, "roots"));
	service_user_free(user);
}

static void without_a_user_there_is_a_note(void **state)
{
	struct service_user *user;
	const char *note;

	(void)state;
	need_root();
	user = service_user_new("x.conf", "no-such-state");
	note = user->note;
	if (user->name != NULL)
		assert_string_equal(user->name, "dfmode-sync");
	else
		assert_string_equal(note, "files are judged as root would read them: there is "
		                          "neither 'no-such-state' nor a user dfmode-sync");
	service_user_free(user);
}

static void others_are_themselves(void **state)
{
	struct service_user *user;

	(void)state;
	if (geteuid() == 0)
		skip_because("it is about an ordinary user");
	user = service_user_new("x.conf", "state");
	assert_null(user->name);
	assert_null(user->environment.opener);
	service_user_free(user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_decides),
		cmocka_unit_test(a_user_with_an_entry_has_its_name),
		cmocka_unit_test(a_file_is_opened_by_the_user),
		cmocka_unit_test(what_the_file_names_is_judged),
		cmocka_unit_test(roots_state_is_judged_as_root),
		cmocka_unit_test(without_a_user_there_is_a_note),
		cmocka_unit_test(others_are_themselves),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
