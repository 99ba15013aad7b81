# SPDX-License-Identifier: MIT
# Connects the reconciler, requests, the state file and the log.
libadapters_a_SOURCES += \
	src/engine/engine.c \
	src/engine/engine.h \
	src/engine/engine_list.c \
	src/engine/engine_p.h \
	src/engine/engine_save.c \
	src/engine/report.c \
	src/engine/report.h \
	src/engine/report_status.c
