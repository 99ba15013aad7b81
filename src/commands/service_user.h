/* SPDX-License-Identifier: MIT */
/* The configuration as the service would find it, when root asks: files are opened by the service's
 * user, and the credentials of its unit are where systemd keeps them. */
#ifndef SERVICE_USER_H
#define SERVICE_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/file.h"
#include "config/secret.h"

struct service_user {
	struct secret_environment environment; /* what a load is to be given */
	char *name; /* owned: that files are opened as ("dfmode-sync", a number); NULL: as ourselves
	             */
	char *note; /* owned: a sentence, without a newline; NULL: nothing is to be noted */

	/* Private. */
	struct file_opener opener;
	char *credentials; /* owned: the directory; NULL: none, or the environment's */
	int socket;        /* to the child; -1: none */
	pid_t child;
};

/* What this process itself was given: $CREDENTIALS_DIRECTORY and $DATAFOLD_API_KEY. */
struct secret_environment service_user_own_environment(void);

/* Find the service's user and start a process that becomes it: the owner of the state directory;
 * else the user dfmode-sync; else, and if it owns the state directory, root. Who is not root is
 * taken for the service itself: only the environment is read. `config_path` says the instance
 * of the unit (surroundings.h). Where the process cannot become the user we stay root, with a note.
 * To be called before threads exist. */
struct service_user *service_user_new(const char *config_path, const char *state_directory);

/* Whether the service's user can read a file; true where files are opened as ourselves. */
bool service_user_can_read(const struct service_user *user, const char *path);

/* Ends the process. NULL is fine. */
void service_user_free(struct service_user *user);

#endif
