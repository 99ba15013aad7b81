/* SPDX-License-Identifier: MIT */
/* Loads the configuration in libuv's thread pool, one load at a time, and frees there what a load
 * has made superfluous: 100,000 integrations are a million pieces. */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/redactor.h"
#include "config/specfile.h"
#include "sync/state.h"

/* What a load has found, and what it replaces. All owned; what is not taken is freed. */
struct load {
	uint64_t number; /* from 1; what loader_start() returned is served by this one or a later */
	bool is_reload;  /* the operator asked for it */
	struct specfile specfile;
	struct redactor *redactor; /* of its secrets, and those in force before; NULL: no spec */
	struct spec *retired;      /* put here what was in force */
	struct redactor *replaced; /* likewise */
};

struct loader_options {
	const char *path;                             /* borrowed */
	const struct secret_environment *environment; /* borrowed */
	/* Borrowed: of the credentials' digests, once a load is in force. */
	const struct state_key *key;
	/* On the loop; neither from within a call of ours but for `begun`. */
	void (*begun)(const struct load *load, void *data);
	void (*ended)(struct load *load, void *data);
	/* It has taken LOADER_OVERDUE_MS, and goes on. Once a load. */
	void (*overdue)(const struct load *load, void *data);
	void *data;
};

#define LOADER_OVERDUE_MS 30000

/* Embedded. */
struct loader {
	uv_loop_t *loop;
	struct loader_options options;
	uv_work_t work;
	uv_timer_t overdue;
	struct load load;
	/* Borrowed, set by whoever adopts a load that has just ended: its spec, until the next. */
	const struct spec *in_force;
	enum loader_state {
		LOADER_IDLE,
		LOADER_LOADING,
		LOADER_FREEING,
		LOADER_TRIMMING, /* memory is given back */
	} state;
	uint64_t started_ms; /* of the load that runs */
	bool is_untrimmed;   /* what a load needed was freed, and is still ours */
	bool is_wanted;      /* once more, when the running one has ended */
	bool is_reload;      /* the wanted one */
	bool is_closed;
};

void loader_open(struct loader *loader, uv_loop_t *loop, const struct loader_options *options);

/* Take up the files as they are at this moment; the number of the load that does it is returned. A
 * load that runs already has read some of them before, so that another one follows it. */
uint64_t loader_start(struct loader *loader, bool is_reload);

bool loader_is_loading(const struct loader *loader);

/* For how long the load that runs has run; 0: none does. */
int64_t loader_age_ms(const struct loader *loader);

/* Nothing else is going on: give memory back to the kernel, if a load left some. */
void loader_trim(struct loader *loader);

/* Start nothing more; a load that runs is let finish, and `ended` is not called for it. */
void loader_close(struct loader *loader);

#endif
