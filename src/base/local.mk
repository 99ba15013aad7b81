# SPDX-License-Identifier: MIT
# C and POSIX, and nothing of the product: memory, text, errors, time spans, retry delays, rate limits,
# what is due, secrets struck out, files read whole.
libcore_a_SOURCES += \
	src/base/backoff.c \
	src/base/backoff.h \
	src/base/bucket.c \
	src/base/bucket.h \
	src/base/fault.c \
	src/base/fault.h \
	src/base/file.c \
	src/base/file.h \
	src/base/heap.c \
	src/base/heap.h \
	src/base/mem.c \
	src/base/mem.h \
	src/base/redactor.c \
	src/base/redactor.h \
	src/base/span.c \
	src/base/span.h \
	src/base/text.c \
	src/base/text.h
