/* SPDX-License-Identifier: MIT */
/* Pipes, files and a socket that stands in for the journal; what comes out is parsed again, by
 * json-c and by a reader of the journal's protocol that knows nothing of the writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "log/log.h"

#define NOWHERE    "/nonexistent/socket"
#define BUFFER_MAX (1024 * 1024)

static const struct log_record rejected = {
	.event = EVENT_UPDATE_REJECTED,
	.message =
		"integration 42 'Mode: Finance': 422 body.indexing_cron: invalid cron expression",
	.integration_id = 42,
	.integration_name = "Mode: Finance",
	.cron = "0 25 * * *",
	.cron_old = "0 6 * * *",
	.generation = UINT64_MAX,
	.attempt = 3,
	.http_status = 422,
	.curl_code = 7,
	.retry_ms = 130250,
	.field = "body.indexing_cron",
	.reason = "invalid cron expression",
	.error_type = "value_error",
	.config_file = "/etc/dfmode-sync.conf",
	.config_line = 14,
};

/* Whatever can be read now, NUL-ended; borrowed until the next call. */
static const char *drain(int fd)
{
	static char buffer[BUFFER_MAX];
	size_t length = 0;
	ssize_t count;

	while ((count = read(fd, buffer + length, sizeof(buffer) - 1 - length)) > 0)
		length += (size_t)count;
	assert_true(count == 0 || errno == EAGAIN);
	buffer[length] = '\0';
	return buffer;
}

/* A pipe whose reading end does not block; the writing end is as a shell would make it. */
static void open_pipe(int fds[2], enum log_form form, int level)
{
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	log_open_at(form, level, fds[1], NOWHERE);
}

static void close_pipe(int fds[2])
{
	log_close(0);
	close(fds[0]);
	close(fds[1]);
}

static void say(int level, const char *message)
{
	log_write(&(struct log_record){.level = level, .message = message});
}

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
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_JSON, LOG_DEBUG);
	log_write(&rejected);
	object = parse_line(drain(fds[0]));
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
	assert_true(json_object_get_double(member(object, "DFMODE_RETRY_SEC")) == 0.04);
	json_object_put(object);
	close_pipe(fds);
}

/* Fill a pipe from outside, so that it takes nothing more. */
static void stuff(int fd)
{
	char page[4096] = {0};
	int flags = fcntl(fd, F_GETFL);

	memset(page, '.', sizeof(page));
	assert_int_equal(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
	while (write(fd, page, sizeof(page)) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
}

/* Read and flush in turn until nothing is held back; the result is the caller's. */
static char *collect(int fd)
{
	struct text all = {0};
	bool is_held;

	do {
		is_held = log_flush();
		text_add(&all, drain(fd));
	} while (is_held);
	return text_take(&all);
}

#define FLOOD 30000
#define LONG  300 /* bytes of a message, mostly zeros */

static void a_full_pipe_never_blocks(void **state)
{
	uint64_t before = log_dropped(), lost;
	struct text expected = {0};
	char message[LONG + 1], *all;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	stuff(fds[1]);
	alarm(20);
	for (unsigned i = 0; i < FLOOD; i++) {
		snprintf(message, sizeof(message), "%0*u", LONG, i);
		say(LOG_INFO, message);
	}
	alarm(0);
	lost = log_dropped() - before;
	assert_in_range(lost, FLOOD / 4, FLOOD - FLOOD / 4);
	assert_true(log_flush());

	/* Once somebody reads, all that was held back comes in order, then the count, once. */
	all = collect(fds[0]);
	for (unsigned i = 0; i < FLOOD - lost; i++)
		text_printf(&expected, "%0*u\n", LONG, i);
	text_printf(&expected,
	            "warning: %u records of this log were lost, because nobody took "
	            "them in time\n",
	            (unsigned)lost);
	assert_string_equal(all + strspn(all, "."), expected.bytes);
	say(LOG_INFO, "after");
	assert_string_equal(drain(fds[0]), "after\n");
	assert_int_equal(log_dropped() - before, lost);
	free(all);
	text_clear(&expected);
	close_pipe(fds);
}

static void the_next_record_tells_of_the_lost(void **state)
{
	char *huge = mem_alloc(1, 5 * 1024 * 1024);
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_JSON, LOG_INFO);
	memset(huge, 'x', 5 * 1024 * 1024 - 1);
	log_write(&(struct log_record){.level = LOG_INFO, .message = "big", .reason = huge});
	assert_string_equal(drain(fds[0]), "");
	log_set_level(LOG_ERR);
	say(LOG_ERR, "quiet");
	assert_null(strstr(drain(fds[0]), "lost"));
	log_set_level(LOG_INFO);
	say(LOG_INFO, "next");
	assert_non_null(strstr(drain(fds[0]),
	                       "\"MESSAGE\":\"1 record of this log was lost, because "
	                       "nobody took it in time\""));
	say(LOG_INFO, "next");
	assert_null(strstr(drain(fds[0]), "lost"));
	free(huge);
	close_pipe(fds);
}

/* A line that is longer than the pipe takes at once is not torn by the one after it. */
static void a_long_line_stays_whole(void **state)
{
	char *message = mem_alloc(1, 60000), *all;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 8192), 8192);
	memset(message, 'x', 59999);
	say(LOG_INFO, message);
	say(LOG_INFO, "second");
	assert_true(log_flush());
	all = collect(fds[0]);
	assert_int_equal(strlen(all), 60000 + strlen("second\n"));
	assert_int_equal(strspn(all, "x"), 59999);
	assert_string_equal(all + 59999, "\nsecond\n");
	free(all);
	free(message);
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

/* What gathers is written by a flush, in order and whole, and none is lost to a pipe that is full
 * meanwhile. */
static void lines_gather_until_a_flush(void **state)
{
	uint64_t before = log_dropped();
	struct text expected = {0};
	struct text all = {0};
	char page[4096];
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	log_gather(true);
	say(LOG_INFO, "first");
	assert_int_equal(read(fds[0], page, sizeof(page)), -1);
	assert_false(log_flush());
	assert_int_equal(read(fds[0], page, sizeof(page)), strlen("first\n"));
	for (int i = 0; i < 20000; i++) {
		text_printf(&expected, "line %d\n", i);
		(void)snprintf(page, sizeof(page), "line %d", i);
		say(LOG_INFO, page);
	}
	for (bool is_held = true; is_held || all.length < expected.length;) {
		ssize_t count;

		is_held = log_flush();
		while ((count = read(fds[0], page, sizeof(page))) > 0)
			text_add_bytes(&all, page, (size_t)count);
	}
	assert_string_equal(all.bytes, expected.bytes);
	assert_int_equal(log_dropped(), before);
	say(LOG_INFO, "last");
	log_gather(false);
	assert_int_equal(read(fds[0], page, sizeof(page)), strlen("last\n"));
	close(fds[0]);
	log_gather(true);
	say(LOG_INFO, "one");
	say(LOG_INFO, "two");
	for (int i = 0; i < 3; i++)
		assert_false(log_flush());
	assert_int_equal(log_dropped() - before, 2);
	log_close(0);
	close(fds[1]);
	text_clear(&expected);
	text_clear(&all);
}

static void nobody_reads(void **state)
{
	uint64_t before = log_dropped();
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	close(fds[0]);
	say(LOG_INFO, "one");
	say(LOG_INFO, "two");
	assert_false(log_flush());
	assert_int_equal(log_dropped() - before, 2);
	log_close(1000);
	close(fds[1]);
	say(LOG_DEBUG, "not even written");
}

static void *read_late(void *data)
{
	int fd = *(int *)data;
	struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
	struct text all = {0};
	char page[4096];
	ssize_t count;

	nanosleep(&pause, NULL);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	while ((count = read(fd, page, sizeof(page))) > 0)
		text_add_bytes(&all, page, (size_t)count);
	return text_take(&all);
}

static void closing_waits_for_what_is_held(void **state)
{
	uint64_t before = log_dropped();
	pthread_t reader;
	void *all;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	stuff(fds[1]);
	say(LOG_INFO, "last words");
	assert_int_equal(pthread_create(&reader, NULL, read_late, &fds[0]), 0);
	log_close(10000);
	close(fds[1]);
	assert_int_equal(pthread_join(reader, &all), 0);
	assert_string_equal((char *)all + strspn(all, "."), "last words\n");
	assert_int_equal(log_dropped(), before);
	free(all);
	close(fds[0]);

	/* And only so long. */
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	stuff(fds[1]);
	say(LOG_INFO, "lost words");
	close_pipe(fds);
	assert_int_equal(log_dropped(), before + 1);
}

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
	snprintf(expected, sizeof(expected),
	         "%u records of this log were lost, because nobody took them in time",
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
		snprintf(stream, sizeof(stream), "%llu:%llu%s",
		         (unsigned long long)status.st_dev + (row == 1),
		         (unsigned long long)status.st_ino + (row == 2), row == 3 ? "x" : "");
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

/* A socket that others share, as stderr of a unit is: written without blocking, never torn. */
static void a_stream_socket_never_blocks(void **state)
{
	char message[64], *all;
	struct text expected = {0};
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	log_open_at(LOG_FORM_TEXT, LOG_INFO, fds[1], NOWHERE);
	alarm(20);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(message, sizeof(message), "record %u of those on a socket", i);
		say(LOG_INFO, message);
		text_printf(&expected, "%s\n", message);
	}
	assert_true(log_flush());
	alarm(0);
	all = collect(fds[0]);
	assert_string_equal(all, expected.bytes);
	free(all);
	text_clear(&expected);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_one_plain_line),
		cmocka_unit_test(the_level_decides),
		cmocka_unit_test(a_file_gets_the_date),
		cmocka_unit_test(a_terminal_gets_the_clock),
		cmocka_unit_test(json_has_the_journals_names),
		cmocka_unit_test(json_leaves_out_what_does_not_apply),
		cmocka_unit_test(a_full_pipe_never_blocks),
		cmocka_unit_test(the_next_record_tells_of_the_lost),
		cmocka_unit_test(a_long_line_stays_whole),
		cmocka_unit_test(a_message_is_cut),
		cmocka_unit_test(nobody_reads),
		cmocka_unit_test(lines_gather_until_a_flush),
		cmocka_unit_test(closing_waits_for_what_is_held),
		cmocka_unit_test(the_journal_gets_fields),
		cmocka_unit_test(the_journal_takes_newlines_and_length),
		cmocka_unit_test(a_journal_that_stalls_is_told_later),
		cmocka_unit_test(without_a_journal_it_is_text),
		cmocka_unit_test(auto_follows_journal_stream),
		cmocka_unit_test(a_stream_socket_never_blocks),
		cmocka_unit_test(the_stream_is_cleared_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
