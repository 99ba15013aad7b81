/* SPDX-License-Identifier: MIT */
/* `dfmode-sync status` asks nobody: it reads the file that the daemon keeps, and sees for itself
 * whether the daemon lives, as one that was killed leaves its file behind.
 *
 * The process tells first, the lock in the state directory second: asking for a lock takes it for a
 * moment, and must not keep out a daemon that is just starting; so it is only asked for when a
 * process of that number is there, and may be another's. Who may not read the lock believes the
 * process. */
#include "commands/command_status.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "commands/command_status_internal.h"
#include "daemon/status.h"
#include "os/instance_lock.h"
#include "os/store.h"

#define EXIT_IN_SYNC     0
#define EXIT_NOT_IN_SYNC 1
#define EXIT_NOT_RUNNING 3

#define LOCK_NAME "lock"

/* the file's members */

int64_t command_status_int(struct json_object *object, const char *key, int64_t otherwise)
{
	struct json_object *member = json_object_object_get(object, key);

	return json_object_is_type(member, json_type_int) ? json_object_get_int64(member)
	                                                  : otherwise;
}

const char *command_status_string(struct json_object *object, const char *key)
{
	struct json_object *member = json_object_object_get(object, key);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member)
	                                                     : NULL;
}

static bool is_true(struct json_object *object, const char *key)
{
	return json_object_get_boolean(json_object_object_get(object, key)) != 0;
}

/* does it live */

static bool is_locked(const char *directory)
{
	char *path = mem_printf("%s/" LOCK_NAME, directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	bool locked = true;

	free(path);
	if (fd >= 0) {
		locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
		(void)close(fd);
	}
	return locked;
}

static bool lives(int64_t pid, const char *state_directory)
{
	bool is_there = pid > 0 && pid <= INT32_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);

	return is_there && is_locked(state_directory);
}

/* above the table */

static void start_trouble(const struct command_status_options *options, struct text *out)
{
	text_add(out, options->colour ? "\033[31m" : "");
}

static void end_trouble(const struct command_status_options *options, struct text *out)
{
	text_add(out, options->colour ? "\033[0m\n" : "\n");
}

static void add_daemon(struct json_object *status, const struct command_status_options *options,
                       struct text *out)
{
	int64_t started_at = command_status_int(status, "started_at", options->now_unix_s);
	char span[SPAN_TEXT_MAX];

	text_printf(out, "%s as process %lld for %s: ",
	            is_true(status, "stopping") ? "stopping" : "running",
	            (long long)command_status_int(status, "pid", 0),
	            span_format((options->now_unix_s - started_at) * 1000, span));
	command_status_show(out, command_status_string(status, "config"), STATUS_WORDS_MAX);
	text_add(out, " to ");
	command_status_show(out, command_status_string(status, "url"), STATUS_WORDS_MAX);
	text_add_char(out, '\n');
	command_status_show(out, command_status_string(status, "dashboard"), STATUS_WORDS_MAX);
	text_add_char(out, '\n');
}

static void add_refusal(struct json_object *status, const struct command_status_options *options,
                        struct text *out)
{
	struct json_object *refused = json_object_object_get(status, "refused");
	int64_t errors = command_status_int(refused, "errors", 0);

	if (refused == NULL)
		return;
	start_trouble(options, out);
	text_printf(out, "the file as it is now is not in force, %lld error%s: ", (long long)errors,
	            errors == 1 ? "" : "s");
	command_status_show(out, command_status_string(refused, "first"), STATUS_WORDS_MAX);
	end_trouble(options, out);
}

static void add_gate(struct json_object *status, const struct command_status_options *options,
                     struct text *out)
{
	struct json_object *gate = json_object_object_get(status, "gate");
	int64_t probe_at = command_status_int(gate, "next_probe_at", 0);
	int64_t paused_until = command_status_int(gate, "paused_until", 0);
	char span[SPAN_TEXT_MAX];

	if (command_status_gate_is_closed(gate)) {
		start_trouble(options, out);
		text_add(out, "nothing is sent but probes: ");
		if (is_true(gate, "probing")) {
			text_add(out, "one is under way");
		} else if (probe_at <= options->now_unix_s) {
			text_add(out, "the next goes now");
		} else {
			text_printf(out, "the next goes in %s",
			            span_format((probe_at - options->now_unix_s) * 1000, span));
		}
		text_printf(out, ", %lld failed",
		            (long long)command_status_int(gate, "failed_probes", 0));
		end_trouble(options, out);
	}
	if (paused_until > options->now_unix_s) {
		text_printf(out, "the server asked to wait: for another %s\n",
		            span_format((paused_until - options->now_unix_s) * 1000, span));
	}
}

static void add_health(struct json_object *status, const struct command_status_options *options,
                       struct text *out)
{
	int64_t dropped = command_status_int(status, "log_dropped", 0);

	if (is_true(status, "state_failing")) {
		start_trouble(options, out);
		text_add(out, "the state cannot be written; schedules are sent all the same");
		end_trouble(options, out);
	}
	if (dropped > 0) {
		text_printf(out, "%lld record%s of the log could not be written\n",
		            (long long)dropped, dropped == 1 ? "" : "s");
	}
}

/* the command */

static int tell_absent(const struct command_status_options *options, const struct fault *fault,
                       struct text *errors)
{
	int64_t pid = (int64_t)instance_lock_holder(options->state_directory);

	if (lives(pid, options->state_directory)) {
		text_printf(errors,
		            "running as process %lld, but %s; $RUNTIME_DIRECTORY names "
		            "another place\n",
		            (long long)pid, fault->text);
		return EXIT_NOT_IN_SYNC;
	}
	text_printf(errors, "not running: %s\n", fault->text);
	return EXIT_NOT_RUNNING;
}

static int tell_dead(struct json_object *status, const struct command_status_options *options,
                     struct text *errors)
{
	int64_t written_at = command_status_int(status, "written_at", options->now_unix_s);
	char span[SPAN_TEXT_MAX];

	text_printf(errors,
	            "not running: process %lld did not stop by itself; it last told of itself %s "
	            "ago\n",
	            (long long)command_status_int(status, "pid", 0),
	            span_format((options->now_unix_s - written_at) * 1000, span));
	return EXIT_NOT_RUNNING;
}

static int tell_unknown(const struct command_status_options *options, struct text *errors)
{
	text_printf(errors,
	            "%s/" STATUS_NAME " is not what this version writes; has the daemon "
	            "been restarted since the upgrade?\n",
	            options->runtime_directory);
	return EXIT_NOT_IN_SYNC;
}

static int show(struct json_object *status, const struct command_status_options *options,
                struct text *out, struct text *errors)
{
	const char *state_directory = command_status_string(status, "state_directory");
	struct json_object *refused = json_object_object_get(status, "refused");
	bool in_sync;

	if (command_status_int(status, "version", 0) != STATUS_VERSION)
		return tell_unknown(options, errors);
	if (!lives(command_status_int(status, "pid", 0),
	           state_directory != NULL ? state_directory : options->state_directory))
		return tell_dead(status, options, errors);
	add_daemon(status, options, out);
	add_refusal(status, options, out);
	add_gate(status, options, out);
	add_health(status, options, out);
	in_sync = command_status_add_table(status, options, out) && refused == NULL;
	return in_sync ? EXIT_IN_SYNC : EXIT_NOT_IN_SYNC;
}

static struct json_object *parse(const struct text *file)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *status =
		file->length > 0 ? json_tokener_parse_ex(tokener, file->bytes, (int)file->length)
				 : NULL;

	json_tokener_free(tokener);
	return status;
}

int command_status(const struct command_status_options *options, struct text *out,
                   struct text *errors)
{
	struct fault fault = {.text = NULL};
	struct text file = {.length = 0};
	struct json_object *status;
	int result;

	if (store_read(options->runtime_directory, STATUS_NAME, STATUS_MAX, &file, &fault) !=
	    STORE_READ) {
		result = tell_absent(options, &fault, errors);
		fault_clear(&fault);
		return result;
	}
	status = parse(&file);
	result = show(status, options, out, errors);
	if (options->json)
		text_clear(out);
	if (options->json && result != EXIT_NOT_RUNNING)
		text_add_bytes(out, file.bytes, file.length);
	json_object_put(status);
	text_clear(&file);
	return result;
}
