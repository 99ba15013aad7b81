/* SPDX-License-Identifier: MIT */
/* The limit that the libraries set: PUTs through one curl multi on a libuv loop, with handles that
 * are used again, and nothing else: no file, no state, no log, no care for any failure. What this
 * does in a second is what dfmode-sync is measured against.
 *
 *     bare URL COUNT IN_FLIGHT [AUTHORITY]
 *
 * prints seconds, seconds of CPU, peak memory in KiB, failures. */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#define MAX_IN_FLIGHT 64

struct bare {
	uv_loop_t loop;
	uv_timer_t timer;
	CURLM *multi;
	struct curl_slist *headers;
	const char *url;
	const char *authority; /* certificates, for https; or NULL */
	long sent, ended, failed, count;
};

struct watched {
	struct bare *bare;
	uv_poll_t poll;
	curl_socket_t fd;
};

struct transfer {
	CURL *easy;
	char body[256];
};

static struct transfer transfers[MAX_IN_FLIGHT];

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	(void)bytes;
	(void)data;
	return size * count;
}

static void send_next(struct bare *bare, struct transfer *transfer)
{
	char url[256];
	int length;

	(void)snprintf(url, sizeof(url), "%s/api/v1/lineage/bi/mode/%ld/", bare->url, ++bare->sent);
	length = snprintf(transfer->body, sizeof(transfer->body),
	                  "{\"indexing_cron\":\"%ld 7 * * *\",\"name\":\"Mode: Team %ld\","
	                  "\"workspace\":\"acme\",\"token\":\"mode-token\","
	                  "\"password\":\"mode-password\"}",
	                  bare->sent % 60, bare->sent);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, transfer->body);
	(void)curl_multi_add_handle(bare->multi, transfer->easy);
}

static void act(struct bare *bare, curl_socket_t fd, int mask)
{
	int running, queued;
	CURLMsg *message;

	(void)curl_multi_socket_action(bare->multi, fd, mask, &running);
	while ((message = curl_multi_info_read(bare->multi, &queued)) != NULL) {
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result;
		char *transfer;
		long status = 0;

		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		(void)curl_multi_remove_handle(bare->multi, easy);
		bare->failed += code != CURLE_OK || status != 200;
		bare->ended++;
		if (bare->sent < bare->count)
			send_next(bare, (void *)transfer);
	}
	if (bare->ended == bare->count)
		uv_stop(&bare->loop);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watched *watched = poll->data;
	int mask = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
	           (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);

	act(watched->bare, watched->fd, status < 0 ? CURL_CSELECT_IN | CURL_CSELECT_OUT : mask);
}

static void on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static int on_want_timer(CURLM *multi, long timeout_ms, void *data)
{
	struct bare *bare = data;

	(void)multi;
	if (timeout_ms < 0)
		return uv_timer_stop(&bare->timer);
	return uv_timer_start(&bare->timer, on_timer, (uint64_t)timeout_ms, 0);
}

static int on_want_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
	struct bare *bare = data;
	struct watched *watched = known;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watched != NULL) {
			(void)uv_poll_stop(&watched->poll);
			uv_close((uv_handle_t *)&watched->poll, on_closed);
			(void)curl_multi_assign(bare->multi, fd, NULL);
		}
		return 0;
	}
	if (watched == NULL) {
		watched = calloc(1, sizeof(*watched));
		if (watched == NULL)
			abort();
		watched->bare = bare;
		watched->fd = fd;
		(void)uv_poll_init_socket(&bare->loop, &watched->poll, fd);
		watched->poll.data = watched;
		(void)curl_multi_assign(bare->multi, fd, watched);
	}
	return uv_poll_start(&watched->poll,
	                     (what & CURL_POLL_IN ? UV_READABLE : 0) |
	                             (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
	                     on_poll);
}

static void prepare(struct bare *bare, struct transfer *transfer)
{
	transfer->easy = curl_easy_init();
	(void)curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(transfer->easy, CURLOPT_USERAGENT, "dfmode-sync/bench");
	(void)curl_easy_setopt(transfer->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, 30000L);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, "PUT");
	(void)curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, bare->headers);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_body);
	if (bare->authority != NULL)
		(void)curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, bare->authority);
}

static void open_bare(struct bare *bare, long in_flight)
{
	bare->headers = curl_slist_append(NULL, "Content-Type: application/json");
	bare->headers = curl_slist_append(bare->headers, "Authorization: Key bench-key");
	bare->headers = curl_slist_append(bare->headers, "Accept: application/json");
	bare->headers = curl_slist_append(bare->headers, "Expect:");
	(void)uv_loop_init(&bare->loop);
	(void)uv_timer_init(&bare->loop, &bare->timer);
	bare->timer.data = bare;
	bare->multi = curl_multi_init();
	(void)curl_multi_setopt(bare->multi, CURLMOPT_SOCKETFUNCTION, on_want_socket);
	(void)curl_multi_setopt(bare->multi, CURLMOPT_SOCKETDATA, bare);
	(void)curl_multi_setopt(bare->multi, CURLMOPT_TIMERFUNCTION, on_want_timer);
	(void)curl_multi_setopt(bare->multi, CURLMOPT_TIMERDATA, bare);
	(void)curl_multi_setopt(bare->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, in_flight);
}

/* Not ru_maxrss, which has the memory of the program that started this one in it. */
static long peak_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[128];
	long peak = 0;

	while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
		if (strncmp(line, "VmHWM:", strlen("VmHWM:")) == 0)
			peak = strtol(line + strlen("VmHWM:"), NULL, 10);
	}
	if (status != NULL)
		(void)fclose(status);
	return peak;
}

int main(int argc, char **argv)
{
	struct bare bare = {.url = argc > 1 ? argv[1] : "", .authority = argc > 4 ? argv[4] : NULL};
	long in_flight = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	struct rusage usage;
	uint64_t began;
	double cpu;

	bare.count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	if (in_flight < 1 || in_flight > MAX_IN_FLIGHT || bare.count < in_flight) {
		(void)fputs("usage: bare URL COUNT IN_FLIGHT [AUTHORITY]\n", stderr);
		return 64;
	}
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	open_bare(&bare, in_flight);
	began = uv_hrtime();
	for (long i = 0; i < in_flight; i++) {
		prepare(&bare, &transfers[i]);
		send_next(&bare, &transfers[i]);
	}
	(void)uv_run(&bare.loop, UV_RUN_DEFAULT);
	(void)getrusage(RUSAGE_SELF, &usage);
	cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	      (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	(void)printf("%.6f %.6f %ld %ld\n", (double)(uv_hrtime() - began) / 1e9, cpu, peak_kib(),
	             bare.failed);
	return bare.failed == 0 ? 0 : 1;
}
