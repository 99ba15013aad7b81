/* SPDX-License-Identifier: MIT */
/* The steps are those of specfile.c, without its last: what the tables make of it is the test's. */
#include "support/config_fixture.h"

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
#include "config/specfile_internal.h"

static void read_source(struct config_fixture *fixture)
{
	grammar_parse(&fixture->tree, &fixture->source, &fixture->faults);
	tree_merge(&fixture->tree, &fixture->faults);
	config_init(&fixture->config);
	setting_add_members(config_root_setting(&fixture->config), &fixture->tree, 0);
	fixture->reader = (struct reader){.tree = &fixture->tree, .faults = &fixture->faults};
}

void config_fixture_open_as(struct config_fixture *fixture, const char *name, const char *text)
{
	*fixture = (struct config_fixture){0};
	source_from_bytes(&fixture->source, name, text, strlen(text), &fixture->faults);
	read_source(fixture);
}

void config_fixture_open(struct config_fixture *fixture, const char *text)
{
	config_fixture_open_as(fixture, "t.conf", text);
}

void config_fixture_load(struct config_fixture *fixture, const char *path)
{
	*fixture = (struct config_fixture){0};
	source_load(&fixture->source, path, NULL, &fixture->faults);
	assert_int_equal(fixture->faults.errors, 0);
	read_source(fixture);
}

void config_fixture_close(struct config_fixture *fixture)
{
	config_destroy(&fixture->config);
	tree_clear(&fixture->tree);
	source_clear(&fixture->source);
	faults_clear(&fixture->faults);
}

config_setting_t *config_fixture_find(const struct config_fixture *fixture, const char *path)
{
	config_setting_t *setting = *path != '\0' ? config_lookup(&fixture->config, path)
	                                          : config_root_setting(&fixture->config);

	if (setting == NULL)
		fail_msg("no setting %s", path);
	return setting;
}

void config_fixture_assert_faults(struct faults *faults, const char *expected)
{
	struct text lines = {0};
	char *found;

	faults_sort(faults, NULL);
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault_entry *entry = &faults->entries[i];

		text_printf(&lines, "%d:%d+%d %s: %s\n", entry->line, entry->column, entry->width,
		            entry->level == FAULT_ERROR ? "error" : "warning", entry->text);
	}
	found = text_take(&lines);
	assert_string_equal(found, expected);
	free(found);
}

void config_fixture_load_good(struct specfile *specfile, const char *path,
                              const struct secret_environment *environment)
{
	struct text shown = {0};

	specfile_load(specfile, path, environment, false);
	if (specfile->spec == NULL) {
		faults_print(&specfile->faults, false, &shown);
		fail_msg("%s", shown.bytes);
	}
}

void config_fixture_put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}
