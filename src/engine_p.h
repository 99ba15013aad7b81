/* SPDX-License-Identifier: MIT */
/* What the files of the engine share, and nobody else sees. */
#ifndef ENGINE_P_H
#define ENGINE_P_H

#include "engine.h"

/* engine_save.c */
void engine_save_start(struct engine *engine, uint64_t number);

#endif
