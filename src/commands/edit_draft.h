/* SPDX-License-Identifier: MIT */
/* A draft in a private directory, since it may hold secrets, and the editor that changes it. */
#ifndef EDIT_DRAFT_H
#define EDIT_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

/* Zeroed is none. */
struct edit_draft {
	char *directory; /* owned */
	char *path;      /* owned */
	char *bytes;     /* owned: what was read last; may hold secrets */
	size_t length;
};

/* Make a directory (mode 0700) in $TMPDIR or /tmp with a file of this name and content. */
bool edit_draft_create(struct edit_draft *draft, const char *name, const char *bytes, size_t length,
                       struct fault *fault);

/* The editor's command line: $SUDO_EDITOR, $VISUAL, $EDITOR, the first that is set and not empty,
 * else "editor" (Debian's alternative). */
const char *edit_draft_editor(void);

/* Run this command line of the shell with the draft as its last argument, wait for its end, and
 * read the draft. False with a fault: it failed, was killed, or there is no draft any more. */
bool edit_draft_edit(struct edit_draft *draft, const char *editor, struct fault *fault);

/* Remove the file and the directory (true), or leave them where they are; free the rest, the bytes
 * wiped. */
void edit_draft_close(struct edit_draft *draft, bool removes);

#endif
