/* SPDX-License-Identifier: MIT */
/* A directory of a test's own. */
#ifndef SCRATCH_H
#define SCRATCH_H

/* Make one below /tmp, and return its path. */
char *scratch_new(void);

/* Remove it with all that is in it, and free its path. */
void scratch_remove(char *directory);

/* The same as a setup and a teardown of cmocka: `*state` is the path, and the working directory. */
int scratch_open(void **state);
int scratch_close(void **state);

#endif
