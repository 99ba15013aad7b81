# SPDX-License-Identifier: MIT
# The commands beside the daemon.
libadapters_a_SOURCES += \
	src/commands/client.c \
	src/commands/client.h \
	src/commands/command_apply.c \
	src/commands/command_apply.h \
	src/commands/command_apply_internal.h \
	src/commands/command_apply_line.c \
	src/commands/command_apply_run.c \
	src/commands/command_apply_sum.c \
	src/commands/command_check.c \
	src/commands/command_check.h \
	src/commands/command_import.c \
	src/commands/command_import.h \
	src/commands/command_line.c \
	src/commands/command_line.h \
	src/commands/command_next.c \
	src/commands/command_next.h \
	src/commands/command_next_internal.h \
	src/commands/command_next_json.c \
	src/commands/command_next_runs.c \
	src/commands/command_next_text.c \
	src/commands/command_next_week.c \
	src/commands/command_plan.c \
	src/commands/command_plan.h \
	src/commands/command_plan_internal.h \
	src/commands/command_plan_json.c \
	src/commands/command_plan_text.c \
	src/commands/command_resync.c \
	src/commands/command_resync.h \
	src/commands/command_status.c \
	src/commands/command_status.h \
	src/commands/command_status_watch.c \
	src/commands/command_status_watch.h \
	src/commands/control_client.c \
	src/commands/control_client.h \
	src/commands/directories.c \
	src/commands/directories.h \
	src/commands/format.c \
	src/commands/format.h \
	src/commands/integration_state.c \
	src/commands/integration_state.h \
	src/commands/status_table.c \
	src/commands/status_table.h
