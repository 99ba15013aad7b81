# SPDX-License-Identifier: MIT
# A target for each decoder; `make check` replays its corpus, `make fuzz` searches (clang).
REPLAYS = \
	tests/fuzz/replay_cron \
	tests/fuzz/replay_details \
	tests/fuzz/replay_lexer \
	tests/fuzz/replay_list \
	tests/fuzz/replay_secret \
	tests/fuzz/replay_source \
	tests/fuzz/replay_span \
	tests/fuzz/replay_specfile \
	tests/fuzz/replay_state \
	tests/fuzz/replay_text
FUZZERS = \
	tests/fuzz/fuzz_cron \
	tests/fuzz/fuzz_details \
	tests/fuzz/fuzz_lexer \
	tests/fuzz/fuzz_list \
	tests/fuzz/fuzz_secret \
	tests/fuzz/fuzz_source \
	tests/fuzz/fuzz_span \
	tests/fuzz/fuzz_specfile \
	tests/fuzz/fuzz_state \
	tests/fuzz/fuzz_text
check_PROGRAMS += $(REPLAYS)
EXTRA_PROGRAMS += $(FUZZERS)
tests_fuzz_replay_cron_SOURCES = tests/fuzz/fuzz_cron.c tests/fuzz/replay.c
tests_fuzz_replay_cron_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_cron_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_cron_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_cron_LDADD = $(CORE_LIBS)
tests_fuzz_replay_details_SOURCES = tests/fuzz/fuzz_details.c tests/fuzz/replay.c
tests_fuzz_replay_details_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_details_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_details_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_details_LDADD = $(CORE_LIBS)
tests_fuzz_replay_lexer_SOURCES = tests/fuzz/fuzz_lexer.c tests/fuzz/replay.c
tests_fuzz_replay_lexer_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_lexer_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_lexer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_lexer_LDADD = $(CORE_LIBS)
tests_fuzz_replay_list_SOURCES = tests/fuzz/fuzz_list.c tests/fuzz/replay.c
tests_fuzz_replay_list_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_list_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_list_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_list_LDADD = $(CORE_LIBS)
tests_fuzz_replay_secret_SOURCES = tests/fuzz/fuzz_secret.c tests/fuzz/replay.c
tests_fuzz_replay_secret_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_secret_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_secret_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_secret_LDADD = $(CORE_LIBS)
tests_fuzz_replay_source_SOURCES = tests/fuzz/fuzz_source.c tests/fuzz/replay.c
tests_fuzz_replay_source_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_source_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_source_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_source_LDADD = $(CORE_LIBS)
tests_fuzz_replay_span_SOURCES = tests/fuzz/fuzz_span.c tests/fuzz/replay.c
tests_fuzz_replay_span_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_span_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_span_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_span_LDADD = $(CORE_LIBS)
tests_fuzz_replay_specfile_SOURCES = tests/fuzz/fuzz_specfile.c tests/fuzz/replay.c
tests_fuzz_replay_specfile_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_specfile_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_specfile_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_specfile_LDADD = $(CORE_LIBS)
tests_fuzz_replay_state_SOURCES = tests/fuzz/fuzz_state.c tests/fuzz/replay.c
tests_fuzz_replay_state_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_state_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_state_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_state_LDADD = $(CORE_LIBS)
tests_fuzz_replay_text_SOURCES = tests/fuzz/fuzz_text.c tests/fuzz/replay.c
tests_fuzz_replay_text_LDADD = $(CORE_LIBS)
tests_fuzz_fuzz_text_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_text_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_text_LDADD = $(CORE_LIBS)
