/* SPDX-License-Identifier: MIT */
/* The tree knows where everything stands, libconfig knows what it is worth: the members of a
 * group are walked in both at once. Each finds its row in the table, or is an unknown key; each row
 * that must be there and is not is missing, unless a syntax error may have eaten it. A fault never
 * ends the walk. */
#include "config/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "config/alias.h"
#include "config/secrecy.h"

static char *name_of(const struct schema_reader *reader, uint32_t node)
{
	const struct tree_node *named = &reader->tree->nodes[node];
	return mem_dup_bytes(reader->tree->source->text + named->name, named->name_length);
}

/* unknown keys */

static const char *nearest_key(const struct keys_group *schema, const char *name)
{
	const char **words = mem_alloc(schema->count + 1, sizeof(*words));
	size_t count = 0;
	for (size_t i = 0; i < schema->count; i++)
		if (schema->fields[i].key)
			words[count++] = schema->fields[i].key;
	const char *nearest = suggest_nearest(name, words);
	free(words);
	return nearest;
}

/* The key may be right and the group wrong. */
static const struct keys_group *owner_of(const struct schema_reader *reader, const char *name)
{
	for (const struct keys_group *const *schema = reader->schemas; *schema; schema++)
		if (keys_has(*schema, name))
			return *schema;
	return NULL;
}

/* "; did you mean …?" in the words of our own keys, or nothing; the key of this group that is
 * meant, NULL if none is. */
static const char *suggest(const struct schema_reader *reader, const struct keys_group *group,
                           const char *name, struct text *out)
{
	const char *meant = nearest_key(group, name);
	const struct keys_group *owner = meant == NULL ? owner_of(reader, name) : NULL;

	if (meant == NULL && owner == NULL)
		meant = alias_find(group, name);
	if (meant != NULL) {
		text_printf(out, "; did you mean '%s'?", meant);
		return meant;
	}
	if (owner == NULL)
		name = alias_find(NULL, name);
	if (owner == NULL && name != NULL)
		owner = owner_of(reader, name);
	if (owner != NULL)
		text_printf(out, " here; did you mean '%s%s'?", owner->path, name);
	return NULL;
}

/* What it may be meant for is not missing. A name that may be a secret is not shown. */
static void report_unknown(const struct schema_reader *reader, const struct keys_group *group,
                           uint32_t node, struct schema_given *given)
{
	struct fault_place place = tree_place(reader->tree, node);
	struct text suggestion = {0};
	const char *meant = NULL;
	char *name;
	bool is_shown;

	if (reader->faults->errors >= FAULTS_MAX) { /* it is only counted */
		faults_add(reader->faults, FAULT_ERROR, &place, "unknown key");
		return;
	}
	name = name_of(reader, node);
	is_shown = secrecy_may_name(name, strlen(name));
	text_add(&suggestion, "");
	if (is_shown)
		meant = suggest(reader, group, name, &suggestion);
	faults_add(reader->faults, FAULT_ERROR, &place, "%s%s%sunknown key%s",
	           is_shown ? group->prefix : "", is_shown ? name : "", is_shown ? ": " : "",
	           suggestion.bytes);
	for (size_t i = 0; meant != NULL && i < group->count; i++) {
		if (group->fields[i].key != NULL && strcmp(group->fields[i].key, meant) == 0 &&
		    given[i].node == 0)
			given[i] = (struct schema_given){
				.node = node, .is_bad = true, .is_guess = true};
	}
	text_clear(&suggestion);
	free(name);
}

/* agreement */

static bool types_agree(enum tree_kind kind, int type)
{
	switch (kind) {
	case TREE_GROUP:
		return type == CONFIG_TYPE_GROUP;
	case TREE_LIST:
		return type == CONFIG_TYPE_LIST;
	case TREE_ARRAY:
		return type == CONFIG_TYPE_ARRAY;
	case TREE_STRING:
		return type == CONFIG_TYPE_STRING;
	case TREE_INTEGER:
		return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
	case TREE_NUMBER:
		return type == CONFIG_TYPE_FLOAT;
	case TREE_BOOLEAN:
		return type == CONFIG_TYPE_BOOL;
	case TREE_BROKEN:
		return false;
	}
	return false;
}

bool schema_agrees(const struct schema_reader *reader, uint32_t node,
                   const config_setting_t *setting)
{
	const struct tree_node *expected = &reader->tree->nodes[node];
	const char *name = setting ? config_setting_name(setting) : NULL;
	bool same_name = name ? tree_named(reader->tree, node, name) : !expected->name_length;
	if (setting && same_name && types_agree(expected->kind, config_setting_type(setting)))
		return true;
	struct fault_place place = tree_place(reader->tree, node);
	faults_add(reader->faults, FAULT_ERROR, &place, "libconfig does not read this as %s",
	           tree_kind_text(expected->kind));
	return false;
}

/* the walk */

static size_t row_of(const struct schema_reader *reader, const struct keys_group *schema,
                     uint32_t node)
{
	for (size_t i = 0; i < schema->count; i++)
		if (schema->fields[i].key && tree_named(reader->tree, node, schema->fields[i].key))
			return i;
	return schema->count;
}

static void tell_missing(const struct schema_reader *reader, const struct keys_group *schema,
                         size_t row, uint32_t group)
{
	const struct keys_field *field = &schema->fields[row];
	struct fault_place place = tree_place(reader->tree, group);
	if (group == 0)
		place = (struct fault_place){.file = reader->tree->source->files[0]};
	faults_add(reader->faults, FAULT_ERROR, &place, "%s%s: missing%s%s", schema->prefix,
	           field->key, field->hint ? "; " : "", field->hint ? field->hint : "");
}

static void read_member(const struct schema_reader *reader, const struct schema_value *value,
                        void *target, struct schema_given *given)
{
	given->node = value->node;
	given->is_bad = true;
	if (!schema_agrees(reader, value->node, value->setting))
		return;
	given->is_bad = !schema_store(reader, value, target);
	if (given->is_bad)
		return;
	if (config_setting_type(value->setting) == CONFIG_TYPE_STRING)
		given->string = config_setting_get_string(value->setting);
}

void schema_read(const struct schema_reader *reader, const struct keys_group *schema, uint32_t node,
                 config_setting_t *group, void *target, struct schema_given *given)
{
	const struct tree_node *nodes = reader->tree->nodes;
	bool is_damaged = nodes[node].damaged;
	unsigned position = 0;
	memset(given, 0, schema->count * sizeof(*given));
	for (uint32_t i = nodes[node].first; i; i = nodes[i].next) {
		size_t row = row_of(reader, schema, i);
		bool is_known = row < schema->count;
		if (nodes[i].left_out) {
			if (is_known && nodes[i].kind == TREE_BROKEN)
				given[row] = (struct schema_given){.node = i, .is_bad = true};
			is_damaged = is_damaged || !is_known;
			continue;
		}
		config_setting_t *setting = config_setting_get_elem(group, position++);
		if (!is_known) {
			report_unknown(reader, schema, i, given);
			continue;
		}
		given[row] = (struct schema_given){.setting = setting};
		read_member(reader, &(struct schema_value){schema, row, i, setting}, target,
		            &given[row]);
	}
	for (size_t row = 0; row < schema->count && !is_damaged; row++)
		if (schema->fields[row].required && !given[row].node)
			tell_missing(reader, schema, row, node);
}

/* for those who know more than the table */

void schema_report(const struct schema_reader *reader, const struct keys_group *group, size_t row,
                   uint32_t node, const struct fault_place *place, const char *sentence)
{
	if (reader->tree->nodes[node].apart)
		sentence = "this value is not valid; write it on the line of its key to see why";
	faults_add(reader->faults, FAULT_ERROR, place, "%s%s: %s", group->prefix,
	           group->fields[row].key, sentence);
}

void schema_complain(const struct schema_reader *reader, const struct keys_group *group, size_t row,
                     uint32_t node, const char *format, ...)
{
	struct fault_place place = tree_value_place(reader->tree, node);
	struct text sentence = {0};
	va_list arguments;

	va_start(arguments, format);
	text_vprintf(&sentence, format, arguments);
	va_end(arguments);
	schema_report(reader, group, row, node, &place, sentence.bytes);
	text_clear(&sentence);
}

char *schema_path(const struct schema_reader *reader, uint32_t node, const char *path)
{
	const char *file = tree_place(reader->tree, node).file;
	const char *slash = file ? strrchr(file, '/') : NULL;
	if (*path == '/' || !slash)
		return mem_dup(path);
	return mem_printf("%.*s/%s", (int)(slash - file), file, path);
}
