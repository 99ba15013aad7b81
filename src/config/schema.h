/* SPDX-License-Identifier: MIT */
/* A group of settings into a struct, by a table that says all there is to know of each key. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <libconfig.h>

#include "config/keys.h"
#include "config/reader.h"

/* What one row of the table found. */
struct schema_given {
	uint32_t node;             /* 0: the key is not there */
	bool is_bad;               /* it is there, and was reported as a fault */
	bool is_guess;             /* a misspelt key was reported that may be meant for it */
	const char *string;        /* borrowed from libconfig; NULL: no string */
	config_setting_t *setting; /* borrowed */
};

/* Read a group (setting.h) into `target`: what is not there keeps the value it had. `given` has a
 * slot for each row. Every fault is reported where it stands. */
void schema_read(const struct reader *reader, const struct keys_group *group,
                 config_setting_t *setting, void *target, struct schema_given *given);

#endif
