/* SPDX-License-Identifier: MIT */
/* The directories of the daemon that reads a configuration. */
#ifndef DIRECTORIES_H
#define DIRECTORIES_H

/* The directory that `given` names, as systemd's $STATE_DIRECTORY and $RUNTIME_DIRECTORY do: the
 * first of several, separated by colons. NULL or empty: `usual`, or, for
 * /etc/dfmode-sync/NAME.conf, the file of the instance dfmode-sync@NAME, `usual` with "-NAME" after
 * it. A new string. */
char *directories_find(const char *given, const char *usual, const char *config_path);

/* The unit that reads a configuration: dfmode-sync.service, or dfmode-sync@NAME.service for
 * /etc/dfmode-sync/NAME.conf. A new string. */
char *directories_unit(const char *config_path);

#endif
