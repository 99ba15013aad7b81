/* SPDX-License-Identifier: MIT */
/* A socket that stands in for the journal; what comes out is read by a reader of the journal's
 * protocol that knows nothing of the writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/descriptors.h"
#include "support/log_fixture.h"

/* Of this process alone: the tests of two builds may run at once. */
static const char *journal_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/test_log.%ld", (long)getpid());
	return path;
}

struct journal {
	int fd;
	char *bytes; /* of the last record */
	size_t length;
};

static void journal_open(struct journal *journal)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", journal_path());
	*journal = (struct journal){.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
	assert_true(journal->fd >= 0);
	unlink(journal_path());
	assert_int_equal(bind(journal->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void journal_close(struct journal *journal)
{
	log_close(0);
	close(journal->fd);
	unlink(journal_path());
	free(journal->bytes);
}

static void read_memfd(struct journal *journal, const struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	struct stat status;
	int fd;

	if (head == NULL) {
		fail_msg("an empty record");
		return;
	}
	assert_int_equal(head->cmsg_type, SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	assert_int_equal(fcntl(fd, F_GET_SEALS),
	                 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	assert_int_equal(fstat(fd, &status), 0);
	journal->length = (size_t)status.st_size;
	assert_int_equal(pread(fd, journal->bytes, BUFFER_MAX, 0), status.st_size);
	close(fd);
}

/* Take the next record, from a datagram or a memfd; false if there is none. */
static bool journal_next(struct journal *journal)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec vector;
	struct msghdr message = {.msg_iov = &vector,
	                         .msg_iovlen = 1,
	                         .msg_control = &control,
	                         .msg_controllen = sizeof(control)};
	ssize_t count;

	if (journal->bytes == NULL)
		journal->bytes = mem_alloc(1, BUFFER_MAX);
	vector = (struct iovec){.iov_base = journal->bytes, .iov_len = BUFFER_MAX};
	count = recvmsg(journal->fd, &message, MSG_CMSG_CLOEXEC);
	if (count < 0)
		return false;
	journal->length = (size_t)count;
	if (count == 0)
		read_memfd(journal, &message);
	return true;
}

/* The value of a field, read as the protocol's page says; the caller's. NULL if there is none. */
static char *journal_value(const struct journal *journal, const char *name, size_t *length)
{
	const char *at = journal->bytes, *end = journal->bytes + journal->length;

	while (at < end) {
		const char *stop = at + strcspn(at, "=\n"), *value = stop + 1;
		size_t size = 0;

		if (*stop == '\n') {
			for (unsigned i = 8; i > 0; i--)
				size = size << 8 | (unsigned char)value[i - 1];
			value += 8;
		} else {
			size = (size_t)((const char *)memchr(value, '\n', (size_t)(end - value)) -
			                value);
		}
		assert_true(value + size < end && value[size] == '\n');
		if (strlen(name) == (size_t)(stop - at) && strncmp(at, name, strlen(name)) == 0) {
			*length = size;
			return mem_dup_bytes(value, size);
		}
		at = value + size + 1;
	}
	return NULL;
}

static void assert_field(const struct journal *journal, const char *name, const char *expected)
{
	size_t length = 0;
	char *value = journal_value(journal, name, &length);

	if (expected == NULL) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_int_equal(length, strlen(expected));
	assert_string_equal(value, expected);
	free(value);
}

static void the_journal_gets_fields(void **state)
{
	struct journal journal;

	(void)state;
	journal_open(&journal);
	log_open_at(LOG_FORM_JOURNAL, LOG_INFO, STDERR_FILENO, journal_path());
	log_write(&rejected);
	assert_true(journal_next(&journal));
	assert_field(&journal, "SYSLOG_IDENTIFIER", "dfmode-sync");
	assert_field(&journal, "PRIORITY", "3");
	assert_field(&journal, "MESSAGE", rejected.message);
	assert_field(&journal, "MESSAGE_ID", event_info(EVENT_UPDATE_REJECTED)->message_id);
	assert_field(&journal, "DFMODE_EVENT", "update-rejected");
	assert_field(&journal, "DFMODE_INTEGRATION_ID", "42");
	assert_field(&journal, "DFMODE_INTEGRATION_NAME", "Mode: Finance");
	assert_field(&journal, "DFMODE_CRON", "0 25 * * *");
	assert_field(&journal, "DFMODE_CRON_OLD", "0 6 * * *");
	assert_field(&journal, "DFMODE_GENERATION", "18446744073709551615");
	assert_field(&journal, "DFMODE_ATTEMPT", "3");
	assert_field(&journal, "DFMODE_HTTP_STATUS", "422");
	assert_field(&journal, "DFMODE_CURL_CODE", "7");
	assert_field(&journal, "DFMODE_RETRY_SEC", "130.25");
	assert_field(&journal, "DFMODE_FIELD", "body.indexing_cron");
	assert_field(&journal, "DFMODE_REASON", "invalid cron expression");
	assert_field(&journal, "DFMODE_ERROR_TYPE", "value_error");
	assert_field(&journal, "CONFIG_FILE", "/etc/dfmode-sync.conf");
	assert_field(&journal, "CONFIG_LINE", "14");
	say(LOG_INFO, "plain\nREALLY=1");
	assert_true(journal_next(&journal));
	assert_field(&journal, "MESSAGE", "plain\\nREALLY=1");
	assert_field(&journal, "REALLY", NULL);
	assert_field(&journal, "MESSAGE_ID", NULL);
	assert_field(&journal, "DFMODE_EVENT", NULL);
	assert_field(&journal, "CONFIG_LINE", NULL);
	assert_false(journal_next(&journal));
	journal_close(&journal);
}

static void the_journal_takes_newlines_and_length(void **state)
{
	static const char tricky[] = "two\nlines\nPRIORITY=0\n\x01=\xff";
	char *huge = mem_alloc(1, 300 * 1024 + 1);
	size_t descriptors = open_descriptors();
	struct journal journal;

	(void)state;
	memset(huge, 'x', 300 * 1024);
	huge[1000] = '\n';
	journal_open(&journal);
	log_open_at(LOG_FORM_JOURNAL, LOG_INFO, STDERR_FILENO, journal_path());
	log_write(&(struct log_record){.level = LOG_INFO,
	                               .message = "m",
	                               .integration_name = tricky,
	                               .config_file = "/last"});
	assert_true(journal_next(&journal));
	assert_field(&journal, "DFMODE_INTEGRATION_NAME", tricky);
	assert_field(&journal, "PRIORITY", "6");
	assert_field(&journal, "CONFIG_FILE", "/last");
	log_write(&(struct log_record){
		.level = LOG_INFO, .message = "m", .reason = huge, .config_file = "/last"});
	assert_true(journal_next(&journal));
	assert_true(journal.length > 300 * 1024);
	assert_field(&journal, "DFMODE_REASON", huge);
	assert_field(&journal, "CONFIG_FILE", "/last");
	free(huge);
	journal_close(&journal);
	assert_int_equal(open_descriptors(), descriptors);
}

static void a_journal_that_stalls_is_told_later(void **state)
{
	uint64_t before = log_dropped(), lost;
	struct journal journal;
	char message[LONG + 1], expected[100];
	unsigned next = 0;

	(void)state;
	journal_open(&journal);
	log_open_at(LOG_FORM_JOURNAL, LOG_INFO, STDERR_FILENO, journal_path());
	alarm(20);
	for (unsigned i = 0; i < FLOOD; i++) {
		snprintf(message, sizeof(message), "%0*u", LONG, i);
		say(LOG_INFO, message);
	}
	alarm(0);
	lost = log_dropped() - before;
	assert_in_range(lost, FLOOD / 2, FLOOD - 1000);
	assert_true(log_flush());
	while (next < FLOOD - lost) {
		(void)log_flush();
		while (next < FLOOD - lost && journal_next(&journal)) {
			snprintf(message, sizeof(message), "%0*u", LONG, next++);
			assert_field(&journal, "MESSAGE", message);
		}
	}
	snprintf(expected, sizeof(expected), "%u log records dropped: the log sink was blocked",
	         (unsigned)lost);
	assert_false(log_flush());
	assert_true(journal_next(&journal));
	assert_field(&journal, "MESSAGE", expected);
	assert_field(&journal, "DFMODE_EVENT", "log-dropped");
	assert_false(journal_next(&journal));
	journal_close(&journal);
}

static void without_a_journal_it_is_text(void **state)
{
	uint64_t before = log_dropped();
	struct journal journal;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_JOURNAL, LOG_INFO);
	say(LOG_ERR, "nowhere to go");
	assert_string_equal(drain(fds[0]), "error: nowhere to go\n");
	close_pipe(fds);

	/* A journal that goes and comes back. */
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	journal_open(&journal);
	log_open_at(LOG_FORM_JOURNAL, LOG_INFO, fds[1], journal_path());
	close(journal.fd);
	say(LOG_INFO, "one");
	assert_string_equal(drain(fds[0]), "one\n");
	journal_open(&journal);
	say(LOG_INFO, "two");
	assert_string_equal(drain(fds[0]), "");
	assert_true(journal_next(&journal));
	assert_field(&journal, "MESSAGE", "two");
	journal_close(&journal);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(log_dropped(), before);
}

static void auto_follows_journal_stream(void **state)
{
	struct journal journal;
	struct stat status;
	char stream[64];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fstat(fds[1], &status), 0);
	journal_open(&journal);
	for (int row = 0; row < 4; row++) {
		snprintf(stream, sizeof(stream), "%" PRIu64 ":%" PRIu64 "%s",
		         (uint64_t)status.st_dev + (row == 1), (uint64_t)status.st_ino + (row == 2),
		         row == 3 ? "x" : "");
		setenv("JOURNAL_STREAM", stream, 1);
		log_open_at(LOG_FORM_AUTO, LOG_INFO, fds[1], journal_path());
		say(LOG_INFO, "hello");
		assert_int_equal(journal_next(&journal), row == 0);
		assert_string_equal(drain(fds[0]), row == 0 ? "" : "hello\n");
	}
	unsetenv("JOURNAL_STREAM");
	journal_close(&journal);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_journal_gets_fields),
		cmocka_unit_test(the_journal_takes_newlines_and_length),
		cmocka_unit_test(a_journal_that_stalls_is_told_later),
		cmocka_unit_test(without_a_journal_it_is_text),
		cmocka_unit_test(auto_follows_journal_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
