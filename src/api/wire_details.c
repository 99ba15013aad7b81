/* SPDX-License-Identifier: MIT */
/* A server that refuses says why, in more shapes than it documents: FastAPI's list of entries, one
 * string, one object, a list of strings, a proxy's page of HTML, nothing. Only loc, msg and type
 * are looked at, since the rest echoes the request with its secrets. What is kept is redacted
 * first, escaped next and cut last: half a secret would not be recognised.
 *
 * A body that was cut off, or that nests too deeply, is closed behind its last whole member and
 * read again, so that what stands before an endless echo is not lost. Where nothing is left to
 * tell, one entry says what kind of nothing it was. */
#include "api/wire.h"

#include <stdlib.h>
#include <string.h>

#include "api/wire_internal.h"
#include "base/mem.h"
#include "base/redactor.h"

#define CONTENT_TYPE_MAX 64 /* bytes that are shown */

struct reader {
	struct wire_details *details;
	const struct redactor *redactor;
};

static char *show(const struct reader *reader, const char *bytes, size_t length, size_t limit)
{
	struct text redacted = {0}, shown = {0};

	redactor_apply(reader->redactor, bytes, length, &redacted);
	if (redacted.length > 0)
		text_escape(&shown, redacted.bytes, redacted.length, limit);
	text_clear(&redacted);
	return text_take(&shown);
}

static char *show_string(const struct reader *reader, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return mem_dup("");
	return show(reader, json_object_get_string(value),
	            (size_t)json_object_get_string_len(value), WIRE_TEXT_MAX);
}

/* Note which part of an integration a name is, if it is one. */
static void recognise(const char *name, size_t length, enum spec_field *about)
{
	for (enum spec_field field = SPEC_ID + 1; field < SPEC_FIELD_COUNT; field++) {
		const char *known = spec_field_name(field);

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			*about = field;
	}
}

static void recognise_dotted(const char *path, size_t length, enum spec_field *about)
{
	const char *end = path + length;

	while (path <= end) {
		const char *dot = memchr(path, '.', (size_t)(end - path));
		const char *stop = dot != NULL ? dot : end;

		recognise(path, (size_t)(stop - path), about);
		path = stop + 1;
	}
}

/* Append one part of a loc. The parser has limited how deep lists go. */
static void add_part(struct json_object *part, struct text *path, enum spec_field *about)
{
	const char *string;
	size_t length;

	if (json_object_is_type(part, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(part); i++)
			add_part(json_object_array_get_idx(part, i), path, about);
		return;
	}
	if (!json_object_is_type(part, json_type_string) &&
	    !json_object_is_type(part, json_type_int))
		return;
	if (path->length > 0)
		text_add_char(path, '.');
	string = json_object_get_string(part);
	length = json_object_is_type(part, json_type_string)
	                 ? (size_t)json_object_get_string_len(part)
	                 : strlen(string);
	text_add_bytes(path, string, length);
	recognise_dotted(string, length, about);
}

/* The next free entry; NULL, and counted, if there is none. */
static struct wire_detail *next_detail(struct wire_details *details)
{
	if (details->count < WIRE_DETAILS_MAX)
		return &details->items[details->count++];
	details->more++;
	return NULL;
}

static void add_detail(const struct reader *reader, struct json_object *loc,
                       struct json_object *msg, struct json_object *type)
{
	struct wire_detail *detail = next_detail(reader->details);
	struct text path = {0};

	if (detail == NULL)
		return;
	detail->about = SPEC_ID;
	add_part(loc, &path, &detail->about);
	detail->field = show(reader, path.length > 0 ? path.bytes : "", path.length, WIRE_TEXT_MAX);
	detail->reason = show_string(reader, msg);
	detail->type = show_string(reader, type);
	text_clear(&path);
	if (*detail->reason == '\0') {
		free(detail->reason);
		detail->reason = mem_dup("no reason given");
	}
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? value : NULL;
}

static struct json_object *get_string(struct json_object *object, const char *key)
{
	struct json_object *value = get(object, key);

	return json_object_is_type(value, json_type_string) ? value : NULL;
}

static struct json_object *get_reason(struct json_object *object)
{
	static const char *const keys[] = {"msg", "message", "error", NULL};
	struct json_object *reason = NULL;

	for (size_t i = 0; keys[i] != NULL && reason == NULL; i++)
		reason = get_string(object, keys[i]);
	return reason;
}

/* Read what stands for one complaint or, once, for a list of them. */
static void read_value(const struct reader *reader, struct json_object *value)
{
	struct json_object *loc, *msg, *type;

	if (json_object_is_type(value, json_type_string)) {
		add_detail(reader, NULL, value, NULL);
		return;
	}
	if (!json_object_is_type(value, json_type_object))
		return;
	loc = get(value, "loc");
	msg = get_reason(value);
	type = get_string(value, "type");
	if (loc != NULL || msg != NULL || type != NULL)
		add_detail(reader, loc, msg, type);
}

static void read_values(const struct reader *reader, struct json_object *values)
{
	if (!json_object_is_type(values, json_type_array)) {
		read_value(reader, values);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(values); i++)
		read_value(reader, json_object_array_get_idx(values, i));
}

static void read_root(const struct reader *reader, struct json_object *root)
{
	static const char *const keys[] = {"detail", "errors", NULL};

	if (!json_object_is_type(root, json_type_object)) {
		read_values(reader, root);
		return;
	}
	for (size_t i = 0; keys[i] != NULL && reader->details->count == 0; i++)
		read_values(reader, get(root, keys[i]));
	if (reader->details->count == 0)
		read_value(reader, root);
	if (reader->details->count == 0)
		read_values(reader, get(root, "error"));
}

/* A place at which a JSON text could be ended, by closing the brackets that are open there. */
struct scan {
	char closers[WIRE_DEPTH_MAX];
	size_t depth;
	size_t cut;
	size_t cut_depth; /* 0: there is no such place */
};

/* Step over one byte outside of strings; false where nothing more is to be had. */
static bool scan_byte(struct scan *scan, char byte, size_t at)
{
	if (byte == '{' || byte == '[') {
		if (scan->depth == WIRE_DEPTH_MAX - 2)
			return false;
		scan->closers[scan->depth++] = byte == '{' ? '}' : ']';
	} else if (byte == '}' || byte == ']') {
		if (scan->depth == 0 || scan->closers[--scan->depth] != byte)
			return false;
		scan->cut = at + 1;
		scan->cut_depth = scan->depth;
	} else if (byte == ',') {
		scan->cut = at;
		scan->cut_depth = scan->depth;
	}
	return true;
}

/* The offset behind the string that starts at `at`, or `length` if it does not end. */
static size_t skip_string(const char *bytes, size_t at, size_t length)
{
	for (at++; at < length && bytes[at] != '"'; at++) {
		if (bytes[at] == '\\')
			at++;
	}
	return at < length ? at + 1 : length;
}

/* Parse the part that is whole. NULL if there is none. */
static struct json_object *parse_part(const char *body, size_t length)
{
	struct scan scan = {0};
	enum json_tokener_error error;
	struct json_object *root;
	struct text part = {0};
	size_t at = 0;

	while (at < length && scan_byte(&scan, body[at], at))
		at = body[at] == '"' ? skip_string(body, at, length) : at + 1;
	if (scan.cut_depth == 0)
		return NULL;
	text_add_bytes(&part, body, scan.cut);
	while (scan.cut_depth > 0)
		text_add_char(&part, scan.closers[--scan.cut_depth]);
	root = wire_parse(part.bytes, part.length, &error);
	text_clear(&part);
	return root;
}

static bool is_blank(const char *body, size_t length)
{
	while (length > 0 && strchr(" \t\r\n", body[length - 1]) != NULL && body[length - 1] != 0)
		length--;
	return length == 0;
}

/* Say why there is nothing to say. */
static void add_nothing(const struct reader *reader, const char *reason, const char *content_type)
{
	struct wire_detail *detail = next_detail(reader->details);
	struct text text = {0};

	text_add(&text, reason);
	if (content_type != NULL) {
		char *shown = show(reader, content_type, strlen(content_type), CONTENT_TYPE_MAX);

		shown[strcspn(shown, "; \t")] = '\0'; /* parameters */
		if (*shown != '\0')
			text_printf(&text, " (%s)", shown);
		free(shown);
	}
	detail->field = mem_dup("");
	detail->reason = text_take(&text);
	detail->type = mem_dup("");
	detail->about = SPEC_ID;
}

static void explain(const struct reader *reader, enum json_tokener_error error, bool blank,
                    const char *content_type)
{
	if (blank)
		add_nothing(reader, "the answer has no body", NULL);
	else if (error == json_tokener_success)
		add_nothing(reader, "the answer has no detail", NULL);
	else if (error == json_tokener_continue)
		add_nothing(reader, "the answer is incomplete JSON", NULL);
	else if (error == json_tokener_error_depth)
		add_nothing(reader, "the answer is too deeply nested JSON", NULL);
	else
		add_nothing(reader, "the answer is not JSON", content_type);
}

/* The length without a character that the end of the body cut in two. */
static size_t whole_characters(const char *body, size_t length)
{
	size_t valid = text_utf8_error(body, length);

	return length - valid < 4 ? valid : length;
}

void wire_parse_details(const char *body, size_t length, const char *content_type,
                        const struct redactor *redactor, struct wire_details *details)
{
	struct reader reader = {.details = details, .redactor = redactor};
	enum json_tokener_error error;
	struct json_object *root;

	*details = (struct wire_details){0};
	length = whole_characters(body, length);
	root = wire_parse(body, length, &error);
	if (error == json_tokener_continue || error == json_tokener_error_depth) {
		root = parse_part(body, length);
		read_root(&reader, root);
		details->more += details->count > 0;
	} else {
		read_root(&reader, root);
	}
	json_object_put(root);
	if (details->count == 0)
		explain(&reader, error, is_blank(body, length), content_type);
}

void wire_details_clear(struct wire_details *details)
{
	for (size_t i = 0; i < details->count; i++) {
		free(details->items[i].field);
		free(details->items[i].reason);
		free(details->items[i].type);
	}
	*details = (struct wire_details){0};
}
