/* SPDX-License-Identifier: MIT */
/* One value of one type into a struct. */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>

#include "config/reader.h"

/* Store a value at its field in `target`; false if it has a fault, which was reported. */
bool value_store(const struct reader *reader, const struct reader_setting *value, void *target);

#endif
