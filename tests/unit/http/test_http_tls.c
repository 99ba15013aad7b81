/* SPDX-License-Identifier: MIT */
/* TLS, with openssl(1) as the server: what is trusted, what is not, and which failures a person
 * has to fix. What is written to the server's standard input goes out on its connection; on its
 * standard output it says where it listens. To try until it does would not do: of many connections
 * to a free port of this machine one gets that very port as its own, and is connected with itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/http_transfer.h"
#include "support/http_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK           "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"

static char directory[] = "/tmp/test_http_tls.XXXXXX";

struct tls_server {
	pid_t pid;
	int in; /* its standard input */
	FILE *out;
	int port;
};

static pid_t spawn(const char *home, const char *const *arguments, int in, int out)
{
	pid_t parent = getpid(), pid = fork();
	int null;

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	null = open("/dev/null", O_RDWR);
	(void)dup2(in >= 0 ? in : null, 0);
	(void)dup2(out >= 0 ? out : null, 1);
	(void)dup2(null, 2);
	if (getppid() == parent && chdir(home) == 0)
		/* exec(3) takes them as not const for the sake of old programs. */
		(void)execvp(arguments[0], (char **)(uintptr_t)arguments);
	_exit(127);
}

static int run(const char *home, const char *const *arguments)
{
	int status = -1;

	(void)waitpid(spawn(home, arguments, -1, -1), &status, 0);
	return status;
}

static bool make_certificate(const char *name, const char *subject)
{
	char certificate[64], key[64], alternative[128];
	const char *const arguments[] = {"openssl",
	                                 "req",
	                                 "-x509",
	                                 "-newkey",
	                                 "ec",
	                                 "-pkeyopt",
	                                 "ec_paramgen_curve:P-256",
	                                 "-nodes",
	                                 "-subj",
	                                 "/CN=test",
	                                 "-days",
	                                 "2",
	                                 "-addext",
	                                 alternative,
	                                 "-keyout",
	                                 key,
	                                 "-out",
	                                 certificate,
	                                 NULL};

	(void)snprintf(certificate, sizeof(certificate), "%s.pem", name);
	(void)snprintf(key, sizeof(key), "%s.key", name);
	(void)snprintf(alternative, sizeof(alternative), "subjectAltName=%s", subject);
	return run(directory, arguments) == 0;
}

static int read_port(FILE *out)
{
	static const char accepts[] = "ACCEPT 127.0.0.1:";
	char line[128];

	while (fgets(line, sizeof(line), out) != NULL) {
		if (strncmp(line, accepts, strlen(accepts)) == 0)
			return (int)strtol(line + strlen(accepts), NULL, 10);
	}
	return 0;
}

static void start_server(struct tls_server *server, bool wants_certificate)
{
	const char *const arguments[] = {"openssl",
	                                 "s_server",
	                                 "-accept",
	                                 "127.0.0.1:0",
	                                 "-cert",
	                                 "good.pem",
	                                 "-key",
	                                 "good.key",
	                                 wants_certificate ? "-Verify" : NULL,
	                                 "1",
	                                 "-CAfile",
	                                 "client.pem",
	                                 "-verify_return_error",
	                                 NULL};
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	server->pid = spawn(directory, arguments, in[0], out[1]);
	(void)close(in[0]);
	(void)close(out[1]);
	server->in = in[1];
	server->out = fdopen(out[0], "r");
	assert_non_null(server->out);
	server->port = read_port(server->out);
	assert_int_not_equal(server->port, 0);
}

static void stop_server(struct tls_server *server)
{
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	(void)close(server->in);
	(void)fclose(server->out);
}

static void open_rig(struct fixture *fixture, const char *host, const struct tls_server *server)
{
	char url[64];

	(void)snprintf(url, sizeof(url), "https://%s:%d", host, server->port);
	fixture_open_url(fixture, url);
}

static char *path(const char *name)
{
	return name != NULL ? mem_printf("%s/%s", directory, name) : NULL;
}

static void trust(void **state)
{
	static const struct {
		const char *host, *ca_file, *certificate, *key;
		bool wants_certificate;
		int status, code;
		enum verdict_transfer transfer;
	} cases[] = {
		{.host = "127.0.0.1", .ca_file = "good.pem", .status = 200},
		{.host = "127.0.0.1",
	         .code = CURLE_PEER_FAILED_VERIFICATION,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.host = "127.0.0.1",
	         .ca_file = "client.pem",
	         .code = CURLE_PEER_FAILED_VERIFICATION,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.host = "localhost",
	         .ca_file = "good.pem",
	         .code = CURLE_PEER_FAILED_VERIFICATION,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.host = "127.0.0.1",
	         .ca_file = "nowhere.pem",
	         .code = CURLE_SSL_CACERT_BADFILE,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.host = "127.0.0.1",
	         .ca_file = "good.key",
	         .code = CURLE_SSL_CACERT_BADFILE,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.host = "127.0.0.1",
	         .ca_file = "good.pem",
	         .certificate = "nowhere.pem",
	         .key = "client.key",
	         .code = CURLE_SSL_CERTPROBLEM,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.host = "127.0.0.1",
	         .ca_file = "good.pem",
	         .certificate = "client.pem",
	         .key = "good.key",
	         .code = CURLE_SSL_CERTPROBLEM,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.host = "127.0.0.1",
	         .ca_file = "good.pem",
	         .certificate = "client.pem",
	         .key = "client.key",
	         .wants_certificate = true,
	         .status = 200},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tls_server server;
		const struct fixture_answer *answer;
		struct fixture fixture;

		start_server(&server, cases[i].wants_certificate);
		open_rig(&fixture, cases[i].host, &server);
		fixture.api.ca_file = path(cases[i].ca_file);
		fixture.api.client_cert_file = path(cases[i].certificate);
		fixture.api.client_key_file = path(cases[i].key);
		/* A handshake takes its time on a busy machine. */
		fixture.api.timeout_ms = fixture.api.connect_timeout_ms = 20000;
		http_configure(fixture.http, &fixture.api);
		assert_int_equal(write(server.in, OK, strlen(OK)), strlen(OK));
		answer = fixture_put_await(&fixture);
		assert_int_equal(answer->curl_code, cases[i].code);
		assert_int_equal(answer->status, cases[i].status);
		assert_int_equal(answer->transfer, cases[i].transfer);
		fixture_close(&fixture);
		free(fixture.api.ca_file);
		free(fixture.api.client_cert_file);
		free(fixture.api.client_key_file);
		stop_server(&server);
	}
}

/* A server that wants a certificate and gets none may say so only after it took the request. */
static void no_certificate_given(void **state)
{
	struct tls_server server;
	const struct fixture_answer *answer;
	struct fixture fixture;

	(void)state;
	start_server(&server, true);
	open_rig(&fixture, "127.0.0.1", &server);
	fixture.api.ca_file = path("good.pem");
	http_configure(fixture.http, &fixture.api);
	answer = fixture_put_await(&fixture);
	assert_int_equal(answer->status, 0);
	assert_int_not_equal(answer->transfer, VERDICT_TRANSFER_DONE);
	assert_non_null(strstr(answer->error, "certificate required"));
	fixture_close(&fixture);
	free(fixture.api.ca_file);
	stop_server(&server);
}

/* Texts of OpenSSL, as libcurl passes them on. */
static void alerts_are_distinct_from_other_errors(void **state)
{
	static const struct {
		const char *error;
		bool is_fault;
	} rows[] = {
		{"OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required",
	         true},
		{"error:0A000418:SSL routines::tlsv1 alert unknown ca", true},
		{"error:0A000410:SSL routines::sslv3 alert handshake failure", true},
		{"error:0A000438:SSL routines::tlsv1 alert internal error", false},
		{"Recv failure: Connection reset by peer", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(http_transfer_is_tls_fault(rows[i].error), rows[i].is_fault);
}

static void clear_text_behind_https(void **state)
{
	static const struct http_server_reply reply = {.bytes = "HTTP/1.1 400 X\r\n\r\n",
	                                               .then = HTTP_SERVER_CLOSE};
	struct tls_server server;
	struct http_server *clear = http_server_start(&reply, 1);
	const struct fixture_answer *answer;
	struct fixture fixture;

	(void)state;
	server.port = http_server_port(clear);
	open_rig(&fixture, "127.0.0.1", &server);
	fixture.api.connect_timeout_ms = 300;
	http_configure(fixture.http, &fixture.api);
	answer = fixture_put_await(&fixture);
	assert_int_equal(answer->transfer, VERDICT_TRANSFER_NOT_SENT);
	fixture_close(&fixture);
	http_server_stop(clear);
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) != NULL && make_certificate("good", "IP:127.0.0.1") &&
	                       make_certificate("client", "DNS:client.invalid")
	               ? 0
	               : -1;
}

static int remove_directory(void **state)
{
	const char *const arguments[] = {"rm", "-r", directory, NULL};

	(void)state;
	return run(directory, arguments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust),
		cmocka_unit_test(no_certificate_given),
		cmocka_unit_test(alerts_are_distinct_from_other_errors),
		cmocka_unit_test(clear_text_behind_https),
	};
	const char *const version[] = {"openssl", "version", NULL};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	if (run("/", version) != 0) {
		(void)puts("1..0 # SKIP openssl is not installed");
		return 0;
	}
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests_name("http tls", tests, make_directory, remove_directory);
}
