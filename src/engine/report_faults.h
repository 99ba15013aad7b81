/* SPDX-License-Identifier: MIT */
/* The faults of the files as log records. */
#ifndef REPORT_FAULTS_H
#define REPORT_FAULTS_H

#include <stdbool.h>

#include "base/fault.h"

/* Log each fault of a load: errors as config-rejected, warnings (if wanted) as config-warning,
 * then how many errors there are beyond those that were kept. `refused`: what happens now ("the
 * configuration in force stays"), NULL if nothing was refused. */
void report_faults(const struct faults *faults, const char *path, bool warnings,
                   const char *refused);

#endif
