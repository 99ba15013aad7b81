/* SPDX-License-Identifier: MIT */
/* `dfmode-sync reload` is also the unit's ExecReload=, so that `systemctl reload` fails when the
 * daemon refuses the files. */
#include "commands/command_reload.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "commands/control_client.h"
#include "commands/format.h"

#define LOAD_MS     80000 /* less than systemd's default for a reload, 90 s */
#define ERROR_SHOWN 1024  /* bytes */

int command_reload_judge(struct json_object *answer, bool colour, struct text *errors)
{
	const char *result = control_client_string(answer, "result");
	const char *error = control_client_string(answer, "error");

	if (result != NULL && strcmp(result, "refused") == 0) {
		control_client_print_faults(answer, colour, errors);
		text_add(errors, "the files are refused; what was loaded before stays in force\n");
		return EX_CONFIG;
	}
	if (result != NULL && strcmp(result, "unread") == 0) {
		text_add(errors, "the files cannot be read now: ");
		format_text(error != NULL ? error : "unknown", ERROR_SHOWN, NULL, errors);
		text_add(errors, "; what was loaded before stays in force\n");
		return EX_TEMPFAIL;
	}
	return EX_OK;
}

int command_reload(const char *runtime_directory, bool colour, struct text *out,
                   struct text *errors)
{
	const struct control_client_request request = {.name = "reload"};
	struct control_client_link link = {0};
	struct json_object *answer = NULL;
	struct fault fault = {0};
	int code = control_client_open(&link, runtime_directory, &request, &fault);

	if (code == 0)
		code = control_client_receive(&link, LOAD_MS, &answer, &fault);
	if (code == 0 && answer == NULL) {
		(void)fault_set(&fault, "the daemon has not loaded the files within %d s",
		                LOAD_MS / 1000);
		code = EXIT_FAILURE;
	}
	if (answer != NULL)
		code = command_reload_judge(answer, colour, errors);
	else
		text_printf(errors, "%s\n", fault.text);
	if (code == EX_OK)
		text_add(out, "the files are in force\n");
	json_object_put(answer);
	control_client_close(&link);
	fault_clear(&fault);
	return code;
}
