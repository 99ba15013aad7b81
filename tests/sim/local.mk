# SPDX-License-Identifier: MIT
# The reconciler under fake time. It links the core alone, so that a core that needs more does not link.
check_PROGRAMS += tests/sim/sim tests/sim/outage tests/sim/starvation
tests_sim_sim_SOURCES = \
	tests/sim/drift.c \
	tests/sim/judge.c \
	tests/sim/main.c \
	tests/sim/operator.c \
	tests/sim/sim.c \
	tests/sim/sim.h \
	tests/sim/world.c
tests_sim_sim_LDADD = $(CORE_LIBS)
tests_sim_outage_SOURCES = tests/sim/outage.c $(SIM_PLAY)
tests_sim_outage_LDADD = $(CORE_LIBS)
tests_sim_starvation_SOURCES = tests/sim/starvation.c $(SIM_PLAY)
tests_sim_starvation_LDADD = $(CORE_LIBS)
SIM_PLAY = tests/sim/play.c tests/sim/play.h
