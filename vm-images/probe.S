/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probe guest: firmware of a few hundred bytes that goes from reset through protected mode
 * into long mode with paging, works on memory, and ends QEMU through isa-debug-exit. A virtual
 * machine monitor that only pretends, or that cannot emulate one of the steps, does not get there.
 * It is mapped at 0xf0000 and entered at its first byte.
 */
#define BASE 0xf0000
#define PML4 0x1000
#define PDPT 0x2000
#define PD   0x3000
#define WORK 0x5000
#define LOOPS 1000000

	.section .rodata
	.global probe_code, probe_code_end
	.balign 16
probe_code:
	.code16
	cli
	movw	$(BASE >> 4), %ax
	movw	%ax, %ds
	lgdtl	gdtr - probe_code
	movl	%cr0, %eax
	orb	$1, %al			/* PE */
	movl	%eax, %cr0
	ljmpl	$0x08, $(BASE + protected - probe_code)

	.code32
protected:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	$PML4, %edi
	movl	$0xc00, %ecx
	cld
	rep stosl
	movl	$(PDPT | 3), PML4
	movl	$(PD | 3), PDPT
	movl	$0x83, PD		/* one page of 2 MiB, identity */
	movl	$PML4, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	orl	$0x100, %eax		/* LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax	/* PG */
	movl	%eax, %cr0
	ljmpl	$0x18, $(BASE + long_mode - probe_code)

	.code64
long_mode:
	movq	$0, WORK
	movl	$LOOPS, %ecx
1:	addq	%rcx, WORK
	decl	%ecx
	jnz	1b
	movabsq	$(LOOPS * (LOOPS + 1) / 2), %rax
	cmpq	%rax, WORK
	movb	$0x2a, %al		/* QEMU's exit code: 2 * 0x2a + 1 */
	je	2f
	movb	$0x2b, %al
2:	outb	%al, $0xf4
3:	hlt
	jmp	3b

	.balign 8
gdt:	.quad	0
	.quad	0x00cf9a000000ffff	/* 0x08: code, 32 bit */
	.quad	0x00cf92000000ffff	/* 0x10: data */
	.quad	0x00af9a000000ffff	/* 0x18: code, 64 bit */
gdtr:	.word	gdtr - gdt - 1
	.long	BASE + gdt - probe_code
probe_code_end:

	.section .note.GNU-stack, "", @progbits
