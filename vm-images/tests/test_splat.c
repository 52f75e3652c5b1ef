// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include "vm-images/mem.h"
#include "vm-images/splat.h"
#include "vm-images/tests/util.h"

static const struct {
	const char *line;
	enum splat_kind kind;
} lines[] = {
	{ "Kernel panic - not syncing: sysrq triggered crash", SPLAT_PANIC },
	{ "BUG: kernel NULL pointer dereference, address: 0000000000000008", SPLAT_OOPS },
	{ "BUG: unable to handle page fault for address: ffffc90000000000", SPLAT_OOPS },
	{ "BUG: scheduling while atomic: krsi-test/88/0x00000002", SPLAT_OOPS },
	{ "BUG: sleeping function called from invalid context at mm/slab.h:1", SPLAT_OOPS },
	{ "Oops: int3: 0000 [#1] SMP NOPTI", SPLAT_OOPS },
	{ "Oops: 0002 [#1] PREEMPT SMP", SPLAT_OOPS },
	{ "general protection fault, probably for non-canonical address 0x1: 0000 [#1]",
	  SPLAT_OOPS },
	{ "kernel BUG at fs/inode.c:1!", SPLAT_OOPS },
	{ "BUG: KASAN: slab-out-of-bounds in foo+0x1/0x2", SPLAT_SANITIZER },
	{ "BUG: KFENCE: use-after-free read in foo+0x1/0x2", SPLAT_SANITIZER },
	{ "BUG kmalloc-64 (Tainted: G    B): Redzone overwritten", SPLAT_SANITIZER },
	{ "UBSAN: shift-out-of-bounds in lib/x.c:1:2", SPLAT_SANITIZER },
	{ "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [krsi-test:88]", SPLAT_LOCKUP },
	{ "NMI watchdog: Watchdog detected hard LOCKUP on cpu 0", SPLAT_LOCKUP },
	{ "watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 0", SPLAT_LOCKUP },
	{ "BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0", SPLAT_LOCKUP },
	{ "rcu: INFO: rcu_sched self-detected stall on CPU", SPLAT_STALL },
	{ "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {", SPLAT_STALL },
	{ "INFO: rcu_tasks detected stalls on tasks:", SPLAT_STALL },
	{ "INFO: task krsi-test:88 blocked for more than 30 seconds.", SPLAT_HUNG },
	{ "WARNING: possible circular locking dependency detected", SPLAT_LOCKDEP },
	{ "WARNING: inconsistent lock state", SPLAT_LOCKDEP },
	{ "WARNING: suspicious RCU usage", SPLAT_LOCKDEP },
	{ "[ BUG: Invalid wait context ]", SPLAT_LOCKDEP },
	{ "BUG: lockdep turned itself off", SPLAT_LOCKDEP },
	/* before 6.19, and since */
	{ "WARNING: CPU: 0 PID: 88 at kernel/bpf/x.c:12 foo+0x1/0x2", SPLAT_WARN },
	{ "WARNING: kernel/bpf/x.c:12 at foo+0x1/0x2, CPU#0: krsi-test/88", SPLAT_WARN },
	{ "WARNING: at foo+0x1/0x2, CPU#0: krsi-test/88", SPLAT_WARN },
	{ "krsi-test invoked oom-killer: gfp_mask=0x1(X), order=0", SPLAT_OOM },
	{ "Out of memory: Killed process 88 (krsi-test)", SPLAT_OOM },
	/* what only looks like one */
	{ "Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on", SPLAT_NONE },
	{ "WARNING: Spectre v2 mitigation leaves it vulnerable", SPLAT_NONE },
	{ "traps: sh[9] general protection fault ip:1 sp:2 error:0", SPLAT_NONE },
	{ "krsi-test[88]: segfault at 0 ip 1 sp 2 error 4", SPLAT_NONE },
	{ "INFO: NMI handler took too long to run: 24.331 msecs", SPLAT_NONE },
	{ "BUG", SPLAT_NONE },
	{ "", SPLAT_NONE },
};

Test(splat, first_lines)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_expect_eq(splat_classify(lines[i].line), lines[i].kind, "%s: %s", lines[i].line,
			     splat_kind_name(splat_classify(lines[i].line)));
}

Test(splat, prefix_of_printk)
{
	static const struct {
		const char *line, *text;
		double at;
	} cases[] = {
		{ "[    1.234567] hello", "hello", 1.234567 },
		{ "[  123.000001][   T88] hello", "hello", 123.000001 },
		{ "[  123.000001][    C0] hello", "hello", 123.000001 },
		{ "user text[    2.000000] hello", "hello", 2 },
		{ "[x] [    2.000000] hello", "hello", 2 },
		{ "[    2.000000]", "", 2 },
		{ "[    2.000000]   two blanks", "  two blanks", 2 },
		{ "hello", NULL, 0 },
		{ "[12] hello", NULL, 0 },
		{ "[1.5] hello", NULL, 0 },
		{ "[    1.234567", NULL, 0 },
		{ "[99999999999999999999.123456] hello", NULL, 0 },
		{ "[1e5.234567] hello", NULL, 0 },
		{ "[[[[[[[[[", NULL, 0 },
		{ "", NULL, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double at = 0;
		const char *text = splat_strip(cases[i].line, &at);

		if (!cases[i].text) {
			cr_expect_null(text, "%s", cases[i].line);
			continue;
		}
		cr_assert(text, "%s", cases[i].line);
		cr_expect_str_eq(text, cases[i].text);
		cr_expect_float_eq(at, cases[i].at, 1e-9);
	}
}

static void feed(struct splats *s, const char *text)
{
	char *copy = xstrdup(text), *save = NULL;

	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		splats_line(s, l, false);
	free(copy);
}

Test(splat, one_oops_is_one_accident_and_its_panic_another)
{
	struct splats s = { 0 };

	feed(&s, "[    3.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
		 "[    3.000001] #PF: supervisor read access in kernel mode\n"
		 "what a process printed in between\n"
		 "[    3.000002] Oops: 0000 [#1] PREEMPT SMP\n"
		 "[    3.000003] RIP: 0010:foo+0x1/0x2\n"
		 "[    3.000004] ---[ end trace 0000000000000000 ]---\n"
		 "[    3.000005] Modules linked in:\n"
		 "[    3.000006] Kernel panic - not syncing: Fatal exception\n"
		 "[    3.000007] ---[ end Kernel panic - not syncing: Fatal exception ]---\n");
	cr_assert_eq(s.n, 2);
	cr_expect_eq(s.v[0].kind, SPLAT_OOPS);
	cr_expect_eq(s.v[0].line, 1);
	cr_expect(strstr(s.v[0].text, "\nRIP: 0010:foo"));
	cr_expect_null(strstr(s.v[0].text, "process"));
	cr_expect_null(strstr(s.v[0].text, "Modules"));
	cr_expect_eq(s.v[1].kind, SPLAT_PANIC);
	splats_free(&s);
}

Test(splat, silence_ends_one_without_an_end_mark)
{
	struct splats s = { 0 };

	feed(&s, "[    3.000000] INFO: task a:1 blocked for more than 30 seconds.\n"
		 "[    3.100000] Call Trace:\n"
		 "[    4.000000] loop: module loaded\n");
	cr_assert_eq(s.n, 1);
	cr_expect_null(strstr(s.v[0].text, "loop"));
	splats_free(&s);
}

Test(splat, processes_cannot_make_one)
{
	struct splats s = { 0 };

	feed(&s, "BUG: KASAN: fake\nKernel panic - not syncing: fake\n");
	cr_expect_eq(s.n, 0);
	splats_free(&s);
}

Test(splat, a_sanitizers_report_stands_between_rules)
{
	struct splats s = { 0 };

	feed(&s,
	     "[    3.000000] ==================================================================\n"
	     "[    3.000000] BUG: KASAN: slab-out-of-bounds in foo+0x1/0x2\n"
	     "[    3.000000] Read of size 8\n"
	     "[    3.000000] ==================================================================\n"
	     "[    3.000000] Disabling lock debugging due to kernel taint\n");
	cr_assert_eq(s.n, 1);
	cr_expect_null(strstr(s.v[0].text, "Disabling"));
	splats_free(&s);
}

Test(splat, a_flood_is_bounded)
{
	struct splats s = { 0 };
	char *line = xcalloc(1 << 16, 1);
	size_t bytes = 0;

	strcpy(line, "[    3.000000] ");
	memset(line + 15, 'x', (1 << 16) - 16);
	for (int i = 0; i < 1000; i++) {
		splats_line(&s, "[    3.000000] WARNING: CPU: 0 PID: 1 at x", false);
		for (int j = 0; j < 5; j++)
			splats_line(&s, line, false);
	}
	feed(&s, "[    3.000000] BUG: last\n");
	for (int j = 0; j < 10000; j++)
		splats_line(&s, line, false);
	cr_expect_eq(s.n, SPLATS_MAX);
	cr_expect_eq(s.dropped, 1001 - SPLATS_MAX);
	for (size_t i = 0; i < s.n; i++)
		bytes += strlen(s.v[i].text);
	cr_expect_lt(bytes, (size_t)SPLATS_MAX * SPLAT_LINES_MAX * (SPLAT_LINE_BYTES + 1));
	splats_free(&s);
	feed(&s, "[    3.000000] BUG: one\n");
	for (int j = 0; j < 10000; j++)
		splats_line(&s, line, false);
	cr_assert_eq(s.n, 1);
	cr_expect_leq(strlen(s.v[0].text), (size_t)SPLAT_LINES_MAX * (SPLAT_LINE_BYTES + 1));
	splats_free(&s);
	free(line);
}
