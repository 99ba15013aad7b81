/* SPDX-License-Identifier: MIT */
/* The parts of log: a record's three spellings, as bytes (log_format.c; pure but for the time
 * zone); where bytes go, and the bounded queue of what is not taken yet (log_sink.c). */
#ifndef LOG_INTERNAL_H
#define LOG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "log/event.h"

#define LOG_MESSAGE_MAX (64 * 1024) /* bytes of a message; more is cut */

/* What stands before a line of text. */
enum log_stamp {
	LOG_STAMP_NONE,  /* a pipe or a socket: whoever reads it puts the time before each line */
	LOG_STAMP_CLOCK, /* a terminal: "19:45:02 ", local time */
	LOG_STAMP_DATE,  /* a regular file: "2026-11-23 19:45:02 ", local time */
};

/* The level that counts: the record's, else its event's. */
int log_record_level(const struct log_record *record);

/* Append "error: MESSAGE", newline-ended. `now_us` is microseconds since the epoch. */
void log_format_text(const struct log_record *record, enum log_stamp stamp, int64_t now_us,
                     struct text *out);

/* Append one JSON object, newline-ended, with the journal's names. As `journalctl -o json` has it
 * __REALTIME_TIMESTAMP is a string; what is a number to us is a number. */
void log_format_json(const struct log_record *record, int64_t now_us, struct text *out);

/* Append what the journal's socket takes (systemd.io/JOURNAL_NATIVE_PROTOCOL): NAME=VALUE lines,
 * and NAME, newline, 64-bit little-endian length, value, newline where a value has a newline. */
void log_format_journal(const struct log_record *record, struct text *out);

enum log_sent {
	LOG_SENT,
	LOG_HELD,        /* not now; what is left of it has to come first */
	LOG_LOST,        /* never */
	LOG_UNREACHABLE, /* nobody listens on the journal's socket */
};

/* A descriptor that belongs to somebody else, most often standard error. */
struct log_stream {
	int fd;
	bool is_socket;
	bool is_file;
};

/* Find out what the descriptor is; returns the stamp that suits it. */
enum log_stamp log_stream_init(struct log_stream *stream, int fd);

/* Write from `*offset` on without blocking, in pieces of at most PIPE_BUF; moves `*offset`. */
enum log_sent log_stream_send(const struct log_stream *stream, const char *bytes, size_t length,
                              size_t *offset);

/* The journal's socket: unconnected, so that a journal that comes back is found again. */
struct log_journal {
	int fd; /* owned; -1 without one */
	struct sockaddr_un address;
};

/* False without a socket (an address that is too long, no descriptors left). */
bool log_journal_open(struct log_journal *journal, const char *path);

/* Send one record as a datagram, or as a sealed memfd if it is too large for one. */
enum log_sent log_journal_send(const struct log_journal *journal, const char *bytes, size_t length);

void log_journal_close(struct log_journal *journal);

/* Bytes held back; a record that is larger is never held. Room for some ten thousand records: that
 * is what a first load of ten thousand integrations logs at once. */
#define LOG_QUEUE_MAX (4 * 1024 * 1024)

/* Whole records in the order of their coming, and perhaps the rest of one. Zeroed is empty. */
struct log_queue {
	struct text held; /* no bytes: nothing is held back */
	size_t start;     /* of the oldest record, in it */
};

struct log_entry {
	const char *bytes; /* borrowed until the queue is changed */
	size_t length;
	bool is_datagram;
};

/* False if there is no room. */
bool log_queue_add(struct log_queue *queue, const char *bytes, size_t length, bool is_datagram);

/* The oldest; false if there is none. */
bool log_queue_first(const struct log_queue *queue, struct log_entry *entry);

/* Drop `count` bytes of the oldest; the entry goes when none are left, the memory with the last. */
void log_queue_consume(struct log_queue *queue, size_t count);

#endif
