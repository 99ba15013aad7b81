/* SPDX-License-Identifier: MIT */
/* A load goes through three states: it reads in the pool, its result is judged on the loop, and
 * what is left of it is freed in the pool again. A file on a server that is gone can keep the first
 * from ending; that is reported once, and holds nothing else up. */
#include "daemon/loader.h"

#include <malloc.h>

static void work_free(uv_work_t *work)
{
	struct loader *loader = work->data;
	struct load *load = &loader->load;

	specfile_clear(&load->specfile);
	redactor_free(load->redactor);
	redactor_free(load->replaced);
	spec_free(load->retired);
	load->redactor = NULL;
	load->replaced = NULL;
	load->retired = NULL;
}

static void work_load(uv_work_t *work)
{
	struct loader *loader = work->data;
	struct load *load = &loader->load;

	specfile_load(&load->specfile, loader->options.path, loader->options.environment, false);
	if (load->specfile.spec == NULL)
		return;
	load->redactor = spec_redactor(load->specfile.spec, loader->in_force);
	/* The key is read after the first load, when the lock is held. */
	if (loader->in_force != NULL)
		state_digest_credentials(load->specfile.spec, loader->options.key);
}

static void work_trim(uv_work_t *work)
{
	(void)work;
	(void)malloc_trim(0);
}

static void on_idle(uv_work_t *work, int status)
{
	struct loader *loader = work->data;

	(void)status; /* nobody cancels it */
	loader->state = LOADER_IDLE;
	if (loader->is_wanted && !loader->is_closed)
		(void)loader_start(loader, loader->is_reload);
}

static void on_loaded(uv_work_t *work, int status)
{
	struct loader *loader = work->data;

	(void)status;
	uv_update_time(loader->loop);
	loader->state = LOADER_FREEING;
	if (!loader->is_closed) {
		(void)uv_timer_stop(&loader->overdue);
		loader->options.ended(&loader->load, loader->options.data);
	}
	loader->is_untrimmed = true;
	(void)uv_queue_work(loader->loop, &loader->work, work_free, on_idle);
}

static void on_overdue(uv_timer_t *timer)
{
	struct loader *loader = timer->data;

	loader->options.overdue(&loader->load, loader->options.data);
}

void loader_open(struct loader *loader, uv_loop_t *loop, const struct loader_options *options)
{
	*loader = (struct loader){.loop = loop, .options = *options};
	loader->work.data = loader;
	(void)uv_timer_init(loop, &loader->overdue);
	loader->overdue.data = loader;
}

uint64_t loader_start(struct loader *loader, bool is_reload)
{
	struct load *load = &loader->load;

	if (loader->is_closed || loader->state != LOADER_IDLE) {
		loader->is_reload = is_reload || (loader->is_wanted && loader->is_reload);
		loader->is_wanted = true;
		return load->number + 1;
	}
	load->number++;
	load->is_reload = is_reload;
	loader->is_wanted = false;
	loader->state = LOADER_LOADING;
	loader->started_ms = uv_now(loader->loop);
	loader->options.begun(load, loader->options.data);
	(void)uv_timer_start(&loader->overdue, on_overdue, LOADER_OVERDUE_MS, 0);
	(void)uv_queue_work(loader->loop, &loader->work, work_load, on_loaded);
	return load->number;
}

bool loader_is_loading(const struct loader *loader)
{
	return loader->state == LOADER_LOADING || loader->is_wanted;
}

int64_t loader_age_ms(const struct loader *loader)
{
	if (loader->state != LOADER_LOADING)
		return 0;
	return (int64_t)(uv_now(loader->loop) - loader->started_ms);
}

/* It holds up every allocation meanwhile, and what it gives back has to be had again: so not when
 * the schedules that were just loaded are being sent. */
void loader_trim(struct loader *loader)
{
	if (!loader->is_untrimmed || loader->state != LOADER_IDLE || loader->is_closed)
		return;
	loader->is_untrimmed = false;
	loader->state = LOADER_TRIMMING;
	(void)uv_queue_work(loader->loop, &loader->work, work_trim, on_idle);
}

void loader_close(struct loader *loader)
{
	loader->is_closed = true;
	uv_close((uv_handle_t *)&loader->overdue, NULL);
}
