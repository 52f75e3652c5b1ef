#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Writes the assembly that holds the given BPF objects and the table bpf_objects of named.c.
set -eu
echo '	.section .rodata'
for object; do
	name=$(basename "$object" .bpf.o)
	printf '	.balign 8\nstart_%s:\n	.incbin "%s"\nend_%s:\nname_%s:\n	.asciz "%s"\n' \
		"$name" "$object" "$name" "$name" "$name"
done
printf '	.section .data.rel.ro,"aw"\n	.balign 8\n	.globl bpf_objects\nbpf_objects:\n'
for object; do
	name=$(basename "$object" .bpf.o)
	printf '	.quad name_%s, start_%s, end_%s\n' "$name" "$name" "$name"
done
printf '	.quad 0, 0, 0\n	.section .note.GNU-stack,"",%%progbits\n'
