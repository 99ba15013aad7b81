/* SPDX-License-Identifier: MIT */
/* The command `check`: every fault of the configuration, and what it asks for. */
#ifndef COMMAND_CHECK_H
#define COMMAND_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* All borrowed. */
struct command_check_options {
	const char *config_path;
	const char *state_directory; /* its owner is the service's user */
	size_t columns;              /* that the table is to fit into; 0: any number */
	bool json;
	bool colour; /* of faults */
	int64_t now_unix_s;
};

/* Load the configuration without any network; by root, what it names is judged as the service's
 * user would (service_user.h). Faults and warnings are appended to `errors` as a compiler prints
 * them, then a table of the integrations, their schedules in words and their next runs to `out`;
 * with `json` one document to `out` holds all of it. Neither ever holds a secret. Returns the exit
 * code: 0; 78 if the daemon would refuse the file; 75 if it cannot be read now. */
int command_check(const struct command_check_options *options, struct text *out,
                  struct text *errors);

#endif
