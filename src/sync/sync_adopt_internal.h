/* SPDX-License-Identifier: MIT */
/* The first start beside a server: it is asked what it has before anything is sent. */
#ifndef SYNC_ADOPT_INTERNAL_H
#define SYNC_ADOPT_INTERNAL_H

#include "sync/sync_internal.h"

/* Decide whether it is asked, before the first specification's URL is taken for known. */
void adopt_configure_first(struct sync *sync);

/* What the gate takes a list for that nobody answered: a request like any other, since there is
 * none beside it. 0: for the list. */
#define ADOPT_ID (-1)
int64_t adopt_asks_for(const struct sync *sync, const struct sync_list *list);

/* There is no list. True if it is asked for again; else what waited for it goes on. */
bool adopt_fails(struct sync *sync, const struct sync_list *list, int64_t now_ms);

/* Note that an update was answered. */
void adopt_answered(struct sync *sync, const struct verdict *verdict, int64_t now_ms);

/* Count one as accepted, if the list shows it so. NULL: it does not have it. */
void adopt_compare(struct sync *sync, struct item *item, const struct wire_remote *remote,
                   const struct sync_event *event);

/* Whatever waited for the list goes on: it is accepted now, or due. */
void adopt_end(struct sync *sync, int64_t now_ms);

#endif
