/* SPDX-License-Identifier: MIT */
/* A record is spelled (log_format) and handed to the journal or to standard error (log_sink), one
 * system call each, but that lines for standard error may gather for the length of a round of the
 * loop. What is not taken at once waits in a bounded queue, and everything later
 * queues up behind it, so that order holds. A record that finds the queue full is dropped and
 * counted; as soon as the queue has emptied one record says how many were lost. If nobody listens
 * on the journal's socket the record goes to standard error as text. One thread only. */
#include "log/log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/log_internal.h"

#define JOURNAL_PATH   "/run/systemd/journal/socket"
#define LINE_KEEP      (64 * 1024) /* bytes of buffer that are kept from record to record */
#define GATHER_MAX     (32 * 1024) /* bytes that are gathered at most */
#define CLOSE_PAUSE_MS 5

static struct {
	enum log_form form;
	int level;
	enum log_stamp stamp;
	struct log_stream stream;
	struct log_journal journal;
	struct log_queue queue;
	struct text line;     /* the record being written */
	struct text gathered; /* whole lines of the stream; none while something is queued */
	bool gathers;
	void (*before)(void *data);
	void *before_data;
	uint64_t dropped;
	uint64_t reported; /* of `dropped` */
} logger = {
	.form = LOG_FORM_TEXT,
	.level = LOG_INFO,
	.stream = {.fd = STDERR_FILENO},
	.journal = {.fd = -1},
};

/* Is the descriptor the stream that the service manager made for the journal? */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uint64_t device, inode;
	struct stat status;
	char end;

	if (stream == NULL ||
	    sscanf(stream, "%" SCNu64 ":%" SCNu64 "%c", &device, &inode, &end) != 2)
		return false;
	return fstat(fd, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

void log_open_at(enum log_form form, int level, int fd, const char *journal_path)
{
	if (form == LOG_FORM_AUTO)
		form = is_journal(fd) ? LOG_FORM_JOURNAL : LOG_FORM_TEXT;
	log_close(0);
	logger.form = form;
	logger.level = level;
	logger.stamp = log_stream_init(&logger.stream, fd);
	/* Without a socket each record finds the journal unreachable and goes to the stream. */
	if (form == LOG_FORM_JOURNAL)
		(void)log_journal_open(&logger.journal, journal_path);
}

void log_open(enum log_form form, int level)
{
	log_open_at(form, level, STDERR_FILENO, JOURNAL_PATH);
}

void log_set_before(void (*before)(void *data), void *data)
{
	logger.before = before;
	logger.before_data = data;
}

void log_set_level(int level)
{
	logger.level = level;
}

bool log_is_on(int level)
{
	return level <= logger.level;
}

uint64_t log_dropped(void)
{
	return logger.dropped;
}

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A buffer that grew for much is not kept. */
static struct text *empty(struct text *buffer)
{
	if (buffer->capacity > LINE_KEEP)
		text_clear(buffer);
	else
		text_truncate(buffer, 0);
	return buffer;
}

static enum log_sent send_stream(const char *bytes, size_t length, size_t *offset)
{
	if (logger.before != NULL)
		logger.before(logger.before_data);
	return log_stream_send(&logger.stream, bytes, length, offset);
}

/* What was not taken of the gathered lines is queued, or lost, line by line: each is a record. */
static void keep_lines(size_t offset, bool is_held)
{
	const char *at = logger.gathered.bytes + offset;
	const char *end = logger.gathered.bytes + logger.gathered.length;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)(newline - at) + 1;

		if (!is_held || !log_queue_add(&logger.queue, at, length, false))
			logger.dropped++;
		at += length;
	}
}

static void write_gathered(void)
{
	size_t offset = 0;
	enum log_sent sent;

	if (logger.gathered.length == 0)
		return;
	sent = send_stream(logger.gathered.bytes, logger.gathered.length, &offset);
	if (sent != LOG_SENT)
		keep_lines(offset, sent == LOG_HELD);
	(void)empty(&logger.gathered);
}

/* False if the record is lost. */
static bool put_stream(const struct text *line)
{
	size_t offset = 0;
	enum log_sent sent;

	/* A record whose rest could not be held is not begun: half a line helps nobody. */
	if (line->length > LOG_QUEUE_MAX - 64)
		return false;
	if (logger.queue.held.length > 0)
		return log_queue_add(&logger.queue, line->bytes, line->length, false);
	if (logger.gathers) {
		text_add_bytes(&logger.gathered, line->bytes, line->length);
		if (logger.gathered.length >= GATHER_MAX)
			write_gathered();
		return true;
	}
	sent = send_stream(line->bytes, line->length, &offset);
	if (sent == LOG_HELD)
		return log_queue_add(&logger.queue, line->bytes + offset, line->length - offset,
		                     false);
	return sent == LOG_SENT;
}

static bool put_line(const struct log_record *record)
{
	struct text *line = empty(&logger.line);

	if (logger.form == LOG_FORM_JSON)
		log_format_json(record, now_us(), line);
	else
		log_format_text(record, logger.stamp, now_us(), line);
	return put_stream(line);
}

static bool put(const struct log_record *record)
{
	struct text *line = empty(&logger.line);
	enum log_sent sent = LOG_HELD;

	if (logger.form != LOG_FORM_JOURNAL)
		return put_line(record);
	log_format_journal(record, line);
	if (logger.queue.held.length == 0)
		sent = log_journal_send(&logger.journal, line->bytes, line->length);
	if (sent == LOG_HELD)
		return log_queue_add(&logger.queue, line->bytes, line->length, true);
	return sent == LOG_SENT || (sent == LOG_UNREACHABLE && put_line(record));
}

/* Send what the queue holds, as far as it is taken. */
static void drain(void)
{
	struct log_entry entry;

	while (log_queue_first(&logger.queue, &entry)) {
		size_t offset = 0;
		enum log_sent sent;

		if (entry.is_datagram)
			sent = log_journal_send(&logger.journal, entry.bytes, entry.length);
		else
			sent = send_stream(entry.bytes, entry.length, &offset);
		if (sent == LOG_HELD) {
			if (offset > 0)
				log_queue_consume(&logger.queue, offset);
			return;
		}
		if (sent != LOG_SENT)
			logger.dropped++;
		log_queue_consume(&logger.queue, entry.length);
	}
}

static void report_dropped(void)
{
	uint64_t count = logger.dropped - logger.reported;
	bool gathers = logger.gathers;
	char *message;

	if (count == 0 || logger.queue.held.length > 0 || !log_is_on(LOG_WARNING))
		return;
	message = mem_printf("%" PRIu64 " log record%s dropped: the log sink was blocked", count,
	                     count == 1 ? "" : "s");
	logger.gathers = false; /* whether it was taken counts */
	if (put(&(struct log_record){.event = EVENT_LOG_DROPPED, .message = message}))
		logger.reported = logger.dropped;
	logger.gathers = gathers;
	free(message);
}

bool log_flush(void)
{
	write_gathered();
	drain();
	report_dropped();
	return logger.queue.held.length > 0;
}

void log_gather(bool gathers)
{
	logger.gathers = gathers;
	(void)log_flush();
}

void log_write(const struct log_record *record)
{
	if (!log_is_on(log_record_level(record)))
		return;
	if (!logger.gathers)
		(void)log_flush();
	if (!put(record))
		logger.dropped++;
}

void log_text(struct log_record *record, struct text *message)
{
	record->message = message->bytes;
	log_write(record);
	text_clear(message);
}

void log_printf(const struct log_record *record, const char *format, ...)
{
	struct log_record formatted = *record;
	struct text message = {0};
	va_list arguments;

	if (!log_is_on(log_record_level(record)))
		return;
	va_start(arguments, format);
	text_vprintf(&message, format, arguments);
	va_end(arguments);
	log_text(&formatted, &message);
}

void log_close(int wait_ms)
{
	int64_t deadline = now_us() + (int64_t)wait_ms * 1000;
	struct log_entry entry;

	while (log_flush() && now_us() < deadline)
		(void)poll(NULL, 0, CLOSE_PAUSE_MS);
	for (; log_queue_first(&logger.queue, &entry); logger.dropped++)
		log_queue_consume(&logger.queue, entry.length);
	log_journal_close(&logger.journal);
	text_clear(&logger.line);
	text_clear(&logger.gathered);
	logger.gathers = false;
	logger.form = LOG_FORM_TEXT;
	logger.stamp = log_stream_init(&logger.stream, STDERR_FILENO);
	logger.reported = logger.dropped;
}
