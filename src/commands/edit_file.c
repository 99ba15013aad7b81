/* SPDX-License-Identifier: MIT */
/* A plain rename overwrites whatever is there, also what was saved a moment ago. An exchange does
 * not: the file that was there is then the one beside it, to be compared in peace, and to be put
 * back. Until then readers see one whole file or the other. */
#include "commands/command_edit_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define ATTRIBUTES_MAX 65536 /* bytes of all names, and of one value (xattr(7)) */

/* opening */

bool edit_file_open(struct edit_file *file, const char *path, struct fault *fault)
{
	*file = (struct edit_file){.path = realpath(path, NULL)};
	if (file->path == NULL)
		return fault_set(fault, "'%s' cannot be edited: %s", path, strerror(errno));
	file->named = mem_dup(path);
	file->directory =
		mem_dup_bytes(file->path, (size_t)(strrchr(file->path, '/') + 1 - file->path));
	if (!file_read(&file->content, file->path, EDIT_FILE_MAX, NULL, fault))
		(void)fault_set(fault, "'%s': %s", path, fault->text);
	else if (file->content.status.st_nlink > 1)
		(void)fault_set(fault, "'%s' has %lu hard links, which a new file would break",
		                path, (unsigned long)file->content.status.st_nlink);
	else if (access(file->path, W_OK) < 0 || access(file->directory, W_OK) < 0)
		(void)fault_set(fault, "'%s' or its directory cannot be written to: %s", file->path,
		                strerror(errno));
	else
		return true;
	edit_file_close(file);
	return false;
}

void edit_file_close(struct edit_file *file)
{
	file_read_clear(&file->content);
	free(file->named);
	free(file->path);
	free(file->directory);
	*file = (struct edit_file){0};
}

bool edit_file_held(const struct edit_file *file, const struct file_read *content)
{
	return content->length == file->content.length &&
	       memcmp(content->bytes, file->content.bytes, content->length) == 0;
}

/* saving */

/* What a file system does not support, it had not given to the old file either. */
static bool copy_attributes(int from, int to)
{
	char *names = mem_alloc(1, ATTRIBUTES_MAX);
	char *value = mem_alloc(1, ATTRIBUTES_MAX);
	ssize_t length = flistxattr(from, names, ATTRIBUTES_MAX);
	bool done = length >= 0 || errno == ENOTSUP;

	for (char *name = names; done && name < names + length; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, ATTRIBUTES_MAX);

		done = size >= 0 && fsetxattr(to, name, value, (size_t)size, 0) == 0;
	}
	free(names);
	free(value);
	return done;
}

static bool copy_metadata(const struct edit_file *file, int fd)
{
	int old = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const struct stat *status = &file->content.status;
	bool done = old >= 0 && fchown(fd, status->st_uid, status->st_gid) == 0 &&
	            fchmod(fd, status->st_mode & 07777) == 0 && copy_attributes(old, fd);

	if (old >= 0)
		(void)close(old);
	return done;
}

/* A new file beside the old one, complete and durable; NULL with a fault. */
static char *write_beside(const struct edit_file *file, const char *bytes, size_t length,
                          struct fault *fault)
{
	const char *name = strrchr(file->path, '/') + 1;
	char *path = mem_printf("%s.%s.XXXXXX", file->directory, name);
	int fd = mkostemp(path, O_CLOEXEC);
	bool done = fd >= 0 && copy_metadata(file, fd) && file_write(fd, bytes, length) &&
	            fsync(fd) == 0;

	if (done && close(fd) == 0)
		return path;
	(void)fault_set(fault, "'%s' cannot be saved: %s", file->path, strerror(errno));
	if (fd >= 0)
		(void)unlink(path);
	if (fd >= 0 && !done)
		(void)close(fd);
	free(path);
	return NULL;
}

static bool exchange(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0;
}

static bool is_as_opened(const struct edit_file *file, const char *path)
{
	struct file_read content;
	struct fault fault = {0};
	bool same = file_read(&content, path, EDIT_FILE_MAX, NULL, &fault) &&
	            edit_file_held(file, &content);

	file_read_clear(&content);
	fault_clear(&fault);
	return same;
}

static void sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
}

/* Whether the name still leads to the file that was opened. */
static bool leads_there(const struct edit_file *file)
{
	char *path = realpath(file->named, NULL);
	bool same = path != NULL && strcmp(path, file->path) == 0;

	free(path);
	return same;
}

bool edit_file_save(const struct edit_file *file, const char *bytes, size_t length,
                    struct fault *fault)
{
	char *beside;
	bool saved = false;

	if (!leads_there(file))
		return fault_set(fault, "'%s' no longer is '%s', and is left as it is now",
		                 file->named, file->path);
	beside = write_beside(file, bytes, length, fault);
	if (beside == NULL)
		return false;
	if (!exchange(beside, file->path)) {
		(void)fault_set(fault, "'%s' cannot be replaced: %s", file->path, strerror(errno));
	} else if (is_as_opened(file, beside)) {
		sync_directory(file->directory);
		saved = true;
	} else if (exchange(beside, file->path)) {
		(void)fault_set(fault, "'%s' was changed meanwhile, and is left as it is now",
		                file->path);
	} else {
		(void)fault_set(fault, "'%s' was changed meanwhile; what it was then is '%s'",
		                file->path, beside);
		free(beside);
		return false;
	}
	(void)unlink(beside);
	free(beside);
	return saved;
}
