/* SPDX-License-Identifier: MIT */
/* Sentences begin with the key as the operator knows it, "api.url: ". */
#include "config/reader.h"

#include <stdarg.h>

#include "base/text.h"

void reader_report(const struct reader *reader, const struct reader_setting *setting,
                   const struct fault_place *place, const char *sentence)
{
	const struct tree_node *node = &reader->tree->nodes[setting->node];
	bool has_text =
		node->kind != TREE_GROUP && node->kind != TREE_LIST && node->kind != TREE_ARRAY;

	if (has_text && node->apart)
		sentence = "this value is not valid; write it on the line of its key to see why";
	faults_add(reader->faults, FAULT_ERROR, place, "%s%s: %s", setting->group->prefix,
	           setting->field->key, sentence);
}

void reader_complain(const struct reader *reader, const struct reader_setting *setting,
                     const char *format, ...)
{
	struct fault_place place = tree_value_place(reader->tree, setting->node);
	struct text sentence = {0};
	va_list arguments;

	va_start(arguments, format);
	text_vprintf(&sentence, format, arguments);
	va_end(arguments);
	reader_report(reader, setting, &place, sentence.bytes);
	text_clear(&sentence);
}

void reader_warn(const struct reader *reader, const struct reader_setting *setting,
                 const char *subject, const char *predicate)
{
	struct fault_place place = tree_value_place(reader->tree, setting->node);

	if (predicate != NULL)
		faults_add(reader->faults, FAULT_WARNING, &place, "%s%s: %s%s",
		           setting->group->prefix, setting->field->key, subject, predicate);
}
