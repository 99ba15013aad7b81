/* SPDX-License-Identifier: MIT */
/* A secret goes into a header and a JSON body, so what a header cannot hold is refused here: a
 * newline at its end is everybody's editor and is taken off, one inside would smuggle a second
 * request. A refusal says where the byte stands, and what kind of byte it is, never what it was
 * amid. Who may read the file is the operator's decision; that everybody may is reported. The group
 * is not: root:dfmode-sync 0640 is how the daemon is meant to get at it. */
#include "config/secret.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/secrecy.h"
#include "config/source.h"

static bool refuse_byte(unsigned char byte, size_t at, struct fault *fault)
{
	if (byte == '\n' || byte == '\r')
		return fault_set(fault, "holds more than one line (line break at byte %zu)",
		                 at + 1);
	if (byte == '\t')
		return fault_set(fault, "holds a tab (byte %zu)", at + 1);
	if (byte < 0x20 || byte == 0x7f)
		return fault_set(fault, "holds a control byte (0x%02x at byte %zu)", byte, at + 1);
	return fault_set(fault, "holds a byte that is not ASCII (byte %zu)", at + 1);
}

bool secret_check(const char *bytes, size_t length, struct fault *fault)
{
	if (length == 0)
		return fault_set(fault, "is empty");
	if (length > SECRET_MAX)
		return fault_set(fault, "is longer than %d bytes", SECRET_MAX);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte < 0x20 || byte > 0x7e)
			return refuse_byte(byte, i, fault);
	}
	if (bytes[0] == ' ' || bytes[length - 1] == ' ')
		return fault_set(fault, "%s with a blank", bytes[0] == ' ' ? "begins" : "ends");
	return true;
}

static bool is_enclosed(const char *secret, const char *open, const char *close)
{
	size_t length = strlen(secret);

	return length >= strlen(open) + strlen(close) &&
	       strncasecmp(secret, open, strlen(open)) == 0 &&
	       strcmp(secret + length - strlen(close), close) == 0;
}

/* "NAME=value"; base64 ends in "=", and short names may be chance. */
static bool is_assignment(const char *secret)
{
	size_t name = strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");

	return name >= 3 && secret[name] == '=' && secret[name + 1] != '\0' &&
	       secret[name + 1] != '=';
}

const char *secret_decoration(const char *secret)
{
	static const struct {
		const char *open, *close, *predicate;
	} rows[] = {
		{"Authorization:", "", "begins with \"Authorization:\", which the program adds"},
		{"Key ", "", "begins with \"Key \", which the program adds"},
		{"Bearer ", "", "begins with \"Bearer \", which is no part of it"},
		{"Token ", "", "begins with \"Token \", which is no part of it"},
		{"\"", "\"", "has quotes around it, which would be sent"},
		{"'", "'", "has quotes around it, which would be sent"},
		{"${", "}", "looks like a variable, which is not expanded"},
		{"$(", ")", "looks like a command, which is not run"},
		{"{{", "}}", "looks like a template that was not rendered"},
		{"<", ">", "looks like a placeholder"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (is_enclosed(secret, rows[i].open, rows[i].close))
			return rows[i].predicate;
	}
	return is_assignment(secret) ? "looks like NAME=value; only the value is the secret" : NULL;
}

static size_t strip(const char *bytes, size_t length)
{
	if (length > 0 && bytes[length - 1] == '\n')
		length--;
	else
		return length;
	return length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
}

static char *warn(const char *path, mode_t mode)
{
	unsigned int bits = (unsigned int)mode & 07777;

	if (mode & (S_IROTH | S_IWOTH))
		return mem_printf("'%s' can be %s by everybody (mode %04o); chmod %s '%s'", path,
		                  mode & S_IWOTH ? "changed" : "read", bits,
		                  mode & S_IWGRP ? "g-w,o=" : "o=", path);
	if (mode & S_IWGRP)
		return mem_printf("'%s' can be changed by its group (mode %04o); chmod g-w '%s'",
		                  path, bits, path);
	return NULL;
}

char *secret_read(struct source *source, const char *path, struct fault *fault, char **warning)
{
	struct file_read file;
	char *secret = NULL;
	bool read = source_read(source, &file, path, SECRET_MAX, fault);
	size_t length;

	*warning = NULL;
	if (read) {
		length = strip(file.bytes, file.length);
		if (file.length > 0 && length == 0)
			(void)fault_set(fault, "holds only a newline");
		else if (secret_check(file.bytes, length, fault))
			secret = mem_dup_bytes(file.bytes, length);
	}
	if (secret == NULL)
		secrecy_name_path(path, fault);
	else
		*warning = warn(path, file.status.st_mode);
	file_read_clear(&file);
	return secret;
}
