/* SPDX-License-Identifier: MIT */
/* Documents are written between two iterations of the event loop, up to 100,000 integrations of
 * them; json-c would first build a tree, of several times their size. So each value goes straight
 * into the text. Whether a comma is due is seen from the last byte: no value ends in one of the
 * bytes that stand before a first value. */
#include "base/json_out.h"

static void add_comma(struct text *out)
{
	char last = out->length > 0 ? out->bytes[out->length - 1] : '\n';

	if (last != '{' && last != '[' && last != ',' && last != '\n')
		text_add_char(out, ',');
}

static void start(struct text *out, const char *key)
{
	add_comma(out);
	if (key == NULL)
		return;
	text_add_char(out, '"');
	text_add(out, key);
	text_add_bytes(out, "\":", 2);
}

void json_out_open_object(struct text *out, const char *key)
{
	start(out, key);
	text_add_char(out, '{');
}

void json_out_close_object(struct text *out)
{
	text_add_char(out, '}');
}

void json_out_open_array(struct text *out, const char *key)
{
	start(out, key);
	text_add_char(out, '[');
}

void json_out_close_array(struct text *out)
{
	text_add_char(out, ']');
}

void json_out_bytes(struct text *out, const char *key, const char *bytes, size_t length)
{
	start(out, key);
	text_add_char(out, '"');
	text_add_json(out, bytes, length);
	text_add_char(out, '"');
}

void json_out_string(struct text *out, const char *key, const char *value)
{
	if (value == NULL)
		json_out_null(out, key);
	else
		json_out_bytes(out, key, value, strlen(value));
}

void json_out_int(struct text *out, const char *key, int64_t value)
{
	start(out, key);
	text_add_int(out, value);
}

void json_out_bool(struct text *out, const char *key, bool value)
{
	start(out, key);
	text_add(out, value ? "true" : "false");
}

void json_out_null(struct text *out, const char *key)
{
	start(out, key);
	text_add_bytes(out, "null", 4);
}

void json_out_int_or_null(struct text *out, const char *key, int64_t value, bool is_there)
{
	if (is_there)
		json_out_int(out, key, value);
	else
		json_out_null(out, key);
}

void json_out_line(struct text *out)
{
	add_comma(out);
	text_add_char(out, '\n');
}
