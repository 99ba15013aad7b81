/* SPDX-License-Identifier: MIT */
/* The daemon: the only place that knows everything. Callbacks become events of the reconciler, its
 * actions become calls. */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdbool.h>

#include "config/specfile.h"

/* All borrowed for the daemon's life. */
struct daemon_options {
	const char *config_path;
	const char *state_directory;
	const char *runtime_directory;
	struct secret_environment environment;
	const char *notify_socket; /* NULL: none */
	const char *watchdog_usec; /* NULL: none */
	const char *watchdog_pid;  /* NULL: anybody */
	bool without_inotify;      /* periodic rescans only */
	bool level_is_given;       /* the command line's log level beats the file's */
};

/* Run until a signal ends it; the log is open. Returns an exit code of sysexits(3): 0, EX_CONFIG
 * for a bad file at start, EX_TEMPFAIL if another instance runs, 1 for a directory that cannot be
 * used. */
int daemon_run(const struct daemon_options *options);

/* SIG_BLOCK (sigprocmask(2)): keep the signals that the daemon handles pending (main's first line)
 * until its loop runs, or until SIG_UNBLOCK lets them through for a command that dies of them. */
void daemon_mask_signals(int how);

#endif
