/* SPDX-License-Identifier: MIT */
/* A server that refuses says why, in more shapes than it documents: FastAPI's list of entries, one
 * string, one object, a list of strings. Only loc, msg and type
 * are looked at, since the rest echoes the request with its secrets. What is kept is redacted
 * first, escaped next and cut last: half a secret would not be recognised.
 *
 * A body that was cut off, or that nests too deeply, is closed behind its last whole member and
 * read again, so that what stands before an endless echo is not lost. Where nothing is left,
 * one entry says what kind of nothing it was (wire_plain). */
#include "api/wire_details.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/wire_internal.h"
#include "base/mem.h"
#include "base/redactor.h"

struct reader {
	struct wire_details *details;
	const struct redactor *redactor;
};

static char *show(const struct reader *reader, const char *bytes, size_t length)
{
	return wire_show(bytes, length, WIRE_TEXT_MAX, reader->redactor);
}

static char *show_string(const struct reader *reader, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return mem_dup("");
	return show(reader, json_object_get_string(value),
	            (size_t)json_object_get_string_len(value));
}

/* The part of an integration that a name is; SPEC_ID if it is none. */
static enum spec_field recognise(const char *name, size_t length)
{
	for (enum spec_field field = SPEC_ID + 1; field < SPEC_FIELD_COUNT; field++) {
		const char *known = spec_field_name(field);

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return field;
	}
	return SPEC_ID;
}

/* The last part of a dotted path that is one. */
static enum spec_field recognise_path(const struct text *path)
{
	enum spec_field about = SPEC_ID;

	for (size_t at = 0, end; at < path->length; at = end + 1) {
		const char *dot = memchr(path->bytes + at, '.', path->length - at);
		enum spec_field field;

		end = dot != NULL ? (size_t)(dot - path->bytes) : path->length;
		field = recognise(path->bytes + at, end - at);
		about = field != SPEC_ID ? field : about;
	}
	return about;
}

/* Append one part of a loc. The parser has limited how deep lists go. */
static void add_part(struct json_object *part, struct text *path)
{
	const char *string;
	size_t length;

	if (json_object_is_type(part, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(part); i++)
			add_part(json_object_array_get_idx(part, i), path);
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
}

static void add_detail(const struct reader *reader, struct json_object *loc,
                       struct json_object *msg, struct json_object *type)
{
	struct wire_details *details = reader->details;
	struct wire_detail *detail = &details->items[details->count];
	struct text path = {0};

	if (details->count == WIRE_DETAILS_MAX) {
		details->more++;
		return;
	}
	details->count++;
	add_part(loc, &path);
	detail->about = recognise_path(&path);
	detail->field = show(reader, path.length > 0 ? path.bytes : "", path.length);
	detail->reason = show_string(reader, msg);
	detail->type = show_string(reader, type);
	text_clear(&path);
	if (*detail->reason == '\0') {
		free(detail->reason);
		detail->reason = mem_dup("no reason given");
	}
}

static struct json_object *get_string(struct json_object *object, const char *key)
{
	struct json_object *value = json_object_object_get(object, key);

	return json_object_is_type(value, json_type_string) ? value : NULL;
}

static struct json_object *get_reason(struct json_object *object)
{
	static const char *const keys[] = {"msg",    "message",     "error", "detail",
	                                   "reason", "description", "title", NULL};
	struct json_object *reason = NULL;

	for (size_t i = 0; keys[i] != NULL && reason == NULL; i++)
		reason = get_string(object, keys[i]);
	return reason;
}

/* What an entry is about, as a new reference. A JSON pointer ("#/indexing_cron", RFC 6901) becomes
 * a dotted path. */
static struct json_object *get_location(struct json_object *object)
{
	static const char *const keys[] = {"pointer", "field", "property", "param", "path", NULL};
	struct json_object *source = json_object_object_get(object, "source");
	struct json_object *location = json_object_object_get(object, "loc");
	struct text path = {0};

	if (location != NULL)
		return json_object_get(location);
	for (size_t i = 0; keys[i] != NULL && location == NULL; i++)
		location = get_string(object, keys[i]);
	if (location == NULL && json_object_is_type(source, json_type_object))
		location = get_string(source, "pointer");
	if (location == NULL)
		return NULL;
	for (const char *byte = json_object_get_string(location); *byte != '\0'; byte++) {
		if (*byte != '#' && *byte != '/')
			text_add_char(&path, *byte);
		else if (path.length > 0)
			text_add_char(&path, '.');
	}
	location = json_object_new_string_len(path.length > 0 ? path.bytes : "", (int)path.length);
	text_clear(&path);
	return location;
}

/* Read the complaints of a map about one field: a list of texts, or a text where that cannot be an
 * echo of what was sent. */
static void read_field(const struct reader *reader, const char *name, struct json_object *value,
                       bool may_be_echo)
{
	struct json_object *loc = json_object_new_string(name);

	if (!may_be_echo && json_object_is_type(value, json_type_string))
		add_detail(reader, loc, value, NULL);
	for (size_t i = 0;
	     json_object_is_type(value, json_type_array) && i < json_object_array_length(value);
	     i++) {
		struct json_object *item = json_object_array_get_idx(value, i);

		if (json_object_is_type(item, json_type_string))
			add_detail(reader, loc, item, NULL);
		else if (json_object_is_type(item, json_type_object) && get_reason(item) != NULL)
			add_detail(reader, loc, get_reason(item), NULL);
	}
	json_object_put(loc);
}

static void read_fields(const struct reader *reader, struct json_object *object, bool may_be_echo)
{
	json_object_object_foreach(object, name, value)
	{
		if (recognise(name, strlen(name)) != SPEC_ID ||
		    strcmp(name, "non_field_errors") == 0)
			read_field(reader, name, value, may_be_echo);
	}
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
	loc = get_location(value);
	msg = get_reason(value);
	type = get_string(value, "type");
	if (loc != NULL || msg != NULL || type != NULL)
		add_detail(reader, loc, msg, type);
	json_object_put(loc);
}

static void read_values(const struct reader *reader, struct json_object *values)
{
	size_t before = reader->details->count;

	if (!json_object_is_type(values, json_type_array)) {
		read_value(reader, values);
		if (reader->details->count == before &&
		    json_object_is_type(values, json_type_object))
			read_fields(reader, values, false);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(values); i++)
		read_value(reader, json_object_array_get_idx(values, i));
}

/* A problem's `errors` (RFC 9457) say more than the one `detail` beside them. */
static void read_root(const struct reader *reader, struct json_object *root)
{
	struct json_object *detail;

	if (!json_object_is_type(root, json_type_object)) {
		read_values(reader, root);
		return;
	}
	detail = json_object_object_get(root, "detail");
	if (!json_object_is_type(detail, json_type_string))
		read_values(reader, detail);
	if (reader->details->count == 0)
		read_values(reader, json_object_object_get(root, "errors"));
	if (reader->details->count == 0)
		read_values(reader, detail);
	if (reader->details->count == 0)
		read_fields(reader, root, true);
	if (reader->details->count == 0)
		read_value(reader, root);
	if (reader->details->count == 0)
		read_values(reader, json_object_object_get(root, "error"));
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

/* The length without a character that the end of the body cut in two. */
static size_t whole_characters(const char *body, size_t length)
{
	size_t valid = text_utf8_error(body, length);

	return length - valid < 4 ? valid : length;
}

/* The only entry, where the body says nothing itself. */
static void explain(const struct reader *reader, const struct wire_answer *answer,
                    enum json_tokener_error error)
{
	struct wire_detail *detail = &reader->details->items[reader->details->count++];

	detail->field = mem_dup("");
	detail->type = mem_dup("");
	detail->about = SPEC_ID;
	detail->reason =
		wire_plain_reason(answer, error, reader->redactor, &reader->details->is_page);
}

static void read_json(const struct reader *reader, const struct wire_answer *answer,
                      enum json_tokener_error *error)
{
	size_t length = whole_characters(answer->bytes, answer->length);
	struct json_object *root = wire_parse(answer->bytes, length, error);

	if (*error == json_tokener_continue || *error == json_tokener_error_depth) {
		root = parse_part(answer->bytes, length);
		read_root(reader, root);
		reader->details->more += reader->details->count > 0;
	} else {
		read_root(reader, root);
	}
	json_object_put(root);
}

void wire_details_parse(const struct wire_answer *answer, const struct redactor *redactor,
                        struct wire_details *details)
{
	struct reader reader = {.details = details, .redactor = redactor};
	enum json_tokener_error error;

	*details = (struct wire_details){0};
	read_json(&reader, answer, &error);
	if (details->count == 0)
		explain(&reader, answer, error);
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
