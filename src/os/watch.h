/* SPDX-License-Identifier: MIT */
/* Reports when files may have changed, whatever the way of saving: directory watches for every hop,
 * a debounce timer, and a periodic rescan for what inotify cannot see. Reads nothing and decides
 * nothing. */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct watch;

enum watch_cause {
	WATCH_EVENT,  /* the file system said so, and has been quiet since */
	WATCH_RESCAN, /* a path's identity differs from the last scan (dev, ino, size, mtime, ctime,
	                 link text) */
};

/* Called on the loop, never from within a call of ours. */
typedef void watch_change_fn(enum watch_cause cause, void *data);

/* Start watching nothing. `failed` is called, once per kind of failure, with a sentence (inotify
 * instances exhausted, …): the periodic rescan still works. */
typedef void watch_failure_fn(const char *sentence, void *data);
struct watch *watch_open(uv_loop_t *loop, watch_change_fn *changed, watch_failure_fn *failed,
                         void *data);

/* Rescan only: no inotify, for tests and where it is known not to work. Call before watch_set(). */
void watch_without_inotify(struct watch *watch);

/* Quiet time after the last event (never more than 8 times that, at least 2 s, after the first),
 * and the interval of the rescan. */
void watch_configure(struct watch *watch, int64_t settle_ms, int64_t sweep_ms);

/* Watch these paths (NULL-ended, copied), found or not: the directory of each and of every symlink
 * hop on the way, and the parents of those directories. A difference with an earlier set is
 * applied, so that calling again with the same paths re-arms what a replaced directory broke. */
void watch_set(struct watch *watch, const char *const *paths);

/* Call before a load: what happens from here on is news. watch_set() after it then compares with
 * this moment, so that a change during the load is not lost. */
void watch_mark(struct watch *watch);

/* Whether something has happened since watch_mark() that `changed` is still to be called for. */
bool watch_is_pending(const struct watch *watch);

/* Stop; freed by the last close callback. `changed` is not called any more. */
void watch_close(struct watch *watch);

#endif
