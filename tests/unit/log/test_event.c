/* SPDX-License-Identifier: MIT */
/* What filters and alerts are keyed by: each event has a name and a MESSAGE_ID of its own, and the
 * level says who acts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <syslog.h>

#include "log/event.h"

static void each_has_its_own_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EVENT_COUNT; i++) {
		const struct event_info *event = event_info(i);
		const char *name = event->name;

		assert_non_null(name);
		assert_true(*name != '\0');
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name, event_info(j)->name);
	}
}

/* sd-id128(3): 32 small hexadecimal digits, drawn at random, as version 4 of RFC 4122. */
static void each_has_its_own_id(void **state)
{
	(void)state;
	assert_null(event_info(EVENT_NONE)->message_id);
	for (unsigned i = EVENT_NONE + 1; i < EVENT_COUNT; i++) {
		const char *id = event_info(i)->message_id;

		assert_non_null(id);
		assert_int_equal(strlen(id), 32);
		assert_int_equal(strspn(id, "0123456789abcdef"), 32);
		assert_int_equal(id[12], '4');
		assert_non_null(strchr("89ab", id[16]));
		for (unsigned j = EVENT_NONE + 1; j < i; j++)
			assert_string_not_equal(id, event_info(j)->message_id);
	}
}

static void the_level_says_who_acts(void **state)
{
	static const enum event somebody[] = {EVENT_CONFIG_REJECTED, EVENT_UPDATE_REJECTED,
	                                      EVENT_AUTH_GATE, EVENT_CONFIG_GATE,
	                                      EVENT_STATE_CORRUPT};
	static const enum event the_daemon[] = {
		EVENT_CONFIG_WARNING, EVENT_CONFIG_UNREAD,  EVENT_UPDATE_FAILED,
		EVENT_BREAKER_OPEN,   EVENT_DRIFT_FOUND,    EVENT_STATE_WRITE_FAILED,
		EVENT_METRICS_FAILED, EVENT_CONTROL_FAILED, EVENT_LOG_DROPPED,
	};
	static const enum event daily[] = {EVENT_UPDATE_ACCEPTED, EVENT_INTEGRATION_ADOPTED};
	static const enum event detail[] = {EVENT_NONE, EVENT_UPDATE_SENT};
	static const struct {
		int level;
		const enum event *events;
		size_t count;
	} rows[] = {
		{LOG_ERR, somebody, sizeof(somebody) / sizeof(somebody[0])},
		{LOG_WARNING, the_daemon, sizeof(the_daemon) / sizeof(the_daemon[0])},
		{LOG_INFO, daily, sizeof(daily) / sizeof(daily[0])},
		{LOG_DEBUG, detail, sizeof(detail) / sizeof(detail[0])},
	};
	int levels[EVENT_COUNT];

	(void)state;
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		levels[i] = LOG_NOTICE; /* a change of state */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t j = 0; j < rows[i].count; j++)
			levels[rows[i].events[j]] = rows[i].level;
	}
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		assert_int_equal(event_info(i)->level, levels[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_own_name),
		cmocka_unit_test(each_has_its_own_id),
		cmocka_unit_test(the_level_says_who_acts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
