# SPDX-License-Identifier: MIT
# What the operating system offers, one module for each: the instance lock, files replaced whole, files
# watched, the service manager notified.
libadapters_a_SOURCES += \
	src/os/instance_lock.c \
	src/os/instance_lock.h \
	src/os/listener.c \
	src/os/listener.h \
	src/os/control.c \
	src/os/control.h \
	src/os/loop.c \
	src/os/loop.h \
	src/os/notify.c \
	src/os/notify.h \
	src/os/publisher.c \
	src/os/publisher.h \
	src/os/store.c \
	src/os/store.h \
	src/os/watch.c \
	src/os/watch.h \
	src/os/watch_scan.c \
	src/os/watch_scan.h
