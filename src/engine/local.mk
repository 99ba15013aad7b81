# SPDX-License-Identifier: MIT
# Connects the reconciler, requests, the state file and the log.
libadapters_a_SOURCES += \
	src/engine/answer.c \
	src/engine/answer.h \
	src/engine/dashboard.c \
	src/engine/engine.c \
	src/engine/engine.h \
	src/engine/remote_list.c \
	src/engine/remote_list.h \
	src/engine/report.c \
	src/engine/report.h \
	src/engine/report_faults.c \
	src/engine/state_file.c \
	src/engine/state_file.h
