/* SPDX-License-Identifier: GPL-2.0-only */
/* The compiled profile as data. */
	.section .rodata
	.balign 8
	.globl apparmor_policy, apparmor_policy_end
apparmor_policy:
	.incbin APPARMOR_POLICY
apparmor_policy_end:
	.section .note.GNU-stack,"",%progbits
