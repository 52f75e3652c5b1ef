/* SPDX-License-Identifier: GPL-2.0-only */
/* The no-op executable as data, so that the subject can write it where it needs it. */
	.section .rodata
	.balign 8
	.globl noop_image, noop_image_end
noop_image:
	.incbin NOOP_IMAGE
noop_image_end:
	.section .note.GNU-stack,"",%progbits
