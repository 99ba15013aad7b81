/* SPDX-License-Identifier: MIT */
/* The file is JSON that anybody may read, and that only we write: one integration a line, each
 * member in its one place, a hash of all before it at the end. So it is read back by walking over
 * exactly what we write, and nothing else is taken for a state; a general parser would need several
 * times the memory and the time for 100,000 entries, and would have to be told afterwards what it
 * was too lenient about. Whatever is wrong is told with its line and leaves the caller's state
 * alone; the caller sets the file aside and starts from nothing. */
#include "sync/state.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHECK_MEMBER "\"check\":\""
#define CHECK_END    "\"}\n"
#define CHECK_DIGITS 16
#define TAIL_LENGTH  (strlen(CHECK_MEMBER) + CHECK_DIGITS + strlen(CHECK_END))

static void add_string(struct text *out, const char *string)
{
	if (string == NULL) {
		text_add_bytes(out, "null", 4);
		return;
	}
	text_add_char(out, '"');
	text_add_json(out, string, strlen(string));
	text_add_char(out, '"');
}

void state_encode_start(struct text *out, const char *url)
{
	/* The hash is over the text from its first byte. */
	assert(out->length == 0);
	text_add(out, "{\"version\":");
	text_add_int(out, STATE_VERSION);
	text_add(out, ",\"url\":");
	add_string(out, url);
	text_add(out, ",\"integrations\":[");
}

/* When it was accepted, or null. A clock from before 1970 must not spoil the file. */
static void add_accepted(struct text *out, const struct state_entry *entry)
{
	if (!entry->accepted)
		text_add_bytes(out, "null", 4);
	else
		text_add_int(out, entry->accepted_at > 0 ? entry->accepted_at : 0);
}

void state_encode_entry(struct text *out, const struct state_entry *entry)
{
	text_add(out, out->bytes[out->length - 1] == '[' ? "\n{\"id\":" : ",\n{\"id\":");
	text_add_int(out, entry->id);
	text_add(out, ",\"accepted_at\":");
	add_accepted(out, entry);
	text_add(out, entry->intended ? ",\"intended\":true" : ",\"intended\":false");
	if (entry->uncertain)
		text_add(out, ",\"uncertain\":true");
	text_add(out, ",\"indexing_cron\":");
	add_string(out, entry->value.indexing_cron);
	text_add(out, ",\"name\":");
	add_string(out, entry->value.name);
	text_add(out, ",\"workspace\":");
	add_string(out, entry->value.workspace);
	text_add_char(out, '}');
}

static void add_check(struct text *out, const char *bytes, size_t length)
{
	text_printf(out, CHECK_MEMBER "%0*" PRIx64 CHECK_END, CHECK_DIGITS,
	            text_hash(TEXT_HASH_START, bytes, length));
}

void state_encode_end(struct text *out)
{
	text_add(out, "\n],");
	add_check(out, out->bytes, out->length);
}

/* What is still to be read. */
struct cursor {
	const char *at;
	const char *end;
};

static bool take(struct cursor *cursor, const char *literal)
{
	size_t length = strlen(literal);

	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, literal, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

static bool take_int(struct cursor *cursor, int64_t min, int64_t *number)
{
	char digits[24];
	size_t length = 0;

	while (length < sizeof(digits) - 1 && cursor->at + length < cursor->end &&
	       cursor->at[length] >= '0' && cursor->at[length] <= '9')
		length++;
	memcpy(digits, cursor->at, length);
	digits[length] = '\0';
	cursor->at += length;
	return (length == 1 || digits[0] != '0') && text_to_int(digits, min, INT64_MAX, number);
}

static bool take_bool(struct cursor *cursor, bool *value)
{
	*value = take(cursor, "true");
	return *value || take(cursor, "false");
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* What stands behind "\u": four digits. A NUL, which no string of ours can hold, is rejected. */
static bool take_code_point(struct cursor *cursor, struct text *out)
{
	int point = 0;

	if (cursor->end - cursor->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int value = hex_value(*cursor->at++);

		if (value < 0)
			return false;
		point = point * 16 + value;
	}
	if (point >= 0x800) {
		text_add_char(out, (char)(0xe0 | point >> 12));
		text_add_char(out, (char)(0x80 | (point >> 6 & 63)));
	} else if (point >= 0x80) {
		text_add_char(out, (char)(0xc0 | point >> 6));
	}
	text_add_char(out, (char)(point >= 0x80 ? 0x80 | (point & 63) : point));
	return point != 0 && (point < 0x20 || point >= 0x80) && (point & 0xf800) != 0xd800;
}

/* Read what follows a backslash. */
static bool take_escape(struct cursor *cursor, struct text *out)
{
	static const char from[] = "\"\\bfnrt", to[] = "\"\\\b\f\n\r\t";
	const char *known;

	if (take(cursor, "u"))
		return take_code_point(cursor, out);
	if (cursor->at == cursor->end || *cursor->at == '\0')
		return false;
	known = strchr(from, *cursor->at);
	if (known == NULL)
		return false;
	text_add_char(out, to[known - from]);
	cursor->at++;
	return true;
}

/* The bytes up to a quote, a backslash, or what may not stand in a string. */
static size_t plain_run(const struct cursor *cursor)
{
	const char *at = cursor->at;

	while (at < cursor->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
		at++;
	return (size_t)(at - cursor->at);
}

/* Read the rest of a string that has escapes. */
static bool take_escaped(struct cursor *cursor, struct text *out)
{
	while (!take(cursor, "\"")) {
		size_t run = plain_run(cursor);

		text_add_bytes(out, cursor->at, run);
		cursor->at += run;
		if (run == 0 && !(take(cursor, "\\") && take_escape(cursor, out)))
			return false;
	}
	return true;
}

/* Read null or a string, which is owned by the caller also when false is returned. */
static bool take_string(struct cursor *cursor, char **string)
{
	struct text text = {0};
	size_t run;
	bool whole;

	*string = NULL;
	if (take(cursor, "null"))
		return true;
	if (!take(cursor, "\""))
		return false;
	run = plain_run(cursor);
	if (run < (size_t)(cursor->end - cursor->at) && cursor->at[run] == '"') {
		*string = mem_dup_bytes(cursor->at, run);
		cursor->at += run + 1;
		return true;
	}
	whole = take_escaped(cursor, &text);
	*string = text_take(&text);
	return whole;
}

/* The name of the member that could not be read, or NULL. */
static const char *read_entry(struct cursor *cursor, struct state_entry *entry)
{
	if (!take(cursor, "{\"id\":") || !take_int(cursor, 1, &entry->id))
		return "id";
	if (!take(cursor, ",\"accepted_at\":"))
		return "accepted_at";
	entry->accepted = !take(cursor, "null");
	if (entry->accepted && !take_int(cursor, 0, &entry->accepted_at))
		return "accepted_at";
	if (!take(cursor, ",\"intended\":") || !take_bool(cursor, &entry->intended))
		return "intended";
	entry->uncertain = take(cursor, ",\"uncertain\":true");
	if (!take(cursor, ",\"indexing_cron\":") ||
	    !take_string(cursor, &entry->value.indexing_cron))
		return "indexing_cron";
	if (!take(cursor, ",\"name\":") || !take_string(cursor, &entry->value.name))
		return "name";
	if (!take(cursor, ",\"workspace\":") || !take_string(cursor, &entry->value.workspace))
		return "workspace";
	return NULL;
}

static bool add_entry(struct state *state, struct cursor *cursor, struct fault *fault)
{
	struct state_entry *entry;
	const char *wrong;

	state->entries = mem_grow(state->entries, &state->capacity, state->count + 1,
	                          sizeof(*state->entries));
	entry = &state->entries[state->count++];
	*entry = (struct state_entry){0};
	wrong = read_entry(cursor, entry);
	if (wrong != NULL)
		return fault_set(fault, "line %zu: %s: missing or not of its type",
		                 state->count + 1, wrong);
	if (!take(cursor, "}"))
		return fault_set(fault, "line %zu: more than an integration's members",
		                 state->count + 1);
	return true;
}

static bool read_entries(struct state *state, struct cursor *cursor, struct fault *fault)
{
	bool more = !take(cursor, "\n],");

	while (more) {
		if (!take(cursor, "\n") || !add_entry(state, cursor, fault))
			return fault->text != NULL
			               ? false
			               : fault_set(fault, "line %zu: not an integration",
			                           state->count + 2);
		more = take(cursor, ",");
		if (!more && !take(cursor, "\n],"))
			return fault_set(fault, "line %zu: more than one integration",
			                 state->count + 1);
	}
	return true;
}

static int compare_ids(const void *left, const void *right)
{
	const struct state_entry *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

static bool is_sorted(const struct state *state)
{
	for (size_t i = 1; i < state->count; i++) {
		if (state->entries[i - 1].id >= state->entries[i].id)
			return false;
	}
	return true;
}

static bool sort(struct state *state, struct fault *fault)
{
	if (is_sorted(state))
		return true;
	qsort(state->entries, state->count, sizeof(*state->entries), compare_ids);
	for (size_t i = 1; i < state->count; i++) {
		if (state->entries[i - 1].id == state->entries[i].id)
			return fault_set(fault, "integration %" PRId64 " is there twice",
			                 state->entries[i].id);
	}
	return true;
}

/* The version comes first and alone: a newer one may hash, and continue, as it likes. */
static bool read_version(struct cursor *cursor, struct fault *fault)
{
	int64_t version;

	if (!take(cursor, "{\"version\":") || !take_int(cursor, 1, &version))
		return fault_set(fault, "not a state file");
	if (version != STATE_VERSION)
		return fault_set(fault, "version %" PRId64 " is not known here, only version %d",
		                 version, STATE_VERSION);
	return true;
}

/* Compare the end of the file with what it has to be, and take it off. */
static bool verify(struct cursor *cursor, const char *bytes, struct fault *fault)
{
	struct text tail = {0};
	const char *start;
	bool framed, same;

	if ((size_t)(cursor->end - cursor->at) < TAIL_LENGTH)
		return fault_set(fault, "cut off");
	start = cursor->end - TAIL_LENGTH;
	framed = memcmp(start, CHECK_MEMBER, strlen(CHECK_MEMBER)) == 0 &&
	         memcmp(cursor->end - strlen(CHECK_END), CHECK_END, strlen(CHECK_END)) == 0;
	if (!framed)
		return fault_set(fault, "cut off");
	add_check(&tail, bytes, (size_t)(start - bytes));
	same = memcmp(start, tail.bytes, TAIL_LENGTH) == 0;
	text_clear(&tail);
	cursor->end = start;
	return same || fault_set(fault, "damaged: the check does not fit the content");
}

static bool read_state(struct state *state, const char *bytes, size_t length, struct fault *fault)
{
	struct cursor cursor = {.at = bytes, .end = bytes + length};

	if (length == 0)
		return fault_set(fault, "empty");
	if (length > STATE_MAX)
		return fault_set(fault, "larger than %d MiB", STATE_MAX / 1024 / 1024);
	if (!read_version(&cursor, fault) || !verify(&cursor, bytes, fault))
		return false;
	if (text_utf8_error(bytes, length) != length)
		return fault_set(fault, "not UTF-8");
	if (!take(&cursor, ",\"url\":") || !take_string(&cursor, &state->url))
		return fault_set(fault, "url: missing or not of its type");
	if (!take(&cursor, ",\"integrations\":["))
		return fault_set(fault, "integrations: missing or not of its type");
	if (!read_entries(state, &cursor, fault))
		return false;
	if (cursor.at != cursor.end)
		return fault_set(fault, "more than a state behind the integrations");
	return sort(state, fault);
}

bool state_decode(struct state *state, const char *bytes, size_t length, struct fault *fault)
{
	struct state fresh = {0};

	fault_clear(fault);
	if (!read_state(&fresh, bytes, length, fault)) {
		state_clear(&fresh);
		return false;
	}
	state_clear(state);
	*state = fresh;
	return true;
}

void state_clear(struct state *state)
{
	for (size_t i = 0; i < state->count; i++)
		spec_value_clear(&state->entries[i].value);
	free(state->entries);
	free(state->url);
	*state = (struct state){0};
}
