/* SPDX-License-Identifier: MIT */
/* A path is walked as the kernel would: component by component, following symlinks by hand, so that
 * every hop is known. What the path depends on is hashed on the way: the inode of each directory,
 * the text of each link, and all that lstat(2) says of what stands at the end. Where a component
 * could be swapped under us (it is a link, the end, or missing) its name is noted with the
 * directory it stands in, and that directory's name with its parent. The walk stops at what is
 * missing, so the nearest directory that exists is the one that is watched. */
#include "os/watch_scan.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

#define HOPS_MAX 40 /* as Linux has it */

struct walk {
	struct watch_scan *scan;
	void *directories; /* a tree (tsearch(3)) of watch_directory, to be gathered */
	/* Of the path being walked: */
	struct text place;        /* the directory reached, without links */
	struct stat place_status; /* of it */
	struct text child;        /* the place and the next component */
	struct text rest;         /* what is still to be walked */
	size_t at;                /* in rest */
	unsigned hops;
	struct watch_identity identity;
};

void watch_scan_set(struct watch_scan *scan, const char *const *paths)
{
	while (paths != NULL && paths[scan->path_count] != NULL)
		scan->path_count++;
	scan->paths = mem_alloc(scan->path_count + 1, sizeof(*scan->paths));
	for (size_t i = 0; i < scan->path_count; i++)
		scan->paths[i] = mem_dup(paths[i]);
}

/* Sort them, each once. */
static void sort_strings(char **strings, size_t *count)
{
	size_t kept = 0;

	if (*count > 0)
		qsort(strings, *count, sizeof(*strings), text_compare);
	for (size_t i = 0; i < *count; i++) {
		if (kept > 0 && strcmp(strings[kept - 1], strings[i]) == 0)
			free(strings[i]);
		else
			strings[kept++] = strings[i];
	}
	*count = kept;
}

/* One that begins with its path: text_compare() compares them, and with a path. */
static struct watch_directory *find_directory(struct walk *walk, const char *path,
                                              const struct stat *status)
{
	struct watch_directory **found = tfind(&path, &walk->directories, text_compare);
	struct watch_directory *directory;

	if (found != NULL)
		return *found;
	directory = mem_new(struct watch_directory);
	*directory = (struct watch_directory){.path = mem_dup(path),
	                                      .device = status->st_dev,
	                                      .inode = status->st_ino,
	                                      .is_parent = true};
	(void)mem_demand(tsearch(directory, &walk->directories, text_compare));
	walk->scan->directory_count++;
	return directory;
}

static void add_name(struct watch_directory *directory, const char *bytes, size_t length)
{
	directory->names = mem_room(directory->names, &directory->capacity, directory->count + 1);
	directory->names[directory->count++] = mem_dup_bytes(bytes, length);
}

/* Note the place's own name in its parent. */
static void note_parent(struct walk *walk)
{
	char *parent = mem_dup(walk->place.bytes);
	char *name = strrchr(parent, '/') + 1;
	struct stat status;

	name[-1] = '\0';
	if (*name != '\0' && stat(*parent != '\0' ? parent : "/", &status) == 0)
		add_name(find_directory(walk, *parent != '\0' ? parent : "/", &status), name,
		         strlen(name));
	free(parent);
}

/* Note a name in the place; NULL: each one. */
static void note(struct walk *walk, const char *name, size_t length)
{
	struct watch_directory *place =
		find_directory(walk, walk->place.bytes, &walk->place_status);
	bool is_first = place->is_parent;

	place->is_parent = false;
	if (name == NULL)
		place->takes_all = true;
	else
		add_name(place, name, length);
	if (is_first)
		note_parent(walk);
}

static void hash_number(struct walk *walk, uint64_t number)
{
	walk->identity.hash = text_hash(walk->identity.hash, &number, sizeof(number));
}

static int64_t nanoseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static void touch(struct walk *walk, const struct timespec *time)
{
	int64_t ns = nanoseconds(time);

	if (ns > walk->identity.touched_ns)
		walk->identity.touched_ns = ns;
}

/* Which inode it is, and who may use it. */
static void hash_inode(struct walk *walk, const struct stat *status)
{
	const uint64_t numbers[] = {status->st_dev, status->st_ino, status->st_mode, status->st_uid,
	                            status->st_gid};

	walk->identity.hash = text_hash(walk->identity.hash, numbers, sizeof(numbers));
}

static void hash_end(struct walk *walk, const struct stat *status)
{
	hash_inode(walk, status);
	hash_number(walk, (uint64_t)status->st_size);
	hash_number(walk, (uint64_t)nanoseconds(&status->st_mtim));
	hash_number(walk, (uint64_t)nanoseconds(&status->st_ctim));
	touch(walk, &status->st_ctim);
}

/* Go to a directory by its text; false if it cannot be read. */
static bool go_to(struct walk *walk, const char *path, size_t length)
{
	text_truncate(&walk->place, 0);
	text_add_bytes(&walk->place, path, length);
	return stat(walk->place.bytes, &walk->place_status) == 0;
}

static bool go_up(struct walk *walk)
{
	const char *slash = strrchr(walk->place.bytes, '/');
	size_t length = (size_t)(slash - walk->place.bytes);

	text_truncate(&walk->place, length > 0 ? length : 1);
	return stat(walk->place.bytes, &walk->place_status) == 0;
}

/* Put a link's text before what is still to be walked. */
static bool follow(struct walk *walk, const char *link, const struct stat *status)
{
	char target[PATH_MAX];
	ssize_t length = readlink(link, target, sizeof(target));
	struct text rest = {0};

	if (length <= 0 || (size_t)length == sizeof(target) || ++walk->hops > HOPS_MAX)
		return false;
	walk->identity.hash = text_hash(walk->identity.hash, target, (size_t)length);
	hash_inode(walk, status);
	touch(walk, &status->st_ctim);
	text_add_bytes(&rest, target, (size_t)length);
	text_add_char(&rest, '/');
	text_add(&rest, walk->rest.bytes + walk->at);
	text_clear(&walk->rest);
	walk->rest = rest;
	walk->at = 0;
	return target[0] != '/' || go_to(walk, "/", 1);
}

static void enter(struct walk *walk, const struct stat *status)
{
	struct text place = walk->place;

	walk->place = walk->child;
	walk->child = place;
	walk->place_status = *status;
}

static bool is_last(const struct walk *walk)
{
	const char *rest = walk->rest.bytes + walk->at;

	return rest[strspn(rest, "/")] == '\0';
}

/* Step over a component that is a name; false when the walk is over. */
static bool step_into(struct walk *walk, const char *name, size_t length)
{
	struct stat status;

	text_truncate(&walk->child, 0);
	text_add(&walk->child, walk->place.length > 1 ? walk->place.bytes : "");
	text_add_char(&walk->child, '/');
	text_add_bytes(&walk->child, name, length);
	if (lstat(walk->child.bytes, &status) < 0) {
		hash_number(walk, (uint64_t)errno);
		touch(walk, &walk->place_status.st_mtim);
		note(walk, name, length);
		return false;
	}
	if (S_ISDIR(status.st_mode) && !is_last(walk)) {
		hash_inode(walk, &status);
		enter(walk, &status);
		return true;
	}
	note(walk, name, length);
	if (S_ISLNK(status.st_mode))
		return follow(walk, walk->child.bytes, &status);
	hash_end(walk, &status);
	if (S_ISDIR(status.st_mode)) {
		enter(walk, &status);
		note(walk, NULL, 0);
	}
	return false;
}

/* Step over the next component, whatever it is; false when the walk is over. */
static bool step(struct walk *walk)
{
	const char *name;
	size_t length;

	walk->at += strspn(walk->rest.bytes + walk->at, "/");
	name = walk->rest.bytes + walk->at;
	length = strcspn(name, "/");
	walk->at += length;
	if (length == 0) {
		hash_end(walk, &walk->place_status);
		note(walk, NULL, 0);
		return false;
	}
	if (length == 1 && name[0] == '.')
		return true;
	if (length == 2 && name[0] == '.' && name[1] == '.')
		return go_up(walk);
	return step_into(walk, name, length);
}

static bool begin(struct walk *walk, const char *path)
{
	char here[PATH_MAX];

	walk->hops = 0;
	walk->identity = (struct watch_identity){.hash = TEXT_HASH_START};
	walk->at = 0;
	text_truncate(&walk->rest, 0);
	text_add(&walk->rest, path);
	if (path[0] == '/')
		return go_to(walk, "/", 1);
	return getcwd(here, sizeof(here)) != NULL && go_to(walk, here, strlen(here));
}

static void gather(const void *node, VISIT visit, void *next)
{
	struct watch_directory *const *found = node;
	struct watch_directory **free_one = next;

	if (visit != postorder && visit != leaf)
		return;
	sort_strings((*found)->names, &(*found)->count);
	*(*free_one)++ = **found;
}

void watch_scan_run(struct watch_scan *scan)
{
	struct walk walk = {.scan = scan};
	struct watch_directory *next;

	sort_strings(scan->paths, &scan->path_count);
	scan->paths[scan->path_count] = NULL;
	scan->identities = mem_alloc(scan->path_count + 1, sizeof(*scan->identities));
	for (size_t i = 0; i < scan->path_count; i++) {
		bool goes_on = begin(&walk, scan->paths[i]);

		while (goes_on)
			goes_on = step(&walk);
		scan->identities[i] = walk.identity;
	}
	next = scan->directories = mem_alloc(scan->directory_count + 1, sizeof(*next));
	twalk_r(walk.directories, gather, &next);
	tdestroy(walk.directories, free);
	text_clear(&walk.place);
	text_clear(&walk.child);
	text_clear(&walk.rest);
}

bool watch_scan_differs(const struct watch_scan *earlier, const struct watch_scan *later,
                        int64_t mark_ns)
{
	for (size_t i = 0; i < later->path_count; i++) {
		const struct watch_identity *now = &later->identities[i];
		char **known = NULL;

		if (earlier->path_count > 0)
			known = bsearch(&later->paths[i], earlier->paths, earlier->path_count,
			                sizeof(*earlier->paths), text_compare);
		if (known != NULL ? now->hash != earlier->identities[known - earlier->paths].hash
		                  : mark_ns > 0 && now->touched_ns >= mark_ns)
			return true;
	}
	return false;
}

bool watch_scan_concerns(const struct watch_directory *directory, const char *name)
{
	return directory->takes_all ||
	       (directory->count > 0 && bsearch(&name, directory->names, directory->count,
	                                        sizeof(name), text_compare) != NULL);
}

void watch_scan_clear(struct watch_scan *scan)
{
	for (size_t i = 0; i < scan->directory_count; i++) {
		struct watch_directory *directory = &scan->directories[i];

		for (size_t j = 0; j < directory->count; j++)
			free(directory->names[j]);
		free(directory->names);
		free(directory->path);
	}
	for (size_t i = 0; i < scan->path_count; i++)
		free(scan->paths[i]);
	free(scan->paths);
	free(scan->identities);
	free(scan->directories);
	*scan = (struct watch_scan){0};
}
