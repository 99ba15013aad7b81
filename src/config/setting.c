/* SPDX-License-Identifier: MIT */
/* libconfig is not given a text: it would lex it again, end the process at a directory, wrap
 * integers around, and stop at the first error. Its settings are made through its interface from
 * what was read once, and each has its node as the hook, so that its place is at hand.
 *
 * Without memory libconfig returns NULL, where it does not die by itself (it does not check its own
 * allocations); either way the process ends, and a restart loses nothing. */
#include "config/specfile_internal.h"

#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/lexer.h"

static const int types[] = {
	[TREE_GROUP] = CONFIG_TYPE_GROUP,   [TREE_LIST] = CONFIG_TYPE_LIST,
	[TREE_ARRAY] = CONFIG_TYPE_ARRAY,   [TREE_STRING] = CONFIG_TYPE_STRING,
	[TREE_INTEGER] = CONFIG_TYPE_INT64, [TREE_NUMBER] = CONFIG_TYPE_FLOAT,
	[TREE_BOOLEAN] = CONFIG_TYPE_BOOL,  [TREE_BROKEN] = CONFIG_TYPE_NONE,
};

/* All its literals, joined (given, wipe it). */
static char *join(const char *literals, size_t length)
{
	char *joined = mem_alloc(length, 1);
	size_t filled = 0;
	const char *wrong; /* none is: the parser has read it */
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, literals, length);
	for (token = lexer_next(&lexer); token.kind == LEXER_STRING; token = lexer_next(&lexer))
		filled += lexer_string_copy(&token, joined + filled, &wrong);
	joined[filled] = '\0';
	return joined;
}

static void set_string(config_setting_t *setting, const struct lexer_token *literals)
{
	char *value = join(literals->start, literals->length);

	(void)config_setting_set_string(setting, value);
	if (config_setting_get_string(setting) == NULL)
		(void)mem_demand(NULL);
	mem_free_secret(value);
}

static void set_integer(config_setting_t *setting, const struct lexer_token *token)
{
	int64_t value = 0;

	(void)lexer_integer_value(token, &value);
	(void)config_setting_set_int64(setting, value);
}

/* The text goes on with what is no digit, and the locale of numbers is never set. What is too small
 * for a double must not become 0, which means something else: no limit. */
static double number_of(const struct lexer_token *token)
{
	double number;

	errno = 0;
	number = strtod(token->start, NULL);
	return number == 0 && errno == ERANGE ? DBL_MIN : number;
}

static void set_scalar(config_setting_t *setting, const struct tree *tree,
                       const struct tree_node *node)
{
	const struct lexer_token token = {
		.start = tree->source->text + node->value,
		.length = node->value_length,
	};

	if (node->kind == TREE_STRING)
		set_string(setting, &token);
	else if (node->kind == TREE_INTEGER)
		set_integer(setting, &token);
	else if (node->kind == TREE_NUMBER)
		(void)config_setting_set_float(setting, number_of(&token));
	else if (node->kind == TREE_BOOLEAN)
		(void)config_setting_set_bool(setting, strchr("tT", *token.start) != NULL);
}

/* A broken one that has a name twice is not added twice, and a member without a name not at all. */
static bool is_added(config_setting_t *parent, const struct tree_node *node, const char *name)
{
	if (name == NULL)
		return !node->left_out && config_setting_is_group(parent) == CONFIG_FALSE;
	return !node->left_out ||
	       (node->kind == TREE_BROKEN && config_setting_get_member(parent, name) == NULL);
}

config_setting_t *setting_add(config_setting_t *parent, const struct tree *tree, uint32_t node)
{
	const struct tree_node *made = &tree->nodes[node];
	config_setting_t *setting = NULL;
	char *name = NULL;

	if (made->name_length > 0)
		name = mem_dup_bytes(tree->source->text + made->name, made->name_length);
	if (is_added(parent, made, name)) {
		setting = mem_demand(config_setting_add(parent, name, types[made->kind]));
		config_setting_set_hook(setting, (void *)(uintptr_t)node);
		set_scalar(setting, tree, made);
		if (made->kind == TREE_GROUP)
			setting_add_members(setting, tree, node);
	}
	free(name);
	return setting;
}

void setting_add_members(config_setting_t *parent, const struct tree *tree, uint32_t node)
{
	for (uint32_t i = tree->nodes[node].first; i != 0; i = tree->nodes[i].next)
		(void)setting_add(parent, tree, i);
}

uint32_t setting_node(const config_setting_t *setting)
{
	return (uint32_t)(uintptr_t)config_setting_get_hook(setting);
}

void setting_wipe(config_setting_t *setting)
{
	const char *string = config_setting_get_string(setting);
	int count = config_setting_length(setting);

	if (string != NULL)
		mem_wipe((void *)(uintptr_t)string, strlen(string)); /* libconfig's, on the heap */
	for (int i = 0; i < count; i++)
		setting_wipe(config_setting_get_elem(setting, (unsigned)i));
}
