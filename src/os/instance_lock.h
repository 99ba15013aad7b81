/* SPDX-License-Identifier: MIT */
/* One instance at a time for a state directory. */
#ifndef INSTANCE_LOCK_H
#define INSTANCE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"

/* Held until it is released, or the process ends. Owned by whoever took it. */
struct instance_lock {
	int file;   /* of `directory`/lock, under flock(2); -1: not held */
	int socket; /* bound to an abstract name (unix(7)) that stands for the path; -1: none */
};

#define INSTANCE_LOCK_NONE               \
	{                                \
		.file = -1, .socket = -1 \
	}

/* Take the lock and write our pid into its file, which is made if it is not there, owned as the
 * directory. False, and `lock` is untouched, otherwise: *holder is the other's pid if somebody
 * holds it (0: unknown), else -1 and the fault is set. A file that is not plainly ours (a hard
 * link, another owner, not regular) is neither written nor given away, but a fault. */
bool instance_lock_take(struct instance_lock *lock, const char *directory, pid_t *holder,
                        struct fault *fault);

/* Does nothing if it is not held. */
void instance_lock_release(struct instance_lock *lock);

#endif
