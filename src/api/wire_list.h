/* SPDX-License-Identifier: MIT */
/* The server's list of integrations, read as it arrives, page after page. */
#ifndef WIRE_LIST_H
#define WIRE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/wire.h"
#include "base/redactor.h"

#define WIRE_LIST_BYTES_MAX (64 * 1024 * 1024) /* of all pages together */

/* Tolerant of what is not documented: a list, or an object that holds one (or several, named by
 * kind: {"tableau":[…],"mode":[…]}). Memory is bounded by what is asked for, not by what the server
 * sends: some 200 bytes for each id, and 8 MiB beside. What cannot be kept or understood is left
 * unknown, and the list then counts as partial. */
struct wire_list;

/* Begin. `ids` is given: those to keep, sorted; NULL: keep all, up to some 130,000. `redactor` is
 * borrowed until wire_list_free(): the variable that holds the one in force. */
struct wire_list *wire_list_new(int64_t *ids, size_t count, struct redactor *const *redactor);

/* Take the next bytes of a page. False, and nothing more is taken: there are too many. */
bool wire_list_feed(struct wire_list *list, const char *bytes, size_t length);

/* A page has ended. False: it was no list of integrations, or no JSON. `link` is the next page that
 * its headers give, or NULL. `*next` becomes where the next page is by what the body says, or else
 * by `link`: a URL reference (RFC 3986 §4.1), given to the caller; NULL: there is none, or none
 * that can be followed. */
bool wire_list_end_page(struct wire_list *list, const char *link, char **next);

/* Of all pages so far. */
size_t wire_list_bytes(const struct wire_list *list);

/* From now on the list counts as partial; `why` is static and continues "the list …". */
void wire_list_mark_partial(struct wire_list *list, const char *why);

/* Take what was read. False: no list was in it, and `remotes` is empty. */
bool wire_list_take(struct wire_list *list, struct wire_remotes *remotes);

void wire_list_free(struct wire_list *list); /* NULL is fine */

#endif
