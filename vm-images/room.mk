# SPDX-License-Identifier: GPL-2.0-only
# Kernels, initramfs, booting and watching. VM_OBJS and VM_LIBS go into build/krsi.

VM_SRCS := $(filter-out vm-images/init.c,$(wildcard vm-images/*.c))
VM_OBJS := $(VM_SRCS:%.c=$(B)/obj/%.o)
VM_LIBS := -larchive -lkmod -linih -lcrypto
