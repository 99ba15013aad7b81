/* SPDX-License-Identifier: MIT */
/* libcurl's memory: wiped before it is freed, since requests with their secrets stand in it. */
#ifndef HTTP_MEMORY_H
#define HTTP_MEMORY_H

#include <stdbool.h>

/* Start libcurl (curl_global_init_mem(3)), once, before any thread. Out of reach stay the buffers
 * of the TLS library, and what glibc's resolver and standard streams hold. */
bool http_memory_start(void);

#endif
