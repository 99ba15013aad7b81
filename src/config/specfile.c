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
#include "config/secret_lookup.h"
#include "config/specfile_internal.h"

/* The two secrets of an integration. */
#define SECRETS 2

static const struct {
	size_t row;
	enum spec_field field;
	size_t offset;
} secrets[SECRETS] = {
	{KEYS_TOKEN, SPEC_TOKEN, offsetof(struct spec_integration, token)},
	{KEYS_PASSWORD, SPEC_PASSWORD, offsetof(struct spec_integration, password)},
};

/* An id where it is given. */
struct numbered {
	int64_t id; /* first (mem_compare_int()) */
	uint32_t node;
};

struct load {
	struct source source;
	struct tree tree;
	config_t config;
	struct reader reader;
	struct secret_lookup lookup;
	struct faults *faults;
	struct spec *spec;
	size_t capacity; /* of its integrations */
	struct spec_integration
		defaults;      /* what each starts from; secrets: NULL if there are none */
	bool is_lost[SECRETS]; /* one of the defaults has a fault, or may be part of one */
	struct numbered *ids;
	size_t id_count;
	size_t id_capacity;
};

static struct spec_place place_of(const struct load *load, uint32_t node)
{
	struct fault_place place = tree_place(&load->tree, node);

	return (struct spec_place){.file = place.file, .line = place.line};
}

/* secrets of integrations */

static char **secret_of(struct spec_integration *integration, size_t which)
{
	void *secret = (char *)integration + secrets[which].offset;

	return secret;
}

static enum secret_lookup_answer take_secret(struct load *load, size_t which,
                                             const struct reader_setting *given,
                                             struct spec_integration *integration)
{
	uint32_t node;
	enum secret_lookup_answer answer = secret_lookup_find(
		&load->lookup, &given[secrets[which].row], &node, secret_of(integration, which));

	if (answer == SECRET_LOOKUP_FOUND)
		integration->places[secrets[which].field] = place_of(load, node);
	return answer;
}

static void inherit_secret(struct load *load, size_t which, uint32_t node,
                           struct spec_integration *integration)
{
	const char *key = keys_integration.fields[secrets[which].row].key;
	const char *inherited = *secret_of(&load->defaults, which);

	*secret_of(integration, which) = mem_dup(inherited);
	if (inherited == NULL && !load->is_lost[which])
		faults_add(load->faults, FAULT_ERROR, tree_place(&load->tree, node),
		           "%s: missing; set %s_file, %s_credential or %s here or in defaults", key,
		           key, key, key);
}

/* integrations */

static void place_fields(const struct load *load, uint32_t node, const struct reader_setting *given,
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

	integration->places[SPEC_ID] = place_of(load, node);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (given[fields[i].row].node != 0)
			integration->places[fields[i].field] =
				place_of(load, given[fields[i].row].node);
	}
}

static struct spec_integration *append(struct load *load)
{
	struct spec *spec = load->spec;
	struct spec_integration *integration;

	spec->integrations = mem_room(spec->integrations, &load->capacity, spec->count + 1);
	integration = &spec->integrations[spec->count++];
	*integration = (struct spec_integration){.paused = load->defaults.paused};
	memcpy(integration->places, load->defaults.places, sizeof(integration->places));
	integration->value.workspace = mem_dup(load->defaults.value.workspace);
	return integration;
}

static void read_integration(struct load *load, config_setting_t *setting)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	struct spec_integration *integration = append(load);
	uint32_t node = setting_node(setting);

	schema_read(&load->reader, &keys_integration, setting, integration, given);
	place_fields(load, node, given, integration);
	if (given[KEYS_ID].node != 0 && !given[KEYS_ID].is_bad) {
		load->ids = mem_room(load->ids, &load->id_capacity, load->id_count + 1);
		load->ids[load->id_count++] =
			(struct numbered){.id = integration->id, .node = given[KEYS_ID].node};
	}
	for (size_t i = 0; i < SECRETS; i++) {
		if (take_secret(load, i, given, integration) == SECRET_LOOKUP_NONE)
			inherit_secret(load, i, node, integration);
	}
}

static void read_element(struct load *load, config_setting_t *setting)
{
	uint32_t node = setting_node(setting);
	enum tree_kind kind = load->tree.nodes[node].kind;

	if (kind == TREE_GROUP)
		read_integration(load, setting);
	else if (kind != TREE_BROKEN)
		faults_add(load->faults, FAULT_ERROR, tree_place(&load->tree, node),
		           "integrations: expected a group { }, found %s", tree_kind_text(kind));
}

/* One at a time: they would take as much memory in libconfig as everywhere else. */
static void read_integrations(struct load *load, const struct reader_setting *given)
{
	const struct tree_node *nodes = load->tree.nodes;

	if (given->node == 0 || given->is_bad)
		return;
	for (uint32_t i = nodes[given->node].first; i != 0; i = nodes[i].next) {
		config_setting_t *setting = setting_add(given->setting, &load->tree, i);

		if (setting == NULL)
			continue;
		read_element(load, setting);
		setting_wipe(setting);
		(void)config_setting_remove_elem(given->setting, 0);
	}
	if (nodes[given->node].first == 0 && !nodes[given->node].damaged &&
	    !load->spec->allow_empty)
		faults_add(load->faults, FAULT_WARNING, tree_place(&load->tree, given->node),
		           "integrations: the list is empty; a running daemon rejects that unless "
		           "allow_empty = true");
}

/* order */

static int compare_numbered(const void *a, const void *b)
{
	const struct numbered *one = a;
	const struct numbered *other = b;
	int by_id = mem_compare_int(a, b);

	return by_id != 0 ? by_id : (one->node > other->node) - (one->node < other->node);
}

/* Each id that is used again names the place where it was used first. */
static void report_repeated_ids(const struct load *load)
{
	const struct numbered *ids = load->ids;
	size_t first = 0;

	if (load->id_count > 0)
		qsort(load->ids, load->id_count, sizeof(*load->ids), compare_numbered);
	for (size_t i = 1; i < load->id_count; i++) {
		struct fault_place used;

		if (ids[i].id != ids[first].id) {
			first = i;
			continue;
		}
		used = tree_value_place(&load->tree, ids[first].node);
		faults_add(load->faults, FAULT_ERROR, tree_value_place(&load->tree, ids[i].node),
		           "id: already used at %s:%d:%d", used.file, used.line, used.column);
	}
}

/* Most files have their integrations in order. */
static bool is_ascending(const struct spec *spec)
{
	for (size_t i = 1; i < spec->count; i++) {
		if (spec->integrations[i - 1].id >= spec->integrations[i].id)
			return false;
	}
	return true;
}

/* groups */

static void read_group(struct load *load, const struct keys_group *schema,
                       const struct reader_setting *group, void *target,
                       struct reader_setting *given)
{
	bool is_there = group->node != 0 && !group->is_bad;

	schema_read(&load->reader, schema, is_there ? group->setting : NULL, target, given);
}

static void find_api_key(struct load *load, const struct reader_setting *group,
                         const struct reader_setting *given)
{
	bool may_have_been_lost = group->is_bad || load->tree.nodes[group->node].damaged;
	char **key = &load->spec->api.key;
	uint32_t node;
	enum secret_lookup_answer answer =
		secret_lookup_find(&load->lookup, &given[KEYS_KEY], &node, key);

	if (answer == SECRET_LOOKUP_NONE && !may_have_been_lost)
		*key = secret_lookup_find_api_key(&load->lookup, group->node);
}

static void read_api(struct load *load, const struct reader_setting *group)
{
	struct reader_setting given[KEYS_COUNT_MAX];

	read_group(load, &keys_api, group, load->spec, given);
	checks_judge_api(given, load->spec, &load->source);
	find_api_key(load, group, given);
	load->spec->api.key_is_presumed = load->lookup.has_presumed;
	load->lookup.has_presumed = false;
}

static void read_defaults(struct load *load, const struct reader_setting *group)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	bool may_have_been_lost = group->is_bad || load->tree.nodes[group->node].damaged;

	read_group(load, &keys_defaults, group, &load->defaults, given);
	if (given[KEYS_WORKSPACE].node != 0)
		load->defaults.places[SPEC_WORKSPACE] = place_of(load, given[KEYS_WORKSPACE].node);
	for (size_t i = 0; i < SECRETS; i++)
		load->is_lost[i] =
			take_secret(load, i, given, &load->defaults) == SECRET_LOOKUP_BAD ||
			may_have_been_lost;
}

static void read_all(struct load *load)
{
	struct reader_setting top[KEYS_TOP_COUNT];
	struct reader_setting given[KEYS_COUNT_MAX];
	struct spec *spec = load->spec;

	schema_read(&load->reader, &keys_top, config_root_setting(&load->config), spec, top);
	read_api(load, &top[KEYS_API]);
	read_group(load, &keys_retry, &top[KEYS_RETRY], spec, given);
	checks_judge_retry(given, spec);
	read_group(load, &keys_drift, &top[KEYS_DRIFT], spec, given);
	read_group(load, &keys_watch, &top[KEYS_WATCH], spec, given);
	read_group(load, &keys_log, &top[KEYS_LOG], spec, given);
	read_defaults(load, &top[KEYS_DEFAULTS]);
	read_integrations(load, &top[KEYS_INTEGRATIONS]);
	if (is_ascending(spec))
		return;
	report_repeated_ids(load);
	qsort(spec->integrations, spec->count, sizeof(*spec->integrations), mem_compare_int);
}

/* the load */

static void interpret(struct load *load)
{
	bool is_whole = load->faults->errors == 0;

	grammar_parse(&load->tree, &load->source, load->faults);
	if (!is_whole) /* what seems to be missing may have been lost with a comment's end */
		load->tree.nodes[0].damaged = true;
	tree_merge(&load->tree, load->faults);
	config_init(&load->config);
	setting_add_members(mem_demand(config_root_setting(&load->config)), &load->tree, 0);
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
	faults_add(&specfile->faults, FAULT_ERROR, (struct fault_place){0}, "%s", specfile->unread);
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
	load->spec->files = source->files;
	source->files = NULL;
	load->spec->secrets_are_presumed = load->lookup.has_presumed;
	specfile->spec = load->spec;
}

static void clear(struct load *load)
{
	secret_lookup_clear(&load->lookup);
	tree_clear(&load->tree);
	source_clear(&load->source);
	free(load->defaults.value.workspace);
	mem_free_secret(load->defaults.token);
	mem_free_secret(load->defaults.password);
	free(load->ids);
}

/* The source is there already, with its faults. */
static void finish(struct load *load, struct specfile *specfile,
                   const struct secret_environment *environment, bool has_files)
{
	static const struct secret_environment nothing = {0};

	load->faults = &specfile->faults;
	load->spec = spec_new();
	load->reader.tree = &load->tree;
	load->reader.faults = load->faults;
	load->lookup =
		(struct secret_lookup){.environment = environment != NULL ? environment : &nothing,
	                               .reader = &load->reader,
	                               .source = &load->source,
	                               .has_files = has_files};
	if (load->source.text != NULL && load->source.file_count > 0 && load->source.unread == NULL)
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
                   const struct secret_environment *environment, bool api_only)
{
	const struct keys_field *optional = api_only ? &keys_top.fields[KEYS_INTEGRATIONS] : NULL;
	struct load load = {.reader = {.optional = optional}};

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
