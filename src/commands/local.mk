# SPDX-License-Identifier: MIT
# The commands beside the daemon.
libadapters_a_SOURCES += \
	src/commands/apply_line.c \
	src/commands/apply_run.c \
	src/commands/apply_sum.c \
	src/commands/client.c \
	src/commands/client.h \
	src/commands/command.h \
	src/commands/command_apply.c \
	src/commands/command_apply_internal.h \
	src/commands/command_check.c \
	src/commands/command_edit.c \
	src/commands/command_edit_internal.h \
	src/commands/command_import.c \
	src/commands/command_line.c \
	src/commands/command_line.h \
	src/commands/command_next.c \
	src/commands/command_next_internal.h \
	src/commands/command_next_json.c \
	src/commands/command_next_runs.c \
	src/commands/command_next_text.c \
	src/commands/command_plan.c \
	src/commands/command_plan_internal.h \
	src/commands/command_resync.c \
	src/commands/command_status.c \
	src/commands/command_status_internal.h \
	src/commands/command_status_watch.c \
	src/commands/command_wait.c \
	src/commands/control_client.c \
	src/commands/control_client.h \
	src/commands/edit_draft.c \
	src/commands/edit_file.c \
	src/commands/format.c \
	src/commands/format.h \
	src/commands/integration_state.c \
	src/commands/plan_json.c \
	src/commands/plan_state.c \
	src/commands/plan_text.c \
	src/commands/service_user.c \
	src/commands/service_user.h \
	src/commands/status_table.c \
	src/commands/surroundings.c \
	src/commands/surroundings.h \
	src/commands/table.c
