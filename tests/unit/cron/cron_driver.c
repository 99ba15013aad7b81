/* SPDX-License-Identifier: MIT */
/* The other side of cron_oracle.py: for each expression on standard input one line with "invalid"
 * and the fault, "opaque", or "standard" or "alias" and the next runs after a time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cron/cron.h"

static void answer(const char *expression, int64_t after_unix_s, long count)
{
	struct cron cron;
	struct cron_fault fault;

	if (!cron_parse(expression, &cron, &fault)) {
		printf("invalid %zu %s\n", fault.offset, fault.text);
		return;
	}
	fputs(cron.kind == CRON_OPAQUE  ? "opaque"
	      : cron.kind == CRON_ALIAS ? "alias"
	                                : "standard",
	      stdout);
	for (long i = 0; i < count && cron_next(&cron, after_unix_s, &after_unix_s); i++)
		printf(" %" PRId64, after_unix_s);
	putchar('\n');
}

int main(int argc, char **argv)
{
	char line[1024];

	if (argc != 3) {
		fputs("usage: cron_driver AFTER COUNT <EXPRESSIONS\n", stderr);
		return 64;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		answer(line, strtoll(argv[1], NULL, 10), strtol(argv[2], NULL, 10));
	}
	return 0;
}
