# SPDX-License-Identifier: MIT
# Faults on purpose: the library that makes calls of the daemon fail, and its runner.
TORTURE_LIBRARY = tests/torture/inject.so
check_DATA = $(TORTURE_LIBRARY)
CLEANFILES += $(TORTURE_LIBRARY)
$(TORTURE_LIBRARY): tests/torture/inject.c tests/torture/page.h
	$(AM_V_CCLD)$(MKDIR_P) tests/torture && \
		$(CC) -std=c11 -D_GNU_SOURCE $(CPPFLAGS) $(CFLAGS) -Wall -Wextra -fPIC -shared \
		-o $@ $(srcdir)/tests/torture/inject.c -ldl
EXTRA_DIST += \
	tests/torture/calls.py \
	tests/torture/clients.py \
	tests/torture/clocks.py \
	tests/torture/damage.py \
	tests/torture/faults.py \
	tests/torture/inject.c \
	tests/torture/life.py \
	tests/torture/main.py \
	tests/torture/memory.py \
	tests/torture/page.h \
	tests/torture/soak.py
