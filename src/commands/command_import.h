/* SPDX-License-Identifier: MIT */
/* The command `import`: a configuration for what the server has, to begin with. */
#ifndef COMMAND_IMPORT_H
#define COMMAND_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "api/wire.h"
#include "base/redactor.h"
#include "base/text.h"
#include "config/spec.h"

/* All borrowed. */
struct command_import_options {
	const char *config_path; /* of which only the API's settings count */
	bool may_be_missing;     /* the defaults will do, and a key from elsewhere */
	int64_t now_unix_s;
	bool colour;
};

/* Append the configuration to `out`; what fails is appended to `errors`, and then `out` is left
 * alone. Returns the exit code: 0, 69 if there is no answer, 77 if the key is refused, 1 if there
 * is no list in the answer, 78 if the file has faults. */
int command_import(const struct command_import_options *options, struct text *out,
                   struct text *errors);

/* The text itself, of a list that is there already. */
void command_import_write(const struct spec_api *api, const struct wire_remotes *remotes,
                          const struct redactor *redactor, int64_t now_unix_s, struct text *out);

#endif
