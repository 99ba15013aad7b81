/* SPDX-License-Identifier: MIT */
/* Part of log: the bounded queue of what could not be written yet. */
#ifndef LOG_QUEUE_H
#define LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes held back; a record that is larger is never held. Room for some ten thousand records: that
 * is what a first load of ten thousand integrations logs at once. */
#define LOG_QUEUE_MAX (4 * 1024 * 1024)

/* Whole records in the order of their coming, and perhaps the rest of one. Zeroed is empty. */
struct log_queue {
	char *bytes; /* owned; NULL until something is held back */
	size_t capacity;
	size_t start;
	size_t end;
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

/* Drop `count` bytes of the oldest; the entry goes when none are left. */
void log_queue_consume(struct log_queue *queue, size_t count);

void log_queue_clear(struct log_queue *queue);

#endif
