# SPDX-License-Identifier: MIT
# The reconciler, which is pure: spec, state and answers in, actions out.
libcore_a_SOURCES += \
	src/sync/gate.c \
	src/sync/gate.h \
	src/sync/plan.c \
	src/sync/plan.h \
	src/sync/state.c \
	src/sync/state.h \
	src/sync/sync.c \
	src/sync/sync.h \
	src/sync/sync_action.c \
	src/sync/sync_action.h \
	src/sync/sync_adopt.c \
	src/sync/sync_answer.c \
	src/sync/sync_configure.c \
	src/sync/sync_dispatch.c \
	src/sync/sync_drift.c \
	src/sync/sync_drift_internal.h \
	src/sync/sync_host.c \
	src/sync/sync_internal.h \
	src/sync/sync_item.c \
	src/sync/sync_item_internal.h \
	src/sync/sync_query.c \
	src/sync/sync_query.h \
	src/sync/sync_save.c
