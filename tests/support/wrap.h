/* SPDX-License-Identifier: MIT */
/* The names of calls that a test wraps (ld --wrap), where times and sizes are of 64 bits and a long
 * is not: libc has the wide ones beside the others, and the headers call them by the usual name.
 * tests/unit/local.mk wraps both. */
#ifndef WRAP_H
#define WRAP_H

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
#ifdef _TIME_BITS
#define __real_open       __real_open64
#define __wrap_open       __wrap_open64
#define __real_lseek      __real_lseek64
#define __wrap_lseek      __wrap_lseek64
#define __real_readdir    __real_readdir64
#define __wrap_readdir    __wrap_readdir64
#define __real_getsockopt __real___getsockopt64
#define __wrap_getsockopt __wrap___getsockopt64
#define __real_fstat      __real___fstat64_time64
#define __wrap_fstat      __wrap___fstat64_time64
#define __real_stat       __real___stat64_time64
#define __wrap_stat       __wrap___stat64_time64
#endif
/* NOLINTEND(bugprone-reserved-identifier) */

#endif
