/* SPDX-License-Identifier: MIT */
/* One request at a time, waited for, for commands that are no service: the list, and a
 * synchronisation. Nothing is ever sent a second time. */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "api/wire.h"
#include "base/fault.h"
#include "base/redactor.h"
#include "commands/command_line.h"
#include "config/specfile.h"
#include "sync/sync.h"

enum client_outcome {
	CLIENT_DONE,
	CLIENT_UNREACHABLE, /* no answer */
	CLIENT_REFUSED,     /* 401, 403: the key is refused */
	CLIENT_FORBIDDEN,   /* 403 to the list, which says nothing of updates */
	CLIENT_FAILED,      /* another answer than was hoped for */
};

struct client;

/* Open with the settings and the secrets of `spec`, which is borrowed until client_close(). It
 * cannot send: whatever is not a GET the transport itself refuses. NULL with a fault if libcurl
 * cannot start. curl_global_init() is the caller's, once. */
struct client *client_open(const struct spec *spec, struct fault *fault);

/* Ask for the list of integrations; it is the caller's to clear. On any other outcome it is empty,
 * and the fault says why: "no answer: …", "401 Invalid API key", as text that may be shown. A
 * server that asks to wait (Retry-After), in all for api.timeout at most, is asked again then. */
enum client_outcome client_list(struct client *client, struct wire_remotes *remotes,
                                struct fault *fault);

/* How the last client_list() ended, without its text: what it asked holds for all that follows. */
struct sync_list client_list_end(const struct client *client);

/* Have the server synchronise an integration now, outside its schedule. On a connection of its own:
 * on one that was used before libcurl sends what gets no answer again, silently. */
enum client_outcome client_resync(struct client *client, int64_t id, struct fault *fault);

/* The exit code for an outcome: 0, 69, 77 or 1. */
int client_exit_code(enum client_outcome outcome);

/* What a command does with a client of its own. Returns the exit code. */
typedef int client_work_fn(const struct command_line *line, struct spec *spec,
                           struct client *client, struct text *out, struct text *errors);

/* Work with a client for what was loaded. Without a specification its faults are printed instead;
 * returns then, or where there is no client, why (command.h). */
int client_work(const struct command_line *line, const struct specfile *specfile,
                client_work_fn *work, struct text *out, struct text *errors);

/* Of the secrets of the specification; borrowed until client_close(). */
const struct redactor *client_redactor(const struct client *client);

/* NULL is fine. */
void client_close(struct client *client);

#endif
