/* SPDX-License-Identifier: MIT */
/* What becomes of a load. A bad file changes nothing: its faults are logged, the last good one
 * stays in force. The paths that a load depends on are watched from then on, also those of one that
 * failed, so that the correction is seen. A file that cannot be read now says nothing of the
 * configuration: it is neither bad nor empty. */
#include "daemon/daemon_internal.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/span.h"
#include "engine/report.h"
#include "log/log.h"
#include "sync/sync_query.h"

void adoption_report(struct daemon *daemon, const struct faults *faults, const char *refused)
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

/* For whoever asks. */
static void keep_faults(struct daemon *daemon, struct faults *faults)
{
	faults_clear(&daemon->faults);
	daemon->faults = *faults;
	*faults = (struct faults){0};
}

static void apply_settings(struct daemon *daemon, const struct spec *spec)
{
	if (!daemon->options->level_is_given)
		log_set_level(spec->log_level);
	watch_configure(daemon->watch, spec->watch.settle_ms, spec->watch.sweep_ms);
	http_configure(daemon->engine.http, &spec->api);
	metrics_file_configure(&daemon->metrics.file, spec->metrics_file);
}

void adoption_take(struct daemon *daemon, struct load *load)
{
	struct spec *spec = load->specfile.spec;
	const char *path = daemon->options->config_path;
	struct sync_event event = {.kind = SYNC_CONFIGURED, .spec = spec};

	daemon->hash = load->specfile.hash;
	daemon->is_refused = false;
	keep_faults(daemon, &load->specfile.faults);
	load->replaced = daemon->engine.redactor;
	daemon->engine.redactor = load->redactor;
	load->redactor = NULL;
	apply_settings(daemon, spec);
	log_printf(&(const struct log_record){.event = EVENT_CONFIG_LOADED, .config_file = path},
	           "%s: %zu integration%s in force", path, spec->count,
	           spec->count == 1 ? "" : "s");
	load->specfile.spec = NULL;
	daemon->loader.in_force = spec;
	engine_step(&daemon->engine, &event);
	load->retired = sync_take_retired(daemon->engine.sync);
}

void adoption_judge(struct daemon *daemon, struct load *load)
{
	struct specfile *specfile = &load->specfile;
	const char *path = daemon->options->config_path;
	/* A reload that was asked for logs again what is still wrong. */
	bool is_known = specfile->hash == daemon->hash && !(load->is_reload && daemon->is_refused);

	if (daemon->unread != NULL)
		log_printf(&(const struct log_record){.event = EVENT_CONFIG_UNREAD,
		                                      .level = LOG_NOTICE,
		                                      .config_file = path},
		           "%s: can be read again", path);
	free(daemon->unread);
	daemon->unread = NULL;
	if (is_known)
		return;
	daemon->hash = specfile->hash;
	engine_reject_emptied(specfile, path, sync_count(daemon->engine.sync));
	adoption_report(daemon, &specfile->faults,
	                specfile->spec == NULL ? "the configuration in force stays" : NULL);
	if (specfile->spec != NULL) {
		adoption_take(daemon, load);
	} else {
		daemon->is_refused = true;
		keep_faults(daemon, &specfile->faults);
	}
}

void adoption_report_unread(struct daemon *daemon, const struct load *load, int64_t retry_ms)
{
	const char *why = load->specfile.unread;
	bool is_known = daemon->unread != NULL && strcmp(daemon->unread, why) == 0;
	struct log_record record = {.event = EVENT_CONFIG_UNREAD,
	                            .retry_ms = retry_ms > 0 ? retry_ms : 0,
	                            .reason = why,
	                            .config_file = daemon->options->config_path};
	char span[SPAN_TEXT_MAX];

	if (is_known && !load->is_reload)
		return;
	if (retry_ms < 0)
		log_printf(&record, "%s; not started", why);
	else
		log_printf(&record, "%s; the configuration in force stays, tried again in %s", why,
		           span_format(retry_ms, span));
	free(daemon->unread);
	daemon->unread = mem_dup(why);
}
