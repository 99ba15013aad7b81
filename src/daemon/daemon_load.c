/* SPDX-License-Identifier: MIT */
/* The configuration: loaded in the thread pool whenever the files may have changed or the operator
 * asks, and adopted only when it is whole and different.
 *
 * A bad file changes nothing: its faults are told, the last good one stays. The paths that the load
 * depends on are watched from then on, also those of a load that failed, so that the mend is seen.
 */
#include "daemon/daemon_internal.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "log/log.h"
#include "sync/sync_query.h"

static void tell_loaded(const struct daemon *daemon, const struct spec *spec)
{
	struct text message = {.length = 0};

	text_printf(&message, "%s: %zu integration%s in force", daemon->options->config_path,
	            spec->count, spec->count == 1 ? "" : "s");
	log_write(&(const struct log_record){.event = EVENT_CONFIG_LOADED,
	                                     .message = message.bytes,
	                                     .config_file = daemon->options->config_path});
	text_clear(&message);
}

/* Answers under way may still echo the secrets of the specification before. */
static struct redactor *make_redactor(const struct spec *spec, const struct spec *before)
{
	size_t count = 0;
	size_t more = 0;
	const char **secrets = spec_secrets(spec, &count);
	const char **old = before != NULL ? spec_secrets(before, &more) : NULL;
	const char **all = mem_alloc(count + more + 1, sizeof(*all));
	struct redactor *redactor;

	memcpy(all, secrets, count * sizeof(*all));
	if (more > 0)
		memcpy(all + count, old, more * sizeof(*all));
	redactor = redactor_new(all, count + more);
	free(all);
	free(secrets);
	free(old);
	return redactor;
}

static void apply_settings(struct daemon *daemon, const struct spec *spec)
{
	if (!daemon->options->level_is_given)
		log_set_level(spec->log_level);
	watch_configure(daemon->watch, spec->watch.settle_ms, spec->watch.sweep_ms);
	http_configure(daemon->engine.http, &spec->api);
	daemon_metrics_configure(daemon, spec->metrics_file);
}

/* For whoever asks; what was loaded is not needed for it any longer. */
static void keep_faults(struct daemon *daemon, struct faults *faults)
{
	faults_clear(&daemon->faults);
	daemon->faults = *faults;
	*faults = (struct faults){.entries = NULL};
}

void daemon_adopt(struct daemon *daemon, struct daemon_load *load)
{
	struct specfile *specfile = &load->specfile;
	struct sync_event event = {.kind = SYNC_CONFIGURED, .spec = specfile->spec};

	keep_faults(daemon, &specfile->faults);
	load->replaced = daemon->engine.redactor;
	daemon->engine.redactor = load->redactor;
	load->redactor = NULL;
	apply_settings(daemon, specfile->spec);
	tell_loaded(daemon, specfile->spec);
	specfile->spec = NULL;
	engine_step(&daemon->engine, &event);
	load->retired = sync_take_retired(daemon->engine.sync);
}

/* What was warned of in the last load is not said again in the next. */
static void tell_faults(struct daemon *daemon, struct faults *faults, const char *refused)
{
	uint64_t warned = TEXT_HASH_START;

	for (size_t i = 0; i < faults->count; i++) {
		if (faults->entries[i].level == FAULT_WARNING) {
			const char *text = faults->entries[i].text;

			warned = text_hash(warned, text, strlen(text));
		}
	}
	report_faults(faults, daemon->options->config_path, warned != daemon->warned, refused);
	daemon->warned = warned;
}

/* True if what was loaded is in force now, or was already. */
static bool take_load(struct daemon *daemon, struct daemon_load *load)
{
	struct specfile *specfile = &load->specfile;
	bool is_same = specfile->hash == daemon->hash;

	watch_set(daemon->watch, (const char *const *)specfile->watched);
	if (is_same)
		return !daemon->refused;
	daemon->hash = specfile->hash;
	engine_reject_emptied(specfile, daemon->options->config_path,
	                      sync_count(daemon->engine.sync));
	daemon->refused = specfile->spec == NULL;
	tell_faults(daemon, &specfile->faults,
	            daemon->refused ? "the configuration in force stays" : NULL);
	daemon_status_refuse(daemon, daemon->refused ? &specfile->faults : NULL);
	if (daemon->refused)
		keep_faults(daemon, &specfile->faults);
	else
		daemon_adopt(daemon, load);
	return !daemon->refused;
}

/* All that may take long: in the thread pool, but for the first. */
static void load_files(struct daemon *daemon)
{
	struct daemon_load *load = &daemon->load;

	specfile_load(&load->specfile, daemon->options->config_path, &daemon->options->environment);
	if (load->specfile.spec != NULL) {
		credentials_digest(load->specfile.spec, &daemon->engine.key);
		load->redactor = make_redactor(load->specfile.spec, load->before);
	}
}

void daemon_load_end(struct daemon *daemon)
{
	struct daemon_load *load = &daemon->load;

	specfile_clear(&load->specfile);
	redactor_free(load->redactor);
	redactor_free(load->replaced);
	spec_free(load->retired);
	load->redactor = NULL;
	load->replaced = NULL;
	load->retired = NULL;
	load->untrimmed = true;
}

static void work_end(uv_work_t *work)
{
	daemon_load_end(work->data);
}

static void on_end(uv_work_t *work, int status)
{
	struct daemon *daemon = work->data;
	struct daemon_load *load = &daemon->load;

	(void)status; /* nobody cancels it */
	load->running = false;
	load->is_trim = false;
	if (load->wanted && !daemon->stopping)
		daemon_load_start(daemon, load->want_reload);
}

static void work_trim(uv_work_t *work)
{
	(void)work;
	(void)malloc_trim(0);
}

/* It holds up every allocation meanwhile, and what it gives back has to be had again: so not when
 * the schedules that were just loaded are being sent. */
void daemon_load_trim(struct daemon *daemon)
{
	struct daemon_load *load = &daemon->load;

	if (load->untrimmed && !load->running) {
		load->untrimmed = false;
		load->is_trim = true;
		load->running = true;
		load->work.data = daemon;
		(void)uv_queue_work(&daemon->loop, &load->work, work_trim, on_end);
	}
}

static void work_load(uv_work_t *work)
{
	struct daemon *daemon = work->data;

	load_files(daemon);
}

static void on_loaded(uv_work_t *work, int status)
{
	struct daemon *daemon = work->data;
	struct daemon_load *load = &daemon->load;
	bool is_reload = load->is_reload;
	bool is_news = is_reload || load->specfile.hash != daemon->hash;
	bool is_good;

	uv_update_time(&daemon->loop);
	if (!daemon->stopping && status == 0) {
		if (is_reload) {
			/* The operator is told again of what is still wrong. */
			daemon->hash = daemon->refused ? ~load->specfile.hash : daemon->hash;
		}
		is_good = take_load(daemon, load);
		if (is_news)
			daemon_metrics_loaded(daemon, is_good);
		if (is_good && is_reload) {
			struct sync_event event = {.kind = SYNC_RELEASED};

			engine_step(&daemon->engine, &event);
		}
		if (is_reload)
			notify_ready(daemon->notify);
	}
	/* 100,000 integrations are a million pieces to free. */
	(void)uv_queue_work(&daemon->loop, &load->work, work_end, on_end);
}

void daemon_load_start(struct daemon *daemon, bool is_reload)
{
	struct daemon_load *load = &daemon->load;

	if (daemon->stopping)
		return;
	if (load->running) {
		load->wanted = true;
		load->want_reload = load->want_reload || is_reload;
		return;
	}
	load->running = true;
	load->wanted = false;
	load->want_reload = false;
	load->is_reload = is_reload;
	load->work.data = daemon;
	load->before = sync_spec(daemon->engine.sync);
	if (is_reload)
		notify_reloading(daemon->notify);
	watch_mark(daemon->watch);
	(void)uv_queue_work(&daemon->loop, &load->work, work_load, on_loaded);
}

/* Before the loop runs, so that READY means "the file is loaded". */
bool daemon_load_first(struct daemon *daemon)
{
	const struct daemon_load *load = &daemon->load;

	load_files(daemon);
	daemon->hash = load->specfile.hash;
	tell_faults(daemon, &daemon->load.specfile.faults,
	            load->specfile.spec == NULL ? "not started" : NULL);
	return load->specfile.spec != NULL;
}
