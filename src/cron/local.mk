# SPDX-License-Identifier: MIT
# Cron expressions: parse, compare, describe, next run.
libcore_a_SOURCES += \
	src/cron/cron.c \
	src/cron/cron.h \
	src/cron/cron_extension.c \
	src/cron/cron_fields.c \
	src/cron/cron_fields.h \
	src/cron/cron_next.c \
	src/cron/cron_text.c
