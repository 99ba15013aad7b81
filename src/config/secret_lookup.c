/* SPDX-License-Identifier: MIT */
/* A secret is named by exactly one of three keys. A file of secrets is often the same for ten
 * thousand integrations, so each is read once and remembered, its fault as well; the fault is then
 * told again wherever the file is named, a warning about the file only once. What is found is
 * copied for its user, and the memory is wiped with the keyring. */
#include "config/secret_lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

#define API_KEY_CREDENTIAL "datafold-api-key"

struct keyring_file {
	char *path;  /* NULL: a free place */
	char *bytes; /* NULL: `fault` says why */
	char *fault;
	char *warning; /* until it was told */
};

/* ---- files, read once ---- */

static struct keyring_file *place_of(const struct keyring *keyring, const char *path)
{
	uint64_t hash = text_hash(TEXT_HASH_START, path, strlen(path));
	size_t at = (size_t)hash & (keyring->file_capacity - 1);
	while (keyring->files[at].path && strcmp(keyring->files[at].path, path) != 0)
		at = (at + 1) & (keyring->file_capacity - 1);
	return &keyring->files[at];
}

/* Half of the places stay free. */
static void make_room(struct keyring *keyring)
{
	if (keyring->file_count * 2 < keyring->file_capacity)
		return;
	struct keyring grown = *keyring;
	grown.file_capacity = keyring->file_capacity ? 2 * keyring->file_capacity : 16;
	grown.files = mem_alloc(grown.file_capacity, sizeof(*grown.files));
	for (size_t i = 0; i < keyring->file_capacity; i++)
		if (keyring->files[i].path)
			*place_of(&grown, keyring->files[i].path) = keyring->files[i];
	free(keyring->files);
	*keyring = grown;
}

static struct keyring_file *read_once(struct keyring *keyring, const char *path)
{
	make_room(keyring);
	struct keyring_file *file = place_of(keyring, path);
	if (file->path)
		return file;
	struct fault fault = {0};
	file->path = mem_dup(path);
	file->bytes = secret_read(keyring->source, path, &fault, &file->warning);
	file->fault = fault.text;
	keyring->file_count++;
	return file;
}

static bool is_missing(const char *path)
{
	struct stat status;
	return stat(path, &status) < 0 && errno == ENOENT;
}

/* ---- one secret ---- */

struct request {
	const struct schema *schema;
	size_t row;
	const struct schema_given *given;
};

static char *read_file(struct keyring *keyring, const struct request *request, const char *path)
{
	const struct schema_reader *reader = keyring->reader;
	struct keyring_file *file = read_once(keyring, path);
	if (file->warning) {
		struct fault_place place =
			outline_value_place(reader->outline, request->given->node);
		faults_add(reader->faults, FAULT_WARNING, &place, "%s%s: %s",
		           request->schema->prefix, request->schema->fields[request->row].key,
		           file->warning);
		free(file->warning);
		file->warning = NULL;
	}
	if (!file->bytes)
		schema_complain(reader, request->schema, request->row, request->given->node, "%s%s",
		                file->fault,
		                is_missing(path) ? "; create it, with the secret as its only line"
		                                 : "");
	return mem_dup(file->bytes);
}

static char *find_in_file(struct keyring *keyring, const struct request *request)
{
	const struct schema_given *given = request->given;
	if (!*given->string) {
		schema_complain(keyring->reader, request->schema, request->row, given->node,
		                "a path cannot be empty");
		return NULL;
	}
	char *path = schema_path(keyring->reader, given->node, given->string);
	char *bytes = read_file(keyring, request, path);
	free(path);
	return bytes;
}

/* systemd.exec(5): a credential's name is a file name. */
static bool is_credential_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Whoever may not look takes each to be there. What is given is never sent. */
static char *presume(const struct keyring *keyring, const struct fault_place *place,
                     const char *name)
{
	faults_add(keyring->reader->faults, FAULT_WARNING, place,
	           "credential '%s' is not checked: only the service can read it", name);
	return mem_dup("hidden");
}

static char *find_credential(struct keyring *keyring, const struct request *request)
{
	const struct schema_given *given = request->given;
	const char *directory = keyring->environment->credentials_directory;
	const char *reason = NULL;
	if (!is_credential_name(given->string))
		reason = "a credential's name is a file name, without '/'";
	else if (!directory && !keyring->environment->hides_credentials)
		reason = "there are no credentials here (CREDENTIALS_DIRECTORY is not set); "
			 "systemd gives them with LoadCredential=";
	if (reason) {
		schema_complain(keyring->reader, request->schema, request->row, given->node, "%s",
		                reason);
		return NULL;
	}
	if (keyring->environment->hides_credentials) {
		struct fault_place place =
			outline_value_place(keyring->reader->outline, given->node);
		return presume(keyring, &place, given->string);
	}
	char *path = mem_printf("%s/%s", directory, given->string);
	char *bytes = read_file(keyring, request, path);
	free(path);
	return bytes;
}

/* Told once of each file: who has ten thousand inline secrets has one mode to mend. */
static void judge_mode(struct keyring *keyring, const struct request *request)
{
	struct fault_place place = outline_place(keyring->reader->outline, request->given->node);
	struct stat status;
	for (size_t i = 0; i < keyring->told_count; i++)
		if (keyring->told[i] == place.file)
			return;
	keyring->told = mem_grow(keyring->told, &keyring->told_capacity, keyring->told_count + 1,
	                         sizeof(*keyring->told));
	keyring->told[keyring->told_count++] = place.file;
	if (!keyring->has_files || stat(place.file, &status) < 0 || !(status.st_mode & S_IROTH))
		return;
	faults_add(keyring->reader->faults, FAULT_WARNING, &place,
	           "%s%s: '%s' can be read by everybody (mode %04o); chmod o= '%s'",
	           request->schema->prefix, request->schema->fields[request->row].key, place.file,
	           (unsigned)(status.st_mode & 07777), place.file);
}

static char *find_inline(struct keyring *keyring, const struct request *request)
{
	struct fault fault = {0};
	if (secret_check(request->given->string, &fault)) {
		judge_mode(keyring, request);
		return mem_dup(request->given->string);
	}
	schema_complain(keyring->reader, request->schema, request->row, request->given->node, "%s",
	                fault.text);
	fault_clear(&fault);
	return NULL;
}

/* Two keys for one secret: which is meant? */
static void tell_both(const struct keyring *keyring, const struct schema *schema, size_t row,
                      const struct schema_given *first, const struct schema_given *second)
{
	const struct outline *outline = keyring->reader->outline;
	const struct outline_node *earlier = &outline->nodes[first->node];
	struct fault_place place = outline_place(outline, second->node);
	struct fault_place other = outline_place(outline, first->node);
	faults_add(keyring->reader->faults, FAULT_ERROR, &place,
	           "%s%s: the same secret as %s%.*s at %s:%d:%d; keep one of them", schema->prefix,
	           schema->fields[row].key, schema->prefix, (int)earlier->name_length,
	           outline->source->text + earlier->name, other.file, other.line, other.column);
}

enum keyring_answer keyring_find(struct keyring *keyring, const struct schema *schema, size_t row,
                                 const struct schema_given *given, struct keyring_secret *secret)
{
	static char *(*const find[])(struct keyring *, const struct request *) = {
		find_inline, find_in_file, find_credential};
	size_t found = 3;
	bool is_bad = false;
	for (size_t i = 0; i < 3; i++) {
		const struct schema_given *other = &given[row + i];
		is_bad = is_bad || other->is_guess;
		if (!other->node || other->is_guess)
			continue;
		if (found < 3) {
			const struct schema_given *one = &given[row + found];
			bool in_order = one->node < other->node;
			tell_both(keyring, schema, in_order ? row + i : row + found,
			          in_order ? one : other, in_order ? other : one);
			is_bad = true;
		}
		found = i;
	}
	if (found == 3)
		return is_bad ? KEYRING_BAD : KEYRING_NONE;
	const struct request request = {schema, row + found, &given[row + found]};
	if (is_bad || request.given->is_bad || !request.given->string)
		return KEYRING_BAD;
	secret->node = request.given->node;
	secret->bytes = find[found](keyring, &request);
	return secret->bytes ? KEYRING_FOUND : KEYRING_BAD;
}

/* ---- the API key of the environment ---- */

static char *take_or_tell(const struct keyring *keyring, const char *from, char *bytes,
                          const struct fault *fault)
{
	struct fault_place place = {.file = keyring->source->files[0]};
	if (!bytes)
		faults_add(keyring->reader->faults, FAULT_ERROR, &place, "%s: %s", from,
		           fault->text);
	return bytes;
}

char *keyring_find_api_key(struct keyring *keyring, uint32_t node)
{
	const struct secret_environment *environment = keyring->environment;
	struct fault fault = {0};
	char *bytes = NULL;
	char *path = NULL;
	if (environment->credentials_directory && !environment->hides_credentials)
		path = mem_printf("%s/%s", environment->credentials_directory, API_KEY_CREDENTIAL);
	if (path && !is_missing(path)) {
		char *warning = NULL;
		bytes = secret_read(keyring->source, path, &fault, &warning);
		bytes = take_or_tell(keyring, "credential " API_KEY_CREDENTIAL, bytes, &fault);
		free(warning); /* the modes of credentials are systemd's business */
	} else if (environment->api_key) {
		if (secret_check(environment->api_key, &fault))
			bytes = mem_dup(environment->api_key);
		bytes = take_or_tell(keyring, "DATAFOLD_API_KEY", bytes, &fault);
	} else {
		struct fault_place place = outline_place(keyring->reader->outline, node);
		if (node == 0)
			place = (struct fault_place){.file = keyring->source->files[0]};
		if (environment->hides_credentials)
			bytes = presume(keyring, &place, API_KEY_CREDENTIAL);
		else
			faults_add(keyring->reader->faults, FAULT_ERROR, &place,
			           "no API key; set api.key_file, api.key_credential or api.key, "
			           "or give a "
			           "credential '" API_KEY_CREDENTIAL "' or DATAFOLD_API_KEY");
	}
	free(path);
	fault_clear(&fault);
	return bytes;
}

void keyring_clear(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->file_capacity; i++) {
		free(keyring->files[i].path);
		mem_free_secret(keyring->files[i].bytes);
		free(keyring->files[i].fault);
		free(keyring->files[i].warning);
	}
	free(keyring->files);
	free(keyring->told);
	*keyring = (struct keyring){0};
}
