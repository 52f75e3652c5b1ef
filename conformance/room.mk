# SPDX-License-Identifier: GPL-2.0-only
# krsi-test: one static binary that runs in the guest and on any live machine.

CONF_SRCS := $(wildcard conformance/harness/*.c conformance/adapters/*.c conformance/hooks/*.c \
	conformance/semantics/*.c conformance/neutral/*.c conformance/scenarios/*.c \
	conformance/spec/*.c conformance/doctor/*.c)
CONF_SRCS := $(filter-out conformance/harness/noop.c conformance/harness/report.c \
	conformance/scenarios/hiding_module.c conformance/scenarios/self_delete.c \
	$(wildcard conformance/scenarios/*.bpf.c),$(CONF_SRCS))
CONF_OBJS := $(CONF_SRCS:%.c=$(B)/obj/%.o) $(B)/obj/conformance/adapters/hook_object.o \
	$(B)/obj/conformance/harness/noop_image.o $(B)/obj/conformance/harness/report_image.o \
	$(B)/obj/conformance/bpf/objects.o $(B)/obj/conformance/scenarios/images.o \
	$(REF_CORE_OBJS)

# Where <asm/types.h> lies, which clang looks for only for the host's own code.
BPF_ARCH_INCLUDE := /usr/include/$(shell $(CC) -print-multiarch)

# One BPF object for all hooks; no kernel headers: it brings the few types that it reads.
$(B)/obj/%.bpf.o: %.bpf.c $(wildcard conformance/bpf/*.h conformance/scenarios/*.h)
	@mkdir -p $(@D)
	$(call say,BPF,$<) $(CLANG) -target bpf -O2 -g -Wall -Werror -Iconformance/bpf -I. \
		-idirafter $(BPF_ARCH_INCLUDE) -c $< -o $@.tmp && \
		$(LLVM_STRIP) -g $@.tmp && mv $@.tmp $@

$(B)/obj/conformance/harness/noop: conformance/harness/noop.c
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) -Os -static -nostdlib -fno-stack-protector -Wl,--build-id=none -s $< -o $@

$(B)/obj/conformance/adapters/hook_object.o: conformance/adapters/hook_object.S $(B)/obj/conformance/bpf/hook.bpf.o
	@mkdir -p $(@D)
	$(call say,AS,$<) $(CC) -DHOOK_OBJECT='"$(B)/obj/conformance/bpf/hook.bpf.o"' -c $< -o $@

# The objects whose programs tests load by name, inside the binary, with a table of their names.
BPF_NAMED := $(filter-out conformance/bpf/hook.bpf.c,$(wildcard conformance/bpf/*.bpf.c)) \
	$(wildcard conformance/scenarios/*.bpf.c)
BPF_NAMED_OBJS := $(BPF_NAMED:%.c=$(B)/obj/%.o)

$(B)/obj/conformance/bpf/objects.S: $(BPF_NAMED_OBJS) conformance/bpf/objects.sh
	@mkdir -p $(@D)
	$(call say,GEN,$@) sh conformance/bpf/objects.sh $(BPF_NAMED_OBJS) > $@

$(B)/obj/conformance/bpf/objects.o: $(B)/obj/conformance/bpf/objects.S
	$(call say,AS,$<) $(CC) -c $< -o $@

$(B)/obj/conformance/harness/noop_image.o: conformance/harness/noop_image.S $(B)/obj/conformance/harness/noop
	@mkdir -p $(@D)
	$(call say,AS,$<) $(CC) -DNOOP_IMAGE='"$(B)/obj/conformance/harness/noop"' -c $< -o $@

# The reporting executable, and the same for the compat ABI.
FREESTANDING := -Os -static -nostdlib -ffreestanding -fno-stack-protector -fno-pic -no-pie \
	-fno-asynchronous-unwind-tables -fcf-protection=none -Wl,--build-id=none,-z,noexecstack -s
$(B)/obj/conformance/harness/report: conformance/harness/report.c
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(FREESTANDING) $< -o $@
$(B)/obj/conformance/harness/report32: conformance/harness/report.c
	@mkdir -p $(@D)
	$(call say,CC,$< (compat)) $(CC) -m32 $(FREESTANDING) \
		-idirafter $(BPF_ARCH_INCLUDE) $< -o $@
$(B)/obj/conformance/harness/report_image.o: conformance/harness/report_image.S \
		$(B)/obj/conformance/harness/report $(B)/obj/conformance/harness/report32
	$(call say,AS,$<) $(CC) -DREPORT_IMAGE='"$(B)/obj/conformance/harness/report"' \
		-DREPORT32_IMAGE='"$(B)/obj/conformance/harness/report32"' -c $< -o $@

# The scenarios' kernel module, built without kernel headers (module.c fits it to the running
# kernel), and the executable that deletes its own file.
KERNEL_CODE := -O2 -ffreestanding -mcmodel=kernel -mno-red-zone -mno-sse -fno-pic -fno-common \
	-fno-stack-protector -fcf-protection=branch -fno-asynchronous-unwind-tables -fno-jump-tables
$(B)/obj/conformance/scenarios/hiding_module.o: conformance/scenarios/hiding_module.c
	@mkdir -p $(@D)
	$(call say,CC,$< (kernel)) $(CC) -std=gnu11 $(WARN) $(KERNEL_CODE) -c $< -o $@
$(B)/obj/conformance/scenarios/self_delete: conformance/scenarios/self_delete.c
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(FREESTANDING) $< -o $@
$(B)/obj/conformance/scenarios/images.o: conformance/scenarios/images.S \
		$(B)/obj/conformance/scenarios/hiding_module.o $(B)/obj/conformance/scenarios/self_delete
	$(call say,AS,$<) $(CC) -DMODULE_TEMPLATE='"$(B)/obj/conformance/scenarios/hiding_module.o"' \
		-DSELF_DELETE='"$(B)/obj/conformance/scenarios/self_delete"' -c $< -o $@

$(B)/krsi-test: $(CONF_OBJS)
	$(call say,LD,$@) $(CC) -static $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz -ljansson -lpthread

ALL += $(B)/krsi-test

# The reproducers of defects: each is a program, and all are in one binary for the guest.
DEFECTS := $(patsubst conformance/defects/%.c,%,$(filter-out conformance/defects/run.c,$(wildcard \
	conformance/defects/*.c)))
DEFECT_OBJS := $(DEFECTS:%=$(B)/obj/conformance/defects/%.o)
$(DEFECT_OBJS): $(B)/obj/conformance/defects/%.o: conformance/defects/%.c conformance/defects/defect.h
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CPPFLAGS) $(CFLAGS_ALL) -Iconformance/defects \
		-Dmain=defect_$(subst -,_,$*) -Wno-missing-prototypes -c $< -o $@
$(B)/obj/conformance/defects/table.c: conformance/defects/table.sh $(DEFECTS:%=conformance/defects/%.c)
	@mkdir -p $(@D)
	$(call say,GEN,$@) sh conformance/defects/table.sh $(DEFECTS) > $@
$(B)/obj/conformance/defects/table.o: $(B)/obj/conformance/defects/table.c
	$(call say,CC,$<) $(CC) $(CFLAGS_ALL) -c $< -o $@
$(B)/krsi-defects: $(DEFECT_OBJS) $(B)/obj/conformance/defects/table.o \
		$(B)/obj/conformance/defects/run.o $(B)/obj/conformance/hooks/ext2_image.o
	$(call say,LD,$@) $(CC) -static $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz
ALL += $(B)/krsi-defects

# The unit tests link everything but main: the linker sections hold the whole catalogue.
CONF_TESTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard conformance/tests/test_*.c))
$(B)/unit/conformance: $(CONF_TESTS) $(filter-out %/main.o,$(CONF_OBJS))
UNIT_LIBS_conformance := -lbpf -lelf -lz -ljansson -lpthread
UNIT += $(B)/unit/conformance
