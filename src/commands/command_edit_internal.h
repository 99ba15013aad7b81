/* SPDX-License-Identifier: MIT */
/* The parts of `edit`: a draft in a private directory, since it may hold secrets, and the editor
 * that changes it; the file that is being edited, read once, and replaced whole, unless somebody
 * else changed it meanwhile. */
#ifndef COMMAND_EDIT_INTERNAL_H
#define COMMAND_EDIT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/file.h"

/* Zeroed is none. */
struct edit_draft {
	char *directory;          /* owned */
	char *path;               /* owned */
	struct file_read content; /* owned: what was read last; may hold secrets */
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

#define EDIT_FILE_MAX (16 * 1024 * 1024) /* bytes */

/* Zeroed is none. */
struct edit_file {
	char *named;              /* owned: as it was named */
	char *path;               /* owned: where its links ended then */
	char *directory;          /* owned: of that */
	struct file_read content; /* owned: when it was opened; may hold secrets */
};

/* Read the file at the end of all links at `path`. False with a fault: it is missing, not regular,
 * too large, has hard links (which a replacement would break), or neither it nor its directory may
 * be written to. */
bool edit_file_open(struct edit_file *file, const char *path, struct fault *fault);

/* Whether it held the same when it was opened. */
bool edit_file_held(const struct edit_file *file, const struct file_read *content);

/* Put these bytes in its place, with its owner, mode and extended attributes (acl(5) among them),
 * durably and at once. The new file and the old one are exchanged (RENAME_EXCHANGE of rename(2)),
 * so that what was there until then is known: if it is not what was opened, they are exchanged
 * back. False with a fault: nothing was changed. */
bool edit_file_save(const struct edit_file *file, const char *bytes, size_t length,
                    struct fault *fault);

void edit_file_close(struct edit_file *file); /* wipes the bytes */

#endif
