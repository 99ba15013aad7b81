/* SPDX-License-Identifier: MIT */
/* What the tests of config share: a text read as far as the tables, its faults as lines, and
 * files. */
#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include <sys/types.h>

#include <libconfig.h>

#include "config/reader.h"
#include "config/source.h"
#include "config/specfile.h"
#include "config/tree.h"
#include "support/scratch.h"

/* A text on its way into a spec; it stays where it was opened, as the reader points into it. */
struct config_fixture {
	struct source source;
	struct tree tree;
	struct faults faults;
	config_t config;
	struct reader reader;
};

/* Read a text as the file "t.conf", as another, or a file that is there. */
void config_fixture_open(struct config_fixture *fixture, const char *text);
void config_fixture_open_as(struct config_fixture *fixture, const char *name, const char *text);
void config_fixture_load(struct config_fixture *fixture, const char *path);
void config_fixture_close(struct config_fixture *fixture);

/* A setting by libconfig's path ("api.url"); "" is the root. The test fails if it is not there. */
config_setting_t *config_fixture_find(const struct config_fixture *fixture, const char *path);

/* Compare all faults, in the order of their places, with lines such as
 *     "1:5+2 error: expected a number\n" */
void config_fixture_assert_faults(struct faults *faults, const char *expected);

/* Load a configuration that has to be good, else the test fails with its faults. */
void config_fixture_load_good(struct specfile *specfile, const char *path,
                              const struct secret_environment *environment);

/* Write a file, with that mode. */
void config_fixture_put(const char *path, const char *text, mode_t mode);

#endif
