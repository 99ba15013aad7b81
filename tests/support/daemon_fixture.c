/* SPDX-License-Identifier: MIT */
/* engine_step() is the linker's to replace: the daemon's calls end here, in the reconciler alone,
 * and are followed by what the daemon does after each event. */
#include "support/daemon_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/loop.h"
#include "support/client_fixture.h"
#include "support/log_fixture.h"

#define PATIENCE_NS UINT64_C(20000000000)

static struct daemon_fixture *current; /* the linker's names know no other */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
void __wrap_engine_step(struct engine *engine, struct sync_event *event);
void __wrap_http_configure(struct http *http, const struct spec_api *api);
bool __wrap_control_is_trusted(const struct control_client *client);
void __wrap_watch_configure(struct watch *watch, int64_t settle_ms, int64_t sweep_ms);

void __wrap_engine_step(struct engine *engine, struct sync_event *event)
{
	assert_ptr_equal(engine, &current->daemon.engine);
	current->events[event->kind]++;
	if (current->sync.now_ms < (int64_t)uv_now(&current->daemon.loop))
		current->sync.now_ms = (int64_t)uv_now(&current->daemon.loop);
	fixture_step(&current->sync, event);
	daemon_waits_stepped(&current->daemon);
}

void __wrap_http_configure(struct http *http, const struct spec_api *api)
{
	(void)http;
	current->api = api;
}

bool __wrap_control_is_trusted(const struct control_client *client)
{
	(void)client;
	return current->is_trusted;
}

void __wrap_watch_configure(struct watch *watch, int64_t settle_ms, int64_t sweep_ms)
{
	assert_ptr_equal(watch, current->daemon.watch);
	current->settle_ms = settle_ms;
	current->sweep_ms = sweep_ms;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void on_change(enum watch_cause cause, void *data)
{
	(void)cause;
	(void)data;
}

static void on_watch_failed(const char *sentence, void *data)
{
	(void)sentence;
	(void)data;
}

static void on_load_begun(const struct load *load, void *data)
{
	(void)load;
	(void)data;
}

static void on_load_ended(struct load *load, void *data)
{
	struct daemon_fixture *fixture = data;
	struct daemon *daemon = &fixture->daemon;

	fixture->reloads += load->is_reload;
	daemon->is_refused = fixture->is_refused;
	free(daemon->unread);
	daemon->unread = fixture->is_unread ? mem_dup("'x.conf' cannot be opened: Input/output "
	                                              "error")
	                                    : NULL;
	daemon_waits_loaded(daemon, load->number);
}

static void open_parts(struct daemon_fixture *fixture)
{
	struct daemon *daemon = &fixture->daemon;

	daemon_metrics_open(daemon);
	daemon_waits_open(daemon);
	daemon->watch = watch_open(&daemon->loop, on_change, on_watch_failed, NULL);
	loader_open(&daemon->loader, &daemon->loop,
	            &(const struct loader_options){.path = fixture->options.config_path,
	                                           .environment = &fixture->options.environment,
	                                           .key = &daemon->engine.key,
	                                           .begun = on_load_begun,
	                                           .ended = on_load_ended,
	                                           .overdue = on_load_begun,
	                                           .data = fixture});
}

int daemon_fixture_open(void **state)
{
	struct daemon_fixture *fixture = mem_new(struct daemon_fixture);
	struct fault fault = {0};

	current = fixture;
	fixture->directory = mem_dup("/tmp/test_daemon.XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	assert_int_equal(chdir(fixture->directory), 0);
	fixture->options = (struct daemon_options){
		.config_path = "x.conf", .state_directory = "state", .runtime_directory = "run"};
	fixture->is_trusted = true;
	fixture->daemon.options = &fixture->options;
	fixture->daemon.started_at = 1700000000;
	assert_true(loop_open(&fixture->daemon.loop, &fault));
	open_parts(fixture);
	fixture_open(&fixture->sync, NULL);
	fixture->sync.now_ms = (int64_t)uv_now(&fixture->daemon.loop);
	fixture_start(&fixture->sync, fixture_one("0 6 * * *"));
	fixture->daemon.engine.sync = fixture->sync.sync;
	open_pipe(fixture->log, LOG_FORM_TEXT, LOG_INFO);
	*state = fixture;
	return 0;
}

int daemon_fixture_open_listening(void **state)
{
	struct daemon_fixture *fixture;
	struct fault fault = {0};

	assert_int_equal(daemon_fixture_open(state), 0);
	fixture = *state;
	fixture->daemon.control = daemon_control_open(&fixture->daemon, &fault);
	assert_non_null(fixture->daemon.control);
	return 0;
}

int daemon_fixture_close(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;
	char *command = mem_printf("rm -r '%s'", fixture->directory);

	if (!fixture->is_closed)
		daemon_waits_close(daemon);
	control_close(daemon->control);
	watch_close(daemon->watch);
	loader_close(&daemon->loader);
	metrics_file_close(&daemon->metrics.file);
	loop_close(&daemon->loop);
	metrics_file_clear(&daemon->metrics.file);
	faults_clear(&daemon->faults);
	free(daemon->unread);
	redactor_free(daemon->engine.redactor);
	fixture_close(&fixture->sync);
	close_pipe(fixture->log);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(system(command), 0);
	free(command);
	free(fixture->directory);
	free(fixture);
	return 0;
}

const char *daemon_fixture_log(const struct daemon_fixture *fixture)
{
	return drain(fixture->log[0]);
}

int daemon_fixture_ask(const struct daemon_fixture *fixture, const char *request)
{
	(void)fixture;
	return client_ask("run/" CONTROL_NAME, request);
}

char *daemon_fixture_read(struct daemon_fixture *fixture, int fd)
{
	return client_read(&fixture->daemon.loop, fd);
}

char *daemon_fixture_answer(struct daemon_fixture *fixture, const char *request)
{
	return daemon_fixture_read(fixture, daemon_fixture_ask(fixture, request));
}

void daemon_fixture_assert_silent(struct daemon_fixture *fixture, int fd)
{
	char byte;

	for (int i = 0; i < 5; i++)
		(void)uv_run(&fixture->daemon.loop, UV_RUN_NOWAIT);
	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

int daemon_fixture_hold(struct daemon_fixture *fixture, const char *request)
{
	const struct daemon *daemon = &fixture->daemon;
	const struct daemon_wait *before = LIST_FIRST(&daemon->waits.all);
	int fd = daemon_fixture_ask(fixture, request);
	uint64_t end = uv_hrtime() + PATIENCE_NS;

	while (LIST_FIRST(&daemon->waits.all) == before || loader_is_loading(&daemon->loader)) {
		assert_true(uv_hrtime() < end);
		(void)uv_run(&fixture->daemon.loop, UV_RUN_NOWAIT);
	}
	daemon_fixture_assert_silent(fixture, fd);
	return fd;
}
