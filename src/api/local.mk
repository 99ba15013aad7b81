# SPDX-License-Identifier: MIT
# The remote API: bodies, errors, lists, and what an answer means.
libcore_a_SOURCES += \
	src/api/verdict.c \
	src/api/verdict.h \
	src/api/wire.c \
	src/api/wire.h \
	src/api/wire_details.c \
	src/api/wire_details.h \
	src/api/wire_internal.h \
	src/api/wire_list.c \
	src/api/wire_list.h \
	src/api/wire_page.c \
	src/api/wire_plain.c \
	src/api/wire_split.c
