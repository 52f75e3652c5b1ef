/* SPDX-License-Identifier: GPL-2.0-only */
/* The reporting executable as data, for this ABI and for its compat ABI. */
	.section .rodata
	.balign 8
	.globl report_image, report_image_end, report32_image, report32_image_end
report_image:
	.incbin REPORT_IMAGE
report_image_end:
	.balign 8
report32_image:
	.incbin REPORT32_IMAGE
report32_image_end:
	.section .note.GNU-stack,"",%progbits
