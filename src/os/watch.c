/* SPDX-License-Identifier: MIT */
/* A look at all paths (watch_scan, in the thread pool) tells which directories to watch. An event
 * that concerns us starts the settle timer, each further one starts it again; when it has been
 * quiet there is another look, which watches what has been replaced, and then the change is told.
 * The sweep is a look as well; if it finds something other than the one before, the settle timer
 * runs too, and the change is told once two looks agree. After directories were newly watched one
 * more look finds what happened in between. One look at a time; what is wished meanwhile waits. */
#include "os/watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/span.h"
#include "os/watch_scan.h"

#define SETTLE_MS       250
#define SWEEP_MS        30000
#define SETTLE_FACTOR   8    /* a change is told after that many times the settle time, */
#define SETTLE_LEAST_MS 2000 /* and never before this, however busy the file is */
#define VERIFY_MAX      3    /* looks in a row that may each find new directories */

/* Why there is a look. */
enum reason {
	REASON_SET,
	REASON_SETTLED,
	REASON_SWEEP,
	REASON_VERIFY,
};

/* A directory that is, or should be, watched. */
struct watched {
	struct watch *watch;
	uv_fs_event_t handle;
	char *path;
	size_t index; /* in watch->scan.directories */
	dev_t device; /* of what is watched */
	ino_t inode;
	bool is_armed;
	bool is_stale;    /* it was moved or removed: what is watched is not what the path names */
	bool is_detached; /* closing */
};

struct look {
	uv_work_t work;
	enum reason reason;
	char **paths;
	size_t count;
	int64_t mark_ns;
	struct watch_scan scan;
	bool differs; /* from watch->scan, which nobody changes meanwhile */
};

struct watch {
	uv_loop_t *loop;
	watch_change_fn *changed;
	watch_trouble_fn *trouble;
	void *data;
	int64_t settle_ms;
	int64_t sweep_ms;
	uv_timer_t settle;
	uv_timer_t sweep;
	unsigned handles; /* not closed yet: the timers and all watched */
	bool is_closing;
	bool is_blind;  /* without inotify */
	unsigned told;  /* kinds of trouble, as bits */
	char *sentence; /* trouble to tell; NULL: none */

	struct watch_scan scan;   /* the last look; owns its paths */
	struct watched **watched; /* sorted by path */
	size_t watched_count;

	char **next; /* given by watch_set(), waiting for the look under way; NULL: none */
	size_t next_count;
	int64_t mark_ns;
	bool wants_settled;
	bool wants_sweep;
	bool wants_verify;
	unsigned verified; /* in a row */
	bool is_looking;
	struct look look;

	bool has_news;     /* since the last watch_mark() */
	bool is_unsettled; /* a change is to be told */
	enum watch_cause cause;
	uint64_t first_at; /* of the change, ms of the loop's clock */
};

static void pump(struct watch *watch);

static void free_paths(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}

static void release(struct watch *watch)
{
	if (watch->handles > 0 || watch->is_looking)
		return;
	free_paths(watch->scan.paths, watch->scan.path_count);
	watch_scan_clear(&watch->scan);
	free_paths(watch->next, watch->next_count);
	free(watch->sentence);
	free(watch->watched);
	free(watch);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	watch->handles--;
	release(watch);
}

static void on_watched_closed(uv_handle_t *handle)
{
	struct watched *watched = handle->data;
	struct watch *watch = watched->watch;

	free(watched->path);
	free(watched);
	watch->handles--;
	release(watch);
}

static void detach(struct watched *watched)
{
	watched->is_detached = true;
	uv_close((uv_handle_t *)&watched->handle, on_watched_closed);
}

static uint64_t deadline(const struct watch *watch)
{
	int64_t limit = watch->settle_ms * SETTLE_FACTOR;

	return watch->first_at + (uint64_t)(limit > SETTLE_LEAST_MS ? limit : SETTLE_LEAST_MS);
}

static void on_settled(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	watch->wants_settled = true;
	pump(watch);
}

/* Something happened: tell of it when it has been quiet, or when that takes too long. */
static void stir(struct watch *watch, enum watch_cause cause)
{
	uint64_t now = uv_now(watch->loop);
	uint64_t delay = (uint64_t)watch->settle_ms;

	watch->has_news = true;
	if (!watch->is_unsettled) {
		watch->is_unsettled = true;
		watch->first_at = now;
		watch->cause = cause;
	} else if (cause == WATCH_EVENT) {
		watch->cause = cause;
	}
	if (now + delay > deadline(watch))
		delay = deadline(watch) > now ? deadline(watch) - now : 0;
	(void)uv_timer_start(&watch->settle, on_settled, delay, 0);
}

static void on_fs_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct watched *watched = handle->data;
	struct watch *watch = watched->watch;

	(void)events;
	if (watched->is_detached || watch->is_closing)
		return;
	/* What happens to the directory itself comes with its own name, even when it is one that
	 * stands in it too. */
	if (name == NULL || status < 0 || strcmp(name, strrchr(watched->path, '/') + 1) == 0)
		watched->is_stale = true;
	else if (!watch_scan_concerns(&watch->scan, &watch->scan.directories[watched->index], name))
		return;
	stir(watch, WATCH_EVENT);
}

static void note_trouble(struct watch *watch, const char *path, int error)
{
	unsigned kind = error == UV_EMFILE ? 1 : error == UV_ENOSPC ? 2 : 4;
	const char *why = uv_strerror(error);
	char every[SPAN_TEXT_MAX];

	if ((watch->told & kind) != 0 || watch->sentence != NULL)
		return;
	watch->told |= kind;
	if (error == UV_EMFILE)
		why = "too many inotify instances or open files (fs.inotify.max_user_instances)";
	else if (error == UV_ENOSPC)
		why = "no inotify watches left (fs.inotify.max_user_watches)";
	watch->sentence = mem_printf("cannot watch '%s': %s; changes are found by looking every %s",
	                             path, why, span_format(watch->sweep_ms, every));
}

/* Watch what the path names now; true if it was not watched before. */
static bool arm(struct watched *watched, const struct watch_directory *directory)
{
	struct watch *watch = watched->watch;
	int error;

	if (watched->is_armed && !watched->is_stale && watched->device == directory->device &&
	    watched->inode == directory->inode)
		return false;
	(void)uv_fs_event_stop(&watched->handle);
	watched->is_armed = false;
	watched->is_stale = false;
	watched->device = directory->device;
	watched->inode = directory->inode;
	if (watch->is_blind)
		return false;
	error = uv_fs_event_start(&watched->handle, on_fs_event, watched->path, 0);
	watched->is_armed = error == 0;
	/* A directory that has just gone is found by the next look; a parent that must not be read
	 * would only have told of rare things. */
	if (error != 0 && error != UV_ENOENT && error != UV_ENOTDIR && !directory->is_parent)
		note_trouble(watch, watched->path, error);
	return error == 0;
}

static struct watched *add_watched(struct watch *watch, const char *path)
{
	struct watched *watched = mem_new(struct watched);

	watched->watch = watch;
	watched->path = mem_dup(path);
	(void)uv_fs_event_init(watch->loop, &watched->handle);
	watched->handle.data = watched;
	watch->handles++;
	return watched;
}

/* Bring the watched directories in step with the last look, both sorted; true if some are new. */
static bool apply(struct watch *watch)
{
	size_t count = watch->scan.directory_count, old = 0;
	struct watched **all = mem_alloc(count + 1, sizeof(struct watched *));
	bool fresh = false;

	for (size_t i = 0; i < count; i++) {
		const struct watch_directory *directory = &watch->scan.directories[i];
		const char *path = watch_scan_path(&watch->scan, directory);
		int order = -1;

		while (old < watch->watched_count &&
		       (order = strcmp(watch->watched[old]->path, path)) < 0)
			detach(watch->watched[old++]);
		all[i] = old < watch->watched_count && order == 0 ? watch->watched[old++]
		                                                  : add_watched(watch, path);
		all[i]->index = i;
		fresh = arm(all[i], directory) || fresh;
	}
	while (old < watch->watched_count)
		detach(watch->watched[old++]);
	free(watch->watched);
	watch->watched = all;
	watch->watched_count = count;
	return fresh;
}

/* Make the look that has ended the last one. */
static void adopt(struct watch *watch)
{
	if (watch->scan.paths != watch->look.scan.paths)
		free_paths(watch->scan.paths, watch->scan.path_count);
	watch_scan_clear(&watch->scan);
	watch->scan = watch->look.scan;
}

/* Is the change to be told now? */
static bool judge(struct watch *watch)
{
	bool is_late = uv_now(watch->loop) >= deadline(watch);

	if (watch->look.reason != REASON_SETTLED) {
		if (watch->look.differs && !watch->is_unsettled)
			stir(watch, WATCH_SWEEP);
		return false;
	}
	if (!watch->is_unsettled)
		return false;
	/* More events came during the look: they tell when it is quiet. */
	if (uv_is_active((uv_handle_t *)&watch->settle) && !is_late)
		return false;
	/* Where no events come, quiet is what two looks agree on. */
	if (watch->cause == WATCH_SWEEP && watch->look.differs && !is_late) {
		stir(watch, WATCH_SWEEP);
		return false;
	}
	watch->is_unsettled = false;
	(void)uv_timer_stop(&watch->settle);
	return true;
}

/* `trouble` may close us, and `changed` may do anything: nothing of ours is touched after it. */
static void tell(struct watch *watch, bool is_change)
{
	char *sentence = watch->sentence;

	watch->sentence = NULL;
	if (sentence != NULL)
		watch->trouble(sentence, watch->data);
	free(sentence);
	if (is_change && !watch->is_closing)
		watch->changed(watch->cause, watch->data);
}

static void on_looked(uv_work_t *work, int status)
{
	struct watch *watch = work->data;
	bool is_change;

	watch->is_looking = false;
	if (watch->is_closing) {
		if (watch->look.paths != watch->scan.paths)
			free_paths(watch->look.paths, watch->look.count);
		if (status == 0)
			watch_scan_clear(&watch->look.scan);
		release(watch);
		return;
	}
	adopt(watch);
	watch->verified = watch->look.reason == REASON_VERIFY ? watch->verified + 1 : 0;
	if (apply(watch) && watch->verified < VERIFY_MAX)
		watch->wants_verify = true;
	is_change = judge(watch);
	pump(watch);
	tell(watch, is_change);
}

static void on_look(uv_work_t *work)
{
	struct watch *watch = work->data;
	struct look *look = &watch->look;

	if (look->reason == REASON_SET)
		watch_scan_sort(look->paths, &look->count);
	watch_scan_look(&look->scan, look->paths, look->count);
	look->differs = watch_scan_differs(&watch->scan, &look->scan, look->mark_ns);
}

static void start_look(struct watch *watch, enum reason reason)
{
	struct look *look = &watch->look;

	*look = (struct look){
		.reason = reason, .paths = watch->scan.paths, .count = watch->scan.path_count};
	if (reason == REASON_SET) {
		look->paths = watch->next;
		look->count = watch->next_count;
		look->mark_ns = watch->mark_ns;
		watch->next = NULL;
		watch->next_count = 0;
		watch->mark_ns = 0;
	}
	look->work.data = watch;
	watch->is_looking = uv_queue_work(watch->loop, &look->work, on_look, on_looked) == 0;
}

/* Start the look that is wished for most, if none is under way. */
static void pump(struct watch *watch)
{
	if (watch->is_looking || watch->is_closing)
		return;
	if (watch->next != NULL) {
		start_look(watch, REASON_SET);
	} else if (watch->wants_settled) {
		watch->wants_settled = false;
		start_look(watch, REASON_SETTLED);
	} else if (watch->wants_sweep || watch->wants_verify) {
		bool is_sweep = watch->wants_sweep;

		watch->wants_sweep = false;
		watch->wants_verify = false;
		start_look(watch, is_sweep ? REASON_SWEEP : REASON_VERIFY);
	}
}

static void on_sweep(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	/* The look when it has settled does for this one; closer together, two would agree on a
	 * file that is being written. */
	if (watch->is_unsettled)
		return;
	watch->wants_sweep = true;
	pump(watch);
}

struct watch *watch_open(uv_loop_t *loop, watch_change_fn *changed, watch_trouble_fn *trouble,
                         void *data)
{
	struct watch *watch = mem_new(struct watch);

	watch->loop = loop;
	watch->changed = changed;
	watch->trouble = trouble;
	watch->data = data;
	(void)uv_timer_init(loop, &watch->settle);
	(void)uv_timer_init(loop, &watch->sweep);
	watch->settle.data = watch;
	watch->sweep.data = watch;
	watch->handles = 2;
	watch_configure(watch, SETTLE_MS, SWEEP_MS);
	return watch;
}

void watch_without_inotify(struct watch *watch)
{
	watch->is_blind = true;
}

void watch_configure(struct watch *watch, int64_t settle_ms, int64_t sweep_ms)
{
	watch->settle_ms = settle_ms;
	if (sweep_ms == watch->sweep_ms)
		return;
	watch->sweep_ms = sweep_ms;
	(void)uv_timer_start(&watch->sweep, on_sweep, (uint64_t)sweep_ms, (uint64_t)sweep_ms);
}

void watch_set(struct watch *watch, const char *const *paths)
{
	size_t count = 0;

	while (paths[count] != NULL)
		count++;
	free_paths(watch->next, watch->next_count);
	watch->next = mem_alloc(count + 1, sizeof(char *));
	watch->next_count = count;
	for (size_t i = 0; i < count; i++)
		watch->next[i] = mem_dup(paths[i]);
	pump(watch);
}

void watch_mark(struct watch *watch)
{
	struct timespec now;

	/* The clock that files are stamped with: no file that changes from here on is older. */
	(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	watch->has_news = false;
	watch->mark_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool watch_is_pending(const struct watch *watch)
{
	return watch->is_unsettled && watch->has_news;
}

void watch_close(struct watch *watch)
{
	if (watch == NULL)
		return;
	watch->is_closing = true;
	uv_close((uv_handle_t *)&watch->settle, on_timer_closed);
	uv_close((uv_handle_t *)&watch->sweep, on_timer_closed);
	for (size_t i = 0; i < watch->watched_count; i++)
		detach(watch->watched[i]);
	watch->watched_count = 0;
	/* One that has begun runs to its end; both ways on_looked() is called. */
	if (watch->is_looking)
		(void)uv_cancel((uv_req_t *)&watch->look.work);
}
