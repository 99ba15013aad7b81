/* SPDX-License-Identifier: MIT */
/* What is known of a setting that is being read, to report a fault of it where it stands. */
#ifndef READER_H
#define READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "config/keys_type.h"
#include "config/tree.h"

/* All borrowed. */
struct reader {
	const struct tree *tree;
	struct faults *faults;
};

/* Report that the setting of a row of a table has a fault, at its value. */
void reader_complain(const struct reader *reader, const struct keys_group *group, size_t row,
                     uint32_t node, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same at a place within it. A value that stands apart from its key may be another's, where a
 * comment sign or a quote is wrong, and nothing is said that could repeat it. */
void reader_report(const struct reader *reader, const struct keys_group *group, size_t row,
                   uint32_t node, const struct fault_place *place, const char *sentence);

#endif
