/* SPDX-License-Identifier: MIT */
/* The table of the fuzz targets. */
#include "fuzz/targets.h"

const struct fuzz_row fuzz_targets[] = {
	{"control", fuzz_control},
	{"cron", fuzz_cron},
	{"details", fuzz_details},
	{"differential", fuzz_differential},
	{"lexer", fuzz_lexer},
	{"list", fuzz_list},
	{"secret", fuzz_secret},
	{"source", fuzz_source},
	{"span", fuzz_span},
	{"specfile", fuzz_specfile},
	{"state", fuzz_state},
	{"text", fuzz_text},
	{0},
};
