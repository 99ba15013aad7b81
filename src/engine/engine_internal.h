/* SPDX-License-Identifier: MIT */
/* What the files of the engine share, and nobody else sees. */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include "engine/engine.h"

/* engine_list.c */
void remote_list_start(struct engine *engine);

/* A schedule that a server told, fit to be shown but for escapes. Given, NULL is fine; the result
 * is given to the caller. */
char *engine_redact_cron(const struct engine *engine, char *cron);

/* engine_save.c */
void state_writer_open(struct engine *engine);
void state_writer_start(struct engine *engine, uint64_t number);

#endif
