# SPDX-License-Identifier: MIT
# The configuration files become a struct spec, or a list of every fault in them.
libcore_a_SOURCES += \
	src/config/keyring.c \
	src/config/keyring.h \
	src/config/keys.c \
	src/config/keys.h \
	src/config/lex.c \
	src/config/lex.h \
	src/config/mask.c \
	src/config/mask.h \
	src/config/outline.c \
	src/config/outline.h \
	src/config/outline_join.c \
	src/config/outline_write.c \
	src/config/rules.c \
	src/config/rules.h \
	src/config/schema.c \
	src/config/schema.h \
	src/config/schema_value.c \
	src/config/secret.c \
	src/config/secret.h \
	src/config/sheet.c \
	src/config/sheet.h \
	src/config/source.c \
	src/config/source.h \
	src/config/source_load.c \
	src/config/source_p.h \
	src/config/spec.c \
	src/config/spec.h \
	src/config/specfile.c \
	src/config/specfile.h
