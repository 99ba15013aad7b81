# SPDX-License-Identifier: MIT
# Cron expressions: parse, compare, describe, next run, lint.
libcore_a_SOURCES += \
	src/cron/cron.c \
	src/cron/cron.h \
	src/cron/cron_alias.c \
	src/cron/cron_describe.c \
	src/cron/cron_describe.h \
	src/cron/cron_fields.c \
	src/cron/cron_fields.h \
	src/cron/cron_foreign.c \
	src/cron/cron_internal.h \
	src/cron/cron_notation.c \
	src/cron/cron_slice.c \
	src/cron/cron_slice.h \
	src/cron/cron_zone.c
