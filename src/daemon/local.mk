# SPDX-License-Identifier: MIT
# The service: life cycle, loading, status, metrics.
libcore_a_SOURCES += \
	src/daemon/control_request.c \
	src/daemon/control_request.h
libadapters_a_SOURCES += \
	src/daemon/adoption.c \
	src/daemon/answer_stream.c \
	src/daemon/control_status.c \
	src/daemon/control_status.h \
	src/daemon/daemon.c \
	src/daemon/daemon.h \
	src/daemon/daemon_control.c \
	src/daemon/daemon_internal.h \
	src/daemon/daemon_metrics.c \
	src/daemon/daemon_waits.c \
	src/daemon/daemon_waits.h \
	src/daemon/loader.c \
	src/daemon/loader.h \
	src/daemon/metrics.c \
	src/daemon/metrics.h \
	src/daemon/metrics_file.c \
	src/daemon/metrics_file.h
