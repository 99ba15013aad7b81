/* SPDX-License-Identifier: MIT */
/* Where libcurl's numbers become ours, without any network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http_transfer.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judgement),
	};

	return cmocka_run_group_tests_name("http transfer", tests, NULL, NULL);
}
