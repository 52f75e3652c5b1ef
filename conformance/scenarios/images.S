/* SPDX-License-Identifier: GPL-2.0-only */
/* The module of the scenarios (module.c) and the executable that deletes itself, as data. */
	.section .rodata
	.balign 8
	.globl module_template, module_template_end
module_template:
	.incbin MODULE_TEMPLATE
module_template_end:
	.globl self_delete_image, self_delete_image_end
self_delete_image:
	.incbin SELF_DELETE
self_delete_image_end:
	.section .note.GNU-stack,"",%progbits
