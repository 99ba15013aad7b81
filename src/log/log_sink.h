/* SPDX-License-Identifier: MIT */
/* Part of log: where bytes go, and the bounded queue of what is not taken yet. */
#ifndef LOG_SINK_H
#define LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "log/log_format.h"

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
