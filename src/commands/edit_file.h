/* SPDX-License-Identifier: MIT */
/* A file that is being edited: read once, and replaced whole, unless somebody else changed it
 * meanwhile. */
#ifndef EDIT_FILE_H
#define EDIT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/fault.h"

#define EDIT_FILE_MAX (16 * 1024 * 1024) /* bytes */

/* Zeroed is none. */
struct edit_file {
	char *named; /* owned: as it was named */
	char *path;  /* owned: where its links ended then */
	char *bytes; /* owned: its content when it was opened; may hold secrets */
	size_t length;
	struct stat status;
};

/* Read the file at the end of all links at `path`. False with a fault: it is missing, not regular,
 * too large, has hard links (which a replacement would break), or neither it nor its directory may
 * be written to. */
bool edit_file_open(struct edit_file *file, const char *path, struct fault *fault);

/* Put these bytes in its place, with its owner, mode and extended attributes (acl(5) among them),
 * durably and at once. The new file and the old one are exchanged (RENAME_EXCHANGE of rename(2)),
 * so that what was there until then is known: if it is not what was opened, they are exchanged
 * back. False with a fault: nothing was changed. */
bool edit_file_save(const struct edit_file *file, const char *bytes, size_t length,
                    struct fault *fault);

void edit_file_close(struct edit_file *file); /* wipes the bytes */

#endif
