/* SPDX-License-Identifier: MIT */
/* The daemon itself, as a child whose service manager this test is: it is ready, says that it is
 * alive while everything ends as it must and no longer, and ends with the code for what went wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/loader.h"
#include "engine/state_file.h"
#include "http/http.h"
#include "log/log.h"
#include "os/store.h"
#include "support/scratch.h"
#include "sync/state.h"

#define PATIENCE_MS 20000
#define GROUPS                                                             \
	"api = { url = \"http://127.0.0.1:9\"; key_file = \"key\"; };\n"   \
	"defaults = { token_file = \"key\"; password_file = \"key\"; };\n" \
	"watch = { sweep = \"1s\"; };\n"
#define QUIET_MS 600 /* twice the watchdog's interval */

static volatile sig_atomic_t is_stuck; /* in the child */
static bool has_no_watches;            /* the machine, whose watches others have taken */

static const char *log_path = "log", *watchdog_usec = "300000";

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int64_t __real_loader_age_ms(const struct loader *loader);
int64_t __wrap_loader_age_ms(const struct loader *loader);
void __real_specfile_load(struct specfile *specfile, const char *path,
                          const struct secret_environment *environment, bool api_only);
void __wrap_specfile_load(struct specfile *specfile, const char *path,
                          const struct secret_environment *environment, bool api_only);
bool __real_store_replace(const char *directory, const char *name, const void *bytes, size_t length,
                          enum store_care care, struct fault *fault);
bool __wrap_store_replace(const char *directory, const char *name, const void *bytes, size_t length,
                          enum store_care care, struct fault *fault);

int64_t __wrap_loader_age_ms(const struct loader *loader)
{
	return is_stuck ? 600001 : __real_loader_age_ms(loader);
}

/* Tell the test by a file. */
static void tell(const char *name)
{
	(void)close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* As on a file server that does not answer: for as long as there is a file of this name. */
static void hang(const char *name)
{
	if (access(name, F_OK) == 0)
		tell("hangs");
	while (access(name, F_OK) == 0)
		(void)usleep(1000);
}

void __wrap_specfile_load(struct specfile *specfile, const char *path,
                          const struct secret_environment *environment, bool api_only)
{
	hang("no-reads");
	__real_specfile_load(specfile, path, environment, api_only);
}

bool __wrap_store_replace(const char *directory, const char *name, const void *bytes, size_t length,
                          enum store_care care, struct fault *fault)
{
	static atomic_int writers;
	bool is_state = strcmp(name, STATE_FILE_NAME) == 0;
	bool is_done;

	if (is_state && atomic_fetch_add(&writers, 1) > 0)
		tell("overlapping");
	if (is_state)
		hang("no-writes");
	is_done = __real_store_replace(directory, name, bytes, length, care, fault);
	if (is_state)
		(void)atomic_fetch_sub(&writers, 1);
	return is_done;
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* It stands before libc's for libuv too. */
int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (!has_no_watches)
		return (int)syscall(SYS_inotify_add_watch, fd, path, mask);
	errno = ENOSPC;
	return -1;
}

static void on_stuck(int number)
{
	(void)number;
	is_stuck = !is_stuck;
}

struct world {
	char *directory;
	char *socket_path;
	int manager; /* the service manager's socket */
	pid_t child;
};

static void write_file(const char *path, const char *text)
{
	FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static int open_world(void **state)
{
	struct world *world = mem_new(struct world);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	world->directory = scratch_new();
	assert_int_equal(chdir(world->directory), 0);
	write_file("key", "the-key\n");
	write_file("good.conf", GROUPS "integrations = ( { id = 1; indexing_cron = false; } );\n");
	write_file("empty.conf", GROUPS "integrations = ();\n");
	write_file("bad.conf", "integrations = 5;\n");
	world->socket_path = mem_printf("%s/notify", world->directory);
	world->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, world->socket_path, strlen(world->socket_path) + 1);
	assert_int_equal(bind(world->manager, (struct sockaddr *)&address, sizeof(address)), 0);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	(void)close(world->manager);
	/* Of a test that failed. */
	if (world->child > 0 && waitpid(world->child, NULL, WNOHANG) == 0) {
		(void)kill(world->child, SIGKILL);
		(void)waitpid(world->child, NULL, 0);
	}
	assert_int_equal(chdir("/"), 0);
	scratch_remove(world->directory);
	free(world->socket_path);
	free(world);
	return 0;
}

/* `pid` is what the manager says whom the watchdog is for; NULL: everybody. */
static void start(struct world *world, const char *config, const char *pid)
{
	struct daemon_options options = {.config_path = config,
	                                 .state_directory = "state",
	                                 .runtime_directory = "run",
	                                 .notify_socket = world->socket_path,
	                                 .watchdog_usec = watchdog_usec,
	                                 .watchdog_pid = pid,
	                                 .level_is_given = true};

	daemon_mask_signals(SIG_BLOCK);
	(void)fflush(NULL); /* the child ends by exit(3), for what a build for coverage counts */
	world->child = fork();
	assert_true(world->child >= 0);
	if (world->child == 0) {
		(void)signal(SIGUSR1, on_stuck);
		(void)signal(SIGPIPE, SIG_IGN);
		(void)close(world->manager);
		log_open_at(LOG_FORM_TEXT, LOG_NOTICE,
		            open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
		            "/nonexistent");
		exit(http_memory_start() ? daemon_run(&options) : 1);
	}
	daemon_mask_signals(SIG_UNBLOCK);
}

static int end(const struct world *world)
{
	int status = 0;

	assert_int_equal(waitpid(world->child, &status, 0), world->child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Read messages for so long; whether one of them has the line. */
static bool hears(const struct world *world, const char *line, int64_t ms)
{
	int64_t until_ms = now_ms() + ms;
	int64_t left_ms;
	char message[4096];

	while ((left_ms = until_ms - now_ms()) > 0) {
		struct pollfd poller = {.fd = world->manager, .events = POLLIN};
		ssize_t count;

		if (poll(&poller, 1, (int)left_ms) < 1)
			return false;
		count = recv(world->manager, message, sizeof(message) - 1, 0);
		assert_true(count > 0);
		message[count] = '\0';
		if (strstr(message, line) != NULL)
			return true;
	}
	return false;
}

/* What was said before now does not count. */
static void forget(const struct world *world)
{
	char byte;

	while (recv(world->manager, &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

static void it_is_alive_while_everything_ends(void **state)
{
	struct world *world = *state;

	start(world, "good.conf", NULL);
	assert_true(hears(world, "READY=1\n", PATIENCE_MS));
	forget(world);
	assert_true(hears(world, "WATCHDOG=1\n", PATIENCE_MS));
	assert_true(hears(world, "WATCHDOG=1\n", PATIENCE_MS));
	assert_int_equal(kill(world->child, SIGUSR1), 0);
	(void)hears(world, "never said", QUIET_MS / 2);
	forget(world);
	assert_false(hears(world, "WATCHDOG=1\n", QUIET_MS));
	assert_int_equal(kill(world->child, SIGUSR1), 0);
	assert_true(hears(world, "WATCHDOG=1\n", PATIENCE_MS));
	assert_int_equal(kill(world->child, SIGTERM), 0);
	assert_true(hears(world, "STOPPING=1\n", PATIENCE_MS));
	assert_int_equal(end(world), 0);
}

static void the_watchdog_of_another_is_left_alone(void **state)
{
	struct world *world = *state;

	start(world, "good.conf", "1");
	assert_true(hears(world, "READY=1\n", PATIENCE_MS));
	assert_false(hears(world, "WATCHDOG=1\n", QUIET_MS));
	assert_int_equal(kill(world->child, SIGINT), 0);
	assert_int_equal(end(world), 0);
}

static void a_bad_start_ends_with_its_code(void **state)
{
	struct world *world = *state;

	start(world, "bad.conf", NULL);
	assert_int_equal(end(world), EX_CONFIG);
	start(world, "missing.conf", NULL);
	assert_int_equal(end(world), EX_CONFIG);
	assert_false(hears(world, "READY=1\n", 1));
}

static void the_second_ends_at_once(void **state)
{
	struct world *world = *state;
	pid_t first;

	start(world, "good.conf", NULL);
	assert_true(hears(world, "READY=1\n", PATIENCE_MS));
	first = world->child;
	start(world, "good.conf", NULL);
	assert_int_equal(end(world), EX_TEMPFAIL);
	world->child = first;
	assert_int_equal(kill(first, SIGTERM), 0);
	assert_int_equal(end(world), 0);
}

static void assert_logged(const char *desired)
{
	struct fault fault = {0};
	struct file_read file;

	assert_true(file_read(&file, "log", 100000, NULL, &fault));
	if (strstr(file.bytes, desired) == NULL)
		assert_string_equal(file.bytes, desired);
	file_read_clear(&file);
}

/* As it does while the daemon runs: nothing says that what was managed is meant to be left alone.
 */
static void an_emptied_file_does_not_start(void **state)
{
	struct world *world = *state;
	struct text text = {0};
	struct fault fault = {0};
	char six[] = "0 6 * * *";

	state_encode_start(&text, "http://127.0.0.1:9", 0);
	state_encode_entry(&text, &(const struct state_entry){
					  .id = 1, .accepted = true, .value.indexing_cron = six});
	state_encode_end(&text);
	assert_int_equal(mkdir("state", 0700), 0);
	assert_true(store_replace("state", STATE_FILE_NAME, text.bytes, text.length, STORE_KEPT,
	                          &fault));
	text_clear(&text);
	start(world, "empty.conf", NULL);
	assert_int_equal(end(world), EX_CONFIG);
	assert_logged("integrations: none are left of 1; set allow_empty = true if that is meant");
	start(world, "good.conf", NULL);
	assert_true(hears(world, "READY=1\n", PATIENCE_MS));
	assert_int_equal(kill(world->child, SIGTERM), 0);
	assert_int_equal(end(world), 0);
}

static void a_machine_without_watches_is_rescanned(void **state)
{
	struct world *world = *state;
	char *desired = mem_printf("cannot watch '%s': no inotify watches left "
	                           "(fs.inotify.max_user_watches); changes are found by a rescan "
	                           "every 1s\n",
	                           world->directory);

	has_no_watches = true;
	start(world, "good.conf", NULL);
	has_no_watches = false;
	assert_true(hears(world, "READY=1\n", PATIENCE_MS));
	write_file("good.conf", "integrations = 5;\n");
	assert_true(hears(world, "STATUS=the file has faults", PATIENCE_MS));
	assert_int_equal(kill(world->child, SIGTERM), 0);
	assert_int_equal(end(world), 0);
	assert_logged(desired);
	free(desired);
}

/* Whether the child ends within this time; its status is left. */
static bool ends_within(const struct world *world, int64_t ms)
{
	siginfo_t info = {0};

	for (int64_t until_ms = now_ms() + ms; info.si_pid == 0 && now_ms() < until_ms;) {
		(void)usleep(1000);
		assert_int_equal(
			waitid(P_PID, (id_t)world->child, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	}
	return info.si_pid != 0;
}

/* Wait until the daemon hangs. */
static bool hangs(void)
{
	int64_t until_ms = now_ms() + PATIENCE_MS;

	while (unlink("hangs") < 0 && now_ms() < until_ms)
		(void)usleep(1000);
	return now_ms() < until_ms;
}

/* A stop in the first load is one: nothing starts after it, and a read that hangs is left behind.
 */
static void a_stop_waits_for_no_read(void **state)
{
	struct world *world = *state;

	write_file("no-reads", "");
	start(world, "good.conf", NULL);
	assert_true(hangs());
	assert_int_equal(kill(world->child, SIGTERM), 0);
	assert_true(hears(world, "STOPPING=1\n", PATIENCE_MS));
	(void)unlink("no-reads");
	assert_int_equal(end(world), 0);
	assert_false(hears(world, "READY=1\n", 1));
	assert_logged("stopping on SIGTERM, 0 requests in flight\n");
	write_file("no-reads", "");
	start(world, "good.conf", NULL);
	assert_true(hangs());
	assert_int_equal(kill(world->child, SIGINT), 0);
	assert_true(ends_within(world, PATIENCE_MS));
	assert_int_equal(end(world), 0);
	assert_logged("stopping on SIGINT, 0 requests in flight\n");
}

/* What a state says is not known elsewhere: its write is waited for, however long it takes, and the
 * last one does not begin beside it. */
static void a_stop_waits_for_a_write(void **state)
{
	struct world *world = *state;

	write_file("sent.conf", GROUPS "drift = { mode = \"off\"; };\n"
	                               "integrations = ( { id = 1; indexing_cron = false; } );\n");
	write_file("no-writes", "");
	start(world, "sent.conf", NULL);
	assert_true(hangs());
	assert_int_equal(kill(world->child, SIGTERM), 0);
	assert_false(ends_within(world, 2500));
	(void)unlink("no-writes");
	assert_int_equal(end(world), 0);
	assert_int_equal(access("state/" STATE_FILE_NAME, F_OK), 0);
	assert_int_not_equal(access("overlapping", F_OK), 0);
}

/* The log is a pipe that nobody reads: what it holds back goes out when there is room again, though
 * nothing else happens, neither a timer nor an event in a directory that is watched. */
static void what_the_log_holds_back_goes_out(void **state)
{
	struct world *world = *state;
	struct pollfd poller = {.events = POLLIN};
	char bytes[4096] = {0};
	ssize_t length;

	assert_int_equal(mkdir("etc", 0700), 0);
	assert_int_equal(mkdir("log.d", 0700), 0);
	assert_int_equal(mkfifo("log.d/pipe", 0600), 0);
	write_file("etc/quiet.conf", "api = { key = \"the-key\"; };\ndrift = { mode = \"off\"; };\n"
	                             "watch = { sweep = \"1h\"; };\nintegrations = ();\n");
	poller.fd = open("log.d/pipe", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	while (write(poller.fd, bytes, sizeof(bytes)) > 0)
		continue;
	log_path = "log.d/pipe";
	watchdog_usec = NULL;
	start(world, "etc/quiet.conf", NULL);
	log_path = "log";
	watchdog_usec = "300000";
	assert_true(hears(world, "STATUS=", PATIENCE_MS));
	(void)usleep(QUIET_MS * 1000);
	/* The zeros that it was filled with come first. */
	do {
		assert_int_equal(poll(&poller, 1, PATIENCE_MS / 4), 1);
		length = read(poller.fd, bytes, sizeof(bytes));
		assert_true(length > 0);
	} while (bytes[length - 1] == '\0');
	assert_int_equal(kill(world->child, SIGTERM), 0);
	assert_int_equal(end(world), 0);
	(void)close(poller.fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_alive_while_everything_ends),
		TEST(the_watchdog_of_another_is_left_alone),
		TEST(a_bad_start_ends_with_its_code),
		TEST(the_second_ends_at_once),
		TEST(an_emptied_file_does_not_start),
		TEST(a_machine_without_watches_is_rescanned),
		TEST(a_stop_waits_for_no_read),
		TEST(a_stop_waits_for_a_write),
		TEST(what_the_log_holds_back_goes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
