/* SPDX-License-Identifier: MIT */
/* What no table can say: rules about a URL, about files that must exist, between two keys. */
#ifndef CHECKS_H
#define CHECKS_H

#include "config/schema.h"
#include "config/spec.h"

/* Judge api's keys, and give its URL the form that requests are built on: no trailing slashes. The
 * files of TLS are read for `source`. */
void checks_judge_api(const struct reader_setting *given, struct spec *spec, struct source *source);

void checks_judge_retry(const struct reader_setting *given, const struct spec *spec);

#endif
