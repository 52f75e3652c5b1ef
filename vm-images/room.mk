# SPDX-License-Identifier: GPL-2.0-only
# Kernels, initramfs, booting and watching. VM_OBJS and VM_LIBS go into build/krsi.

VM_INIT := vm-images/init.c vm-images/gcov_dump.c
VM_SRCS := $(filter-out $(VM_INIT),$(wildcard vm-images/*.c))
VM_OBJS := $(VM_SRCS:%.c=$(B)/obj/%.o) $(B)/obj/vm-images/probe.o
VM_LIBS := -larchive -lkmod -linih -lcrypto -ljansson
ALL += $(VM_OBJS)

# the names of kernels.conf are a part of the program
$(B)/obj/vm-images/kernels.o: vm-images/kernels.conf

$(B)/obj/vm-images/%.o: vm-images/%.S Makefile
	@mkdir -p $(@D)
	$(call say,AS,$<) $(CC) $(CPPFLAGS) -MMD -MP -c $< -o $@

# The guest's first process: static, since the initramfs holds no libraries.
ALL += $(B)/init
$(B)/init: $(VM_INIT:%.c=$(B)/obj/%.o)
	$(call say,LD,$@) $(CC) $(LDFLAGS) -static -o $@ $^

# Unit tests on the host.
VM_TESTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard vm-images/tests/*.c))
UNIT += $(B)/unit/vm-images
UNIT_LIBS_vm-images := $(VM_LIBS)
$(B)/unit/vm-images: $(VM_TESTS) $(VM_OBJS)

# Self-tests that boot guests: a payload that misbehaves, and what the watcher makes of it.
ALL += $(B)/guest-payload $(B)/guest-check
$(B)/guest-payload: $(B)/obj/vm-images/tests/guest/payload.o
	$(call say,LD,$@) $(CC) $(LDFLAGS) -static -o $@ $^
$(B)/guest-check: $(B)/obj/vm-images/tests/guest/guest_check.o $(VM_OBJS)
	$(call say,LD,$@) $(CC) $(LDFLAGS) -o $@ $^ $(VM_LIBS)

.PHONY: check-vm
check-vm: $(B)/guest-check $(B)/guest-payload $(B)/init ## boot guests that crash, hang or never start, and see what the watcher says
	$(Q)$(B)/guest-check '$(KERNEL)'
