# SPDX-License-Identifier: MIT
# The configuration files become a struct spec, or a list of every fault in them.
libcore_a_SOURCES += \
	src/config/advice.c \
	src/config/advice.h \
	src/config/checks.c \
	src/config/excerpt_mask.c \
	src/config/file_quotes.c \
	src/config/file_text.c \
	src/config/file_text.h \
	src/config/file_text_check.c \
	src/config/grammar.c \
	src/config/keys.c \
	src/config/keys.h \
	src/config/keys_type.h \
	src/config/lexer.c \
	src/config/lexer.h \
	src/config/notation.c \
	src/config/parser.c \
	src/config/parser.h \
	src/config/reader.c \
	src/config/reader.h \
	src/config/schema.c \
	src/config/secrecy.c \
	src/config/secrecy.h \
	src/config/secret.c \
	src/config/secret.h \
	src/config/secret_lookup.c \
	src/config/secret_lookup.h \
	src/config/setting.c \
	src/config/source.c \
	src/config/source.h \
	src/config/source_internal.h \
	src/config/source_load.c \
	src/config/spec.c \
	src/config/spec.h \
	src/config/specfile.c \
	src/config/specfile.h \
	src/config/specfile_internal.h \
	src/config/tree.c \
	src/config/tree.h
