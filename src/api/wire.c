/* SPDX-License-Identifier: MIT */
/* The trailing slash is part of each path: without it the server answers with a redirect, which is
 * never followed.
 *
 * Going out, the body of a PUT is written straight into a text: there is one for each changed
 * integration, and it holds secrets, of which no library may keep copies.
 *
 * Coming in, nothing is trusted: json-c parses strictly and to a limited depth, and what it lets
 * through all the same (NUL, overlong UTF-8) is refused first. The answers of 200 are documented as
 * "any JSON", so they are searched for what we know by name, at the top or one object further in;
 * what is missing, of another type, or there twice is unknown, never guessed. */
#include "api/wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/wire_internal.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "base/redactor.h"
#include "cron/cron.h"

#define PARSED_MAX (1024 * 1024) /* bytes */

const char *wire_path_update(int64_t id, char path[WIRE_PATH_MAX])
{
	(void)snprintf(path, WIRE_PATH_MAX, WIRE_PATH_LIST "mode/%" PRId64 "/", id);
	return path;
}

const char *wire_path_sync(int64_t id, char path[WIRE_PATH_MAX])
{
	(void)snprintf(path, WIRE_PATH_MAX, WIRE_PATH_LIST "%" PRId64 "/sync/", id);
	return path;
}

static size_t length_of(const char *string)
{
	return string != NULL ? strlen(string) : 0;
}

/* Make room for the whole body at once: a text that grows leaves copies of the secrets behind. */
static void reserve(struct text *out, const struct spec_integration *integration)
{
	const struct spec_value *value = &integration->value;
	size_t escaped = 6 * (length_of(value->indexing_cron) + length_of(value->name) +
	                      length_of(value->workspace) + strlen(integration->token) +
	                      strlen(integration->password));
	size_t frame = 128; /* the names and the punctuation */

	out->bytes = mem_grow(out->bytes, &out->capacity, out->length + escaped + frame, 1);
}

void wire_put_body(const struct spec_integration *integration, struct text *out)
{
	const struct spec_value *value = &integration->value;

	assert(integration->token != NULL && integration->password != NULL);
	reserve(out, integration);
	json_out_open_object(out, NULL);
	json_out_string(out, "indexing_cron", value->indexing_cron);
	if (value->name != NULL)
		json_out_string(out, "name", value->name);
	if (value->workspace != NULL)
		json_out_string(out, "workspace", value->workspace);
	json_out_string(out, "token", integration->token);
	json_out_string(out, "password", integration->password);
	json_out_close_object(out);
}

static struct json_object *run(struct json_tokener *tokener, const char *bytes, size_t length,
                               enum json_tokener_error *error)
{
	struct json_object *object = json_tokener_parse_ex(tokener, bytes, (int)length);

	*error = json_tokener_get_error(tokener);
	if (*error == json_tokener_continue) {
		/* A number or a literal ends only where something follows it. */
		object = json_tokener_parse_ex(tokener, "", 1);
		if (json_tokener_get_error(tokener) == json_tokener_success)
			*error = json_tokener_success;
	}
	json_tokener_reset(tokener); /* or it would keep what it has read until the next answer */
	return object;
}

static bool is_ascii(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)bytes[i] >= 0x80)
			return false;
	}
	return true;
}

/* Every character beyond ASCII as the escape that means it: in its strict mode json-c 0.18 takes
 * none as it is. A backslash before such a character stays the fault that it is. */
static void add_ascii(struct text *out, const char *bytes, size_t length)
{
	bool escaping = false;

	for (size_t i = 0; i < length;) {
		unsigned char byte = (unsigned char)bytes[i++];
		uint32_t point;

		if (byte < 0x80) {
			text_add_char(out, (char)byte);
			escaping = byte == '\\' && !escaping;
			continue;
		}
		if (escaping)
			text_add_char(out, '?');
		escaping = false;
		point = byte & (byte < 0xe0 ? 0x1fu : byte < 0xf0 ? 0x0fu : 0x07u);
		while (i < length && ((unsigned char)bytes[i] & 0xc0) == 0x80)
			point = point << 6 | ((unsigned char)bytes[i++] & 0x3f);
		if (point < 0x10000)
			text_printf(out, "\\u%04x", point);
		else
			text_printf(out, "\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10),
			            0xdc00 + ((point - 0x10000) & 0x3ff));
	}
}

/* glibc's manual, "Standard Streams": stderr is a variable. The stream that nobody reads needs no
 * memory while it stands there. */
void wire_draw_seed(void)
{
#ifdef __GLIBC__
	struct json_object *table = json_object_new_object();
	char said[256];
	FILE *sink = fmemopen(said, sizeof(said), "w");
	FILE *usual = stderr;

	if (sink != NULL) {
		setbuf(sink, NULL);
		stderr = sink;
		(void)json_object_object_get_ex(table, "", NULL);
		stderr = usual;
		(void)fclose(sink);
	}
	json_object_put(table);
#endif
}

struct json_tokener *wire_tokener_new(void)
{
	struct json_tokener *tokener = json_tokener_new_ex(WIRE_DEPTH_MAX);

	if (tokener == NULL)
		abort();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	return tokener;
}

void wire_tokener_free(struct json_tokener *tokener)
{
	if (tokener != NULL)
		json_tokener_free(tokener);
}

/* The byte order mark, which some servers begin with. */
static size_t mark_length(const char *bytes, size_t length)
{
	return length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

struct json_object *wire_parse_with(struct json_tokener *tokener, const char *bytes, size_t length,
                                    enum json_tokener_error *error)
{
	size_t mark = mark_length(bytes, length);
	struct json_object *object;
	struct text ascii = {0};

	*error = json_tokener_error_parse_unexpected;
	if (length > PARSED_MAX || memchr(bytes, '\0', length) != NULL ||
	    text_utf8_error(bytes, length) != length)
		return NULL;
	if (is_ascii(bytes, length))
		return run(tokener, bytes, length, error);
	text_add_bytes(&ascii, "", 0);
	add_ascii(&ascii, bytes + mark, length - mark);
	object = run(tokener, ascii.bytes, ascii.length, error);
	mem_wipe(ascii.bytes, ascii.length); /* an error may echo secrets */
	text_clear(&ascii);
	return object;
}

struct json_object *wire_parse(const char *bytes, size_t length, enum json_tokener_error *error)
{
	struct json_tokener *tokener = wire_tokener_new();
	struct json_object *object = wire_parse_with(tokener, bytes, length, error);

	wire_tokener_free(tokener);
	return object;
}

/* A copy of a string that C can hold, or NULL. */
static char *copy_string(struct json_object *value)
{
	const char *string;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	string = json_object_get_string(value);
	if (strlen(string) != (size_t)json_object_get_string_len(value))
		return NULL;
	return mem_dup(string);
}

bool wire_is_one_of(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* Is an inner object about the integration itself, rather than, say, about who made it? */
static bool is_config(const char *name, struct json_object *inner)
{
	static const char *const names[] = {"attributes",         "config",      "data",
	                                    "data_source",        "integration", "settings",
	                                    "data_source_config", NULL};

	return json_object_is_type(inner, json_type_object) &&
	       (wire_is_one_of(name, names) ||
	        json_object_object_get_ex(inner, "indexing_cron", NULL));
}

/* Look for a member of an object, or else of the objects right in it. False if it is not there, or
 * if it is not known which one is meant. */
static bool dig(struct json_object *object, const char *key, struct json_object **value)
{
	size_t found = 0;

	if (json_object_object_get_ex(object, key, value))
		return true;
	json_object_object_foreach(object, name, inner)
	{
		if (is_config(name, inner) && json_object_object_get_ex(inner, key, value))
			found++;
	}
	return found == 1;
}

static char *dig_string(struct json_object *object, const char *key)
{
	struct json_object *value;

	return dig(object, key, &value) ? copy_string(value) : NULL;
}

static enum wire_known dig_cron(struct json_object *object, char **indexing_cron)
{
	struct json_object *value;

	if (!dig(object, "indexing_cron", &value))
		return WIRE_UNKNOWN;
	if (value == NULL)
		return WIRE_NONE;
	*indexing_cron = copy_string(value);
	return *indexing_cron != NULL ? WIRE_GIVEN : WIRE_UNKNOWN;
}

/* Whether something is said by a member: neither null nor empty. */
static bool says_something(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		return false;
	if (json_object_is_type(value, json_type_array))
		return json_object_array_length(value) > 0;
	if (json_object_is_type(value, json_type_object))
		return json_object_object_length(value) > 0;
	return value != NULL && json_object_get_boolean(value);
}

static bool is_error(struct json_object *root)
{
	struct json_object *success;

	return says_something(root, "detail") || says_something(root, "error") ||
	       (json_object_object_get_ex(root, "success", &success) &&
	        json_object_is_type(success, json_type_boolean) &&
	        !json_object_get_boolean(success));
}

size_t wire_skip_space(const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length && bytes[at] != '\0' && strchr(" \t\r\n", bytes[at]) != NULL)
		at++;
	return at;
}

enum wire_body wire_parse_answer(struct json_tokener *tokener, const char *body, size_t length,
                                 enum wire_known *known, char **indexing_cron)
{
	enum json_tokener_error error;
	struct json_object *root = wire_parse_with(tokener, body, length, &error);
	enum wire_body kind = WIRE_BODY_FINE;

	*known = WIRE_UNKNOWN;
	*indexing_cron = NULL;
	if (error != json_tokener_success)
		kind = wire_skip_space(body, length) == length ? WIRE_BODY_FINE : WIRE_BODY_OTHER;
	else if (json_object_is_type(root, json_type_object) && is_error(root))
		kind = WIRE_BODY_ERROR;
	else if (json_object_is_type(root, json_type_object))
		*known = dig_cron(root, indexing_cron);
	json_object_put(root);
	return kind;
}

static bool read_int(struct json_object *value, int64_t *number)
{
	if (json_object_is_type(value, json_type_string)) {
		char *string = copy_string(value);
		bool valid = string != NULL && text_to_int(string, 1, INT64_MAX, number);

		free(string);
		return valid;
	}
	if (!json_object_is_type(value, json_type_int))
		return false;
	*number = json_object_get_int64(value);
	/* What does not fit is saturated in silence, the unsigned reading shows it. */
	return *number >= 1 && json_object_get_uint64(value) == (uint64_t)*number;
}

bool wire_read_id(struct json_object *item, int64_t *id)
{
	struct json_object *value;

	if (!json_object_is_type(item, json_type_object))
		return false;
	if (json_object_object_get_ex(item, "bi_datasource_id", &value) && read_int(value, id))
		return true;
	return json_object_object_get_ex(item, "id", &value) && read_int(value, id);
}

void wire_read_remote(struct json_object *item, struct wire_remote *remote)
{
	remote->type = dig_string(item, "type");
	remote->name = dig_string(item, "name");
	remote->workspace = dig_string(item, "workspace");
	remote->cron_known = dig_cron(item, &remote->indexing_cron);
}

char *wire_show(const char *bytes, size_t length, size_t limit, const struct redactor *redactor)
{
	struct text shown = {0};

	redactor_show(redactor, bytes, length, limit, &shown);
	return text_take(&shown);
}

char *wire_redact_cron(char *cron, const struct redactor *redactor)
{
	struct text text = {0};
	struct cron parsed;

	if (cron == NULL || (cron_parse(cron, &parsed, NULL) && parsed.kind != CRON_OPAQUE))
		return cron;
	redactor_apply(redactor, cron, strlen(cron), &text);
	free(cron);
	return text_take(&text);
}

bool wire_may_be_mode(const struct wire_remote *remote)
{
	const char *type = remote->type;

	if (type == NULL)
		return true;
	return strncasecmp(type, "mode", 4) == 0 && (type[4] == '\0' || strchr(" _-", type[4]));
}

void wire_remote_clear(struct wire_remote *remote)
{
	free(remote->type);
	free(remote->name);
	free(remote->workspace);
	free(remote->indexing_cron);
	*remote = (struct wire_remote){.id = remote->id};
}

void wire_remotes_clear(struct wire_remotes *remotes)
{
	for (size_t i = 0; i < remotes->count; i++)
		wire_remote_clear(&remotes->items[i]);
	free(remotes->items);
	*remotes = (struct wire_remotes){0};
}
