/* SPDX-License-Identifier: MIT */
/* The fuzz targets: a decoder each. A target returns 0, or does not return, for it has found a
 * fault. */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

typedef int fuzz_target(const uint8_t *data, size_t size);

fuzz_target fuzz_control;
fuzz_target fuzz_cron;
fuzz_target fuzz_details;
fuzz_target fuzz_differential;
fuzz_target fuzz_lexer;
fuzz_target fuzz_list;
fuzz_target fuzz_secret;
fuzz_target fuzz_source;
fuzz_target fuzz_span;
fuzz_target fuzz_specfile;
fuzz_target fuzz_state;
fuzz_target fuzz_text;

struct fuzz_row {
	const char *name; /* also that of its corpus, tests/fuzz/corpus/NAME */
	fuzz_target *run;
};

/* In the order of the names; the last row has no name. */
extern const struct fuzz_row fuzz_targets[];

#endif
