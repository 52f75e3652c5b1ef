/* SPDX-License-Identifier: GPL-2.0-only */
	.section .rodata
	.balign 8
	.globl env_object, env_object_end
env_object:
	.incbin ENV_OBJECT
env_object_end:
	.balign 8
	.globl log_lsm_object, log_lsm_object_end
log_lsm_object:
	.incbin LSM_OBJECT
log_lsm_object_end:
	.section .note.GNU-stack,"",%progbits
