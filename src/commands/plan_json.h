/* SPDX-License-Identifier: MIT */
/* A plan as one document, for programs. */
#ifndef PLAN_JSON_H
#define PLAN_JSON_H

#include "base/text.h"
#include "commands/plan_view.h"

/* Append it. Its members are promised (dfmode-sync(8)). */
void plan_json_add(const struct plan_view *view, struct text *out);

#endif
