/* SPDX-License-Identifier: MIT */
/* A text of 100,000 integrations takes 25 ms to put together, and so may what it is written after:
 * one behind the other would be one long pause, so the text waits for the next iteration, and takes
 * several. */
#include "os/publisher.h"

static void end(struct publisher *publisher)
{
	struct fault fault = publisher->fault;
	bool is_ok = publisher->is_ok;
	bool is_news = is_ok == publisher->is_failing;

	publisher->fault = (struct fault){0};
	text_clear(&publisher->text);
	publisher->is_running = false;
	publisher->is_failing = !is_ok;
	publisher->failures += !is_ok;
	publisher->options.done(is_ok ? NULL : fault.text, is_news, publisher->options.data);
	fault_clear(&fault);
}

static void work_write(uv_work_t *work)
{
	struct publisher *publisher = work->data;

	publisher->is_ok = publisher->options.write(&publisher->text, &publisher->fault,
	                                            publisher->options.data);
}

static void on_written(uv_work_t *work, int status)
{
	(void)status; /* nobody cancels it */
	end(work->data);
}

static void on_soon(uv_idle_t *idle)
{
	struct publisher *publisher = idle->data;

	if (!publisher->options.encode(&publisher->text, publisher->options.data))
		return;
	(void)uv_idle_stop(idle);
	(void)uv_queue_work(publisher->loop, &publisher->work, work_write, on_written);
}

void publisher_open(struct publisher *publisher, uv_loop_t *loop,
                    const struct publisher_options *options)
{
	*publisher = (struct publisher){.loop = loop, .options = *options};
	(void)uv_idle_init(loop, &publisher->soon);
	publisher->soon.data = publisher;
	publisher->work.data = publisher;
}

void publisher_start(struct publisher *publisher)
{
	publisher->is_running = true;
	publisher->started_ms = uv_now(publisher->loop);
	(void)uv_idle_start(&publisher->soon, on_soon);
}

void publisher_write_now(struct publisher *publisher)
{
	while (!publisher->options.encode(&publisher->text, publisher->options.data))
		continue;
	work_write(&publisher->work);
	end(publisher);
}

int64_t publisher_age_ms(const struct publisher *publisher)
{
	return publisher->is_running ? (int64_t)(uv_now(publisher->loop) - publisher->started_ms)
	                             : 0;
}

void publisher_close(struct publisher *publisher)
{
	if (uv_is_active((uv_handle_t *)&publisher->soon)) {
		publisher->is_running = false;
		text_clear(&publisher->text);
	}
	uv_close((uv_handle_t *)&publisher->soon, NULL);
}
