# SPDX-License-Identifier: GPL-2.0-only
# The reference: portable core, the LSM for a real kernel.

REF_CORE_SRCS := $(wildcard reference/core/*.c)
REF_CORE_OBJS := $(REF_CORE_SRCS:%.c=$(B)/obj/%.o)
ALL += $(REF_CORE_OBJS)

REF_TEST_SRCS := $(wildcard reference/tests/*.c)
REF_TESTED_SRCS := $(REF_CORE_SRCS) reference/krsi-log/pattern.c reference/krsi-log/print.c
$(B)/unit/reference: $(REF_TEST_SRCS:%.c=$(B)/obj/%.o) $(REF_TESTED_SRCS:%.c=$(B)/obj/%.o)
UNIT += $(B)/unit/reference

# The same tests on sanitized objects: the core reads memory that others laid out.
REF_SAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
REF_SAN_OBJS := $(REF_TEST_SRCS:%.c=$(B)/obj/%.san.o) $(REF_TESTED_SRCS:%.c=$(B)/obj/%.san.o)
$(REF_SAN_OBJS): $(B)/obj/%.san.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$< (sanitized)) $(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(REF_SAN) -MMD -MP -c $< -o $@
$(B)/unit/reference-san: $(REF_SAN_OBJS)
UNIT_LIBS_reference-san := -fsanitize=address,undefined
UNIT += $(B)/unit/reference-san

# Which lines of the core the unit tests reach.
REF_COV_OBJS := $(REF_TEST_SRCS:%.c=$(B)/obj/%.cov.o) $(REF_TESTED_SRCS:%.c=$(B)/obj/%.cov.o)
$(REF_COV_OBJS): $(B)/obj/%.cov.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$< (coverage)) $(CC) $(CPPFLAGS) $(CFLAGS_ALL) -O0 --coverage -MMD -MP -c $< -o $@
$(B)/unit/reference-cov: $(REF_COV_OBJS)
UNIT_LIBS_reference-cov := --coverage

REF_COV := $(B)/coverage/core
.PHONY: coverage-core
coverage-core: $(B)/unit/reference-cov ## line and branch coverage of reference/core by the unit tests
	$(Q)rm -rf $(REF_COV) && mkdir -p $(REF_COV) && find $(B)/obj/reference -name '*.gcda' -delete
	$(Q)$< --quiet
	$(Q)lcov -c -d $(B)/obj/reference/core -b . --rc lcov_branch_coverage=1 -o $(REF_COV)/core.info > $(REF_COV)/log 2>&1 || \
		{ cat $(REF_COV)/log; exit 1; }
	$(Q)lcov -q -e $(REF_COV)/core.info '*/reference/core/*' --rc lcov_branch_coverage=1 -o $(REF_COV)/core.info
	$(Q)genhtml -q --branch-coverage -o $(REF_COV) $(REF_COV)/core.info
	$(Q)lcov --list $(REF_COV)/core.info --rc lcov_branch_coverage=1 | grep -v '^Reading'

# krsi-log: the demo of the 2019 talk as a tool; one static binary.
LOG_SRCS := $(wildcard reference/krsi-log/*.c)
LOG_BPF := $(filter %.bpf.c,$(LOG_SRCS))
LOG_OBJS := $(patsubst %.c,$(B)/obj/%.o,$(filter-out %.bpf.c,$(LOG_SRCS)))
$(LOG_BPF:%.c=$(B)/obj/%.o): $(wildcard reference/krsi-log/*.h) reference/core/frame.h reference/linux/uapi.h
$(B)/obj/reference/krsi-log/objects.o: reference/krsi-log/objects.S $(LOG_BPF:%.c=$(B)/obj/%.o)
	@mkdir -p $(@D)
	$(call say,AS,$<) $(CC) -DKRSI_OBJECT='"$(B)/obj/reference/krsi-log/krsi.bpf.o"' \
		-DLSM_OBJECT='"$(B)/obj/reference/krsi-log/lsm.bpf.o"' -c $< -o $@
$(B)/krsi-log: $(LOG_OBJS) $(B)/obj/reference/krsi-log/objects.o $(REF_CORE_OBJS)
	$(call say,LD,$@) $(CC) -static $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz
ALL += $(B)/krsi-log

# What it says and does in guests.
$(B)/log-payload: $(B)/obj/reference/krsi-log/tests/payload.o
	$(call say,LD,$@) $(CC) $(LDFLAGS) -static -o $@ $^
$(B)/log-check: $(B)/obj/reference/krsi-log/tests/log_check.o $(VM_OBJS)
	$(call say,LD,$@) $(CC) $(LDFLAGS) -o $@ $^ $(VM_LIBS)
ALL += $(B)/log-payload $(B)/log-check

# The LSM in a real kernel. `krsi test --kernel reference` finds what is built here.
FLAVOUR ?= plain
REF_TARBALL ?= /usr/src/linux-source-6.12.tar.xz
REF_CACHE := $(or $(KRSI_CACHE),$(if $(filter /%,$(XDG_CACHE_HOME)),$(XDG_CACHE_HOME)/krsi),$(HOME)/.cache/krsi)/reference
# the sources, and what a kernel build calls; ccache makes the second build quick
DEPS_REFERENCE := linux-source-6.12 bc bison flex libelf-dev pahole cpio xz-utils patch ccache

.PHONY: reference deps-reference
reference: ## build the reference kernel: FLAVOUR=plain, full, coverage, sanitizers, fuzz or fuzz-kasan
	$(Q)sh reference/linux/build.sh '$(FLAVOUR)' '$(REF_CACHE)' '$(REF_TARBALL)'

deps-reference: ## install what `make reference` needs (root)
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(DEPS_REFERENCE)

# What the suite reaches of both LSMs, each by its adapter.
.PHONY: coverage
coverage: all coverage-core ## line and branch coverage of the reference and of bpf_lsm.c by the suite
	$(Q)test -e '$(REF_CACHE)/coverage/bzImage' || $(MAKE) reference FLAVOUR=coverage
	$(Q)for i in krsi bpf-lsm; do \
		$(B)/krsi test --kernel reference-coverage --impl $$i --out $(B)/coverage/$$i --tests '$(TESTS)' $(WAIVE) || \
			echo 'coverage: the run was not clean; what it reached counts all the same'; done
	$(Q)sh reference/linux/coverage.sh '$(REF_CACHE)' $(B)/coverage/kernel $(B)/coverage/krsi $(B)/coverage/bpf-lsm
