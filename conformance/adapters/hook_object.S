/* SPDX-License-Identifier: GPL-2.0-only */
/* The compiled BPF object, inside the binary: krsi-test is one file. */
	.section .rodata
	.balign 8
	.globl hook_object, hook_object_end
hook_object:
	.incbin HOOK_OBJECT
hook_object_end:
	.section .note.GNU-stack,"",%progbits
