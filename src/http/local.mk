# SPDX-License-Identifier: MIT
# Requests through libcurl's multi interface on libuv's loop.
libadapters_a_SOURCES += \
	src/http/http.c \
	src/http/http.h \
	src/http/http_header.c \
	src/http/http_internal.h \
	src/http/http_memory.c \
	src/http/http_multi.c \
	src/http/http_request.h \
	src/http/http_template.c \
	src/http/http_transfer.c \
	src/http/http_transfer.h
