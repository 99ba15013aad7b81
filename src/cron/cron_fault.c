/* SPDX-License-Identifier: MIT */
/* The sentence is kept in the fault itself: most callers throw it away, and reading an expression
 * allocates nothing. */
#include "cron/cron_fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool cron_fault_set(const struct cron_reader *reader, struct cron_slice where, const char *format,
                    ...)
{
	struct cron_fault *fault = reader->fault;
	va_list arguments;

	if (fault == NULL)
		return false;
	fault->offset = (size_t)(where.at - reader->text);
	fault->width = where.length > 0 ? where.length : 1;
	va_start(arguments, format);
	vsnprintf(fault->text, sizeof(fault->text), format, arguments);
	va_end(arguments);
	for (char *tab = fault->text; (tab = strchr(tab, '\t')) != NULL;)
		*tab = ' '; /* between fields that are shown */
	return false;
}
