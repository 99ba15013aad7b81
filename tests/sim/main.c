/* SPDX-License-Identifier: MIT */
/* Play histories: sim [FIRST-SEED [COUNT [-v]]]. Prints TAP; a failing seed is printed with the
 * command that replays it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define DEFAULT_COUNT 2000

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : DEFAULT_COUNT;
	bool verbose = argc > 3 && strcmp(argv[3], "-v") == 0;
	unsigned failures = 0;
	unsigned long sends = 0;

	(void)printf("1..1\n");
	for (uint64_t seed = first; seed < first + count && failures < 5; seed++) {
		struct sim sim;

		if (!sim_play(&sim, seed, verbose)) {
			failures++;
			(void)printf("# seed %" PRIu64 ": %s (integration %" PRId64
			             ", at %.3f s); replay: "
			             "%s %" PRIu64 " 1 -v\n",
			             seed, sim.failure, sim.failed_id, (double)sim.now / 1000,
			             argv[0], seed);
		}
		sends += sim.sends;
		sim_clear(&sim);
	}
	(void)printf("%sok 1 - %" PRIu64 " histories from seed %" PRIu64 ", %lu requests\n",
	             failures > 0 ? "not " : "", count, first, sends);
	return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
