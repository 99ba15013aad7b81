/* SPDX-License-Identifier: MIT */
/* One setting: its value into a struct, and each fault of it where it stands. */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stdint.h>

#include <libconfig.h>

#include "base/fault.h"
#include "config/keys_type.h"
#include "config/tree.h"

/* All borrowed. */
struct reader {
	const struct tree *tree;
	struct faults *faults;
	const struct keys_field *optional; /* a required row that may be missing; NULL: none */
};

/* What was found of a row of a table. */
struct reader_setting {
	const struct reader *reader; /* borrowed */
	const struct keys_group *group;
	const struct keys_field *field;
	uint32_t node;             /* 0: the key is not there */
	bool is_bad;               /* it is there, and was reported as a fault */
	bool is_guess;             /* a misspelt key was reported that may be meant for it */
	const char *string;        /* borrowed from libconfig; NULL: no string */
	config_setting_t *setting; /* borrowed */
};

/* Store a value at its field in `target`; false if it has a fault, which was reported. */
bool reader_store(const struct reader_setting *value, void *target);

/* Report that a setting has a fault, at its value. */
void reader_complain(const struct reader_setting *setting, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Warn of its value: a subject ("" where the key is it) and a predicate; NULL: there is nothing. */
void reader_warn(const struct reader_setting *setting, const char *subject, const char *predicate);

/* The same at a place within it. A value that stands apart from its key may be another's, where a
 * comment sign or a quote is wrong, and nothing is said that could repeat it. */
void reader_report(const struct reader_setting *setting, struct fault_place place,
                   const char *sentence);

#endif
