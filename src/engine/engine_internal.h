/* SPDX-License-Identifier: MIT */
/* What the files of the engine share, and nobody else sees. */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include "engine/engine.h"

void state_writer_open(struct engine *engine);
void state_writer_start(struct engine *engine, uint64_t number);

#endif
