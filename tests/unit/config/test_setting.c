/* SPDX-License-Identifier: MIT */
/* What the grammar reads is what libconfig holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "config/specfile_internal.h"
#include "config/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	struct source source;
	struct tree tree;
	struct faults faults;
};

static void open_text(struct fixture *fixture, const char *text)
{
	*fixture = (struct fixture){0};
	source_from_bytes(&fixture->source, "t.conf", text, strlen(text), &fixture->faults);
	grammar_parse(&fixture->tree, &fixture->source, &fixture->faults);
	tree_merge(&fixture->tree, &fixture->faults);
}

static void close_text(struct fixture *fixture)
{
	tree_clear(&fixture->tree);
	source_clear(&fixture->source);
	faults_clear(&fixture->faults);
}

/* building */

static void add_setting(config_setting_t *setting, const struct tree *tree, struct text *out)
{
	const char *name = config_setting_name(setting);

	/* A list is empty, and takes its elements afterwards. */
	if (config_setting_is_list(setting) == CONFIG_TRUE) {
		assert_int_equal(config_setting_length(setting), 0);
		setting_add_members(setting, tree, setting_node(setting));
	}
	text_printf(out, "%s%s", name != NULL ? name : "", name != NULL ? "=" : "");
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT64:
		text_add_int(out, config_setting_get_int64(setting));
		break;
	case CONFIG_TYPE_FLOAT:
		text_printf(out, "%g", config_setting_get_float(setting));
		break;
	case CONFIG_TYPE_BOOL:
		text_add(out, config_setting_get_bool(setting) != 0 ? "true" : "false");
		break;
	case CONFIG_TYPE_STRING:
		text_printf(out, "\"%s\"", config_setting_get_string(setting));
		break;
	case CONFIG_TYPE_NONE:
		text_add(out, "?");
		break;
	default:
		text_add(out, config_setting_is_group(setting) ? "{" : "(");
		for (int i = 0; i < config_setting_length(setting); i++)
			add_setting(config_setting_get_elem(setting, (unsigned)i), tree, out);
		text_add(out, config_setting_is_group(setting) ? "}" : ")");
	}
	text_add(out, ";");
}

static void what_is_read_is_built(void **state)
{
	static const struct {
		const char *text, *built;
	} cases[] = {
		{"", "{};"},
		{"a = 1 b = 2", "{a=1;b=2;};"},
		{"a = 0x10, b = TRUE;", "{a=16;b=true;};"},
		{"a = true; b = True; c = false; d = FALSE;", "{a=true;b=true;c=false;d=false;};"},
		{"a = -17; b = -1.5e1;", "{a=-17;b=-15;};"},
		{"a = \"\"; b = \"b\" \"c\" /* x */\n\"d\";", "{a=\"\";b=\"bcd\";};"},
		{"a = \"\\x41\\n\" \"\\\"\";", "{a=\"A\n\"\";};"},
		{"a = 010;", "{a=10;};"},
		{"a = -2147483649;", "{a=-2147483649;};"},
		{"a = 9223372036854775807L;", "{a=9223372036854775807;};"},
		{"a = 1.5e3;", "{a=1500;};"},
		{"a = 1e-999; b = 0.0; c = 0e9;", "{a=2.22507e-308;b=0;c=0;};"},
		{"a = \"x\" /* and */ \"y\";", "{a=\"xy\";};"},
		{"a = \"x\ny\\\"\\x41\";", "{a=\"x\ny\"A\";};"},
		{"a = { b = { }; };", "{a={b={};};};"},
		{"a = ( 1, \"x\", { c = 2; }, ( ), );", "{a=(1;\"x\";{c=2;};(););};"},
		{"a = [ 1, 5000000000 ];", "{a=();};"},
		/* What is wrong is broken or left out, what is around it is not. */
		{"a = ; b = 2;", "{a=?;b=2;};"},
		{"a = ; a = ; b = 2;", "{a=?;b=2;};"},
		{"a = 1; a = 2; b = 3;", "{a=1;b=3;};"},
		{"a = 99999999999999999999; b = 2;", "{a=?;b=2;};"},
		{"a = ( , 1 ; 2 );", "{a=(1;2;);};"},
		{"\"a\" : 1, \"b c\" : 2, \"\" : , \"1\" : { d = 3; };", "{a=1;};"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture fixture;
		struct text out = {0};
		config_t config;

		open_text(&fixture, cases[i].text);
		config_init(&config);
		setting_add_members(config_root_setting(&config), &fixture.tree, 0);
		add_setting(config_root_setting(&config), &fixture.tree, &out);
		assert_string_equal(out.bytes, cases[i].built);
		config_destroy(&config);
		text_clear(&out);
		close_text(&fixture);
	}
}

static void a_setting_knows_its_node(void **state)
{
	struct fixture fixture;
	config_t config;
	config_setting_t *list, *element;

	(void)state;
	open_text(&fixture, "a = 1; list = ( { b = \"secret\"; } );");
	config_init(&config);
	setting_add_members(config_root_setting(&config), &fixture.tree, 0);
	list = config_lookup(&config, "list");
	assert_int_equal(setting_node(config_root_setting(&config)), 0);
	assert_int_equal(setting_node(config_lookup(&config, "a")), 1);
	assert_int_equal(setting_node(list), 2);
	assert_int_equal(config_setting_length(list), 0);
	element = setting_add(list, &fixture.tree, 3);
	assert_int_equal(setting_node(element), 3);
	assert_string_equal(config_lookup(&config, "list.[0].b") != NULL ? "" : "none", "");
	setting_wipe(config_root_setting(&config));
	assert_string_equal(config_setting_get_string(config_setting_get_member(element, "b")), "");
	assert_int_equal(config_setting_remove_elem(list, 0), CONFIG_TRUE);
	config_destroy(&config);
	close_text(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_built),
		cmocka_unit_test(a_setting_knows_its_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
