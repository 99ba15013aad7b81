/* SPDX-License-Identifier: MIT */
/* The first start beside a server: it is asked what it has before anything is sent. */
#ifndef SYNC_ADOPT_INTERNAL_H
#define SYNC_ADOPT_INTERNAL_H

#include "sync/sync_internal.h"

/* Decide whether it is asked, before the first specification's URL is taken for known. */
void adopt_configure(struct sync *sync, bool first);

/* What the gate takes a list for that nobody answered: a request like any other, since there is
 * none beside it. 0: for the list. */
#define ADOPT_ID (-1)
int64_t adopt_asks_for(const struct sync *sync, const struct sync_list *list);

/* Take the list in. True if it is asked for again; else what waited for it goes on. */
bool adopt_listed(struct sync *sync, const struct sync_event *event);

#endif
