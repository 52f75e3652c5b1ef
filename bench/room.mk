# SPDX-License-Identifier: GPL-2.0-only
# krsi-bench: one static binary that measures in the guest; and the host's side of krsi bench.

BENCH_BPF_OBJS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard bench/bpf/*.bpf.c)) \
	$(B)/obj/conformance/bpf/hook.bpf.o $(B)/obj/conformance/bpf/krsi_hook.bpf.o
BENCH_GUEST_OBJS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard bench/guest/*.c conformance/adapters/*.c)) \
	$(B)/obj/conformance/adapters/hook_object.o $(B)/obj/conformance/harness/noop_image.o \
	$(B)/obj/bench/bpf/objects.o $(B)/obj/bench/guest/apparmor_policy.o $(REF_CORE_OBJS)

$(patsubst %.c,$(B)/obj/%.o,$(wildcard bench/bpf/*.bpf.c)): $(wildcard bench/bpf/*.h)

$(B)/obj/bench/bpf/objects.S: $(BENCH_BPF_OBJS) conformance/bpf/objects.sh
	@mkdir -p $(@D)
	$(call say,GEN,$@) sh conformance/bpf/objects.sh $(BENCH_BPF_OBJS) > $@

$(B)/obj/bench/bpf/objects.o: $(B)/obj/bench/bpf/objects.S
	$(call say,AS,$<) $(CC) -c $< -o $@

# AppArmor's profile, for the features of the oldest kernel; empty without a parser.
APPARMOR_ABI := /etc/apparmor.d/abi/kernel-5.4-vanilla
APPARMOR_PARSER := $(shell PATH=$$PATH:/usr/sbin:/sbin command -v apparmor_parser)
APPARMOR_PROFILE := $(B)/obj/bench/guest/profile$(if $(APPARMOR_PARSER),,-empty)
$(APPARMOR_PROFILE): bench/guest/profile.apparmor
	@mkdir -p $(@D)
	@rm -f $(@D)/profile $(@D)/profile-empty
	$(call say,GEN,$@) $(if $(APPARMOR_PARSER),$(APPARMOR_PARSER) -Q -K -S --policy-features=$(APPARMOR_ABI) \
		--kernel-features=$(APPARMOR_ABI) $< > $@,: > $@)
$(B)/obj/bench/guest/apparmor_policy.o: bench/guest/apparmor_policy.S $(APPARMOR_PROFILE)
	$(call say,AS,$<) $(CC) -DAPPARMOR_POLICY='"$(APPARMOR_PROFILE)"' -c $< -o $@

# An icount run depends on the bytes of this file: what does not matter for it is left out.
$(B)/krsi-bench: $(BENCH_GUEST_OBJS)
	$(call say,LD,$@) $(CC) -static -s $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz -ljansson -lpthread

ALL += $(B)/krsi-bench

BENCH_HOST_OBJS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard bench/host/*.c))

# Plots, and the parser that makes AppArmor's profile loadable.
DEPS_BENCH := gnuplot-nox apparmor
.PHONY: deps-bench
deps-bench: ## install what plots of `krsi bench` need (root)
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(DEPS_BENCH)

# Unit tests: the host's side, with what it uses of the command.
BENCH_TESTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard bench/tests/*.c))
$(B)/unit/bench: $(BENCH_TESTS) $(BENCH_HOST_OBJS) $(VM_OBJS) \
	$(patsubst %.c,$(B)/obj/%.o,$(filter-out ci/main.c,$(wildcard ci/*.c)) fuzz/campaign.c fuzz/findings.c)
UNIT_LIBS_bench = $(CI_LIBS) $(VM_LIBS)
UNIT += $(B)/unit/bench

BENCH_KERNELS ?= debian-6.1 debian-6.12 debian-7.3
.PHONY: bench bench-results
bench-results: all ## measure BENCH_KERNELS and the reference, and renew bench/RESULTS.md
	$(Q)sh bench/results.sh '$(B)' '$(B)/bench' $(BENCH_KERNELS) reference

bench: all ## measure KERNEL: instructions per exec, per hook, per record
	$(Q)$(B)/krsi bench --kernel '$(KERNEL)'

.PHONY: check-bench-cli
check-bench-cli: $(B)/krsi $(B)/krsi-bench $(B)/init
	$(Q)echo "== bench/tests/cli.sh"; sh bench/tests/cli.sh $(B)
check-unit: check-bench-cli
