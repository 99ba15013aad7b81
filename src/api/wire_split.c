/* SPDX-License-Identifier: MIT */
/* Only brackets, commas and the ends of strings are looked at; whether an element, or the frame
 * around the lists, is good JSON is for the parser to find out, which is given each of them. So the
 * memory for a list is that of its longest element, whatever a server sends. */
#include "api/wire_internal.h"

#include <string.h>

#include "base/mem.h"

#define LIST_DEPTH_MAX 3 /* objects around a list */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Step over one byte of a string behind its opening quote. */
static void step_string(struct wire_split *split, char byte)
{
	if (split->escaping)
		split->escaping = false;
	else if (byte == '\\')
		split->escaping = true;
	else if (byte == '"')
		split->in_string = false;
}

static void add_to_name(struct wire_split *split, char byte)
{
	if (!split->in_string || split->name_length == WIRE_SPLIT_NAME_MAX)
		return;
	split->name[split->name_length++] = byte;
	split->name[split->name_length] = '\0';
}

static void open_bracket(struct wire_split *split, char byte)
{
	bool is_array = byte == '[';

	if (split->depth == WIRE_SPLIT_DEPTH_MAX) {
		split->is_broken = true;
		return;
	}
	if (is_array && split->arrays == 0 && split->depth <= LIST_DEPTH_MAX) {
		split->where = WIRE_SPLIT_LIST;
		split->awaits_element = split->awaits_separator = false;
		split->events->on_list(split->name, split->data);
	} else {
		split->arrays += is_array;
	}
	split->open[split->depth++] = byte;
}

static void close_bracket(struct wire_split *split, char byte)
{
	char opened = split->depth > 0 ? split->open[split->depth - 1] : '\0';

	if (opened != (byte == '}' ? '{' : '[')) {
		split->is_broken = true;
		return;
	}
	split->depth--;
	split->arrays -= opened == '[' && split->where == WIRE_SPLIT_FRAME;
}

static void step_frame(struct wire_split *split, char byte)
{
	if (split->frame.length == WIRE_SPLIT_FRAME_MAX) {
		split->is_broken = true;
		return;
	}
	text_add_char(&split->frame, byte);
	if (split->in_string) {
		step_string(split, byte);
		add_to_name(split, byte);
	} else if (byte == '"') {
		split->in_string = true;
		split->name_length = 0;
		split->name[0] = '\0';
	} else if (byte == '{' || byte == '[') {
		open_bracket(split, byte);
	} else if (byte == '}' || byte == ']') {
		close_bracket(split, byte);
	}
}

/* Step over what stands between two elements; false: an element begins here. */
static bool step_list(struct wire_split *split, char byte)
{
	if (is_blank(byte))
		return true;
	if (byte == ']') {
		split->is_broken = split->awaits_element;
		close_bracket(split, byte);
		split->where = WIRE_SPLIT_FRAME;
		text_add_char(&split->frame, byte);
	} else if (byte == ',') {
		split->is_broken = !split->awaits_separator;
		split->awaits_separator = false;
		split->awaits_element = true;
	} else {
		split->where = WIRE_SPLIT_ELEMENT;
		split->nested = 0;
		return false;
	}
	return true;
}

static void keep(struct wire_split *split, const char *bytes, size_t length)
{
	split->is_long = split->is_long || split->element.length + length > WIRE_SPLIT_ELEMENT_MAX;
	if (!split->is_long)
		text_add_bytes(&split->element, bytes, length);
}

static void end_element(struct wire_split *split)
{
	const char *bytes = split->is_long ? NULL : split->element.bytes;
	size_t length = split->element.length;

	split->where = WIRE_SPLIT_LIST;
	split->awaits_element = false;
	split->awaits_separator = true;
	split->is_long = false;
	split->is_broken = !split->events->on_element(bytes, length, split->data);
	mem_wipe(split->element.bytes, split->element.length);
	text_truncate(&split->element, 0);
}

/* The offset of the byte behind the element, or `length` if it goes on. */
static size_t scan_element(struct wire_split *split, const char *bytes, size_t at, size_t length)
{
	for (; at < length; at++) {
		char byte = bytes[at];

		if (split->in_string)
			step_string(split, byte);
		else if (byte == '"')
			split->in_string = true;
		else if (byte == '{' || byte == '[')
			split->nested++;
		else if (split->nested == 0 && (byte == ',' || byte == ']'))
			break;
		else if ((byte == '}' || byte == ']') && split->nested > 0)
			split->nested--;
	}
	return at;
}

void wire_split_feed(struct wire_split *split, const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length && !split->is_broken) {
		size_t end;

		if (split->where == WIRE_SPLIT_FRAME) {
			step_frame(split, bytes[at++]);
		} else if (split->where == WIRE_SPLIT_LIST) {
			at += step_list(split, bytes[at]);
		} else {
			end = scan_element(split, bytes, at, length);
			keep(split, bytes + at, end - at);
			if (end < length)
				end_element(split);
			at = end;
		}
	}
}

bool wire_split_is_whole(const struct wire_split *split)
{
	return !split->is_broken && split->depth == 0 && !split->in_string;
}

void wire_split_reset(struct wire_split *split)
{
	mem_wipe(split->element.bytes, split->element.length);
	text_clear(&split->element);
	text_clear(&split->frame);
	*split = (struct wire_split){.events = split->events, .data = split->data};
}
