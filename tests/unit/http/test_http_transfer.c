/* SPDX-License-Identifier: MIT */
/* Where libcurl's numbers and headers become ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "http/http_transfer.h"
#include "support/http_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void judgement(void **state)
{
	static const struct {
		CURLcode code;
		enum verdict_transfer unsent;
	} cases[] = {
		{CURLE_COULDNT_RESOLVE_PROXY, VERDICT_TRANSFER_NOT_SENT},
		{CURLE_COULDNT_RESOLVE_HOST, VERDICT_TRANSFER_NOT_SENT},
		{CURLE_COULDNT_CONNECT, VERDICT_TRANSFER_NOT_SENT},
		{CURLE_SSL_CONNECT_ERROR, VERDICT_TRANSFER_NOT_SENT},
		{CURLE_OPERATION_TIMEDOUT, VERDICT_TRANSFER_NOT_SENT},
		{CURLE_RECV_ERROR, VERDICT_TRANSFER_NOT_SENT},
		{CURLE_PROXY, VERDICT_TRANSFER_NOT_SENT},
		{CURLE_GOT_NOTHING, VERDICT_TRANSFER_UNKNOWN},
		{CURLE_SEND_ERROR, VERDICT_TRANSFER_UNKNOWN},
		{CURLE_HTTP2, VERDICT_TRANSFER_UNKNOWN},
		{CURLE_HTTP2_STREAM, VERDICT_TRANSFER_UNKNOWN},
		{CURLE_PARTIAL_FILE, VERDICT_TRANSFER_UNKNOWN},
		{CURLE_WRITE_ERROR, VERDICT_TRANSFER_UNKNOWN},
		{CURLE_OUT_OF_MEMORY, VERDICT_TRANSFER_UNKNOWN},
		{CURLE_PEER_FAILED_VERIFICATION, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_CACERT_BADFILE, VERDICT_TRANSFER_SETUP},
		{CURLE_URL_MALFORMAT, VERDICT_TRANSFER_SETUP},
		{CURLE_UNSUPPORTED_PROTOCOL, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_CERTPROBLEM, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_CIPHER, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_ENGINE_INITFAILED, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_ISSUER_ERROR, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_PINNEDPUBKEYNOTMATCH, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_INVALIDCERTSTATUS, VERDICT_TRANSFER_SETUP},
		{CURLE_SSL_CLIENTCERT, VERDICT_TRANSFER_SETUP},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(http_transfer_judge(cases[i].code, false), cases[i].unsent);
		assert_int_equal(http_transfer_judge(cases[i].code, true),
		                 VERDICT_TRANSFER_UNKNOWN);
	}
}

/* It is not asked for; what sends it all the same is at least seen to. */
static void compressed_answers(void **state)
{
	static const struct {
		const char *header, *coding;
	} cases[] = {
		{.header = "", .coding = "(null)"},
		{.header = "Content-Encoding: gzip\r\n", .coding = "gzip"},
		{.header = "content-encoding: br, gzip\r\n", .coding = "br, gzip"},
		{.header = "Content-Encoding: Identity\r\n", .coding = "(null)"},
		{.header = "Content-Encoding:\r\n", .coding = "(null)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char bytes[128];
		const struct http_server_reply reply = {.bytes = bytes};
		const struct fixture_answer *answer;
		struct fixture fixture;

		(void)snprintf(bytes, sizeof(bytes),
		               "HTTP/1.1 422 X\r\n%sContent-Length: 2\r\n\r\n\x1f\x8b",
		               cases[i].header);
		fixture_open(&fixture, &reply, 1);
		answer = fixture_put_await(&fixture);
		assert_string_equal(answer->coding, cases[i].coding);
		assert_string_equal(answer->body, "\x1f\x8b");
		fixture_get(&fixture, "/api/v1/lineage/bi/");
		answer = fixture_await(&fixture, 2);
		assert_string_equal(answer->coding, cases[i].coding);
		assert_string_equal(answer->body, "\x1f\x8b");
		fixture_close(&fixture);
	}
}

static void copy_error(const struct http_answer *answer, void *data)
{
	(void)snprintf(data, CURL_ERROR_SIZE, "%s", answer->error);
}

/* libcurl has no text of its own for each of its errors. */
static void each_error_has_a_text(void **state)
{
	static char base[] = "http://127.0.0.1/", key[] = "k", none[] = "";
	static const struct {
		const char *own, *shown;
	} cases[] = {
		{"", "Server returned nothing (no headers, no data)"},
		{"Empty reply from server", "Empty reply from server"},
	};
	const struct spec_api api = {.url = base, .key = key, .proxy = none, .timeout_ms = 1000};
	struct http_template *template = http_template_new(&api);
	struct http_transfer *transfer = http_transfer_new(NULL, template);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_request request = {.method = HTTP_PUT, .path = "/"};
		char shown[CURL_ERROR_SIZE];

		assert_int_equal(http_transfer_load(transfer, &request, copy_error, shown),
		                 CURLE_OK);
		transfer->code = CURLE_GOT_NOTHING;
		(void)snprintf(transfer->error, CURL_ERROR_SIZE, "%s", cases[i].own);
		http_transfer_report(transfer);
		assert_string_equal(shown, cases[i].shown);
	}
	http_transfer_free(transfer);
	http_template_free(template);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judgement),
		cmocka_unit_test(compressed_answers),
		cmocka_unit_test(each_error_has_a_text),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(60);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests_name("http transfer", tests, NULL, NULL);
}
