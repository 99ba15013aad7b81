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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

#define HOPS_MAX 40 /* as Linux has it */
#define NOWHERE  SIZE_MAX

/* A name in a directory; without a name, the directory as a whole. */
struct note {
	size_t directory; /* offsets in scan.strings */
	size_t name;      /* NOWHERE: all names */
	dev_t device;
	ino_t inode;
	bool is_parent;
};

struct walk {
	struct watch_scan *scan;
	struct note *notes;
	size_t note_count;
	size_t note_capacity;
	size_t last; /* the directory noted last, an offset; neighbours in the sort share it */
	/* Of the path being walked: */
	struct text place;        /* the directory reached, without links */
	struct stat place_status; /* of it */
	struct text child;        /* the place and the next component */
	struct text rest;         /* what is still to be walked */
	size_t at;                /* in rest */
	unsigned hops;
	struct watch_identity identity;
};

void watch_scan_sort(char **paths, size_t *count)
{
	size_t kept = 0;

	if (*count == 0)
		return;
	qsort(paths, *count, sizeof(*paths), text_compare);
	for (size_t i = 1; i < *count; i++) {
		if (strcmp(paths[kept], paths[i]) == 0)
			free(paths[i]);
		else
			paths[++kept] = paths[i];
	}
	*count = kept + 1;
}

static size_t intern(struct walk *walk, const char *string, size_t length)
{
	struct text *strings = &walk->scan->strings;
	size_t offset = strings->length;

	text_add_bytes(strings, string, length);
	text_add_bytes(strings, "", 1);
	return offset;
}

static void add_note(struct walk *walk, size_t directory, size_t name, const struct stat *status)
{
	walk->notes = mem_grow(walk->notes, &walk->note_capacity, walk->note_count + 1,
	                       sizeof(*walk->notes));
	walk->notes[walk->note_count++] = (struct note){.directory = directory,
	                                                .name = name,
	                                                .device = status->st_dev,
	                                                .inode = status->st_ino};
}

/* Note the place's own name in its parent. */
static void note_parent(struct walk *walk)
{
	const char *place = walk->place.bytes;
	const char *name = strrchr(place, '/') + 1;
	size_t length = (size_t)(name - place);
	size_t parent, own;
	struct stat status;

	if (*name == '\0')
		return;
	own = intern(walk, name, strlen(name));
	parent = intern(walk, place, length > 1 ? length - 1 : 1);
	if (stat(walk->scan->strings.bytes + parent, &status) < 0)
		return;
	add_note(walk, parent, own, &status);
	walk->notes[walk->note_count - 1].is_parent = true;
}

static size_t intern_place(struct walk *walk)
{
	if (walk->last == NOWHERE ||
	    strcmp(walk->scan->strings.bytes + walk->last, walk->place.bytes) != 0) {
		walk->last = intern(walk, walk->place.bytes, walk->place.length);
		note_parent(walk);
	}
	return walk->last;
}

static void note_name(struct walk *walk, const char *name, size_t length)
{
	size_t directory = intern_place(walk);

	add_note(walk, directory, intern(walk, name, length), &walk->place_status);
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

/* Everything in the place concerns us: the path ends here. */
static void note_all(struct walk *walk)
{
	add_note(walk, intern_place(walk), NOWHERE, &walk->place_status);
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
		note_name(walk, name, length);
		return false;
	}
	if (S_ISDIR(status.st_mode) && !is_last(walk)) {
		hash_inode(walk, &status);
		enter(walk, &status);
		return true;
	}
	note_name(walk, name, length);
	if (S_ISLNK(status.st_mode))
		return follow(walk, walk->child.bytes, &status);
	hash_end(walk, &status);
	if (S_ISDIR(status.st_mode)) {
		enter(walk, &status);
		note_all(walk);
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
		note_all(walk);
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

/* Names within directories, "all names" first. */
static int compare_notes(const void *left, const void *right, void *strings)
{
	const struct note *a = left, *b = right;
	const char *bytes = strings;
	int order = a->directory == b->directory
	                    ? 0
	                    : strcmp(bytes + a->directory, bytes + b->directory);

	if (order != 0)
		return order;
	if (a->name == NOWHERE || b->name == NOWHERE)
		return (a->name != NOWHERE) - (b->name != NOWHERE);
	return strcmp(bytes + a->name, bytes + b->name);
}

/* Turn the sorted notes into directories with their names. */
static void gather(struct watch_scan *scan, const struct note *notes, size_t count)
{
	struct watch_directory *now = NULL;
	const char **names = mem_alloc(count + 1, sizeof(*names));

	scan->directories = mem_alloc(count + 1, sizeof(*scan->directories));
	scan->names = names;
	for (size_t i = 0; i < count; i++) {
		const char *path = scan->strings.bytes + notes[i].directory;
		size_t name = notes[i].name;

		if (now == NULL || strcmp(now->path, path) != 0) {
			now = &scan->directories[scan->directory_count++];
			*now = (struct watch_directory){.path = path,
			                                .device = notes[i].device,
			                                .inode = notes[i].inode,
			                                .is_parent = true,
			                                .names = names};
		}
		now->is_parent = now->is_parent && notes[i].is_parent;
		if (name == NOWHERE) {
			now->takes_all = true;
		} else if (now->count == 0 || strcmp(names[-1], scan->strings.bytes + name) != 0) {
			*names++ = scan->strings.bytes + name;
			now->count++;
		}
	}
}

void watch_scan_run(struct watch_scan *scan)
{
	size_t count = scan->path_count;
	struct walk walk = {.scan = scan, .last = NOWHERE};

	scan->identities = mem_alloc(count + 1, sizeof(*scan->identities));
	for (size_t i = 0; i < count; i++) {
		bool goes_on = begin(&walk, scan->paths[i]);

		while (goes_on)
			goes_on = step(&walk);
		scan->identities[i] = walk.identity;
	}
	if (walk.note_count > 0)
		qsort_r(walk.notes, walk.note_count, sizeof(*walk.notes), compare_notes,
		        scan->strings.bytes);
	gather(scan, walk.notes, walk.note_count);
	free(walk.notes);
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
	return directory->takes_all || bsearch(&name, directory->names, directory->count,
	                                       sizeof(name), text_compare) != NULL;
}

void watch_scan_clear(struct watch_scan *scan)
{
	free(scan->identities);
	free(scan->directories);
	free(scan->names);
	text_clear(&scan->strings);
	*scan = (struct watch_scan){0};
}
