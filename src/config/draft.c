/* SPDX-License-Identifier: MIT */
/* A file is known by its device and inode, whatever path leads to it: includes and links write it
 * in many ways. */
#include "config/draft.h"

#include <string.h>

#include "base/mem.h"

static struct {
	const char *bytes; /* borrowed; NULL: no draft */
	size_t length;
	dev_t device;
	ino_t inode;
	bool was_read;
} draft;

void draft_set(const struct stat *status, const char *bytes, size_t length)
{
	draft.bytes = bytes;
	draft.length = length;
	draft.device = status->st_dev;
	draft.inode = status->st_ino;
	draft.was_read = false;
}

bool draft_was_read(void)
{
	return draft.was_read;
}

void draft_replace(struct file_read *file)
{
	struct stat status = file->status;

	if (draft.bytes == NULL || status.st_dev != draft.device || status.st_ino != draft.inode)
		return;
	file_read_clear(file);
	*file = (struct file_read){.bytes = mem_dup_bytes(draft.bytes, draft.length),
	                           .length = draft.length,
	                           .status = status};
	draft.was_read = true;
}
