# SPDX-License-Identifier: MIT
# C and POSIX, and nothing of the product: memory, text, errors, time spans, retry delays, rate limits,
# what is due, secrets struck out, files read and written whole, suggestions, JSON written, keyed digests.
libcore_a_SOURCES += \
	src/base/backoff.c \
	src/base/backoff.h \
	src/base/character.c \
	src/base/character.h \
	src/base/due_heap.c \
	src/base/due_heap.h \
	src/base/fault.c \
	src/base/fault.h \
	src/base/file.c \
	src/base/file.h \
	src/base/json_out.c \
	src/base/json_out.h \
	src/base/mem.c \
	src/base/mem.h \
	src/base/mem_malloc.c \
	src/base/mem_malloc.h \
	src/base/moment.h \
	src/base/redactor.c \
	src/base/redactor.h \
	src/base/siphash.c \
	src/base/siphash.h \
	src/base/span.c \
	src/base/span.h \
	src/base/suggest.c \
	src/base/suggest.h \
	src/base/text.c \
	src/base/text.h \
	src/base/token_bucket.c \
	src/base/token_bucket.h
