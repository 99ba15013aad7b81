/* SPDX-License-Identifier: MIT */
/* The bytes of a file are made a text. */
#ifndef FILE_BYTES_H
#define FILE_BYTES_H

#include <stdbool.h>

#include "base/fault.h"
#include "config/file_text.h"

/* Report NUL, invalid UTF-8, carriage returns by themselves, and LEXER_REPLACED_BYTE, and replace
 * each by as many bytes that are harmless. False if the file is UTF-16: nothing of it is left. */
bool file_bytes_check(struct file_text *file_text, struct faults *faults);

#endif
