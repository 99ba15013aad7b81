/* SPDX-License-Identifier: MIT */
/* A plan as a person reads it. */
#ifndef PLAN_TEXT_H
#define PLAN_TEXT_H

#include "base/text.h"
#include "commands/plan_view.h"

/* Append it as lines. */
void plan_text_add(const struct plan_view *view, struct text *out);

#endif
