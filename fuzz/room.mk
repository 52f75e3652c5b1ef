# SPDX-License-Identifier: GPL-2.0-only
# Fuzzing. A target is a file in targets/; each is built to replay inputs, and for AFL++ in three
# ways: plain (fast), san (ASan and UBSan), cmplog (tells the fuzzer what is compared with what).

FUZZ_TARGETS := $(basename $(notdir $(wildcard fuzz/targets/*.c)))

# What each needs besides its own file.
FUZZ_ENV := fuzz/env_input.c $(REF_CORE_SRCS)
FUZZ_HOST := $(filter-out ci/main.c,$(CI_SRCS)) $(VM_SRCS) ci/tests/sample.c
FUZZ_SRCS_env_var := $(FUZZ_ENV)
FUZZ_SRCS_env_vars := $(FUZZ_ENV)
FUZZ_SRCS_chain := $(REF_CORE_SRCS)
FUZZ_SRCS_frame := $(REF_CORE_SRCS) reference/krsi-log/print.c
FUZZ_SRCS_stream := $(FUZZ_HOST)
FUZZ_SRCS_splat := $(FUZZ_HOST)
FUZZ_SRCS_results := $(FUZZ_HOST)
FUZZ_SRCS_kernels := $(FUZZ_HOST)
FUZZ_SRCS_waivers := $(FUZZ_HOST)

# ---- replay: no fuzzer needed; sanitized, with the project's own compiler --------------------
FUZZ_SAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_LIBS := $(CI_LIBS) $(VM_LIBS)

# $(1): flavour, $(2): compiler, $(3): its flags, $(4): variables for the compiler's process.
# Objects of a flavour; probe.S and report.css come along with the host's sources.
define fuzz_flavour
$(B)/fuzz/$(1)/obj/%.o: %.c Makefile fuzz/room.mk | $(B)/version.h
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1))) $(4) $(2) $(CPPFLAGS) -std=gnu11 -w -fno-strict-aliasing $(CFLAGS_ci) $(3) -MMD -MP -c $$< -o $$@
$(B)/fuzz/$(1)/obj/ci/html_style.o: ci/report.css
endef

# $(1): flavour, $(2): target, $(3): driver's source, $(4): linking command.
define fuzz_binary
$(B)/fuzz/$(1)/$(2): $(patsubst %.c,$(B)/fuzz/$(1)/obj/%.o,fuzz/targets/$(2).c fuzz/target.c $(3) $(FUZZ_SRCS_$(2))) \
		$(if $(filter ci/%,$(FUZZ_SRCS_$(2))),$(B)/obj/vm-images/probe.o)
	$$(call say,LD,$$@) $(4) $$^ -o $$@ $(if $(filter ci/%,$(FUZZ_SRCS_$(2))),$(FUZZ_LIBS))
endef

$(eval $(call fuzz_flavour,replay,$(CC),$(FUZZ_SAN)))
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_binary,replay,$(t),fuzz/drivers/replay.c,$(CC) $(FUZZ_SAN))))
FUZZ_REPLAY := $(FUZZ_TARGETS:%=$(B)/fuzz/replay/%)

# ---- AFL++ ----------------------------------------------------------------------------------
AFL_CC ?= afl-clang-fast
AFL_FLAGS := -O2 -g
$(eval $(call fuzz_flavour,plain,$(AFL_CC),$(AFL_FLAGS),AFL_QUIET=1))
$(eval $(call fuzz_flavour,san,$(AFL_CC),$(AFL_FLAGS),AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1))
$(eval $(call fuzz_flavour,cmplog,$(AFL_CC),$(AFL_FLAGS),AFL_QUIET=1 AFL_LLVM_CMPLOG=1))
AFL_LINK_plain := AFL_QUIET=1 $(AFL_CC)
AFL_LINK_san := AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 $(AFL_CC)
AFL_LINK_cmplog := AFL_QUIET=1 AFL_LLVM_CMPLOG=1 $(AFL_CC)
$(foreach f,plain san cmplog,$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_binary,$(f),$(t),fuzz/drivers/afl.c,$(AFL_LINK_$(f))))))
FUZZ_AFL := $(foreach f,plain san cmplog,$(FUZZ_TARGETS:%=$(B)/fuzz/$(f)/%))

# ---- coverage of a corpus -------------------------------------------------------------------
$(eval $(call fuzz_flavour,cover,$(CC),-O0 -g --coverage))
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_binary,cover,$(t),fuzz/drivers/replay.c,$(CC) --coverage)))

# the fuzzer, with its compiler, and what plots
DEPS_FUZZ := afl++ clang llvm lcov gnuplot-nox

.PHONY: deps-fuzz fuzz-replay fuzz-afl fuzz-cover
deps-fuzz: ## install what fuzzing needs (root)
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(DEPS_FUZZ)

fuzz-replay: $(FUZZ_REPLAY)
fuzz-afl: $(FUZZ_AFL)
fuzz-cover: $(FUZZ_TARGETS:%=$(B)/fuzz/cover/%)

-include $(shell find $(B)/fuzz -name '*.d' 2>/dev/null)

FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: $(B)/krsi fuzz-replay fuzz-afl ## fuzz each target for FUZZ_SECONDS; fails on a finding
	$(Q)$(B)/krsi fuzz run --seconds $(FUZZ_SECONDS) || { rc=$$?; $(B)/krsi fuzz triage; exit $$rc; }
