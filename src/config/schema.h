/* SPDX-License-Identifier: MIT */
/* A group of settings into a struct, by a table that says all there is to know of each key. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <libconfig.h>

#include "config/keys.h"
#include "config/reader.h"

/* Read a group (setting.h; NULL: there is none) into `target`: what is not there keeps the value it
 * had. `given` has a slot for each row, of which group and field are set. Every fault is reported
 * where it stands. */
void schema_read(const struct reader *reader, const struct keys_group *group,
                 config_setting_t *setting, void *target, struct reader_setting *given);

#endif
