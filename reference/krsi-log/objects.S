/* SPDX-License-Identifier: GPL-2.0-only */
/* The compiled BPF objects, inside the binary: krsi-log is one file. */
	.section .rodata
	.balign 8
	.globl log_krsi_object, log_krsi_object_end, log_lsm_object, log_lsm_object_end
log_krsi_object:
	.incbin KRSI_OBJECT
log_krsi_object_end:
	.balign 8
log_lsm_object:
	.incbin LSM_OBJECT
log_lsm_object_end:
	.section .note.GNU-stack,"",%progbits
