/* SPDX-License-Identifier: MIT */
/* One load, in one direction: source joins the files into a text, grammar finds what they say and
 * every syntax error, setting makes libconfig's settings of it, the integrations one at a time, the
 * tables of keys take them into a spec, and what no table can know is judged last: secrets, URLs,
 * ids used twice.
 *
 * A fault stops nothing here: each step goes on with what is left, so that one pass finds all of
 * them; then a spec with a fault is thrown away. Lines that faults show are covered where they may
 * hold a secret (excerpt_mask). */
#include "config/specfile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/checks.h"
#include "config/excerpt_mask.h"
#include "config/grammar.h"
#include "config/keys.h"
#include "config/schema.h"
#include "config/secret_lookup.h"
#include "config/setting.h"
#include "config/source.h"
#include "config/tree.h"

#define INTEGRATIONS "integrations"

/* What every integration starts from. */
struct base {
	struct spec_integration values; /* secrets: NULL if there are none */
	bool token_is_bad;              /* and was reported */
	bool password_is_bad;
};

struct load {
	struct source source;
	struct tree tree;
	config_t config;
	struct reader reader;
	struct secret_lookup lookup;
	struct faults *faults;
	struct spec *spec;
	bool may_lack_list; /* of integrations */
	struct base base;
	uint32_t *id_nodes; /* of each integration, in their order */
	size_t capacity;
};

static struct spec_place directories_find(const struct load *load, uint32_t node)
{
	struct fault_place place = tree_place(&load->tree, node);
	return (struct spec_place){.file = place.file, .line = place.line};
}

/* secrets of integrations */

/* The places in the struct of one of the two secrets. */
struct slot {
	size_t row;
	enum spec_field field;
	char **secret;
	const char *inherited;
	bool is_inherited_bad;
};

static void report_missing_secret(const struct load *load, uint32_t node, const char *key)
{
	struct fault_place place = tree_place(&load->tree, node);
	faults_add(load->faults, FAULT_ERROR, &place,
	           "%s: missing; set %s_file, %s_credential or %s here or in defaults", key, key,
	           key, key);
}

static void take_secret(struct load *load, uint32_t node, const struct schema_given *given,
                        const struct slot *slot, struct spec_place places[SPEC_FIELD_COUNT])
{
	struct secret_lookup_secret found = {0};
	switch (secret_lookup_find(&load->lookup, &keys_integration, slot->row, given, &found)) {
	case SECRET_LOOKUP_FOUND:
		*slot->secret = found.bytes;
		places[slot->field] = directories_find(load, found.node);
		return;
	case SECRET_LOOKUP_BAD:
		return;
	case SECRET_LOOKUP_NONE:
		*slot->secret = mem_dup(slot->inherited);
		if (!slot->inherited && !slot->is_inherited_bad)
			report_missing_secret(load, node, keys_integration.fields[slot->row].key);
		return;
	}
}

/* integrations */

static void place_fields(const struct load *load, uint32_t node, const struct schema_given *given,
                         struct spec_integration *integration)
{
	static const struct {
		enum keys_integration row;
		enum spec_field field;
	} fields[] = {
		{KEYS_ID, SPEC_ID},
		{KEYS_INDEXING_CRON, SPEC_INDEXING_CRON},
		{KEYS_NAME, SPEC_NAME},
		{KEYS_WORKSPACE, SPEC_WORKSPACE},
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (given[fields[i].row].node)
			integration->places[fields[i].field] =
				directories_find(load, given[fields[i].row].node);
	if (!given[KEYS_ID].node)
		integration->places[SPEC_ID] = directories_find(load, node);
}

static struct spec_integration *append(struct load *load)
{
	struct spec *spec = load->spec;
	size_t capacity = load->capacity;
	spec->integrations = mem_grow(spec->integrations, &capacity, spec->count + 1,
	                              sizeof(*spec->integrations));
	load->id_nodes =
		mem_grow(load->id_nodes, &load->capacity, capacity, sizeof(*load->id_nodes));
	struct spec_integration *integration = &spec->integrations[spec->count++];
	const struct spec_integration *base = &load->base.values;
	*integration = (struct spec_integration){.paused = base->paused};
	memcpy(integration->places, base->places, sizeof(base->places));
	integration->value.workspace = mem_dup(base->value.workspace);
	return integration;
}

static void read_integration(struct load *load, config_setting_t *setting)
{
	struct schema_given given[KEYS_COUNT_MAX];
	struct spec_integration *integration = append(load);
	const struct base *base = &load->base;
	uint32_t node = setting_node(setting);
	bool has_id;
	const struct slot token = {KEYS_TOKEN, SPEC_TOKEN, &integration->token, base->values.token,
	                           base->token_is_bad};
	const struct slot password = {KEYS_PASSWORD, SPEC_PASSWORD, &integration->password,
	                              base->values.password, base->password_is_bad};

	schema_read(&load->reader, &keys_integration, setting, integration, given);
	place_fields(load, node, given, integration);
	has_id = given[KEYS_ID].node != 0 && !given[KEYS_ID].is_bad;
	load->id_nodes[load->spec->count - 1] = has_id ? given[KEYS_ID].node : 0;
	take_secret(load, node, given, &token, integration->places);
	take_secret(load, node, given, &password, integration->places);
}

static void read_element(struct load *load, config_setting_t *setting)
{
	uint32_t node = setting_node(setting);
	enum tree_kind kind = load->tree.nodes[node].kind;
	struct fault_place place;

	if (kind == TREE_GROUP) {
		read_integration(load, setting);
	} else if (kind != TREE_BROKEN) {
		place = tree_place(&load->tree, node);
		faults_add(load->faults, FAULT_ERROR, &place,
		           "integrations: expected a group { }, found %s", tree_kind_text(kind));
	}
}

/* One at a time: they would take as much memory in libconfig as everywhere else. */
static void read_integrations(struct load *load, const struct schema_given *given)
{
	const struct tree_node *nodes = load->tree.nodes;
	struct fault_place place;

	if (given->node == 0 || given->is_bad)
		return;
	for (uint32_t i = nodes[given->node].first; i != 0; i = nodes[i].next) {
		config_setting_t *setting = setting_add(given->setting, &load->tree, i, 0);

		if (setting == NULL)
			continue;
		read_element(load, setting);
		setting_wipe(setting);
		(void)config_setting_remove_elem(given->setting, 0);
	}
	place = tree_place(&load->tree, given->node);
	if (nodes[given->node].first == 0 && !nodes[given->node].damaged &&
	    !load->spec->allow_empty)
		faults_add(load->faults, FAULT_WARNING, &place,
		           "integrations: the list is empty; a running daemon rejects that unless "
		           "allow_empty = true");
}

/* order */

static int compare_integrations(const void *a, const void *b)
{
	const struct spec_integration *one = a;
	const struct spec_integration *other = b;
	return (one->id > other->id) - (one->id < other->id);
}

struct numbered {
	int64_t id;
	uint32_t node;
};

static int compare_numbered(const void *a, const void *b)
{
	const struct numbered *one = a;
	const struct numbered *other = b;
	if (one->id != other->id)
		return one->id < other->id ? -1 : 1;
	return (one->node > other->node) - (one->node < other->node);
}

/* Each id that is used again names the place where it was used first. */
static void report_repeated_ids(const struct load *load)
{
	const struct spec *spec = load->spec;
	struct numbered *numbers = mem_alloc(spec->count + 1, sizeof(*numbers));
	size_t count = 0;
	for (size_t i = 0; i < spec->count; i++)
		if (load->id_nodes[i])
			numbers[count++] =
				(struct numbered){spec->integrations[i].id, load->id_nodes[i]};
	qsort(numbers, count, sizeof(*numbers), compare_numbered);
	size_t first = 0;
	for (size_t i = 1; i < count; i++) {
		if (numbers[i].id != numbers[first].id) {
			first = i;
			continue;
		}
		struct fault_place place = tree_value_place(&load->tree, numbers[i].node);
		struct fault_place used = tree_value_place(&load->tree, numbers[first].node);
		faults_add(load->faults, FAULT_ERROR, &place, "id: already used at %s:%d:%d",
		           used.file, used.line, used.column);
	}
	free(numbers);
}

/* Most files have their integrations in order. */
static bool is_ascending(const struct spec *spec)
{
	for (size_t i = 1; i < spec->count; i++)
		if (spec->integrations[i - 1].id >= spec->integrations[i].id)
			return false;
	return true;
}

/* groups */

static void read_group(struct load *load, const struct keys_group *schema,
                       const struct schema_given *group, void *target, struct schema_given *given)
{
	memset(given, 0, KEYS_COUNT_MAX * sizeof(*given));
	if (group->node && !group->is_bad)
		schema_read(&load->reader, schema, group->setting, target, given);
}

static void find_api_key(struct load *load, const struct schema_given *group,
                         const struct schema_given *given)
{
	bool may_have_been_lost = group->is_bad || load->tree.nodes[group->node].damaged;
	struct secret_lookup_secret key = {0};

	switch (secret_lookup_find(&load->lookup, &keys_api, KEYS_KEY, given, &key)) {
	case SECRET_LOOKUP_FOUND:
		load->spec->api.key = key.bytes;
		return;
	case SECRET_LOOKUP_BAD:
		return;
	case SECRET_LOOKUP_NONE:
		if (!may_have_been_lost)
			load->spec->api.key =
				secret_lookup_find_api_key(&load->lookup, group->node);
		return;
	}
}

static void read_api(struct load *load, const struct schema_given *group)
{
	struct schema_given given[KEYS_COUNT_MAX];

	read_group(load, &keys_api, group, load->spec, given);
	checks_judge_api(&load->reader, given, load->spec, &load->source);
	find_api_key(load, group, given);
	load->spec->api.key_is_presumed = load->lookup.has_presumed;
	load->lookup.has_presumed = false;
}

static void read_default_secret(struct load *load, const struct schema_given *given, size_t row,
                                enum spec_field field, bool *is_bad)
{
	struct spec_integration *values = &load->base.values;
	struct secret_lookup_secret found = {0};
	enum secret_lookup_answer answer =
		secret_lookup_find(&load->lookup, &keys_defaults, row, given, &found);
	*is_bad = answer == SECRET_LOOKUP_BAD;
	if (answer != SECRET_LOOKUP_FOUND)
		return;
	values->places[field] = directories_find(load, found.node);
	if (field == SPEC_TOKEN)
		values->token = found.bytes;
	else
		values->password = found.bytes;
}

static void read_defaults(struct load *load, const struct schema_given *group)
{
	struct schema_given given[KEYS_COUNT_MAX];
	struct base *base = &load->base;
	read_group(load, &keys_defaults, group, &base->values, given);
	if (given[KEYS_WORKSPACE].node)
		base->values.places[SPEC_WORKSPACE] =
			directories_find(load, given[KEYS_WORKSPACE].node);
	read_default_secret(load, given, KEYS_TOKEN, SPEC_TOKEN, &base->token_is_bad);
	read_default_secret(load, given, KEYS_PASSWORD, SPEC_PASSWORD, &base->password_is_bad);
	bool may_have_been_lost = group->is_bad || load->tree.nodes[group->node].damaged;
	base->token_is_bad = base->token_is_bad || may_have_been_lost;
	base->password_is_bad = base->password_is_bad || may_have_been_lost;
}

static void read_all(struct load *load)
{
	struct schema_given top[KEYS_TOP_COUNT];
	struct schema_given given[KEYS_COUNT_MAX];
	struct spec *spec = load->spec;
	struct keys_field fields[KEYS_TOP_COUNT];
	struct keys_group schema = keys_top;
	memcpy(fields, keys_top.fields, sizeof(fields));
	fields[KEYS_INTEGRATIONS].required = !load->may_lack_list;
	schema.fields = fields;
	schema_read(&load->reader, &schema, config_root_setting(&load->config), spec, top);
	read_api(load, &top[KEYS_API]);
	read_group(load, &keys_retry, &top[KEYS_RETRY], spec, given);
	checks_judge_retry(&load->reader, given, spec);
	read_group(load, &keys_drift, &top[KEYS_DRIFT], spec, given);
	read_group(load, &keys_watch, &top[KEYS_WATCH], spec, given);
	read_group(load, &keys_log, &top[KEYS_LOG], spec, given);
	read_defaults(load, &top[KEYS_DEFAULTS]);
	read_integrations(load, &top[KEYS_INTEGRATIONS]);
	if (is_ascending(spec))
		return;
	report_repeated_ids(load);
	qsort(spec->integrations, spec->count, sizeof(*spec->integrations), compare_integrations);
}

/* the load */

static uint32_t find_list(const struct tree *tree, const char *name)
{
	for (uint32_t i = tree->nodes[0].first; i; i = tree->nodes[i].next)
		if (!tree->nodes[i].left_out && tree_named(tree, i, name))
			return i;
	return 0;
}

static void interpret(struct load *load)
{
	bool is_whole = load->faults->errors == 0;
	grammar_parse(&load->tree, &load->source, load->faults);
	if (!is_whole) /* what seems to be missing may have been lost with a comment's end */
		load->tree.nodes[0].damaged = true;
	tree_merge(&load->tree, INTEGRATIONS, load->faults);
	config_init(&load->config);
	setting_add_all(&load->config, &load->tree, find_list(&load->tree, INTEGRATIONS));
	read_all(load);
	setting_wipe(config_root_setting(&load->config));
	config_destroy(&load->config);
}

/* Nothing else that was found can be relied on. */
static void report_unread(struct load *load, struct specfile *specfile)
{
	specfile->unread = load->source.unread;
	load->source.unread = NULL;
	faults_clear(&specfile->faults);
	faults_add(&specfile->faults, FAULT_ERROR, NULL, "%s", specfile->unread);
}

/* The spec takes the names of the files that its places borrow. */
static void hand_over(struct load *load, struct specfile *specfile)
{
	struct source *source = &load->source;
	specfile->watched = source_take_watched(source, &specfile->watched_count);
	specfile->hash = source->hash;
	if (load->faults->errors > 0) {
		spec_free(load->spec);
		return;
	}
	load->spec->files = source_take_files(source);
	load->spec->secrets_are_presumed = load->lookup.has_presumed;
	specfile->spec = load->spec;
}

static void clear(struct load *load)
{
	secret_lookup_clear(&load->lookup);
	tree_clear(&load->tree);
	source_clear(&load->source);
	free(load->base.values.value.workspace);
	mem_free_secret(load->base.values.token);
	mem_free_secret(load->base.values.password);
	free(load->id_nodes);
}

/* The source is there already, with its faults. */
static void finish(struct load *load, struct specfile *specfile,
                   const struct secret_environment *environment, bool has_files)
{
	static const struct secret_environment nothing = {0};
	load->faults = &specfile->faults;
	load->spec = spec_new();
	load->reader = (struct reader){.tree = &load->tree, .faults = load->faults};
	load->lookup = (struct secret_lookup){.environment = environment ? environment : &nothing,
	                                      .reader = &load->reader,
	                                      .source = &load->source,
	                                      .has_files = has_files};
	if (load->source.text && load->source.file_count > 0 && load->source.unread == NULL)
		interpret(load);
	else
		assert(load->faults->errors > 0);
	excerpt_mask_faults(load->faults, &load->source);
	faults_sort(load->faults, load->source.files);
	if (load->source.unread != NULL)
		report_unread(load, specfile);
	hand_over(load, specfile);
	clear(load);
}

void specfile_load(struct specfile *specfile, const char *path,
                   const struct secret_environment *environment)
{
	struct load load = {0};
	*specfile = (struct specfile){0};
	source_load(&load.source, path, environment != NULL ? environment->opener : NULL,
	            &specfile->faults);
	finish(&load, specfile, environment, true);
}

void specfile_load_api(struct specfile *specfile, const char *path,
                       const struct secret_environment *environment)
{
	struct load load = {.may_lack_list = true};
	*specfile = (struct specfile){0};
	source_load(&load.source, path, environment != NULL ? environment->opener : NULL,
	            &specfile->faults);
	finish(&load, specfile, environment, true);
}

void specfile_from_bytes(struct specfile *specfile, const char *name, const char *bytes,
                         size_t length, const struct secret_environment *environment)
{
	struct load load = {0};
	*specfile = (struct specfile){0};
	source_from_bytes(&load.source, name, bytes, length, &specfile->faults);
	finish(&load, specfile, environment, false);
}

void specfile_clear(struct specfile *specfile)
{
	spec_free(specfile->spec);
	faults_clear(&specfile->faults);
	for (size_t i = 0; i < specfile->watched_count; i++)
		free(specfile->watched[i]);
	free(specfile->watched);
	free(specfile->unread);
	*specfile = (struct specfile){0};
}
