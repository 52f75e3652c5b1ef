# SPDX-License-Identifier: GPL-2.0-only
# The host command: plan, run, collect, report.

CI_SRCS := $(wildcard ci/*.c) fuzz/campaign.c fuzz/findings.c
CI_OBJS := $(CI_SRCS:%.c=$(B)/obj/%.o)
CI_LIBS := -ljansson $(shell pkg-config --libs libxml-2.0 2>/dev/null) -lpthread -lm
CFLAGS_ci := $(shell pkg-config --cflags libxml-2.0 2>/dev/null)

$(B)/obj/ci/html_style.o: ci/report.css
$(B)/obj/ci/defects.o: conformance/defects/defects.conf

$(B)/krsi: $(CI_OBJS) $(VM_OBJS) $(BENCH_HOST_OBJS)
	$(call say,LD,$@) $(CC) $(LDFLAGS) -o $@ $^ $(CI_LIBS) $(VM_LIBS)

ALL += $(B)/krsi

# Unit tests: everything but main(), in one Criterion program.
CI_TEST_OBJS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard ci/tests/*.c))
$(B)/unit/ci: $(CI_TEST_OBJS) $(filter-out $(B)/obj/ci/main.o,$(CI_OBJS)) $(VM_OBJS) \
	$(BENCH_HOST_OBJS)
UNIT_LIBS_ci := $(CI_LIBS) $(VM_LIBS)
UNIT += $(B)/unit/ci

# The command as a user meets it, with a QEMU that is played by a script.
.PHONY: check-cli
check-cli: $(B)/krsi $(B)/krsi-test $(B)/init
	$(Q)echo "== ci/tests/cli.sh"; sh ci/tests/cli.sh $(B)
check-unit: check-cli

# How strong the suite is: which defects of one line in the reference kernel its tests tell.
MUTANTS ?= *
.PHONY: mutants check-mutants
mutants: all ## build the reference kernel with each defect of MUTANTS, and see which tests tell
	$(Q)sh ci/mutants/mutants.sh run '$(B)' '$(REF_CACHE)' '$(REF_TARBALL)' '$(MUTANTS)'

check-mutants: $(B)/krsi $(B)/krsi-test $(B)/init
	$(Q)echo "== ci/tests/mutants.sh"; sh ci/tests/mutants.sh $(B)
check-unit: check-mutants
