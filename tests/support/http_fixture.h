/* SPDX-License-Identifier: MIT */
/* What the tests of http.c share: a loop, an http, a server, and the answers that came. */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include <stdint.h>
#include <uv.h>

#include "http/http.h"
#include "support/http_server.h"

#define FIXTURE_ANSWERS_MAX 64

/* A copy of an answer. */
struct fixture_answer {
	enum verdict_transfer transfer;
	int status, curl_code;
	int64_t retry_after_ms;
	char error[512], location[256], content_type[128], coding[32];
	char body[256]; /* its beginning */
	size_t body_length;
	bool cut, cancelled;
};

struct fixture {
	uv_loop_t loop;
	struct http *http;
	struct http_server *server; /* NULL: none */
	struct spec_api api;
	char url[128];
	struct fixture_answer answers[FIXTURE_ANSWERS_MAX];
	size_t answered;
	bool within; /* a call of ours is under way: no callback may come */
};

/* A server with these replies, and an http with short time-outs for it. */
void fixture_open(struct fixture *fixture, const struct http_server_reply *replies, size_t count);

/* An http for another address. */
void fixture_open_url(struct fixture *fixture, const char *url);

/* Close; the loop must be empty then. */
void fixture_close(struct fixture *fixture);

void fixture_put(struct fixture *fixture, const char *path, const char *body);
void fixture_get(struct fixture *fixture, const char *path);

/* Run the loop until so many answers came, and give the last of them. */
const struct fixture_answer *fixture_await(struct fixture *fixture, size_t count);

/* One PUT, waited for. */
const struct fixture_answer *fixture_put_await(struct fixture *fixture);

/* Run the loop for so long. */
void fixture_run_for(struct fixture *fixture, uint64_t ms);

#endif
