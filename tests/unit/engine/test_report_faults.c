/* SPDX-License-Identifier: MIT */
/* Faults of the files: one record each, the kept errors first, and how many there are in all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "engine/report.h"
#include "log/log.h"

static char file[] = "/etc/a.conf";

static void logged(const struct faults *faults, bool warnings, const char *refused, char *out,
                   size_t size)
{
	int ends[2];
	ssize_t length;

	assert_int_equal(pipe(ends), 0);
	log_open_at(LOG_FORM_TEXT, LOG_INFO, ends[1], "/nonexistent");
	report_faults(faults, file, warnings, refused);
	log_close(0);
	assert_int_equal(close(ends[1]), 0);
	length = read(ends[0], out, size - 1);
	assert_true(length >= 0);
	out[length] = '\0';
	(void)close(ends[0]);
}

static void each_is_a_record(void **state)
{
	const struct fault_place place = {.file = file, .line = 14, .column = 5};
	const struct fault_place whole = {.file = file};
	struct faults faults = {0};
	char out[1024];

	(void)state;
	faults_add(&faults, FAULT_ERROR, place, "hour %d", 25);
	faults_add(&faults, FAULT_WARNING, whole, "readable by others");
	logged(&faults, true, NULL, out, sizeof(out));
	assert_string_equal(out, "error: /etc/a.conf:14:5: hour 25\n"
	                         "warning: /etc/a.conf: readable by others\n");
	logged(&faults, false, "not started", out, sizeof(out));
	assert_string_equal(out, "error: /etc/a.conf:14:5: hour 25\n"
	                         "error: /etc/a.conf: 1 error; not started\n");
	faults.errors = 60;
	logged(&faults, false, "not started", out, sizeof(out));
	assert_non_null(strstr(out, "/etc/a.conf: 60 errors (59 not shown); not started\n"));
	faults_clear(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_a_record)};

	return cmocka_run_group_tests_name("report_faults", tests, NULL, NULL);
}
