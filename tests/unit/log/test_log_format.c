/* SPDX-License-Identifier: MIT */
/* What a record looks like on a line, as text and as JSON; JSON is parsed again, by json-c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "support/log_fixture.h"

static void text_is_one_plain_line(void **state)
{
	static const struct {
		struct log_record record;
		const char *line;
	} rows[] = {
		{.record = {.level = LOG_ERR, .message = "no key"}, .line = "error: no key\n"},
		{.record = {.level = LOG_CRIT, .message = "no key"}, .line = "error: no key\n"},
		{.record = {.level = LOG_WARNING, .message = "late"}, .line = "warning: late\n"},
		{.record = {.level = LOG_NOTICE, .message = "loaded"}, .line = "loaded\n"},
		{.record = {.level = LOG_INFO, .message = "accepted"}, .line = "accepted\n"},
		{.record = {.level = LOG_DEBUG, .message = "x"}, .line = "debug: x\n"},
		{.record = {.event = EVENT_STATE_CORRUPT, .message = "bad"},
	         .line = "error: bad\n"},
		{.record = {.event = EVENT_STARTED, .message = "up"}, .line = "up\n"},
		{.record = {.event = EVENT_STARTED, .level = LOG_WARNING, .message = "up"},
	         .line = "warning: up\n"},
		{.record = {.level = LOG_INFO, .message = "a\nb\x1b[31m\x80"},
	         .line = "a\\nb\\x1b[31m\\x80\n"},
		{.record = {.level = LOG_INFO, .message = ""}, .line = "\n"},
	};
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_DEBUG);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		log_write(&rows[i].record);
		assert_string_equal(drain(fds[0]), rows[i].line);
	}
	log_debug("%d of %s", 7, "it");
	assert_string_equal(drain(fds[0]), "debug: 7 of it\n");
	close_pipe(fds);
}

static void a_file_gets_the_date(void **state)
{
	char path[] = "/tmp/test_log.XXXXXX", *line;
	struct tm tm = {0};
	time_t before = time(NULL), then;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	log_open_at(LOG_FORM_TEXT, LOG_INFO, fd, NOWHERE);
	say(LOG_ERR, "no key");
	log_close(0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	line = mem_dup(drain(fd));
	assert_string_equal(strptime(line, "%Y-%m-%d %H:%M:%S ", &tm), "error: no key\n");
	tm.tm_isdst = -1;
	then = mktime(&tm);
	assert_in_range(then, before, time(NULL));
	free(line);
	close(fd);
	unlink(path);
}

static void a_terminal_gets_the_clock(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), slave;
	struct tm tm = {0};

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	log_open_at(LOG_FORM_AUTO, LOG_INFO, slave, NOWHERE);
	say(LOG_WARNING, "late");
	log_close(0);
	assert_string_equal(strptime(drain(master), "%H:%M:%S ", &tm), "warning: late\r\n");
	close(slave);
	close(master);
}

static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		fail_msg("no %s", name);
	return value;
}

static void assert_text(struct json_object *object, const char *name, const char *expected)
{
	struct json_object *value = member(object, name);

	assert_true(json_object_is_type(value, json_type_string));
	assert_string_equal(json_object_get_string(value), expected);
}

static void assert_number(struct json_object *object, const char *name, int64_t expected)
{
	struct json_object *value = member(object, name);

	assert_true(json_object_is_type(value, json_type_int));
	assert_int_equal(json_object_get_int64(value), expected);
}

static struct json_object *parse_line(const char *line)
{
	struct json_object *object = json_tokener_parse(line);

	assert_non_null(object);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	return object;
}

static void json_has_the_journals_names(void **state)
{
	struct json_object *object;
	int64_t before = (int64_t)time(NULL) * 1000000;
	const char *line;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_JSON, LOG_DEBUG);
	log_write(&rejected);
	line = drain(fds[0]);
	assert_non_null(strstr(line, "\"DFMODE_RETRY_SEC\":130.25,"));
	object = parse_line(line);
	assert_int_equal(json_object_object_length(object), 19);
	assert_text(object, "MESSAGE", rejected.message);
	assert_text(object, "MESSAGE_ID", event_info(EVENT_UPDATE_REJECTED)->message_id);
	assert_text(object, "DFMODE_EVENT", "update-rejected");
	assert_text(object, "DFMODE_INTEGRATION_NAME", "Mode: Finance");
	assert_text(object, "DFMODE_CRON", "0 25 * * *");
	assert_text(object, "DFMODE_CRON_OLD", "0 6 * * *");
	assert_text(object, "DFMODE_FIELD", "body.indexing_cron");
	assert_text(object, "DFMODE_REASON", "invalid cron expression");
	assert_text(object, "DFMODE_ERROR_TYPE", "value_error");
	assert_text(object, "CONFIG_FILE", "/etc/dfmode-sync.conf");
	assert_number(object, "PRIORITY", LOG_ERR);
	assert_number(object, "DFMODE_INTEGRATION_ID", 42);
	assert_number(object, "DFMODE_ATTEMPT", 3);
	assert_number(object, "DFMODE_HTTP_STATUS", 422);
	assert_number(object, "DFMODE_CURL_CODE", 7);
	assert_number(object, "CONFIG_LINE", 14);
	assert_true(json_object_get_uint64(member(object, "DFMODE_GENERATION")) == UINT64_MAX);
	assert_true(json_object_get_double(member(object, "DFMODE_RETRY_SEC")) == 130.25);
	assert_true(json_object_is_type(member(object, "__REALTIME_TIMESTAMP"), json_type_string));
	assert_in_range(json_object_get_int64(member(object, "__REALTIME_TIMESTAMP")), before,
	                before + 60000000);
	json_object_put(object);
	close_pipe(fds);
}

static void json_leaves_out_what_does_not_apply(void **state)
{
	struct json_object *object;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_JSON, LOG_DEBUG);
	log_debug("a \"line\"\n");
	object = parse_line(drain(fds[0]));
	assert_int_equal(json_object_object_length(object), 3);
	assert_text(object, "MESSAGE", "a \"line\"\\n");
	json_object_put(object);

	/* Values are told as they are, also with a newline, and as JSON also without valid UTF-8.
	 */
	log_write(&(struct log_record){.event = EVENT_STARTED,
	                               .message = "m",
	                               .cron = "",
	                               .config_file = "/a\nb\xff",
	                               .retry_ms = 40});
	object = parse_line(drain(fds[0]));
	assert_int_equal(json_object_object_length(object), 8);
	assert_text(object, "DFMODE_CRON", "");
	assert_text(object, "CONFIG_FILE", "/a\nb\xef\xbf\xbd");
	assert_int_equal(
		(int)(json_object_get_double(member(object, "DFMODE_RETRY_SEC")) * 1000 + 0.5), 40);
	json_object_put(object);
	close_pipe(fds);
}

static void a_message_is_cut(void **state)
{
	char *message = mem_alloc(1, 100000);
	const char *line;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 256 * 1024) > 0);
	memset(message, 'x', 99999);
	say(LOG_INFO, message);
	line = drain(fds[0]);
	assert_int_equal(strlen(line), 64 * 1024 + 1);
	assert_string_equal(line + 64 * 1024 - 3, "\xe2\x80\xa6\n");
	free(message);
	close_pipe(fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_one_plain_line),
		cmocka_unit_test(a_file_gets_the_date),
		cmocka_unit_test(a_terminal_gets_the_clock),
		cmocka_unit_test(json_has_the_journals_names),
		cmocka_unit_test(json_leaves_out_what_does_not_apply),
		cmocka_unit_test(a_message_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
