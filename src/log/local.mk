# SPDX-License-Identifier: MIT
# Records to the journal, to stderr or as JSON, and the table of events. Never blocks.
libadapters_a_SOURCES += \
	src/log/event.c \
	src/log/event.h \
	src/log/log.c \
	src/log/log.h \
	src/log/log_format.c \
	src/log/log_internal.h \
	src/log/log_sink.c
