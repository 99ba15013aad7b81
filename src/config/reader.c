/* SPDX-License-Identifier: MIT */
/* Sentences begin with the key as the operator knows it, "api.url: ". A value of the wrong type is
 * reported in the words of somebody who writes configurations
 * ("expected true or false"), one of the right type that means nothing with its reason, as near to
 * it as there is a place: at the field of a cron, at the byte of a text. */
#include "config/reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/span.h"
#include "base/suggest.h"
#include "config/advice.h"
#include "config/keys.h"
#include "config/secrecy.h"
#include "cron/cron.h"
#include "cron/cron_describe.h"

#define SHOWN_MAX 40 /* bytes of a value in a sentence */

/* faults */

void reader_report(const struct reader_setting *setting, struct fault_place place,
                   const char *sentence)
{
	const struct tree_node *node = &setting->reader->tree->nodes[setting->node];
	bool has_text =
		node->kind != TREE_GROUP && node->kind != TREE_LIST && node->kind != TREE_ARRAY;

	if (has_text && node->apart)
		sentence = "this value is not valid; write it on the line of its key to see why";
	faults_add(setting->reader->faults, FAULT_ERROR, place, "%s%s: %s", setting->group->prefix,
	           setting->field->key, sentence);
}

void reader_complain(const struct reader_setting *setting, const char *format, ...)
{
	struct text sentence = {0};
	va_list arguments;

	va_start(arguments, format);
	text_vprintf(&sentence, format, arguments);
	va_end(arguments);
	reader_report(setting, tree_value_place(setting->reader->tree, setting->node),
	              sentence.bytes);
	text_clear(&sentence);
}

void reader_warn(const struct reader_setting *setting, const char *subject, const char *predicate)
{
	const struct reader *reader = setting->reader;

	if (predicate != NULL)
		faults_add(reader->faults, FAULT_WARNING,
		           tree_value_place(reader->tree, setting->node), "%s%s: %s%s",
		           setting->group->prefix, setting->field->key, subject, predicate);
}

/* Replace an owned string. */
static void replace(void *slot, char *string)
{
	char **target = slot;

	free(*target);
	*target = string;
}

/* strings */

static bool store_string(const struct reader_setting *value, void *slot)
{
	replace(slot, mem_dup(value->string));
	return true;
}

/* The offset of the first byte that is a control character (C0, DEL or C1), or `length`. */
static size_t find_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		unsigned char before = i > 0 ? (unsigned char)text[i - 1] : 0;

		if (byte < 0x20 || byte == 0x7f)
			return i;
		if (before == 0xc2 && byte < 0xa0)
			return i - 1;
	}
	return length;
}

static bool complain_at(const struct reader_setting *value, size_t offset, const char *sentence)
{
	reader_report(value, tree_string_place(value->reader->tree, value->node, offset, 1),
	              sentence);
	return false;
}

static bool complain_of_control(const struct reader_setting *value, size_t at)
{
	char byte = value->string[at];

	return complain_at(value, at,
	                   byte == '\n' || byte == '\r' ? "holds a line break"
	                   : byte == '\t'               ? "holds a tab"
	                                                : "holds a control character");
}

/* Say what is wrong with a text, at `place`. It may be about what a lost quote let in, and is then
 * not to be repeated. */
static void complain_of_text(const struct reader_setting *value, struct fault_place place,
                             const char *sentence)
{
	const char *string = value->string;
	size_t length = string != NULL ? strlen(string) : 0;

	if (string == NULL || secrecy_may_say(sentence, string, length))
		reader_report(value, place, sentence);
	else
		complain_at(value, secrecy_value_length(string, string + length, true),
		            "the value should have ended here; is a quote missing?");
}

static bool store_text(const struct reader_setting *value, void *slot)
{
	const char *text = value->string;
	size_t length = strlen(text);
	size_t bad = text_utf8_error(text, length);

	if (bad < length)
		return complain_at(value, bad, "invalid UTF-8");
	bad = find_control(text, length);
	if (bad < length)
		return complain_of_control(value, bad);
	if (length > KEYS_TEXT_MAX) {
		reader_complain(value, "%zu bytes are more than %d", length, KEYS_TEXT_MAX);
		return false;
	}
	reader_warn(value, "", advice_on_string(text));
	return store_string(value, slot);
}

static bool store_path(const struct reader_setting *value, void *slot)
{
	const char *path = value->string;
	const char *file = tree_place(value->reader->tree, value->node).file;

	replace(slot, *path != '\0' ? source_path_from(file, path) : NULL);
	return true;
}

/* "warn" is short for one, too. */
static const char *nearest_word(const struct keys_word *words, const char *string)
{
	size_t count = 0;

	for (; words[count].word != NULL; count++) {
		if (strlen(string) >= 3 &&
		    strncasecmp(words[count].word, string, strlen(string)) == 0)
			return words[count].word;
	}
	return suggest_row(string, words, count, sizeof(*words));
}

static const struct keys_word *find_word(const struct keys_word *words, const char *string)
{
	while (words != NULL && words->word != NULL && strcmp(words->word, string) != 0)
		words++;
	return words != NULL && words->word != NULL ? words : NULL;
}

static bool store_word(const struct reader_setting *value, void *slot)
{
	const char *string = value->string;
	const struct keys_word *words = value->field->words;
	const struct keys_word *found = find_word(words, string);
	const char *nearest = nearest_word(words, string);
	struct text sentence = {0};

	if (found != NULL) {
		*(int *)slot = found->value;
		return true;
	}
	keys_add_expected(value->field, &sentence);
	text_add(&sentence, ", found \"");
	secrecy_add_value(&sentence, string, strlen(string), SHOWN_MAX);
	text_add(&sentence, "\"");
	if (nearest != NULL)
		text_printf(&sentence, "; did you mean \"%s\"?", nearest);
	reader_complain(value, "%s", sentence.bytes);
	text_clear(&sentence);
	return false;
}

/* numbers */

static bool store_bool(const struct reader_setting *value, void *slot)
{
	*(bool *)slot = config_setting_get_bool(value->setting) != CONFIG_FALSE;
	return true;
}

static bool store_int(const struct reader_setting *value, void *slot)
{
	const struct keys_field *field = value->field;
	int64_t number = config_setting_get_int64(value->setting);

	if (number < field->min && field->max == INT64_MAX)
		reader_complain(value, "%" PRId64 " is less than %" PRId64, number, field->min);
	else if (number < field->min || number > field->max)
		reader_complain(value, "%" PRId64 " is outside %" PRId64 "-%" PRId64, number,
		                field->min, field->max);
	else
		*(int64_t *)slot = number;
	return number >= field->min && number <= field->max;
}

static bool store_number(const struct reader_setting *value, void *slot)
{
	const struct keys_field *field = value->field;
	double number = config_setting_type(value->setting) == CONFIG_TYPE_INT64
	                        ? (double)config_setting_get_int64(value->setting)
	                        : config_setting_get_float(value->setting);

	if (!isfinite(number) || number < (double)field->min || number > (double)field->max) {
		reader_complain(value, "%g is outside %" PRId64 "-%" PRId64, number, field->min,
		                field->max);
		return false;
	}
	if (number > 0 && number < KEYS_NUMBER_LEAST) {
		reader_complain(value, "%g is less than %.5f, the least there is; 0 is no limit",
		                number, KEYS_NUMBER_LEAST);
		return false;
	}
	*(double *)slot = number;
	return true;
}

static bool read_span(const struct reader_setting *value, int64_t *ms, struct fault *fault)
{
	int64_t seconds = config_setting_get_int64(value->setting);

	if (value->string != NULL)
		return span_parse(value->string, ms, fault);
	if (seconds < 0)
		return fault_set(fault, "a span cannot be negative");
	if (seconds > SPAN_MAX_MS / 1000)
		return fault_set(fault, "%" PRId64 "s is more than %" PRId64 "s", seconds,
		                 (int64_t)SPAN_MAX_MS / 1000);
	*ms = seconds * 1000;
	return true;
}

static bool store_span(const struct reader_setting *value, void *slot)
{
	struct fault fault = {0};
	int64_t ms = 0;
	bool good = read_span(value, &ms, &fault);

	if (good && ms < 1)
		good = fault_set(&fault, "0s is less than 1ms, the least there is");
	if (good)
		*(int64_t *)slot = ms;
	else
		complain_of_text(value, tree_value_place(value->reader->tree, value->node),
		                 fault.text);
	fault_clear(&fault);
	return good;
}

/* schedules */

static void warn_of_lints(const struct reader_setting *value, const struct cron *cron)
{
	unsigned lints = cron_lint(cron);
	struct text sentence = {0};

	while (lints != 0) {
		text_truncate(&sentence, 0);
		lints = cron_lint_text(cron, lints, &sentence);
		reader_warn(value, "", sentence.bytes);
	}
	text_clear(&sentence);
}

static bool store_no_cron(const struct reader_setting *value, void *slot)
{
	bool is_none = config_setting_get_bool(value->setting) == CONFIG_FALSE;

	if (is_none)
		replace(slot, NULL);
	else
		reader_complain(value,
		                "expected a string or false, found true; false is no schedule");
	return is_none;
}

static bool store_cron(const struct reader_setting *value, void *slot)
{
	const char *text = value->string;
	struct cron cron;
	struct cron_fault fault;

	if (text == NULL)
		return store_no_cron(value, slot);
	if (cron_parse(text, &cron, &fault)) {
		warn_of_lints(value, &cron);
		return store_string(value, slot);
	}
	if (advice_on_string(text) != NULL)
		reader_complain(value, "%s", advice_on_string(text));
	else
		complain_of_text(value,
		                 tree_string_place(value->reader->tree, value->node, fault.offset,
		                                   fault.width),
		                 fault.text);
	return false;
}

/* the types */

#define KIND(kind) (1U << TREE_##kind)

static const struct {
	unsigned kinds;                                                /* what may stand there */
	bool (*store)(const struct reader_setting *value, void *slot); /* NULL: nothing */
} types[] = {
	[KEYS_TYPE_URL] = {KIND(STRING), store_string},
	[KEYS_TYPE_TEXT] = {KIND(STRING), store_text},
	[KEYS_TYPE_PATH] = {KIND(STRING), store_path},
	[KEYS_TYPE_CRON] = {KIND(STRING) | KIND(BOOLEAN), store_cron},
	[KEYS_TYPE_BOOL] = {KIND(BOOLEAN), store_bool},
	[KEYS_TYPE_INT] = {KIND(INTEGER), store_int},
	[KEYS_TYPE_NUMBER] = {KIND(INTEGER) | KIND(NUMBER), store_number},
	[KEYS_TYPE_SPAN] = {KIND(STRING) | KIND(INTEGER), store_span},
	[KEYS_TYPE_WORD] = {KIND(STRING), store_word},
	[KEYS_TYPE_SECRET] = {KIND(STRING), NULL},
	[KEYS_TYPE_GROUP] = {KIND(GROUP), NULL},
	[KEYS_TYPE_LIST] = {KIND(LIST), NULL},
};

/* A scalar as it stands in the file, without its quotes. */
static struct lexer_token word_of(const struct reader_setting *value)
{
	const struct tree_node *node = &value->reader->tree->nodes[value->node];
	size_t quote = node->kind == TREE_STRING;

	return (struct lexer_token){
		.start = value->reader->tree->source->text + node->value + quote,
		.length = node->value_length - 2 * quote,
	};
}

/* Append what to write instead, where a value of another type says what is meant. */
static void add_remedy(const struct keys_field *field, enum tree_kind kind,
                       const struct lexer_token *word, struct text *out)
{
	bool is_string = types[field->type].kinds == KIND(STRING);
	bool is_off = kind == TREE_BOOLEAN && strchr("fF", *word->start) != NULL;
	size_t length = out->length;

	text_add(out, "; ");
	if (kind == TREE_STRING && (types[field->type].kinds & KIND(INTEGER)) != 0 &&
	    word->length > 0 && strspn(word->start, "0123456789.") >= word->length)
		text_add(out, "a number stands without quotes");
	else if (is_off && find_word(field->words, "off") != NULL)
		text_add(out, "write \"off\"");
	else if (is_off && is_string && field->type != KEYS_TYPE_SECRET)
		text_add(out, "for none leave the setting out");
	else if (is_string && field->words == NULL && (kind == TREE_INTEGER || kind == TREE_NUMBER))
		text_add(out, "text stands in double quotes");
	else if (kind == TREE_GROUP || kind == TREE_LIST || kind == TREE_ARRAY ||
	         !advice_on_word(field, word, out))
		text_truncate(out, length);
	else if (kind == TREE_STRING && field->type == KEYS_TYPE_BOOL)
		text_add(out, ", without quotes");
}

bool reader_store(const struct reader_setting *value, void *target)
{
	const struct keys_field *field = value->field;
	bool (*store)(const struct reader_setting *, void *) = types[field->type].store;
	enum tree_kind kind = value->reader->tree->nodes[value->node].kind;
	struct lexer_token word;
	struct text sentence = {0};

	if ((types[field->type].kinds & (1U << kind)) != 0)
		return store == NULL || store(value, (char *)target + field->offset);
	word = word_of(value);
	keys_add_expected(field, &sentence);
	text_printf(&sentence, ", found %s", tree_kind_text(kind));
	add_remedy(field, kind, &word, &sentence);
	reader_complain(value, "%s", sentence.bytes);
	text_clear(&sentence);
	return false;
}
