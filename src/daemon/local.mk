# SPDX-License-Identifier: MIT
# The service: life cycle, loading, status, metrics.
libadapters_a_SOURCES += \
	src/daemon/daemon.c \
	src/daemon/daemon.h \
	src/daemon/daemon_internal.h \
	src/daemon/daemon_load.c \
	src/daemon/daemon_metrics.c \
	src/daemon/daemon_metrics.h \
	src/daemon/daemon_status.c \
	src/daemon/loop_monitor.c \
	src/daemon/metrics.c \
	src/daemon/metrics.h \
	src/daemon/status.c \
	src/daemon/status.h
