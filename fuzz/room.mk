# SPDX-License-Identifier: GPL-2.0-only
# Fuzzing. A target is a file in targets/; each is built to replay inputs, and for AFL++ in three
# ways: plain (fast), san (ASan and UBSan), cmplog (tells the fuzzer what is compared with what).

FUZZ_TARGETS := $(basename $(notdir $(wildcard fuzz/targets/*.c)))

# What each needs besides its own file.
FUZZ_ENV := fuzz/env_input.c $(REF_CORE_SRCS)
# An archive: a target takes from it what it calls, and needs no library besides.
FUZZ_HOST := $(filter-out ci/main.c ci/cmd_%,$(CI_SRCS)) $(VM_SRCS) ci/tests/sample.c
FUZZ_HOST_TARGETS := stream splat results kernels waivers
FUZZ_SRCS_env_var := $(FUZZ_ENV)
FUZZ_SRCS_env_vars := $(FUZZ_ENV)
FUZZ_SRCS_chain := $(REF_CORE_SRCS)
FUZZ_SRCS_frame := $(REF_CORE_SRCS) reference/krsi-log/print.c

# ---- replay: no fuzzer needed; sanitized, with the project's own compiler --------------------
FUZZ_SAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_LIBS := -ljansson -linih -lcrypto -lpthread -lm

# $(1): flavour, $(2): compiler, $(3): its flags, $(4): variables for the compiler's process.
# Objects of a flavour; probe.S and report.css come along with the host's sources.
define fuzz_flavour
$(B)/fuzz/$(1)/obj/%.o: %.c Makefile fuzz/room.mk | $(B)/version.h
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1))) $(4) $(2) $(CPPFLAGS) -std=gnu11 -w -fno-strict-aliasing $(CFLAGS_ci) $(3) -MMD -MP -c $$< -o $$@
$(B)/fuzz/$(1)/obj/ci/html_style.o: ci/report.css
$(B)/fuzz/$(1)/obj/vm-images/kernels.o: vm-images/kernels.conf
$(B)/fuzz/$(1)/host.a: $(FUZZ_HOST:%.c=$(B)/fuzz/$(1)/obj/%.o) $(B)/obj/vm-images/probe.o
	$$(call say,AR,$$@) rm -f $$@ && $$(AR) rcs $$@ $$^
endef

# $(1): flavour, $(2): target, $(3): driver's source, or none, $(4): linking command, $(5): at its end.
define fuzz_binary
$(B)/fuzz/$(1)/$(2): $(patsubst %.c,$(B)/fuzz/$(1)/obj/%.o,fuzz/targets/$(2).c fuzz/target.c $(3) $(FUZZ_SRCS_$(2))) \
		$(if $(filter $(2),$(FUZZ_HOST_TARGETS)),$(B)/fuzz/$(1)/host.a)
	$$(call say,LD,$$@) $(4) $$^ -o $$@ $(if $(filter $(2),$(FUZZ_HOST_TARGETS)),$(FUZZ_LIBS)) $(5)
endef

$(eval $(call fuzz_flavour,replay,$(CC),$(FUZZ_SAN)))
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_binary,replay,$(t),fuzz/drivers/replay.c,$(CC) $(FUZZ_SAN))))
FUZZ_REPLAY := $(FUZZ_TARGETS:%=$(B)/fuzz/replay/%)

# ---- AFL++ ----------------------------------------------------------------------------------
AFL_CC ?= afl-clang-fast
AFL_FLAGS := -O2 -g
# plain is there to be fast: at fixed addresses, and without a library to call through, a target judges
# a tenth to a quarter more inputs
$(eval $(call fuzz_flavour,plain,$(AFL_CC),-O3 -g -fno-pie,AFL_QUIET=1))
$(eval $(call fuzz_flavour,san,$(AFL_CC),$(AFL_FLAGS),AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1))
$(eval $(call fuzz_flavour,cmplog,$(AFL_CC),$(AFL_FLAGS),AFL_QUIET=1 AFL_LLVM_CMPLOG=1))
# The driver runs while the fuzzer reads the map of edges: it must leave none there.
$(foreach f,plain san cmplog,$(B)/fuzz/$(f)/obj/fuzz/drivers/afl.o): fuzz/drivers/afl.c fuzz/drivers/forkserver.h fuzz/target.h
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CLANG) $(CPPFLAGS) -std=gnu11 -O2 -g -Wall -c $< -o $@
AFL_LINK_plain := AFL_QUIET=1 $(AFL_CC) -static -no-pie
AFL_LINK_san := AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 $(AFL_CC)
AFL_LINK_cmplog := AFL_QUIET=1 AFL_LLVM_CMPLOG=1 $(AFL_CC)
$(foreach f,plain san cmplog,$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_binary,$(f),$(t),fuzz/drivers/afl.c,$(AFL_LINK_$(f))))))
FUZZ_AFL := $(foreach f,plain san cmplog,$(FUZZ_TARGETS:%=$(B)/fuzz/$(f)/%))

# ---- libFuzzer, for ClusterFuzzLite and OSS-Fuzz, which say by what and how --------------------
ENGINE_CC ?= clang
ENGINE_LINK ?= $(ENGINE_CC)
ENGINE_FLAGS ?= -O1 -g -fsanitize=address,undefined,fuzzer-no-link
ENGINE ?= -fsanitize=fuzzer
$(eval $(call fuzz_flavour,engine,$(ENGINE_CC),$(ENGINE_FLAGS)))
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_binary,engine,$(t),,$(ENGINE_LINK) $(ENGINE_FLAGS),$(ENGINE))))
FUZZ_ENGINE := $(FUZZ_TARGETS:%=$(B)/fuzz/engine/%)

# ---- coverage of a corpus -------------------------------------------------------------------
$(eval $(call fuzz_flavour,cover,$(CC),-O0 -g --coverage))
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_binary,cover,$(t),fuzz/drivers/replay.c,$(CC) --coverage)))

# the fuzzer, with its compiler, and what plots
DEPS_FUZZ := afl++ clang llvm lcov gnuplot-nox

.PHONY: deps-fuzz fuzz-replay fuzz-afl fuzz-engine fuzz-cover
deps-fuzz: ## install what fuzzing needs (root)
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(DEPS_FUZZ)

fuzz-replay: $(FUZZ_REPLAY)
fuzz-afl: $(FUZZ_AFL)
fuzz-engine: $(FUZZ_ENGINE)
fuzz-cover: $(FUZZ_TARGETS:%=$(B)/fuzz/cover/%)

-include $(shell find $(B)/fuzz -name '*.d' 2>/dev/null)

FUZZ_SECONDS ?= 60
.PHONY: fuzz fuzz-host fuzz-guest
fuzz: ## fuzz each target for FUZZ_SECONDS, on the host and in a guest; fails on a finding
	$(Q)$(MAKE) --no-print-directory fuzz-host; rc=$$?; $(MAKE) --no-print-directory fuzz-guest && exit $$rc
fuzz-host: $(B)/krsi fuzz-replay fuzz-afl ## only those that run on the host
	$(Q)$(B)/krsi fuzz run --seconds $(FUZZ_SECONDS) || { rc=$$?; $(B)/krsi fuzz triage; exit $$rc; }
fuzz-guest: all fuzz-kernels ## only those that run in a guest
	$(Q)$(B)/krsi fuzz run --seconds $(FUZZ_SECONDS) $(FUZZ_GUEST) || \
		{ rc=$$?; $(B)/krsi fuzz triage $(FUZZ_GUEST); exit $$rc; }

# The kernels that the reference is fuzzed in, once.
.PHONY: fuzz-kernels
fuzz-kernels:
	$(Q)for f in fuzz fuzz-kasan; do \
		test -e '$(REF_CACHE)'/$$f/bzImage || $(MAKE) reference FLAVOUR=$$f || exit; done

.PHONY: fuzz-defects fuzz-defects-guest
fuzz-defects: ## how long the fuzzers take to find each seeded defect
	$(Q)sh fuzz/defects.sh $(B)
fuzz-defects-guest: all fuzz-kernels ## the same for defects in the kernel
	$(Q)sh fuzz/defects-guest.sh $(B) '$(REF_CACHE)'

# ---- targets in a guest ---------------------------------------------------------------------
# One program on the host, called as its target, and one agent in the guest.
FUZZ_GUEST := exec mainline sequence
# besides, for the tests of these: what is asked of it becomes of an input
FUZZ_FAULTY := faulty
FUZZ_AGENT := $(patsubst %,$(B)/obj/fuzz/guest/%.o,agent job $(FUZZ_GUEST) $(FUZZ_FAULTY))
FUZZ_PROXY := $(patsubst %,$(B)/obj/fuzz/guest/%.o,proxy hold keep seeds)
$(B)/obj/fuzz/guest/objects.o: fuzz/guest/objects.S $(B)/obj/conformance/bpf/env.bpf.o $(B)/obj/reference/krsi-log/lsm.bpf.o
	@mkdir -p $(@D)
	$(call say,AS,$<) $(CC) -DENV_OBJECT='"$(word 2,$^)"' -DLSM_OBJECT='"$(word 3,$^)"' -c $< -o $@
$(B)/fuzz/guest-agent: $(FUZZ_AGENT) $(B)/obj/fuzz/guest/objects.o $(REF_CORE_OBJS)
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) -static $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz
$(B)/fuzz/guest/exec: $(FUZZ_PROXY) $(VM_OBJS) | $(B)/fuzz/guest-agent $(B)/obj/conformance/harness/report $(B)/init
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(LDFLAGS) -o $@ $^ $(VM_LIBS)
$(B)/fuzz/guest/%: $(B)/fuzz/guest/exec
	@ln -f $< $@
ALL += $(patsubst %,$(B)/fuzz/guest/%,$(FUZZ_GUEST) $(FUZZ_FAULTY))

# Loaded by AFL++ for the target of that name: it changes inputs as what they are.
$(B)/fuzz/guest/sequence.so: fuzz/guest/operations.c fuzz/guest/operations.h fuzz/guest/input.h
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(CPPFLAGS) $(CFLAGS_ALL) -shared -fPIC -o $@ $<
ALL += $(B)/fuzz/guest/sequence.so

FUZZ_TESTS := $(patsubst %,$(B)/obj/fuzz/tests/%.o,test_operations)
$(B)/unit/fuzz: $(FUZZ_TESTS) $(B)/obj/fuzz/guest/operations.o
UNIT += $(B)/unit/fuzz
