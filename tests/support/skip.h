/* SPDX-License-Identifier: MIT */
/* A unit test that cannot run here. Include <cmocka.h> before. */
#ifndef SUPPORT_SKIP_H
#define SUPPORT_SKIP_H

/* Skip the running test, and say why: tests/support/run_test puts the reason into its line. */
#define skip_because(reason)                             \
	do {                                             \
		print_message("# because " reason "\n"); \
		skip();                                  \
	} while (0)

#endif
