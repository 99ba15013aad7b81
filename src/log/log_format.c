/* SPDX-License-Identifier: MIT */
/* A record is walked along one table of fields, whatever the form, so that JSON and the journal
 * cannot drift apart. What does not apply to a record is zero in it and is left out. The message
 * is one line in all forms, whatever came in; other values are written as they are, since both
 * forms can hold any byte. */
#include "log/log_internal.h"

#include <endian.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "base/json_out.h"

#define STAMP_MAX 32

enum kind {
	KIND_STRING,
	KIND_NUMBER,
	KIND_SECONDS, /* milliseconds, written as seconds */
};

struct field {
	const char *name;
	enum kind kind;
	size_t offset; /* in struct log_record */
};

#define FIELD(name_, kind_, member)                                                             \
	{                                                                                       \
		.name = (name_), .kind = (kind_), .offset = offsetof(struct log_record, member) \
	}

static const struct field fields[] = {
	FIELD("DFMODE_INTEGRATION_ID", KIND_NUMBER, integration_id),
	FIELD("DFMODE_INTEGRATION_NAME", KIND_STRING, integration_name),
	FIELD("DFMODE_CRON", KIND_STRING, cron),
	FIELD("DFMODE_CRON_OLD", KIND_STRING, cron_old),
	FIELD("DFMODE_GENERATION", KIND_NUMBER, generation),
	FIELD("DFMODE_ATTEMPT", KIND_NUMBER, attempt),
	FIELD("DFMODE_HTTP_STATUS", KIND_NUMBER, http_status),
	FIELD("DFMODE_CURL_CODE", KIND_NUMBER, curl_code),
	FIELD("DFMODE_RETRY_SEC", KIND_SECONDS, retry_ms),
	FIELD("DFMODE_FIELD", KIND_STRING, field),
	FIELD("DFMODE_REASON", KIND_STRING, reason),
	FIELD("DFMODE_ERROR_TYPE", KIND_STRING, error_type),
	FIELD("CONFIG_FILE", KIND_STRING, config_file),
	FIELD("CONFIG_LINE", KIND_NUMBER, config_line),
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

int log_record_level(const struct log_record *record)
{
	return record->level > 0 ? record->level : event_info(record->event)->level;
}

static const char *string_of(const struct field *field, const struct log_record *record)
{
	return *(const char *const *)(const void *)((const char *)record + field->offset);
}

static uint64_t number_of(const struct field *field, const struct log_record *record)
{
	return *(const uint64_t *)(const void *)((const char *)record + field->offset);
}

static bool applies(const struct field *field, const struct log_record *record)
{
	if (field->kind == KIND_STRING)
		return string_of(field, record) != NULL;
	return number_of(field, record) != 0;
}

/* Seconds with up to three decimals and no zeros at the end: "130", "0.25". */
static void add_seconds(struct text *out, int64_t ms)
{
	int64_t rest = ms % 1000;

	text_add_int(out, ms / 1000);
	if (rest <= 0)
		return;
	text_printf(out, ".%03d", (int)rest);
	while (out->bytes[out->length - 1] == '0')
		text_truncate(out, out->length - 1);
}

static void add_number(struct text *out, const struct field *field, uint64_t number)
{
	if (field->kind == KIND_SECONDS)
		add_seconds(out, (int64_t)number);
	else if (number > INT64_MAX)
		text_printf(out, "%" PRIu64, number);
	else
		text_add_int(out, (int64_t)number);
}

static void add_message(struct text *out, const char *message)
{
	text_escape(out, message, strlen(message), LOG_MESSAGE_MAX);
}

static void add_stamp(struct text *out, enum log_stamp stamp, int64_t now_us)
{
	char string[STAMP_MAX];
	time_t now = (time_t)(now_us / 1000000);
	struct tm tm;

	if (stamp == LOG_STAMP_NONE || localtime_r(&now, &tm) == NULL)
		return;
	(void)strftime(string, sizeof(string),
	               stamp == LOG_STAMP_CLOCK ? "%H:%M:%S " : "%Y-%m-%d %H:%M:%S ", &tm);
	text_add(out, string);
}

void log_format_text(const struct log_record *record, enum log_stamp stamp, int64_t now_us,
                     struct text *out)
{
	int level = log_record_level(record);

	add_stamp(out, stamp, now_us);
	if (level <= LOG_ERR)
		text_add(out, "error: ");
	else if (level == LOG_WARNING)
		text_add(out, "warning: ");
	else if (level >= LOG_DEBUG)
		text_add(out, "debug: ");
	add_message(out, record->message);
	text_add_char(out, '\n');
}

static void add_json_field(struct text *out, const struct field *field,
                           const struct log_record *record)
{
	if (field->kind == KIND_STRING) {
		json_out_string(out, field->name, string_of(field, record));
		return;
	}
	text_add(out, ",\"");
	text_add(out, field->name);
	text_add(out, "\":");
	add_number(out, field, number_of(field, record));
}

void log_format_json(const struct log_record *record, int64_t now_us, struct text *out)
{
	const struct event_info *event = event_info(record->event);
	struct text message = {0};

	add_message(&message, record->message);
	text_add(out, "{\"__REALTIME_TIMESTAMP\":\"");
	text_add_int(out, now_us);
	text_add(out, "\",\"PRIORITY\":");
	text_add_int(out, log_record_level(record));
	json_out_bytes(out, "MESSAGE", message.bytes, message.length);
	if (record->event != EVENT_NONE) {
		json_out_string(out, "MESSAGE_ID", event->message_id);
		json_out_string(out, "DFMODE_EVENT", event->name);
	}
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (applies(&fields[i], record))
			add_json_field(out, &fields[i], record);
	}
	text_add(out, "}\n");
	text_clear(&message);
}

static void add_journal_string(struct text *out, const char *name, const char *value)
{
	size_t length = strlen(value);

	text_add(out, name);
	if (memchr(value, '\n', length) == NULL) {
		text_add_char(out, '=');
	} else {
		uint64_t size = htole64(length);

		text_add_char(out, '\n');
		text_add_bytes(out, &size, sizeof(size));
	}
	text_add_bytes(out, value, length);
	text_add_char(out, '\n');
}

static void add_journal_field(struct text *out, const struct field *field,
                              const struct log_record *record)
{
	if (field->kind == KIND_STRING) {
		add_journal_string(out, field->name, string_of(field, record));
		return;
	}
	text_add(out, field->name);
	text_add_char(out, '=');
	add_number(out, field, number_of(field, record));
	text_add_char(out, '\n');
}

void log_format_journal(const struct log_record *record, struct text *out)
{
	const struct event_info *event = event_info(record->event);

	text_add(out, "SYSLOG_IDENTIFIER=dfmode-sync\nPRIORITY=");
	text_add_int(out, log_record_level(record));
	text_add(out, "\nMESSAGE=");
	add_message(out, record->message);
	text_add_char(out, '\n');
	if (record->event != EVENT_NONE) {
		add_journal_string(out, "MESSAGE_ID", event->message_id);
		add_journal_string(out, "DFMODE_EVENT", event->name);
	}
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (applies(&fields[i], record))
			add_journal_field(out, &fields[i], record);
	}
}
