/* SPDX-License-Identifier: MIT */
/* A secret file of any bytes gives its bytes without the newline, all printable, or a refusal that
 * holds none of them. The first byte of the input is the mode. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/secret.h"
#include "config/source.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_secret(const char *secret, const uint8_t *data, size_t size)
{
	size_t length = strlen(secret);
	struct fault fault = {0};

	require(length > 0 && length <= size && memcmp(secret, data, length) == 0);
	require(size - length <= 2 && (size == length || data[size - 1] == '\n'));
	for (size_t i = 0; i < length; i++)
		require(secret[i] >= 0x20 && secret[i] < 0x7f);
	require(secret_check(secret, strlen(secret), &fault));
}

/* Whatever the file holds, the refusal depends on no more than one control byte and its place. */
static void check_refusal(const struct fault *fault, const char *path)
{
	size_t prefix = strlen(path) + 2;

	require(fault->text[0] == '\'' && strncmp(fault->text + 1, path, prefix - 2) == 0);
	require(strlen(fault->text + prefix) < 80);
	for (const char *at = fault->text; *at != '\0'; at++)
		require(*at >= 0x20 && *at < 0x7f);
}

int fuzz_secret(const uint8_t *data, size_t size)
{
	struct source source = {0};
	struct fault fault = {0};
	char *warning = NULL;
	char path[64];
	char *secret;
	int fd;

	if (size < 1)
		return 0;
	fd = memfd_create("secret", MFD_CLOEXEC);
	require(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)size - 1);
	require(fchmod(fd, (mode_t)(0400 | (data[0] & 077))) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	secret = secret_read(&source, path, &fault, &warning);
	if (secret != NULL)
		check_secret(secret, data + 1, size - 1);
	else
		check_refusal(&fault, path);
	require((warning != NULL) == (secret != NULL && (data[0] & 026) != 0));
	mem_free_secret(secret);
	free(warning);
	fault_clear(&fault);
	source_clear(&source);
	close(fd);
	return 0;
}
