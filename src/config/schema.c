/* SPDX-License-Identifier: MIT */
/* Each member of a group finds its row in the table, or is an unknown key; each row that must be
 * there and is not is missing, unless a syntax error may have eaten it. A fault never ends the
 * walk. */
#include "config/specfile_internal.h"

#include <string.h>

#include "config/secrecy.h"

/* The slot of a key of the group; NULL if it has none of that name. */
static struct reader_setting *slot_of(struct reader_setting *given, const struct keys_group *group,
                                      const char *key)
{
	const struct keys_field *field = keys_find_in(group, key, strlen(key));

	return field != NULL ? &given[field - group->fields] : NULL;
}

/* unknown keys */

/* The key may be right and the group wrong. */
static const struct keys_group *owner_of(const char *name)
{
	for (const struct keys_group *const *group = keys_all; *group != NULL; group++) {
		if (keys_find_in(*group, name, strlen(name)) != NULL)
			return *group;
	}
	return NULL;
}

/* "; did you mean …?" in the words of our own keys, or nothing; the key of this group that is
 * meant, NULL if none is. */
static const char *suggest(const struct keys_group *group, const char *name, struct text *out)
{
	const char *meant = keys_find_near(group, name);
	const struct keys_group *owner = meant == NULL ? owner_of(name) : NULL;

	if (meant == NULL && owner == NULL)
		meant = keys_find_alias(group, name);
	if (meant != NULL) {
		text_printf(out, "; did you mean '%s'?", meant);
		return meant;
	}
	if (owner == NULL)
		name = keys_find_alias(NULL, name);
	if (owner == NULL && name != NULL)
		owner = owner_of(name);
	if (owner != NULL)
		text_printf(out, " here; did you mean '%s%s'?", owner->path, name);
	return NULL;
}

/* What it may be meant for is not missing. A name that may be a secret is not shown. */
static void report_unknown(const struct reader *reader, const struct keys_group *group,
                           const config_setting_t *setting, struct reader_setting *given)
{
	const char *name = config_setting_name(setting);
	uint32_t node = setting_node(setting);
	struct fault_place place = tree_place(reader->tree, node);
	struct text suggestion = {0};
	const char *meant = NULL;
	struct reader_setting *slot;
	bool is_shown;

	if (reader->faults->errors >= FAULTS_MAX) { /* it is only counted */
		faults_add(reader->faults, FAULT_ERROR, place, "unknown key");
		return;
	}
	is_shown = secrecy_may_name(name, strlen(name));
	text_add(&suggestion, "");
	if (is_shown)
		meant = suggest(group, name, &suggestion);
	faults_add(reader->faults, FAULT_ERROR, place, "%s%s%sunknown key%s",
	           is_shown ? group->prefix : "", is_shown ? name : "", is_shown ? ": " : "",
	           suggestion.bytes);
	slot = meant != NULL ? slot_of(given, group, meant) : NULL;
	if (slot != NULL && slot->node == 0) {
		slot->node = node;
		slot->is_bad = slot->is_guess = true;
	}
	text_clear(&suggestion);
}

/* the walk */

static void report_missing(const struct reader *reader, const struct reader_setting *missing,
                           uint32_t node)
{
	const struct keys_field *field = missing->field;
	struct fault_place place = tree_place(reader->tree, node);

	if (node == 0)
		place = (struct fault_place){.file = reader->tree->source->files[0]};
	faults_add(reader->faults, FAULT_ERROR, place, "%s%s: missing%s%s", missing->group->prefix,
	           field->key, field->hint != NULL ? "; " : "",
	           field->hint != NULL ? field->hint : "");
}

static void read_member(config_setting_t *member, void *target, struct reader_setting *given)
{
	bool is_broken = config_setting_type(member) == CONFIG_TYPE_NONE;

	given->node = setting_node(member);
	given->setting = member;
	given->string = config_setting_get_string(member);
	given->is_guess = false;
	given->is_bad = is_broken || !reader_store(given, target);
}

/* What is broken under an unknown name may be what is missing. Returns whether it is. */
static bool read_unknown(const struct reader *reader, const struct keys_group *group,
                         const config_setting_t *setting, struct reader_setting *given)
{
	if (config_setting_type(setting) == CONFIG_TYPE_NONE)
		return true;
	report_unknown(reader, group, setting, given);
	return false;
}

void schema_read(const struct reader *reader, const struct keys_group *group,
                 config_setting_t *setting, void *target, struct reader_setting *given)
{
	uint32_t node = setting != NULL ? setting_node(setting) : 0;
	bool is_damaged = setting == NULL || reader->tree->nodes[node].damaged;
	int count = setting != NULL ? config_setting_length(setting) : 0;

	for (size_t row = 0; row < group->count; row++)
		given[row] = (struct reader_setting){
			.reader = reader, .group = group, .field = &group->fields[row]};
	for (int i = 0; i < count; i++) {
		config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
		struct reader_setting *slot = slot_of(given, group, config_setting_name(member));

		if (slot != NULL)
			read_member(member, target, slot);
		else
			is_damaged = read_unknown(reader, group, member, given) || is_damaged;
	}
	for (size_t row = 0; row < group->count && !is_damaged; row++) {
		const struct keys_field *field = given[row].field;

		if (field->required && field != reader->optional && given[row].node == 0)
			report_missing(reader, &given[row], node);
	}
}
