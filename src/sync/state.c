/* SPDX-License-Identifier: MIT */
/* The file is JSON that anybody may read, and that only we write: a line with what is true of all,
 * then one for each integration, and a hash of all before it at the end. So it is read back line by
 * line, each a small document for json-c: a tree of the whole would need several times the memory
 * for 100,000 entries. Whatever is wrong is reported with its line and leaves the caller's state
 * alone; the caller sets the file aside and starts from nothing. */
#include "sync/state.h"

#include <assert.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "base/mem.h"

#define VERSION_FIRST 1    /* without digests of credentials */
#define VERSION_FNV   2    /* the last one with another hash */
#define DEPTH         4    /* of what is nested in a line; ours are flat */
#define HEAD_END      "]}" /* makes a document of the first line */
#define DIGITS        16   /* of 64 bits */
#define CHECK_START   "],\"check\":\""
#define CHECKED       strlen("],") /* of that, which the hash is over as well */
#define CHECK_END     "\"}\n"
#define TAIL_LENGTH   (strlen(CHECK_START) + DIGITS + strlen(CHECK_END))

/* the way out */

/* 64 bits are more than many readers of JSON take for a number. */
static void add_digest(struct text *out, const char *key, uint64_t digest)
{
	char digits[DIGITS + 1] = {0};

	for (int i = 0; i < DIGITS; i++)
		digits[i] = "0123456789abcdef"[digest >> 4 * (DIGITS - 1 - i) & 15];
	json_out_string(out, key, digest != 0 ? digits : NULL);
}

void state_encode_start(struct text *out, const char *url, uint64_t key_id)
{
	/* The hash is over the text from its first byte. */
	assert(out->length == 0);
	json_out_open_object(out, NULL);
	json_out_int(out, "version", STATE_VERSION);
	json_out_string(out, "url", url);
	add_digest(out, "key", key_id);
	json_out_open_array(out, "integrations");
}

void state_encode_entry(struct text *out, const struct state_entry *entry)
{
	/* A clock from before 1970 must not spoil the file. */
	int64_t accepted_at = entry->accepted_at > 0 ? entry->accepted_at : 0;

	json_out_line(out);
	json_out_open_object(out, NULL);
	json_out_int(out, "id", entry->id);
	json_out_int_or_null(out, "accepted_at", accepted_at, entry->accepted);
	json_out_bool(out, "intended", entry->intended);
	if (entry->uncertain)
		json_out_bool(out, "uncertain", true);
	if (entry->contradicted > 0)
		json_out_int(out, "contradicted", entry->contradicted);
	json_out_string(out, "indexing_cron", entry->value.indexing_cron);
	json_out_string(out, "name", entry->value.name);
	json_out_string(out, "workspace", entry->value.workspace);
	add_digest(out, "credentials", entry->credentials);
	json_out_close_object(out);
}

static uint64_t hash_of(int64_t version, const char *bytes, size_t length)
{
	return version <= VERSION_FNV ? text_hash(TEXT_HASH_START, bytes, length)
	                              : siphash_of(bytes, length);
}

void state_encode_end(struct text *out)
{
	uint64_t hash;

	text_add(out, "\n" CHECK_START);
	hash = hash_of(STATE_VERSION, out->bytes, out->length - strlen(CHECK_START) + CHECKED);
	text_printf(out, "%0*" PRIx64 CHECK_END, DIGITS, hash);
}

/* the way back: members. Each returns false if it is not there, or not of its type. */

static bool read_int(struct json_object *object, const char *key, int64_t min, int64_t *number)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_int))
		return false;
	*number = json_object_get_int64(value);
	return *number >= min;
}

static bool read_bool(struct json_object *object, const char *key, bool *yes)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_boolean))
		return false;
	*yes = json_object_get_boolean(value);
	return true;
}

/* A string, or null; none of ours holds a NUL. The string is given to the caller. */
static bool read_string(struct json_object *object, const char *key, char **string)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		return false;
	if (value == NULL)
		return true;
	if (!json_object_is_type(value, json_type_string) ||
	    strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value))
		return false;
	*string = mem_dup(json_object_get_string(value));
	return true;
}

static bool read_digest(struct json_object *object, const char *key, uint64_t *digest)
{
	char *digits = NULL;
	bool good = read_string(object, key, &digits);

	if (good && digits != NULL) {
		good = strlen(digits) == DIGITS && strspn(digits, "0123456789abcdef") == DIGITS;
		*digest = good ? strtoull(digits, NULL, 16) : 0;
	}
	free(digits);
	return good;
}

/* null: never accepted. */
static bool read_accepted(struct json_object *object, struct state_entry *entry)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, "accepted_at", &value))
		return false;
	entry->accepted = value != NULL;
	return value == NULL || read_int(object, "accepted_at", 0, &entry->accepted_at);
}

/* What is written only where there is something to say. */
static void read_optional(struct json_object *object, struct state_entry *entry)
{
	struct json_object *value;

	(void)json_object_object_get_ex(object, "uncertain", &value);
	entry->uncertain = json_object_get_boolean(value);
	(void)json_object_object_get_ex(object, "contradicted", &value);
	entry->contradicted = (unsigned)json_object_get_int(value);
}

/* The name of the member that could not be read, or NULL. */
static const char *read_entry(struct json_object *object, int64_t version,
                              struct state_entry *entry)
{
	if (!read_int(object, "id", 1, &entry->id))
		return "id";
	if (!read_accepted(object, entry))
		return "accepted_at";
	if (!read_bool(object, "intended", &entry->intended))
		return "intended";
	read_optional(object, entry);
	if (!read_string(object, "indexing_cron", &entry->value.indexing_cron))
		return "indexing_cron";
	if (!read_string(object, "name", &entry->value.name))
		return "name";
	if (!read_string(object, "workspace", &entry->value.workspace))
		return "workspace";
	if (version > VERSION_FIRST && !read_digest(object, "credentials", &entry->credentials))
		return "credentials";
	return NULL;
}

/* the way back: lines */

/* What is still to be read. */
struct reader {
	const char *at;
	const char *end;
	size_t line; /* the number of the last one */
	int64_t version;
	struct json_tokener *tokener; /* owned */
};

/* Take a line without its end; false where there is none. */
static bool take_line(struct reader *reader, const char **line, size_t *length)
{
	const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	if (end == NULL)
		return false;
	*line = reader->at;
	*length = (size_t)(end - reader->at);
	reader->at = end + 1;
	reader->line++;
	return true;
}

/* An object, which the caller puts, and nothing else; or NULL. */
static struct json_object *parse(struct reader *reader, const char *bytes, size_t length)
{
	struct json_object *object = NULL;

	json_tokener_reset(reader->tokener);
	if (length > 0)
		object = json_tokener_parse_ex(reader->tokener, bytes, (int)length);
	if (object == NULL || (json_object_is_type(object, json_type_object) &&
	                       json_tokener_get_parse_end(reader->tokener) == length))
		return object;
	(void)json_object_put(object);
	return NULL;
}

static bool add_entry(struct reader *reader, struct json_object *object, struct state *state,
                      struct fault *fault)
{
	struct state_entry *entry;
	const char *wrong;

	state->entries = mem_room(state->entries, &state->capacity, state->count + 1);
	entry = &state->entries[state->count++];
	*entry = (struct state_entry){0};
	wrong = read_entry(object, reader->version, entry);
	return wrong == NULL ||
	       fault_set(fault, "line %zu: %s: missing or not of its type", reader->line, wrong);
}

static bool read_entries(struct reader *reader, struct state *state, struct fault *fault)
{
	const char *line;
	size_t length;

	while (take_line(reader, &line, &length)) {
		bool has_comma = length > 0 && line[length - 1] == ',';
		struct json_object *object = parse(reader, line, length - has_comma);
		bool good;

		if (object == NULL)
			return fault_set(fault, "line %zu: not an integration", reader->line);
		good = add_entry(reader, object, state, fault);
		(void)json_object_put(object);
		if (!good)
			return false;
	}
	return reader->at == reader->end ||
	       fault_set(fault, "line %zu: not an integration", reader->line + 1);
}

/* The first one that does not stand behind the one before; NULL: they are sorted. */
static const struct state_entry *find_unsorted(const struct state *state)
{
	for (size_t i = 1; i < state->count; i++) {
		if (state->entries[i - 1].id >= state->entries[i].id)
			return &state->entries[i];
	}
	return NULL;
}

static bool sort(struct state *state, struct fault *fault)
{
	const struct state_entry *wrong = find_unsorted(state);

	if (wrong != NULL) {
		qsort(state->entries, state->count, sizeof(*state->entries), mem_compare_int);
		wrong = find_unsorted(state);
	}
	return wrong == NULL ||
	       fault_set(fault, "integration %" PRId64 " is there twice", wrong->id);
}

/* Compare the end of the file with what it has to be, and take it off. */
static bool verify(struct reader *reader, const char *bytes, struct fault *fault)
{
	const char *start = reader->end - TAIL_LENGTH;
	const char *digits = start + strlen(CHECK_START);
	struct text check = {0};
	bool framed, same;

	if ((size_t)(reader->end - reader->at) < TAIL_LENGTH)
		return fault_set(fault, "cut off");
	framed = memcmp(start, CHECK_START, strlen(CHECK_START)) == 0 &&
	         memcmp(digits + DIGITS, CHECK_END, strlen(CHECK_END)) == 0;
	if (!framed)
		return fault_set(fault, "cut off");
	text_printf(&check, "%0*" PRIx64, DIGITS,
	            hash_of(reader->version, bytes, (size_t)(start - bytes) + CHECKED));
	same = memcmp(digits, check.bytes, DIGITS) == 0;
	text_clear(&check);
	reader->end = start;
	return same || fault_set(fault, "damaged: the check does not fit the content");
}

/* The first line, as an object that the caller puts; NULL, and the fault set, if it is none of
 * ours. The version counts first: a newer one may hash, and continue, as it likes. */
static struct json_object *read_head(struct reader *reader, struct fault *fault)
{
	struct text document = {0};
	struct json_object *head = NULL;
	const char *line;
	size_t length;

	if (take_line(reader, &line, &length)) {
		text_add_bytes(&document, line, length);
		text_add(&document, HEAD_END);
		head = parse(reader, document.bytes, document.length);
		text_clear(&document);
	}
	if (head == NULL || !read_int(head, "version", VERSION_FIRST, &reader->version)) {
		(void)fault_set(fault, "not a state file");
	} else if (reader->version > STATE_VERSION) {
		(void)fault_set(fault, "version %" PRId64 " is not known here, only up to %d",
		                reader->version, STATE_VERSION);
	} else {
		return head;
	}
	(void)json_object_put(head);
	return NULL;
}

static bool read_common(const struct reader *reader, struct json_object *head, struct state *state,
                        struct fault *fault)
{
	if (!read_string(head, "url", &state->url))
		return fault_set(fault, "url: missing or not of its type");
	if (reader->version > VERSION_FIRST && !read_digest(head, "key", &state->key_id))
		return fault_set(fault, "key: missing or not of its type");
	return json_object_object_get_ex(head, "integrations", NULL) ||
	       fault_set(fault, "integrations: missing");
}

static bool read_state(struct state *state, struct reader *reader, size_t length,
                       struct fault *fault)
{
	const char *bytes = reader->at;
	struct json_object *head;
	bool good;

	if (length == 0)
		return fault_set(fault, "empty");
	head = read_head(reader, fault);
	if (head == NULL)
		return false;
	good = verify(reader, bytes, fault) &&
	       (text_utf8_error(bytes, length) == length || fault_set(fault, "not UTF-8")) &&
	       read_common(reader, head, state, fault) && read_entries(reader, state, fault) &&
	       sort(state, fault);
	(void)json_object_put(head);
	return good;
}

bool state_decode(struct state *state, const char *bytes, size_t length, struct fault *fault)
{
	struct reader reader = {.at = bytes, .end = bytes + length};
	struct state fresh = {0};
	bool good;

	fault_clear(fault);
	if (length > STATE_MAX)
		return fault_set(fault, "larger than %d MiB", STATE_MAX / 1024 / 1024);
	/* Not strict: json-c 0.18 then takes nothing beyond ASCII; the check finds what is damaged.
	 */
	reader.tokener = json_tokener_new_ex(DEPTH);
	if (reader.tokener == NULL)
		abort();
	good = read_state(&fresh, &reader, length, fault);
	json_tokener_free(reader.tokener);
	if (!good) {
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

/* digests of credentials. Without the key they say nothing, and no guess can be tried against them;
 * that is why the key is in a file of its own. */

/* 0 stands for "unknown" wherever digests are kept. */
static uint64_t end_digest(struct siphash *hash)
{
	uint64_t digest = siphash_end(hash);

	mem_wipe(hash, sizeof(*hash));
	return digest != 0 ? digest : 1;
}

static void add_secret(struct siphash *hash, const char *secret)
{
	size_t length = secret != NULL ? strlen(secret) : 0;

	siphash_add_int(hash, length);
	siphash_add(hash, secret, length);
}

uint64_t state_key_id(const struct state_key *key)
{
	static const char purpose[] = "dfmode-sync key";
	struct siphash hash;

	siphash_init(&hash, key->bytes);
	siphash_add(&hash, purpose, sizeof(purpose));
	return end_digest(&hash);
}

void state_digest_credentials(struct spec *spec, const struct state_key *key)
{
	for (size_t i = 0; i < spec->count; i++) {
		struct spec_integration *integration = &spec->integrations[i];
		struct siphash hash;

		siphash_init(&hash, key->bytes);
		siphash_add_int(&hash, (uint64_t)integration->id);
		add_secret(&hash, integration->token);
		add_secret(&hash, integration->password);
		integration->credentials = end_digest(&hash);
	}
}
