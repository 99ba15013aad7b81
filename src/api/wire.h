/* SPDX-License-Identifier: MIT */
/* The remote API (SPEC §1, Datafold's OpenAPI: ModeDataSourceConfig): its paths below the base URL,
 * the body of a PUT, what an answer says. */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "config/spec.h"

struct json_tokener; /* json-c */

#define WIRE_PATH_MAX 64 /* bytes of a path with its NUL */

/* GET lists all integrations. */
#define WIRE_PATH_LIST "/api/v1/lineage/bi/"

/* Write the path to which the schedule of an integration is PUT; returns `path`. */
const char *wire_path_update(int64_t id, char path[WIRE_PATH_MAX]);

/* Write the path whose GET starts an unscheduled synchronisation; returns `path`. */
const char *wire_path_sync(int64_t id, char path[WIRE_PATH_MAX]);

/* Append the body of the PUT: indexing_cron (string or null), name and workspace when given,
 * token and password. */
void wire_put_body(const struct spec_integration *integration, struct text *out);

#define WIRE_TEXT_MAX 256 /* bytes kept of a text of a server, before it is cut with "…" */

/* An answer's body, and what its headers say of it. */
struct wire_answer {
	const char *bytes; /* never NULL */
	size_t length;
	const char *content_type; /* NULL: unknown */
	const char *coding;       /* Content-Encoding; NULL: none */
	int status;               /* 0: of no matter */
};

/* What a remote answer says of an integration's schedule. All strings are as the server sent them:
 * redact and escape before showing. */
enum wire_known {
	WIRE_UNKNOWN, /* the field is not there, or not of a type we know */
	WIRE_NONE,    /* null: no schedule */
	WIRE_GIVEN,
};

struct wire_remote {
	int64_t id;      /* `bi_datasource_id`, or else `id` */
	char *type;      /* owned: kind of data source, NULL if unknown: "Mode" … */
	char *name;      /* owned, NULL if unknown */
	char *workspace; /* owned, NULL if unknown */
	enum wire_known cron_known;
	unsigned group;      /* for wire_list.c alone */
	char *indexing_cron; /* owned, only when WIRE_GIVEN; redacted unless it is a schedule */
};

struct wire_remotes {
	struct wire_remote *items; /* owned: sorted by id, each id once */
	size_t count;
	const char *partial; /* static: why the list is not whole: "has further pages, …"; what
	                        is not in it may be there. NULL: it is whole */
};

/* Whether the kind of data source, if it is known, is Mode. Of other kinds no more is known. */
bool wire_may_be_mode(const struct wire_remote *remote);

enum wire_body {
	WIRE_BODY_FINE,  /* JSON, or nothing */
	WIRE_BODY_ERROR, /* detail, error, or success: false at its top, whatever the status says */
	WIRE_BODY_OTHER, /* no JSON */
};

/* Have json-c draw the seed of its tables now, in silence, before there are a log and other
 * threads. With the first table it would; and where the kernel refuses, it says so on stderr, in
 * the midst of a line of the log, and does without (json-c 0.16, random_seed.c). Nothing follows
 * from it. */
void wire_draw_seed(void);

/* json-c's parser, made strict, for one who parses much. Given: wire_tokener_free(). */
struct json_tokener *wire_tokener_new(void);
void wire_tokener_free(struct json_tokener *tokener); /* NULL is fine */

/* Read the answer to a PUT (one object, any shape): what it says of the schedule. The text is
 * given to the caller. */
enum wire_body wire_parse_answer(struct json_tokener *tokener, const char *body, size_t length,
                                 enum wire_known *known, char **indexing_cron);

void wire_remotes_clear(struct wire_remotes *remotes);

/* Make a schedule that a server sent fit to be shown but for escapes: secrets are redacted in what
 * is no schedule that we can read, since a server may echo anything. Given, NULL is fine; the
 * result is given to the caller. */
char *wire_redact_cron(char *cron, const struct redactor *redactor);

#endif
