/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program may return on a hook that returns int, in a form that the verifier follows. */
#ifndef KRSI_BPF_VERDICT_H
#define KRSI_BPF_VERDICT_H

/* The verdict, or 0 where it is not in [-4095, 0]. */
static __attribute__((always_inline)) int verdict_in_range(__s64 verdict)
{
	asm volatile("" : "+r"(verdict));
	if (verdict > 0)
		return 0;
	asm volatile("" : "+r"(verdict));
	if (verdict < -4095)
		return 0;
	return verdict;
}

#endif
