# SPDX-License-Identifier: MIT
# The configuration files become a struct spec, or a list of every fault in them.
libcore_a_SOURCES += \
	src/config/checks.c \
	src/config/checks.h \
	src/config/excerpt_mask.c \
	src/config/excerpt_mask.h \
	src/config/file_text.c \
	src/config/file_text.h \
	src/config/keys.c \
	src/config/keys.h \
	src/config/lexer.c \
	src/config/lexer.h \
	src/config/schema.c \
	src/config/schema.h \
	src/config/schema_value.c \
	src/config/secret.c \
	src/config/secret.h \
	src/config/secret_lookup.c \
	src/config/secret_lookup.h \
	src/config/source.c \
	src/config/source.h \
	src/config/source_internal.h \
	src/config/source_load.c \
	src/config/spec.c \
	src/config/spec.h \
	src/config/specfile.c \
	src/config/specfile.h \
	src/config/tree.c \
	src/config/tree.h \
	src/config/tree_merge.c \
	src/config/tree_write.c
