# SPDX-License-Identifier: MIT
# One program for each module, in the folder of its module; what several share is in tests/support.
UNIT_TESTS = \
	tests/unit/api/test_verdict \
	tests/unit/api/test_wire \
	tests/unit/api/test_wire_details \
	tests/unit/api/test_wire_list \
	tests/unit/api/test_wire_list_memory \
	tests/unit/api/test_wire_page \
	tests/unit/api/test_wire_plain \
	tests/unit/api/test_wire_split \
	tests/unit/base/test_backoff \
	tests/unit/base/test_character \
	tests/unit/base/test_due_heap \
	tests/unit/base/test_fault \
	tests/unit/base/test_file \
	tests/unit/base/test_file_write \
	tests/unit/base/test_json_out \
	tests/unit/base/test_mem \
	tests/unit/base/test_mem_malloc \
	tests/unit/base/test_redactor \
	tests/unit/base/test_siphash \
	tests/unit/base/test_span \
	tests/unit/base/test_suggest \
	tests/unit/base/test_text \
	tests/unit/base/test_token_bucket \
	tests/unit/commands/test_apply_line \
	tests/unit/commands/test_apply_run \
	tests/unit/commands/test_apply_sum \
	tests/unit/commands/test_client \
	tests/unit/commands/test_command_apply \
	tests/unit/commands/test_command_check \
	tests/unit/commands/test_command_edit \
	tests/unit/commands/test_command_import \
	tests/unit/commands/test_command_line \
	tests/unit/commands/test_command_next \
	tests/unit/commands/test_command_next_week \
	tests/unit/commands/test_command_plan \
	tests/unit/commands/test_command_resync \
	tests/unit/commands/test_command_status \
	tests/unit/commands/test_command_status_watch \
	tests/unit/commands/test_command_wait \
	tests/unit/commands/test_control_client \
	tests/unit/commands/test_edit_draft \
	tests/unit/commands/test_edit_file \
	tests/unit/commands/test_format \
	tests/unit/commands/test_integration_state \
	tests/unit/commands/test_plan_json \
	tests/unit/commands/test_plan_state \
	tests/unit/commands/test_plan_text \
	tests/unit/commands/test_service_user \
	tests/unit/commands/test_service_user_faults \
	tests/unit/commands/test_status_table \
	tests/unit/commands/test_surroundings \
	tests/unit/commands/test_table \
	tests/unit/config/test_advice \
	tests/unit/config/test_bad_files \
	tests/unit/config/test_checks \
	tests/unit/config/test_differential \
	tests/unit/config/test_excerpt_mask \
	tests/unit/config/test_file_check \
	tests/unit/config/test_file_quotes \
	tests/unit/config/test_file_text \
	tests/unit/config/test_file_text_bytes \
	tests/unit/config/test_grammar \
	tests/unit/config/test_keys \
	tests/unit/config/test_keys_alias \
	tests/unit/config/test_lexer \
	tests/unit/config/test_notation \
	tests/unit/config/test_parser \
	tests/unit/config/test_parser_scalar \
	tests/unit/config/test_reader \
	tests/unit/config/test_reader_store \
	tests/unit/config/test_schema \
	tests/unit/config/test_secrecy \
	tests/unit/config/test_secret \
	tests/unit/config/test_secret_lookup \
	tests/unit/config/test_setting \
	tests/unit/config/test_slips \
	tests/unit/config/test_source \
	tests/unit/config/test_source_draft \
	tests/unit/config/test_source_includes \
	tests/unit/config/test_spec \
	tests/unit/config/test_specfile \
	tests/unit/config/test_specfile_sample \
	tests/unit/config/test_tree \
	tests/unit/config/test_tree_merge \
	tests/unit/config/test_typos \
	tests/unit/config/test_unread \
	tests/unit/cron/test_cron \
	tests/unit/cron/test_cron_alias \
	tests/unit/cron/test_cron_compare \
	tests/unit/cron/test_cron_days \
	tests/unit/cron/test_cron_describe \
	tests/unit/cron/test_cron_fields \
	tests/unit/cron/test_cron_foreign \
	tests/unit/cron/test_cron_lint \
	tests/unit/cron/test_cron_list \
	tests/unit/cron/test_cron_list_extension \
	tests/unit/cron/test_cron_next \
	tests/unit/cron/test_cron_notation \
	tests/unit/cron/test_cron_remedy \
	tests/unit/cron/test_cron_slice \
	tests/unit/cron/test_cron_tables \
	tests/unit/cron/test_cron_zone \
	tests/unit/daemon/test_adoption \
	tests/unit/daemon/test_answer_stream \
	tests/unit/daemon/test_control_request \
	tests/unit/daemon/test_control_status \
	tests/unit/daemon/test_daemon \
	tests/unit/daemon/test_daemon_control \
	tests/unit/daemon/test_daemon_metrics \
	tests/unit/daemon/test_daemon_waits \
	tests/unit/daemon/test_loader \
	tests/unit/daemon/test_metrics \
	tests/unit/daemon/test_metrics_file \
	tests/unit/engine/test_answer \
	tests/unit/engine/test_dashboard \
	tests/unit/engine/test_engine \
	tests/unit/engine/test_remote_list \
	tests/unit/engine/test_report \
	tests/unit/engine/test_report_drift \
	tests/unit/engine/test_report_faults \
	tests/unit/engine/test_state_file \
	tests/unit/engine/test_state_file_key \
	tests/unit/engine/test_state_file_writes \
	tests/unit/http/test_http \
	tests/unit/http/test_http_header \
	tests/unit/http/test_http_life \
	tests/unit/http/test_http_many \
	tests/unit/http/test_http_memory \
	tests/unit/http/test_http_multi \
	tests/unit/http/test_http_proxy \
	tests/unit/http/test_http_template \
	tests/unit/http/test_http_tls \
	tests/unit/http/test_http_transfer \
	tests/unit/log/test_event \
	tests/unit/log/test_log \
	tests/unit/log/test_log_format \
	tests/unit/log/test_log_journal \
	tests/unit/log/test_log_queue \
	tests/unit/log/test_log_sink \
	tests/unit/os/test_control \
	tests/unit/os/test_control_faults \
	tests/unit/os/test_instance_lock \
	tests/unit/os/test_listener \
	tests/unit/os/test_loop \
	tests/unit/os/test_loop_monitor \
	tests/unit/os/test_notify \
	tests/unit/os/test_publisher \
	tests/unit/os/test_store \
	tests/unit/os/test_store_faults \
	tests/unit/os/test_watch \
	tests/unit/os/test_watch_scan \
	tests/unit/os/test_watch_ways \
	tests/unit/sync/test_gate \
	tests/unit/sync/test_plan \
	tests/unit/sync/test_plan_decide \
	tests/unit/sync/test_plan_sums \
	tests/unit/sync/test_state \
	tests/unit/sync/test_state_credentials \
	tests/unit/sync/test_sync \
	tests/unit/sync/test_sync_action \
	tests/unit/sync/test_sync_adopt \
	tests/unit/sync/test_sync_adopt_alone \
	tests/unit/sync/test_sync_answer \
	tests/unit/sync/test_sync_configure \
	tests/unit/sync/test_sync_dispatch \
	tests/unit/sync/test_sync_drift \
	tests/unit/sync/test_sync_drift_list \
	tests/unit/sync/test_sync_host \
	tests/unit/sync/test_sync_list \
	tests/unit/sync/test_sync_query \
	tests/unit/sync/test_sync_repair \
	tests/unit/sync/test_sync_save
check_PROGRAMS += $(UNIT_TESTS) tests/unit/cron/cron_driver
tests_unit_cron_cron_driver_LDADD = $(CORE_LIBS)

DESCRIPTORS = tests/support/descriptors.c tests/support/descriptors.h
SCRATCH = tests/support/scratch.c tests/support/scratch.h
SOURCE_FIXTURE = tests/support/source_fixture.c tests/support/source_fixture.h
CRON_FIXTURE = tests/support/cron_fixture.c tests/support/cron_fixture.h
CONFIG_FIXTURE = tests/support/config_fixture.c tests/support/config_fixture.h $(SCRATCH)
CLIENT_FIXTURE = tests/support/client_fixture.c tests/support/client_fixture.h
CONTROL_FIXTURE = tests/support/control_fixture.c tests/support/control_fixture.h
HTTP_SERVER = tests/support/http_server.c tests/support/http_server.h
HTTP_FIXTURE = tests/support/http_fixture.c tests/support/http_fixture.h $(HTTP_SERVER)
CONTROL_SERVER = tests/support/control_server.c tests/support/control_server.h
LOG_FIXTURE = tests/support/log_fixture.c tests/support/log_fixture.h
DIFFERENTIAL = tests/support/differential.c tests/support/differential.h
SYNC_FIXTURE = tests/support/sync_fixture.c tests/support/sync_fixture.h
WATCH_FIXTURE = tests/support/watch_fixture.c tests/support/watch_fixture.h
WIPED = tests/support/wiped.c tests/support/wiped.h
DAEMON_FIXTURE = \
	tests/support/daemon_fixture.c tests/support/daemon_fixture.h $(CLIENT_FIXTURE) $(LOG_FIXTURE) $(SYNC_FIXTURE)
WRAP_OF_DAEMON = \
	-Wl,--wrap=engine_step,--wrap=http_configure,--wrap=watch_configure,--wrap=control_is_trusted
PLAN_FIXTURE = tests/support/plan_fixture.c tests/support/plan_fixture.h
tests_unit_base_test_file_SOURCES = tests/unit/base/test_file.c $(DESCRIPTORS) $(SCRATCH)
tests_unit_base_test_file_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=open,--wrap=read,--wrap=fstat,--wrap=lseek \
	-Wl,--wrap=open64,--wrap=__fstat64_time64,--wrap=lseek64
tests_unit_base_test_file_write_SOURCES = tests/unit/base/test_file_write.c
tests_unit_base_test_file_write_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write
tests_unit_base_test_mem_SOURCES = tests/unit/base/test_mem.c $(WIPED)
tests_unit_base_test_mem_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
tests_unit_base_test_redactor_SOURCES = tests/unit/base/test_redactor.c $(WIPED)
tests_unit_base_test_redactor_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
tests_unit_commands_test_plan_json_SOURCES = tests/unit/commands/test_plan_json.c $(PLAN_FIXTURE)
tests_unit_commands_test_plan_state_SOURCES = tests/unit/commands/test_plan_state.c $(CONTROL_SERVER)
tests_unit_commands_test_plan_text_SOURCES = tests/unit/commands/test_plan_text.c $(PLAN_FIXTURE)
tests_unit_commands_test_apply_run_SOURCES = tests/unit/commands/test_apply_run.c $(HTTP_SERVER)
tests_unit_commands_test_apply_sum_SOURCES = tests/unit/commands/test_apply_sum.c $(SYNC_FIXTURE)
tests_unit_commands_test_command_apply_SOURCES = tests/unit/commands/test_command_apply.c $(LOG_FIXTURE) $(SCRATCH)
tests_unit_commands_test_client_SOURCES = tests/unit/commands/test_client.c $(HTTP_SERVER)
tests_unit_commands_test_command_edit_SOURCES = \
	tests/unit/commands/test_command_edit.c $(CONFIG_FIXTURE)
tests_unit_commands_test_command_import_SOURCES = \
	tests/unit/commands/test_command_import.c $(CONFIG_FIXTURE) $(HTTP_SERVER)
tests_unit_commands_test_command_resync_SOURCES = \
	tests/unit/commands/test_command_resync.c $(HTTP_SERVER)
tests_unit_commands_test_command_status_SOURCES = \
	tests/unit/commands/test_command_status.c $(CONTROL_SERVER)
tests_unit_commands_test_command_wait_SOURCES = \
	tests/unit/commands/test_command_wait.c $(CONTROL_SERVER)
tests_unit_commands_test_control_client_SOURCES = \
	tests/unit/commands/test_control_client.c $(CONTROL_SERVER)
tests_unit_commands_test_control_client_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket,--wrap=send
tests_unit_commands_test_service_user_faults_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=geteuid \
	-Wl,--wrap=socketpair,--wrap=fork,--wrap=stat,--wrap=__stat64_time64,--wrap=access,--wrap=send
tests_unit_commands_test_command_plan_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=geteuid,--wrap=socketpair
tests_unit_commands_test_edit_draft_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fork
tests_unit_commands_test_edit_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=access,--wrap=renameat2
tests_unit_config_test_unread_SOURCES = tests/unit/config/test_unread.c $(SCRATCH)
tests_unit_config_test_file_text_SOURCES = tests/unit/config/test_file_text.c $(CONFIG_FIXTURE)
tests_unit_config_test_file_text_bytes_SOURCES = tests/unit/config/test_file_text_bytes.c $(CONFIG_FIXTURE)
tests_unit_config_test_reader_SOURCES = tests/unit/config/test_reader.c $(CONFIG_FIXTURE)
tests_unit_config_test_reader_store_SOURCES = \
	tests/unit/config/test_reader_store.c $(CONFIG_FIXTURE)
tests_unit_config_test_checks_SOURCES = tests/unit/config/test_checks.c $(CONFIG_FIXTURE)
tests_unit_config_test_schema_SOURCES = tests/unit/config/test_schema.c $(CONFIG_FIXTURE)
tests_unit_config_test_source_SOURCES = \
	tests/unit/config/test_source.c $(CONFIG_FIXTURE) $(SOURCE_FIXTURE)
tests_unit_config_test_source_draft_SOURCES = \
	tests/unit/config/test_source_draft.c $(CONFIG_FIXTURE)
tests_unit_config_test_source_includes_SOURCES = \
	tests/unit/config/test_source_includes.c $(CONFIG_FIXTURE) $(SOURCE_FIXTURE)
tests_unit_config_test_specfile_SOURCES = tests/unit/config/test_specfile.c $(CONFIG_FIXTURE)
tests_unit_config_test_specfile_sample_SOURCES = \
	tests/unit/config/test_specfile_sample.c $(CONFIG_FIXTURE)
tests_unit_config_test_tree_merge_SOURCES = tests/unit/config/test_tree_merge.c $(CONFIG_FIXTURE)
tests_unit_config_test_parser_SOURCES = tests/unit/config/test_parser.c $(CONFIG_FIXTURE)
tests_unit_config_test_secret_lookup_SOURCES = \
	tests/unit/config/test_secret_lookup.c $(CONFIG_FIXTURE)
tests_unit_config_test_excerpt_mask_SOURCES = \
	tests/unit/config/test_excerpt_mask.c $(CONFIG_FIXTURE)
tests_unit_config_test_unread_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=open,--wrap=read,--wrap=opendir,--wrap=readdir \
	-Wl,--wrap=open64,--wrap=readdir64
tests_unit_cron_test_cron_SOURCES = tests/unit/cron/test_cron.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_alias_SOURCES = tests/unit/cron/test_cron_alias.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_slice_SOURCES = tests/unit/cron/test_cron_slice.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_days_SOURCES = tests/unit/cron/test_cron_days.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_describe_SOURCES = tests/unit/cron/test_cron_describe.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_fields_SOURCES = tests/unit/cron/test_cron_fields.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_lint_SOURCES = tests/unit/cron/test_cron_lint.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_list_SOURCES = tests/unit/cron/test_cron_list.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_foreign_SOURCES = tests/unit/cron/test_cron_foreign.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_notation_SOURCES = tests/unit/cron/test_cron_notation.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_tables_SOURCES = tests/unit/cron/test_cron_tables.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_zone_SOURCES = tests/unit/cron/test_cron_zone.c
tests_unit_cron_test_cron_remedy_SOURCES = tests/unit/cron/test_cron_remedy.c $(CRON_FIXTURE)
tests_unit_cron_test_cron_next_SOURCES = tests/unit/cron/test_cron_next.c $(CRON_FIXTURE)
tests_unit_daemon_test_adoption_SOURCES = tests/unit/daemon/test_adoption.c $(DAEMON_FIXTURE)
tests_unit_daemon_test_adoption_LDFLAGS = $(AM_LDFLAGS) $(WRAP_OF_DAEMON)
tests_unit_daemon_test_daemon_control_SOURCES = tests/unit/daemon/test_daemon_control.c $(DAEMON_FIXTURE)
tests_unit_daemon_test_daemon_control_LDFLAGS = $(AM_LDFLAGS) $(WRAP_OF_DAEMON)
tests_unit_daemon_test_daemon_metrics_SOURCES = tests/unit/daemon/test_daemon_metrics.c $(DAEMON_FIXTURE)
tests_unit_daemon_test_daemon_metrics_LDFLAGS = $(AM_LDFLAGS) $(WRAP_OF_DAEMON)
tests_unit_daemon_test_daemon_waits_SOURCES = tests/unit/daemon/test_daemon_waits.c $(DAEMON_FIXTURE)
tests_unit_daemon_test_daemon_waits_LDFLAGS = $(AM_LDFLAGS) $(WRAP_OF_DAEMON)
tests_unit_daemon_test_answer_stream_SOURCES = tests/unit/daemon/test_answer_stream.c $(CLIENT_FIXTURE) $(SYNC_FIXTURE)
tests_unit_daemon_test_daemon_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=loader_age_ms,--wrap=specfile_load,--wrap=store_replace
tests_unit_engine_test_engine_SOURCES = tests/unit/engine/test_engine.c $(SYNC_FIXTURE) $(LOG_FIXTURE) $(DESCRIPTORS)
tests_unit_engine_test_engine_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=http_oldest_ms,--wrap=publisher_age_ms
tests_unit_engine_test_report_SOURCES = tests/unit/engine/test_report.c $(LOG_FIXTURE)
tests_unit_daemon_test_metrics_file_SOURCES = tests/unit/daemon/test_metrics_file.c $(LOG_FIXTURE) $(SCRATCH)
tests_unit_daemon_test_metrics_SOURCES = tests/unit/daemon/test_metrics.c $(SYNC_FIXTURE)
tests_unit_daemon_test_control_status_SOURCES = tests/unit/daemon/test_control_status.c $(SYNC_FIXTURE)
tests_unit_engine_test_dashboard_SOURCES = tests/unit/engine/test_dashboard.c $(SYNC_FIXTURE)
tests_unit_daemon_test_daemon_SOURCES = tests/unit/daemon/test_daemon.c $(SCRATCH)
tests_unit_engine_test_state_file_key_SOURCES = tests/unit/engine/test_state_file_key.c $(WIPED) $(SCRATCH)
tests_unit_engine_test_state_file_key_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
tests_unit_engine_test_state_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=renameat
tests_unit_engine_test_state_file_writes_SOURCES = \
	tests/unit/engine/test_state_file_writes.c $(SYNC_FIXTURE) $(LOG_FIXTURE) $(SCRATCH)
tests_unit_config_test_differential_SOURCES = tests/unit/config/test_differential.c $(DIFFERENTIAL)
tests_unit_engine_test_remote_list_SOURCES = tests/unit/engine/test_remote_list.c $(HTTP_SERVER)
tests_unit_engine_test_remote_list_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc_trim
tests_unit_http_test_http_SOURCES = tests/unit/http/test_http.c $(HTTP_FIXTURE)
tests_unit_http_test_http_life_SOURCES = tests/unit/http/test_http_life.c $(HTTP_FIXTURE)
tests_unit_http_test_http_memory_SOURCES = tests/unit/http/test_http_memory.c $(WIPED)
tests_unit_http_test_http_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
tests_unit_http_test_http_multi_SOURCES = tests/unit/http/test_http_multi.c $(HTTP_FIXTURE)
tests_unit_http_test_http_multi_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=uv_poll_start,--wrap=uv_poll_init_socket \
	-Wl,--wrap=curl_multi_add_handle
tests_unit_http_test_http_many_SOURCES = tests/unit/http/test_http_many.c $(HTTP_FIXTURE)
tests_unit_http_test_http_proxy_SOURCES = tests/unit/http/test_http_proxy.c $(HTTP_FIXTURE)
tests_unit_http_test_http_template_SOURCES = tests/unit/http/test_http_template.c $(WIPED)
tests_unit_http_test_http_template_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
tests_unit_http_test_http_tls_SOURCES = tests/unit/http/test_http_tls.c $(HTTP_FIXTURE)
tests_unit_http_test_http_transfer_SOURCES = tests/unit/http/test_http_transfer.c $(HTTP_FIXTURE)
tests_unit_log_test_log_SOURCES = tests/unit/log/test_log.c $(LOG_FIXTURE)
tests_unit_log_test_log_format_SOURCES = tests/unit/log/test_log_format.c $(LOG_FIXTURE)
tests_unit_log_test_log_journal_SOURCES = tests/unit/log/test_log_journal.c $(LOG_FIXTURE) $(DESCRIPTORS)
tests_unit_log_test_log_sink_SOURCES = tests/unit/log/test_log_sink.c $(LOG_FIXTURE)
tests_unit_os_test_listener_SOURCES = tests/unit/os/test_listener.c $(DESCRIPTORS)
tests_unit_os_test_listener_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=accept4,--wrap=unlink \
	-Wl,--wrap=listen,--wrap=chmod
tests_unit_os_test_control_SOURCES = tests/unit/os/test_control.c $(CONTROL_FIXTURE)
tests_unit_os_test_control_faults_SOURCES = tests/unit/os/test_control_faults.c $(CONTROL_FIXTURE)
tests_unit_os_test_control_faults_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=uv_pipe_open \
	-Wl,--wrap=uv_read_start,--wrap=uv_write,--wrap=getsockopt,--wrap=__getsockopt64
tests_unit_os_test_instance_lock_SOURCES = tests/unit/os/test_instance_lock.c $(DESCRIPTORS)
tests_unit_os_test_instance_lock_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=flock
tests_unit_os_test_loop_monitor_SOURCES = tests/unit/os/test_loop_monitor.c $(LOG_FIXTURE)
tests_unit_os_test_notify_SOURCES = tests/unit/os/test_notify.c $(DESCRIPTORS)
tests_unit_os_test_store_SOURCES = tests/unit/os/test_store.c $(DESCRIPTORS)
tests_unit_os_test_store_faults_SOURCES = tests/unit/os/test_store_faults.c $(DESCRIPTORS) $(SCRATCH)
tests_unit_os_test_store_faults_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write,--wrap=fsync,--wrap=mkdir \
	-Wl,--wrap=fchmod,--wrap=close,--wrap=read
tests_unit_os_test_watch_SOURCES = tests/unit/os/test_watch.c $(WATCH_FIXTURE)
tests_unit_os_test_watch_scan_SOURCES = tests/unit/os/test_watch_scan.c $(SCRATCH)
tests_unit_os_test_watch_ways_SOURCES = tests/unit/os/test_watch_ways.c $(WATCH_FIXTURE)
tests_unit_sync_test_plan_decide_SOURCES = tests/unit/sync/test_plan_decide.c $(SYNC_FIXTURE)
tests_unit_sync_test_state_credentials_SOURCES = tests/unit/sync/test_state_credentials.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_SOURCES = tests/unit/sync/test_sync.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_action_SOURCES = tests/unit/sync/test_sync_action.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_adopt_SOURCES = tests/unit/sync/test_sync_adopt.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_drift_list_SOURCES = \
	tests/unit/sync/test_sync_drift_list.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_save_SOURCES = tests/unit/sync/test_sync_save.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_adopt_alone_SOURCES = tests/unit/sync/test_sync_adopt_alone.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_answer_SOURCES = tests/unit/sync/test_sync_answer.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_configure_SOURCES = tests/unit/sync/test_sync_configure.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_dispatch_SOURCES = tests/unit/sync/test_sync_dispatch.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_drift_SOURCES = tests/unit/sync/test_sync_drift.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_host_SOURCES = tests/unit/sync/test_sync_host.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_list_SOURCES = tests/unit/sync/test_sync_list.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_query_SOURCES = tests/unit/sync/test_sync_query.c $(SYNC_FIXTURE)
tests_unit_sync_test_sync_repair_SOURCES = tests/unit/sync/test_sync_repair.c $(SYNC_FIXTURE)
