/* SPDX-License-Identifier: MIT */
/* A scan of all paths (watch_scan, in the thread pool) finds which directories to watch. An event
 * that concerns us starts the debounce timer, each further one starts it again; when it has been
 * quiet there is another scan, which watches what has been replaced, and then the change is
 * reported. The periodic rescan is one more; if it finds something other than the one before, the
 * debounce timer runs too, and the change is reported once two scans agree. After directories were
 * newly watched another scan finds what happened in between. What happens to a directory itself may
 * be nothing but its times (`touch /etc`): only a scan can say whether it concerns us. One scan at
 * a time; what is asked for meanwhile waits. */
#include "os/watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/span.h"
#include "os/watch_scan.h"

#define SETTLE_MS         250
#define RESCAN_MS         30000
#define DEBOUNCE_FACTOR   8    /* a change is reported after as many times the settle time, */
#define DEBOUNCE_LEAST_MS 2000 /* and never before this, however busy the file is */
#define VERIFY_MAX        3    /* scans in a row that may each find new directories */

/* Why there is a scan; the first is needed most. */
enum reason {
	REASON_SET,
	REASON_QUIET,
	REASON_RESCAN,
	REASON_VERIFY,
	REASON_COUNT,
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
	bool is_stale; /* it was moved or removed: what is watched is not what the path names */
};

struct scan_job {
	uv_work_t work;
	enum reason reason;
	int64_t mark_ns;
	struct watch_scan scan;
	bool differs; /* from watch->scan, which nobody changes meanwhile */
};

struct watch {
	uv_loop_t *loop;
	watch_change_fn *changed;
	watch_failure_fn *failed;
	void *data;
	int64_t settle_ms;
	int64_t sweep_ms;
	uv_timer_t debounce;
	uv_timer_t rescan;
	unsigned handles; /* not closed yet: the timers and all watched */
	bool is_closing;
	bool without_inotify; /* changes are found by the rescans alone */
	unsigned reported;    /* kinds of failure, as bits */
	char *sentence;       /* failure to be reported; NULL: none */

	struct watch_scan scan;   /* the last one */
	struct watched **watched; /* sorted by path */
	size_t watched_count;

	struct watch_scan next; /* of what watch_set() gave, waiting for the one under way */
	int64_t mark_ns;
	bool wants[REASON_COUNT];
	unsigned verified; /* in a row */
	bool is_scanning;
	struct scan_job job;

	bool is_news;           /* since the last watch_mark() */
	bool is_change_pending; /* a change is to be reported */
	enum watch_cause cause;
	uint64_t first_at; /* of the change, ms of the loop's clock */
};

static void want(struct watch *watch, enum reason reason);
static void pump(struct watch *watch);

static void release(struct watch *watch)
{
	if (watch->handles > 0 || watch->is_scanning)
		return;
	watch_scan_clear(&watch->scan);
	watch_scan_clear(&watch->next);
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
	uv_close((uv_handle_t *)&watched->handle, on_watched_closed);
}

static uint64_t deadline(const struct watch *watch)
{
	int64_t limit = watch->settle_ms * DEBOUNCE_FACTOR;

	return watch->first_at + (uint64_t)(limit > DEBOUNCE_LEAST_MS ? limit : DEBOUNCE_LEAST_MS);
}

static void on_quiet(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	want(watch, REASON_QUIET);
}

/* Something happened: report it when it has been quiet, or when that takes too long. */
static void note_change(struct watch *watch, enum watch_cause cause)
{
	uint64_t now = uv_now(watch->loop);
	uint64_t delay = (uint64_t)watch->settle_ms;

	watch->is_news = true;
	if (!watch->is_change_pending) {
		watch->is_change_pending = true;
		watch->first_at = now;
		watch->cause = cause;
	} else if (cause == WATCH_EVENT) {
		watch->cause = cause;
	}
	if (now + delay > deadline(watch))
		delay = deadline(watch) > now ? deadline(watch) - now : 0;
	(void)uv_timer_start(&watch->debounce, on_quiet, delay, 0);
}

static void on_fs_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct watched *watched = handle->data;
	struct watch *watch = watched->watch;
	const struct watch_directory *directory;
	const char *own = strrchr(watched->path, '/') + 1;
	bool concerns, is_own;

	if (name == NULL || status < 0)
		name = own;
	/* What happens to the directory itself comes with its own name, even when it is one that
	 * stands in it too, which then costs a reload for nothing. Moved or removed (its times are
	 * UV_CHANGE), it takes our paths away. */
	is_own = strcmp(name, own) == 0;
	if (is_own)
		watched->is_stale = true;
	directory = &watch->scan.directories[watched->index];
	concerns = watch_scan_concerns(directory, name);
	if ((concerns && !directory->is_parent) ||
	    ((concerns || is_own) && (events & UV_CHANGE) == 0))
		note_change(watch, WATCH_EVENT);
	else if ((concerns || watched->is_stale) && !uv_is_active((uv_handle_t *)&watch->debounce))
		(void)uv_timer_start(&watch->debounce, on_quiet, (uint64_t)watch->settle_ms, 0);
}

static void note_failure(struct watch *watch, const char *path, int error)
{
	unsigned kind = error == UV_EMFILE ? 1 : error == UV_ENOSPC ? 2 : 4;
	const char *why = uv_strerror(error);
	char every[SPAN_TEXT_MAX];

	if ((watch->reported & kind) != 0 || watch->sentence != NULL)
		return;
	watch->reported |= kind;
	if (error == UV_EMFILE)
		why = "too many inotify instances or open files (fs.inotify.max_user_instances)";
	else if (error == UV_ENOSPC)
		why = "no inotify watches left (fs.inotify.max_user_watches)";
	watch->sentence =
		mem_printf("cannot watch '%s': %s; changes are found by a rescan every %s", path,
	                   why, span_format(watch->sweep_ms, every));
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
	if (watch->without_inotify)
		return false;
	error = uv_fs_event_start(&watched->handle, on_fs_event, watched->path, 0);
	watched->is_armed = error == 0;
	/* A directory that has just gone is found by the next scan; of a parent that must not be
	 * read only rare events are missed. */
	if (error != 0 && error != UV_ENOENT && error != UV_ENOTDIR && !directory->is_parent)
		note_failure(watch, watched->path, error);
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

/* Bring the watched directories in step with the last scan, both sorted; true if some are new. */
static bool apply(struct watch *watch)
{
	size_t count = watch->scan.directory_count, old = 0;
	struct watched **all = mem_alloc(count + 1, sizeof(struct watched *));
	bool fresh = false;

	for (size_t i = 0; i < count; i++) {
		const struct watch_directory *directory = &watch->scan.directories[i];
		int order = -1;

		while (old < watch->watched_count &&
		       (order = strcmp(watch->watched[old]->path, directory->path)) < 0)
			detach(watch->watched[old++]);
		all[i] = old < watch->watched_count && order == 0
		                 ? watch->watched[old++]
		                 : add_watched(watch, directory->path);
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

/* Is the change to be reported now? */
static bool judge(struct watch *watch)
{
	bool is_late = uv_now(watch->loop) >= deadline(watch);
	bool is_quiet = watch->job.reason == REASON_QUIET;

	if (!watch->is_change_pending) {
		if (watch->job.differs)
			note_change(watch, is_quiet ? WATCH_EVENT : WATCH_RESCAN);
		return false;
	}
	if (!is_quiet)
		return false;
	/* More events came during the scan: it is reported when they end. */
	if (uv_is_active((uv_handle_t *)&watch->debounce) && !is_late)
		return false;
	/* Where no events come, quiet is what two scans agree on. */
	if (watch->cause == WATCH_RESCAN && watch->job.differs && !is_late) {
		note_change(watch, WATCH_RESCAN);
		return false;
	}
	watch->is_change_pending = false;
	(void)uv_timer_stop(&watch->debounce);
	return true;
}

/* `failed` may close us, and `changed` may do anything: nothing of ours is touched after it. */
static void report(struct watch *watch, bool is_change)
{
	char *sentence = watch->sentence;

	watch->sentence = NULL;
	if (sentence != NULL)
		watch->failed(sentence, watch->data);
	free(sentence);
	if (is_change && !watch->is_closing)
		watch->changed(watch->cause, watch->data);
}

static void on_scanned(uv_work_t *work, int status)
{
	struct watch *watch = work->data;
	bool is_change;

	(void)status; /* a scan that was cancelled has nothing, or its paths */
	watch->is_scanning = false;
	if (watch->is_closing) {
		watch_scan_clear(&watch->job.scan);
		release(watch);
		return;
	}
	watch_scan_clear(&watch->scan);
	watch->scan = watch->job.scan;
	watch->verified = watch->job.reason == REASON_VERIFY ? watch->verified + 1 : 0;
	if (apply(watch) && watch->verified < VERIFY_MAX)
		watch->wants[REASON_VERIFY] = true;
	is_change = judge(watch);
	pump(watch);
	report(watch, is_change);
}

static void work_scan(uv_work_t *work)
{
	struct watch *watch = work->data;
	struct scan_job *job = &watch->job;

	if (job->reason != REASON_SET)
		watch_scan_set(&job->scan, (const char *const *)watch->scan.paths);
	watch_scan_run(&job->scan);
	job->differs = watch_scan_differs(&watch->scan, &job->scan, job->mark_ns);
}

static void start_scan(struct watch *watch, enum reason reason)
{
	struct scan_job *job = &watch->job;

	*job = (struct scan_job){.reason = reason};
	if (reason == REASON_SET) {
		job->scan = watch->next;
		job->mark_ns = watch->mark_ns;
		watch->next = (struct watch_scan){0};
		watch->mark_ns = 0;
	}
	job->work.data = watch;
	watch->is_scanning = uv_queue_work(watch->loop, &job->work, work_scan, on_scanned) == 0;
}

/* Start the scan that is needed most, if none is under way. */
static void pump(struct watch *watch)
{
	enum reason reason = REASON_SET;

	if (watch->is_scanning || watch->is_closing)
		return;
	while (reason < REASON_COUNT && !watch->wants[reason])
		reason++;
	if (reason == REASON_COUNT)
		return;
	watch->wants[reason] = false;
	if (reason == REASON_RESCAN)
		watch->wants[REASON_VERIFY] = false;
	start_scan(watch, reason);
}

static void want(struct watch *watch, enum reason reason)
{
	watch->wants[reason] = true;
	pump(watch);
}

static void on_rescan(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	/* The scan after the quiet time serves for this one; closer together, two would agree on a
	 * file that is being written. */
	if (watch->is_change_pending)
		return;
	want(watch, REASON_RESCAN);
}

struct watch *watch_open(uv_loop_t *loop, watch_change_fn *changed, watch_failure_fn *failed,
                         void *data)
{
	struct watch *watch = mem_new(struct watch);

	watch->loop = loop;
	watch->changed = changed;
	watch->failed = failed;
	watch->data = data;
	(void)uv_timer_init(loop, &watch->debounce);
	(void)uv_timer_init(loop, &watch->rescan);
	watch->debounce.data = watch;
	watch->rescan.data = watch;
	watch->handles = 2;
	watch_configure(watch, SETTLE_MS, RESCAN_MS);
	return watch;
}

void watch_without_inotify(struct watch *watch)
{
	watch->without_inotify = true;
}

void watch_configure(struct watch *watch, int64_t settle_ms, int64_t sweep_ms)
{
	watch->settle_ms = settle_ms;
	if (sweep_ms == watch->sweep_ms)
		return;
	watch->sweep_ms = sweep_ms;
	(void)uv_timer_start(&watch->rescan, on_rescan, (uint64_t)sweep_ms, (uint64_t)sweep_ms);
}

void watch_set(struct watch *watch, const char *const *paths)
{
	watch_scan_clear(&watch->next);
	watch_scan_set(&watch->next, paths);
	want(watch, REASON_SET);
}

void watch_mark(struct watch *watch)
{
	struct timespec now;

	/* The clock that files are stamped with: no file that changes from here on is older. */
	(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	watch->is_news = false;
	watch->mark_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool watch_is_pending(const struct watch *watch)
{
	return watch->is_change_pending && watch->is_news;
}

void watch_close(struct watch *watch)
{
	if (watch == NULL)
		return;
	watch->is_closing = true;
	uv_close((uv_handle_t *)&watch->debounce, on_timer_closed);
	uv_close((uv_handle_t *)&watch->rescan, on_timer_closed);
	for (size_t i = 0; i < watch->watched_count; i++)
		detach(watch->watched[i]);
	watch->watched_count = 0;
	/* One that has begun runs to its end; both ways on_scanned() is called. */
	if (watch->is_scanning)
		(void)uv_cancel((uv_req_t *)&watch->job.work);
}
