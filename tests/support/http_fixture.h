/* SPDX-License-Identifier: MIT */
/* What the tests of http.c share: a loop, an http, a server, and the answers that came. */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include <stdint.h>
#include <uv.h>

#include "http/http.h"
#include "support/http_server.h"

#define RIG_ANSWERS_MAX 64

/* A copy of an answer. */
struct rig_answer {
	enum verdict_transfer transfer;
	int status, curl_code;
	int64_t retry_after_ms;
	char error[512], location[256], content_type[128];
	char body[256]; /* its beginning */
	size_t body_length;
	bool cut, cancelled;
};

struct rig {
	uv_loop_t loop;
	struct http *http;
	struct http_server *server; /* NULL: none */
	struct spec_api api;
	char url[128];
	struct rig_answer answers[RIG_ANSWERS_MAX];
	size_t answered;
	bool within; /* a call of ours is under way: no callback may come */
};

/* A server with these replies, and an http with short time-outs for it. */
void rig_open(struct rig *rig, const struct http_server_reply *replies, size_t count);

/* An http for another address. */
void rig_open_url(struct rig *rig, const char *url);

/* Close; the loop must be empty then. */
void rig_close(struct rig *rig);

void rig_put(struct rig *rig, const char *path, const char *body);
void rig_get(struct rig *rig, const char *path);

/* Run the loop until so many answers came, and give the last of them. */
const struct rig_answer *rig_await(struct rig *rig, size_t count);

/* One PUT, waited for. */
const struct rig_answer *rig_put_await(struct rig *rig);

/* Run the loop for so long. */
void rig_run_for(struct rig *rig, uint64_t ms);

#endif
