/* SPDX-License-Identifier: MIT */
/* The front of the log: which records are written, and what comes before each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/log_fixture.h"

static void the_level_decides(void **state)
{
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_WARNING);
	say(LOG_NOTICE, "no");
	log_debug("no");
	log_write(&(struct log_record){.event = EVENT_UPDATE_ACCEPTED, .message = "no"});
	assert_string_equal(drain(fds[0]), "");
	assert_true(log_is_on(LOG_WARNING));
	assert_false(log_is_on(LOG_NOTICE));
	say(LOG_WARNING, "yes");
	assert_string_equal(drain(fds[0]), "warning: yes\n");
	log_set_level(LOG_NOTICE);
	say(LOG_NOTICE, "yes");
	assert_string_equal(drain(fds[0]), "yes\n");
	close_pipe(fds);
}

static void wipe(void *data)
{
	const int *fd = data;

	assert_int_equal(write(*fd, "<wiped>", 7), 7);
}

/* Before each line, those that were held back included; not before what is not written. */
static void the_stream_is_cleared_first(void **state)
{
	int fds[2], page;

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	log_set_before(wipe, &fds[1]);
	say(LOG_DEBUG, "no");
	say(LOG_INFO, "one");
	say(LOG_INFO, "two");
	assert_string_equal(drain(fds[0]), "<wiped>one\n<wiped>two\n");
	log_set_before(NULL, NULL);
	stuff(fds[1]);
	say(LOG_INFO, "three");
	page = (int)strlen(drain(fds[0]));
	assert_true(page > 0);
	log_set_before(wipe, &fds[1]);
	assert_false(log_flush());
	log_set_before(NULL, NULL);
	assert_string_equal(drain(fds[0]), "<wiped>three\n");
	close_pipe(fds);
}

static void closing_ends_the_gathering(void **state)
{
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	log_gather(true);
	say(LOG_INFO, "gathered");
	close_pipe(fds);
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	say(LOG_INFO, "at once");
	assert_string_equal(drain(fds[0]), "at once\n");
	close_pipe(fds);
}

/* In a record with fields, and in one that is nothing else; the level is the event's own, or not.
 */
static void a_message_is_formatted(void **state)
{
	char *path = mem_dup("a%s.conf");
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_JSON, LOG_INFO);
	log_printf(&(struct log_record){.event = EVENT_CONFIG_UNREAD, .config_file = path},
	           "%s: %d of %s", path, 7, "them");
	assert_non_null(
		strstr(drain(fds[0]), "\"PRIORITY\":4,\"MESSAGE\":\"a%s.conf: 7 of them\","));
	log_event(EVENT_CONFIG_UNREAD, LOG_NOTICE, "%s", path);
	assert_non_null(strstr(drain(fds[0]), "\"PRIORITY\":5,\"MESSAGE\":\"a%s.conf\","));
	log_event(EVENT_CONFIG_UNREAD, LOG_DEBUG, "%s", path);
	assert_string_equal(drain(fds[0]), "");
	close_pipe(fds);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_level_decides),
		cmocka_unit_test(the_stream_is_cleared_first),
		cmocka_unit_test(closing_ends_the_gathering),
		cmocka_unit_test(a_message_is_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
