/* SPDX-License-Identifier: MIT */
/* Sentences begin with the key as the operator knows it, "api.url: ". */
#include "config/reader.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void reader_report(const struct reader *reader, const struct keys_group *group, size_t row,
                   uint32_t node, const struct fault_place *place, const char *sentence)
{
	enum tree_kind kind = reader->tree->nodes[node].kind;
	bool has_text = kind != TREE_GROUP && kind != TREE_LIST && kind != TREE_ARRAY;

	if (has_text && reader->tree->nodes[node].apart)
		sentence = "this value is not valid; write it on the line of its key to see why";
	faults_add(reader->faults, FAULT_ERROR, place, "%s%s: %s", group->prefix,
	           group->fields[row].key, sentence);
}

void reader_complain(const struct reader *reader, const struct keys_group *group, size_t row,
                     uint32_t node, const char *format, ...)
{
	struct fault_place place = tree_value_place(reader->tree, node);
	struct text sentence = {0};
	va_list arguments;

	va_start(arguments, format);
	text_vprintf(&sentence, format, arguments);
	va_end(arguments);
	reader_report(reader, group, row, node, &place, sentence.bytes);
	text_clear(&sentence);
}
