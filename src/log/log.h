/* SPDX-License-Identifier: MIT */
/* Records: to the journal natively, to stderr as text, or as JSON, one a line. Never blocks. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syslog.h>

#include "base/text.h"
#include "log/event.h"

enum log_form {
	LOG_FORM_AUTO, /* the journal if stderr is it ($JOURNAL_STREAM, systemd.exec(5)), else text
	                */
	LOG_FORM_TEXT,
	LOG_FORM_JSON,
	LOG_FORM_JOURNAL,
};

/* Open the sinks; `level` is the least urgent that is written. */
void log_open(enum log_form form, int level);

/* The same with another descriptor (not closed) than stderr and another socket of the journal. */
void log_open_at(enum log_form form, int level, int fd, const char *journal_path);

/* Call back before anything is written to the stream: what a terminal shows of something else has
 * to go first. NULL: do not. */
void log_set_before(void (*before)(void *data), void *data);

void log_set_level(int level);
bool log_is_on(int level);

/* Write a record. Foreign text in it is redacted and escaped already; a message's control bytes are
 * escaped once more all the same, other values are written as they are. */
void log_write(const struct log_record *record);

/* Write one whose message, unset in `record`, is this text, which is cleared; or is formatted. */
void log_text(struct log_record *record, struct text *message);
void log_printf(const struct log_record *record, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Write one of nothing else; `level` 0: the event's own. */
#define log_event(event_, level_, ...) \
	log_printf(&(const struct log_record){.event = (event_), .level = (level_)}, __VA_ARGS__)

#define log_debug(...) log_event(EVENT_NONE, LOG_DEBUG, __VA_ARGS__)

/* Write what a full pipe or socket held back, and report once how many records were dropped; the
 * daemon calls it from a timer. True while something is still held back. */
bool log_flush(void);

/* From here on (true) lines for standard error are not written one by one but by log_flush(), which
 * the loop then has to call before each sleep, or when they are many. */
void log_gather(bool gathers);

/* How many records were dropped so far. */
uint64_t log_dropped(void);

/* Wait up to `wait_ms` for what is held back, then close; later records go to stderr as text. */
void log_close(int wait_ms);

#endif
