# SPDX-License-Identifier: MIT
# A target for each decoder: `make check` replays their corpora, `make fuzz` searches (clang, --enable-fuzzers).
FUZZ_TARGETS = \
	tests/fuzz/fuzz_control.c \
	tests/fuzz/fuzz_cron.c \
	tests/fuzz/fuzz_details.c \
	tests/fuzz/fuzz_differential.c \
	tests/fuzz/fuzz_lexer.c \
	tests/fuzz/fuzz_list.c \
	tests/fuzz/fuzz_secret.c \
	tests/fuzz/fuzz_source.c \
	tests/fuzz/fuzz_span.c \
	tests/fuzz/fuzz_specfile.c \
	tests/fuzz/fuzz_state.c \
	tests/fuzz/fuzz_text.c \
	tests/fuzz/targets.c \
	tests/fuzz/targets.h \
	tests/support/differential.c \
	tests/support/differential.h
check_PROGRAMS += tests/fuzz/replay
EXTRA_PROGRAMS += tests/fuzz/search
tests_fuzz_replay_SOURCES = tests/fuzz/replay.c $(FUZZ_TARGETS)
tests_fuzz_replay_LDADD = $(CORE_LIBS)
tests_fuzz_search_SOURCES = tests/fuzz/search.c $(FUZZ_TARGETS)
tests_fuzz_search_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_search_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_search_LDADD = $(CORE_LIBS)
