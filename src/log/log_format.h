/* SPDX-License-Identifier: MIT */
/* Part of log: a record's three spellings, as bytes. Pure but for the time zone. */
#ifndef LOG_FORMAT_H
#define LOG_FORMAT_H

#include <stdint.h>

#include "base/text.h"
#include "log/log_record.h"

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

#endif
