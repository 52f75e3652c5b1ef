/* SPDX-License-Identifier: GPL-2.0-only */
	.section .rodata
	.balign 8
	.globl object, object_end
object:
	.incbin "monitor.bpf.o"
object_end:
	.section .note.GNU-stack, "", @progbits
