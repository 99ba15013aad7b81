/* SPDX-License-Identifier: MIT */
/* One value of one type into a struct. */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <libconfig.h>

#include "config/reader.h"

struct value {
	const struct keys_group *group; /* the table */
	size_t row;
	uint32_t node;
	config_setting_t *setting; /* borrowed */
};

/* Store a value at its field in `target`; false if it has a fault, which was reported. */
bool value_store(const struct reader *reader, const struct value *value, void *target);

#endif
