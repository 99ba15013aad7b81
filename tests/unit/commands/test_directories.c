/* SPDX-License-Identifier: MIT */
/* Directories: what systemd says comes first, then the instance that a file belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "commands/directories.h"
#include "version.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *given, *config_path, *desired;
} cases[] = {
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync.conf", .desired = "/run/d"},
	{.given = "", .config_path = SYSCONFDIR "/dfmode-sync.conf", .desired = "/run/d"},
	{.given = "/run/x", .config_path = SYSCONFDIR "/dfmode-sync.conf", .desired = "/run/x"},
	{.given = "/run/x:/run/y",
         .config_path = SYSCONFDIR "/dfmode-sync.conf",
         .desired = "/run/x"},
	{.given = NULL,
         .config_path = SYSCONFDIR "/dfmode-sync/emea.conf",
         .desired = "/run/d-emea"},
	{.given = "", .config_path = SYSCONFDIR "/dfmode-sync/a.conf", .desired = "/run/d-a"},
	{.given = NULL,
         .config_path = SYSCONFDIR "/dfmode-sync/a\\x2db.conf",
         .desired = "/run/d-a\\x2db"},
	{.given = NULL,
         .config_path = SYSCONFDIR "/dfmode-sync/a.conf.conf",
         .desired = "/run/d-a.conf"},
	{.given = "/run/x",
         .config_path = SYSCONFDIR "/dfmode-sync/emea.conf",
         .desired = "/run/x"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/emea", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/emea.conf~", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/emea/x.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-typo/emea.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = "/srv/emea.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = "emea.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = "", .desired = "/run/d"},
};

static void the_file_names_the_instance(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *directory = directories_find(cases[i].given, "/run/d", cases[i].config_path);

		assert_string_equal(directory, cases[i].desired);
		free(directory);
	}
}

static void the_file_names_the_unit(void **state)
{
	static const char *const pairs[][2] = {
		{SYSCONFDIR "/dfmode-sync.conf", "dfmode-sync.service"},
		{SYSCONFDIR "/dfmode-sync/emea.conf", "dfmode-sync@emea.service"},
		{SYSCONFDIR "/dfmode-sync/emea/x.conf", "dfmode-sync.service"},
		{"emea.conf", "dfmode-sync.service"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		char *unit = directories_unit(pairs[i][0]);

		assert_string_equal(unit, pairs[i][1]);
		free(unit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_names_the_instance),
		cmocka_unit_test(the_file_names_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
