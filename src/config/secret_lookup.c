/* SPDX-License-Identifier: MIT */
/* A secret is named by exactly one of three keys. A file of secrets is often the same for ten
 * thousand integrations, so each is read once and remembered, its fault as well; the fault is then
 * reported again wherever the file is named, a warning about the file only once. What is found is
 * copied for its user, and the memory is wiped with the lookup. */
#include "config/secret_lookup.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "config/advice.h"
#include "config/secrecy.h"

#define API_KEY_CREDENTIAL "datafold-api-key"

struct secret_lookup_file {
	char *path;  /* what it is found by, the first member: text_compare() */
	char *bytes; /* NULL: `fault` says why */
	char *fault;
	char *warning;          /* until it was reported */
	const char *decoration; /* likewise */
};

/* files, read once */

static struct secret_lookup_file *read_once(struct secret_lookup *lookup, const char *path)
{
	void **found = mem_demand(tsearch(&path, &lookup->files, text_compare));
	struct secret_lookup_file *file;
	struct fault fault = {0};

	if (*found != &path)
		return *found;
	file = *found = mem_new(struct secret_lookup_file);
	file->path = mem_dup(path);
	file->bytes = secret_read(lookup->source, path, &fault, &file->warning);
	file->fault = fault.text;
	file->decoration = file->bytes != NULL ? secret_decoration(file->bytes) : NULL;
	return file;
}

static bool is_missing(const char *path)
{
	struct stat status;

	return stat(path, &status) < 0 && errno == ENOENT;
}

/* one secret */

/* What to do about a file that cannot be read. */
static const char *remedy_for(const char *path, const char *written)
{
	if (!is_missing(path))
		return NULL;
	return advice_on_string(written) != NULL ? advice_on_string(written)
	                                         : "create it, with the secret as its only line";
}

static char *read_file(struct secret_lookup *lookup, const struct reader_setting *key,
                       const char *path)
{
	struct secret_lookup_file *file = read_once(lookup, path);
	const char *remedy = file->bytes == NULL ? remedy_for(path, key->string) : NULL;

	reader_warn(key, "", file->warning);
	reader_warn(key, "the secret in the file ", file->decoration);
	free(file->warning);
	file->warning = NULL;
	file->decoration = NULL;
	if (file->bytes == NULL)
		reader_complain(key, "%s%s%s", file->fault, remedy != NULL ? "; " : "",
		                remedy != NULL ? remedy : "");
	return mem_dup(file->bytes);
}

static char *find_in_file(struct secret_lookup *lookup, const struct reader_setting *key)
{
	char *path, *bytes;

	if (*key->string == '\0') {
		reader_complain(key, "a path cannot be empty");
		return NULL;
	}
	path = source_path_from(tree_place(lookup->reader->tree, key->node).file, key->string);
	bytes = read_file(lookup, key, path);
	free(path);
	return bytes;
}

/* systemd.exec(5): a credential's name is a file name. */
static bool is_credential_name(const char *name)
{
	return *name != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

/* Whoever may not look takes each to be there. What is given is never sent. */
static char *presume(struct secret_lookup *lookup, struct fault_place place, const char *name)
{
	struct text shown = {0};

	secrecy_add_value(&shown, name, strlen(name), NAME_MAX);
	faults_add(lookup->reader->faults, FAULT_WARNING, place,
	           "credential '%s' is not checked: only the service can read it", shown.bytes);
	text_clear(&shown);
	lookup->has_presumed = true;
	return mem_dup("hidden");
}

static char *find_credential(struct secret_lookup *lookup, const struct reader_setting *key)
{
	const char *name = key->string;
	const char *directory = lookup->environment->credentials_directory;
	char *bytes = NULL;
	char *path;

	if (!is_credential_name(name)) {
		reader_complain(key, "a credential's name is a file name, without '/'");
	} else if (lookup->environment->hides_credentials) {
		bytes = presume(lookup, tree_value_place(lookup->reader->tree, key->node), name);
	} else if (directory == NULL) {
		reader_complain(key,
		                "there are no credentials here (CREDENTIALS_DIRECTORY is not set); "
		                "systemd gives them with LoadCredential=");
	} else {
		path = mem_printf("%s/%s", directory, name);
		bytes = read_file(lookup, key, path);
		free(path);
	}
	return bytes;
}

/* Once of each file: who has ten thousand inline secrets has one mode to change. */
static void judge_mode(struct secret_lookup *lookup, const struct reader_setting *key)
{
	struct fault_place place = tree_place(lookup->reader->tree, key->node);
	struct stat status;

	for (size_t i = 0; i < lookup->judged_count; i++) {
		if (lookup->judged[i] == place.file)
			return;
	}
	lookup->judged =
		mem_room(lookup->judged, &lookup->judged_capacity, lookup->judged_count + 1);
	lookup->judged[lookup->judged_count++] = place.file;
	if (!lookup->has_files || stat(place.file, &status) < 0 || !(status.st_mode & S_IROTH))
		return;
	faults_add(lookup->reader->faults, FAULT_WARNING, place,
	           "%s%s: '%s' can be read by everybody (mode %04o); chmod o= '%s'",
	           key->group->prefix, key->field->key, place.file,
	           (unsigned)(status.st_mode & 07777), place.file);
}

static char *find_inline(struct secret_lookup *lookup, const struct reader_setting *key)
{
	struct fault fault = {0};

	if (secret_check(key->string, strlen(key->string), &fault)) {
		judge_mode(lookup, key);
		reader_warn(key, "the secret ", secret_decoration(key->string));
		return mem_dup(key->string);
	}
	reader_complain(key, "%s", fault.text);
	fault_clear(&fault);
	return NULL;
}

/* Two keys for one secret: which is meant? */
static void report_both(const struct secret_lookup *lookup, const struct reader_setting *one,
                        const struct reader_setting *other)
{
	const struct reader_setting *first = one->node < other->node ? one : other;
	const struct reader_setting *second = first == one ? other : one;
	struct fault_place earlier = tree_place(lookup->reader->tree, first->node);

	faults_add(lookup->reader->faults, FAULT_ERROR,
	           tree_place(lookup->reader->tree, second->node),
	           "%s%s: the same secret as %s%s at %s:%d:%d; keep one of them",
	           second->group->prefix, second->field->key, first->group->prefix,
	           first->field->key, earlier.file, earlier.line, earlier.column);
}

/* Which of the three keys is there; NULL: none is. Two are a fault, as is a misspelt one. */
static const struct reader_setting *find_key(const struct secret_lookup *lookup,
                                             const struct reader_setting keys[3], bool *is_bad)
{
	const struct reader_setting *found = NULL;

	for (const struct reader_setting *key = keys; key < keys + 3; key++) {
		*is_bad = *is_bad || key->is_guess;
		if (key->node == 0 || key->is_guess)
			continue;
		if (found != NULL) {
			report_both(lookup, found, key);
			*is_bad = true;
		}
		found = key;
	}
	return found;
}

enum secret_lookup_answer secret_lookup_find(struct secret_lookup *lookup,
                                             const struct reader_setting keys[3], uint32_t *node,
                                             char **secret)
{
	bool is_bad = false;
	const struct reader_setting *key = find_key(lookup, keys, &is_bad);
	static char *(*const find[])(struct secret_lookup *, const struct reader_setting *) = {
		find_inline, find_in_file, find_credential};

	if (key == NULL)
		return is_bad ? SECRET_LOOKUP_BAD : SECRET_LOOKUP_NONE;
	if (is_bad || key->is_bad || key->string == NULL)
		return SECRET_LOOKUP_BAD;
	*node = key->node;
	*secret = find[key - keys](lookup, key);
	return *secret != NULL ? SECRET_LOOKUP_FOUND : SECRET_LOOKUP_BAD;
}

/* the API key of the environment */

static char *find_no_key(struct secret_lookup *lookup, uint32_t node)
{
	struct fault_place place = {.file = lookup->source->files[0]};

	if (node != 0)
		place = tree_place(lookup->reader->tree, node);
	if (lookup->environment->hides_credentials)
		return presume(lookup, place, API_KEY_CREDENTIAL);
	faults_add(lookup->reader->faults, FAULT_ERROR, place,
	           "no API key; set api.key_file, api.key_credential or api.key, or give a "
	           "credential '" API_KEY_CREDENTIAL "' or DATAFOLD_API_KEY");
	return NULL;
}

/* No line of the file names the key, so the file stands for it. */
static void report_api_key(const struct secret_lookup *lookup, const char *from, const char *bytes,
                           const struct fault *fault)
{
	struct fault_place place = {.file = lookup->source->files[0]};
	const char *decoration = bytes != NULL ? secret_decoration(bytes) : NULL;

	if (fault->text != NULL)
		faults_add(lookup->reader->faults, FAULT_ERROR, place, "%s: %s", from, fault->text);
	if (decoration != NULL)
		faults_add(lookup->reader->faults, FAULT_WARNING, place, "%s: the secret %s", from,
		           decoration);
}

char *secret_lookup_find_api_key(struct secret_lookup *lookup, uint32_t node)
{
	const struct secret_environment *environment = lookup->environment;
	const char *from = "credential " API_KEY_CREDENTIAL;
	struct fault fault = {0};
	char *warning = NULL; /* not said: the modes of credentials are systemd's business */
	char *path = NULL;
	char *bytes = NULL;

	if (environment->credentials_directory != NULL && !environment->hides_credentials)
		path = mem_printf("%s/%s", environment->credentials_directory, API_KEY_CREDENTIAL);
	if (path != NULL && !is_missing(path)) {
		bytes = secret_read(lookup->source, path, &fault, &warning);
	} else if (environment->api_key == NULL) {
		bytes = find_no_key(lookup, node);
	} else {
		from = "DATAFOLD_API_KEY";
		if (secret_check(environment->api_key, strlen(environment->api_key), &fault))
			bytes = mem_dup(environment->api_key);
	}
	report_api_key(lookup, from, bytes, &fault);
	free(warning);
	fault_clear(&fault);
	free(path);
	return bytes;
}

static void free_file(void *given)
{
	struct secret_lookup_file *file = given;

	free(file->path);
	mem_free_secret(file->bytes);
	free(file->fault);
	free(file->warning);
	free(file);
}

void secret_lookup_clear(struct secret_lookup *lookup)
{
	tdestroy(lookup->files, free_file);
	free(lookup->judged);
	*lookup = (struct secret_lookup){0};
}
