# SPDX-License-Identifier: GPL-2.0-only
# One command per use; `make help` lists them. Each room adds its parts in <room>/room.mk.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# ---- what a user may set --------------------------------------------------------------------
KERNEL   ?= debian-6.1
IMPL     ?= bpf-lsm
TESTS    ?= *
WAIVERS  ?= ci/waivers.conf
# with all drivers: the cloud flavour, which boots sooner, lacks what a few hooks need
KERNELS  ?= debian-5.10-full debian-6.1-full debian-6.12-full debian-6.18-full debian-7.3-full
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
CLANG    ?= clang
LLVM_STRIP ?= llvm-strip
V        ?= 0

B        := build
VERSION  := 0.1.0
WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter -Wno-format-truncation
CPPFLAGS := -D_GNU_SOURCE -I.
CFLAGS   ?= -O2 -g
CFLAGS_ALL := -std=gnu11 $(WARN) $(CFLAGS) -fno-strict-aliasing

# known defects of stock kernels do not make a run red; WAIVERS= judges without mercy
WAIVE := $(if $(WAIVERS),--waivers '$(WAIVERS)')

# ---- quiet by default -----------------------------------------------------------------------
ifeq ($(V),1)
Q :=
say :=
else
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(2)';
endif

# ---- packages: why each is needed -----------------------------------------------------------
# compilers and the tools that a build calls
DEPS += make gcc libc6-dev git clang llvm clang-format pkg-config
# libraries of the host command: JSON, archives, module graph, XML and HTML, INI, SHA-256
DEPS += libjansson-dev libarchive-dev libkmod-dev libxml2-dev libinih-dev libssl-dev
# the BPF side: loader library with its static dependencies
DEPS += libbpf-dev libelf-dev zlib1g-dev
# kernel headers of the guest's system calls that the triggers use
DEPS += libcap-dev libkeyutils-dev liburing-dev libseccomp-dev libmnl-dev linux-libc-dev
# running: the machine emulator, module index, the shell of `krsi vm`, archive keys
DEPS += qemu-system-x86 kmod busybox-static debian-archive-keyring ca-certificates xz-utils
# testing the suite itself
DEPS += libcriterion-dev lcov python3-jsonschema

ROOMS := vm-images reference conformance bench ci fuzz
ALL :=
UNIT :=
CLEAN :=
include $(foreach r,$(ROOMS),$(wildcard $(r)/room.mk))

.PHONY: all help deps check check-unit conformance matrix format format-check clean install deb
all: $(ALL) ## build everything

# ---- one rule for each kind of object -------------------------------------------------------
# An object is compiled with the flags of its room: CFLAGS_<room>, LIBS_<room>.
room_of = $(firstword $(subst /, ,$(1)))
$(B)/obj/%.o: %.c Makefile | $(B)/version.h
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(CFLAGS_$(call room_of,$<)) -MMD -MP -c $< -o $@

# The version, for every binary; rewritten only where it changed. Where there is no git, COMMIT says.
$(B)/version.h: FORCE
	@mkdir -p $(@D)
	@printf '#define KRSI_VERSION "%s"\n#define KRSI_COMMIT "%s"\n#define KRSI_DIRTY %s\n' '$(VERSION)' \
		"$${COMMIT:-$$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)}" \
		"$$(test -n "$$COMMIT" || test -z "$$(git status --porcelain 2>/dev/null)" && echo 0 || echo 1)" > $@.tmp
	@cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
FORCE:

# Unit tests: each room links its tests with UNIT_OBJS_<room> into one Criterion program.
$(B)/unit/%:
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(LDFLAGS) -o $@ $^ $(UNIT_LIBS_$*) -lcriterion

check-unit: all $(UNIT) ## unit tests on the host (Criterion)
	$(Q)set -e; for t in $(UNIT); do echo "== $$t"; $$t --quiet; done

# Each script ends with `N passed, N failed`: the command line, and self-tests that boot guests.
SELFTESTS := $(wildcard ci/tests/cli.sh ci/tests/mutants.sh bench/tests/cli.sh \
	ci/tests/selftest*.sh vm-images/tests/selftest*.sh \
	conformance/tests/selftest*.sh reference/tests/selftest*.sh fuzz/tests/selftest*.sh \
	bench/tests/selftest*.sh)

check: all $(UNIT) ## all tests of the project itself, and a conformance run
	$(Q)B='$(B)' KERNEL='$(KERNEL)' SELFTESTS='$(SELFTESTS)' sh ci/check.sh

deps: ## install what is needed (the only target that needs root)
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(DEPS)

conformance: all ## the main job: boot KERNEL and hold IMPL against the promises
	$(Q)$(B)/krsi test --kernel '$(KERNEL)' --impl '$(IMPL)' --tests '$(TESTS)' $(WAIVE)

MATRIX := $(B)/results/matrix
matrix: all ## the main job on every kernel of KERNELS, and a table of them
	$(Q)rc=0; rm -rf $(MATRIX); for k in $(KERNELS); do \
		$(B)/krsi test --kernel $$k --impl '$(IMPL)' --tests '$(TESTS)' --strict $(WAIVE) --out $(MATRIX)/$$k || rc=$$?; done; \
		$(B)/krsi report --format table $(MATRIX)/*/; exit $$rc

.PHONY: defects
defects: all ## the reproducers of known defects, on every kernel of KERNELS
	$(Q)rc=0; for k in $(KERNELS); do $(B)/krsi defects --kernel $$k || rc=$$?; done; exit $$rc

# bin/krsi finds its parts in lib/krsi beside it.
PREFIX ?= /usr/local
INSTALL = install -D -m
install: all ## copy what was built to DESTDIR and PREFIX
	$(Q)set -e; p='$(DESTDIR)$(PREFIX)'; \
		$(INSTALL) 755 $(B)/krsi "$$p/bin/krsi"; \
		for f in krsi-test krsi-bench krsi-log krsi-defects init; do $(INSTALL) 755 $(B)/$$f "$$p/lib/krsi/$$f"; done; \
		for f in krsi-test krsi-log; do ln -sf ../lib/krsi/$$f "$$p/bin/$$f"; done; \
		$(INSTALL) 644 ci/waivers.conf "$$p/share/krsi/waivers.conf"; \
		$(INSTALL) 644 vm-images/kernels.conf "$$p/share/krsi/kernels.conf"; \
		for f in docs/schemas/*.json; do $(INSTALL) 644 $$f "$$p/share/krsi/schemas/$${f##*/}"; done; \
		for f in docs/man/*; do $(INSTALL) 644 $$f "$$p/share/man/man$${f##*.}/$${f##*/}"; done; \
		$(INSTALL) 644 docs/completion.bash "$$p/share/bash-completion/completions/krsi"; \
		echo "installed below $$p"

# The package is built from what is committed, in a place of its own; it ends in build/deb/.
deb: ## a Debian package, in build/deb/
	$(Q)rm -rf build/deb && mkdir -p build/deb/krsi-$(VERSION)
	$(Q)git archive HEAD | tar -x -C build/deb/krsi-$(VERSION)
	$(Q)cd build/deb/krsi-$(VERSION) && COMMIT=$$(git rev-parse --short=12 HEAD) dpkg-buildpackage -b -us -uc
	$(Q)ls build/deb/*.deb

SOURCES = $(shell git ls-files '*.c' '*.h')
format: ## rewrite the sources in the project's style
	$(Q)clang-format -i $(SOURCES)

format-check: ## fail where a source is not in the project's style
	$(Q)clang-format --dry-run --Werror $(SOURCES)

clean: ## remove what was built (not the cache of kernels)
	$(Q)rm -rf $(B) $(CLEAN)

help: ## this list, with the current values
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort -u | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | \
		while IFS="$$(printf '\t')" read -r t d; do printf '  make %-14s %s\n' "$$t" "$$d"; done
	@printf '\n  KERNEL=%s  IMPL=%s  TESTS=%s  WAIVERS=%s\n  KERNELS=%s\n' '$(KERNEL)' '$(IMPL)' '$(TESTS)' \
		'$(WAIVERS)' '$(KERNELS)'

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
