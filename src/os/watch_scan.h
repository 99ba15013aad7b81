/* SPDX-License-Identifier: MIT */
/* Part of watch: one pass over all paths, hop by hop: what they are now, and in which directories
 * an event says when that changes. Blocks; runs in the thread pool; touches nothing shared. */
#ifndef WATCH_SCAN_H
#define WATCH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A directory that is worth watching, and the names in it that concern us. */
struct watch_directory {
	char *path; /* owned; free of symlinks */
	dev_t device;
	ino_t inode;
	bool is_parent; /* only here to see a directory in it replaced */
	bool takes_all; /* is itself one of the paths: every name concerns us */
	char **names;   /* owned, sorted, each once */
	size_t count, capacity;
};

struct watch_identity {
	uint64_t hash;      /* of all hops, and of what is at the end */
	int64_t touched_ns; /* the latest change of any of that, since the epoch */
};

struct watch_scan {
	char **paths; /* owned, NULL-ended; when they are scanned sorted, each once */
	size_t path_count;
	struct watch_identity *identities;   /* of each path */
	struct watch_directory *directories; /* sorted by path */
	size_t directory_count;
};

/* Give an empty scan its paths (NULL-ended, copied; NULL: none). */
void watch_scan_set(struct watch_scan *scan, const char *const *paths);

/* Scan the paths. */
void watch_scan_run(struct watch_scan *scan);

/* Does the later scan find a path of the earlier one changed, or one that the earlier one did not
 * know touched at `mark_ns` or after (0: no matter)? */
bool watch_scan_differs(const struct watch_scan *earlier, const struct watch_scan *later,
                        int64_t mark_ns);

/* Does an event of this name in the directory concern us? */
bool watch_scan_concerns(const struct watch_directory *directory, const char *name);

void watch_scan_clear(struct watch_scan *scan);

#endif
