// SPDX-License-Identifier: GPL-2.0-only
/* The console of a guest: what is kept of it is bounded and printable, and tells its place. */
#include <string.h>

#include "fuzz/target.h"
#include "vm-images/lines.h"
#include "vm-images/splat.h"

#define LINE_MAX_BYTES 4096

static void on_line(void *ctx, const char *text, size_t len, unsigned int flaws)
{
	splats_line(ctx, text, false);
}

static void check_splat(const struct splats *s, size_t i)
{
	const struct splat *p = &s->v[i];
	size_t lines = 1;

	if (p->kind <= SPLAT_NONE || p->kind > SPLAT_OOM || !*splat_kind_name(p->kind))
		fuzz_fail("kind %d", p->kind);
	if (!p->line || p->line > s->lines || (i && p->line <= p[-1].line))
		fuzz_fail("accident %zu begins in line %zu", i, p->line);
	if (splat_classify(p->title) != p->kind)
		fuzz_fail("'%s' begins no such accident", p->title);
	for (const char *c = p->text; *c; c++) {
		lines += *c == '\n';
		if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\t')
			fuzz_fail("a control character is kept");
	}
	if (lines > SPLAT_LINES_MAX + 1)
		fuzz_fail("%zu lines are kept", lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct splats s = { 0 };
	struct lines *l = lines_new(LINE_MAX_BYTES, on_line, &s);

	lines_feed(l, data, size);
	lines_end(l);
	lines_free(l);
	if (s.n > SPLATS_MAX)
		fuzz_fail("%zu accidents are kept", s.n);
	for (size_t i = 0; i < s.n; i++)
		check_splat(&s, i);
	splats_free(&s);
	return 0;
}

#define L(time, text) "[    " time "] " text "\n"

void fuzz_seeds(fuzz_emit_fn *emit)
{
	static const char *const consoles[] = {
		L("1.000000", "Kernel panic - not syncing: sysrq triggered crash")
			L("1.000100", "CPU: 0 PID: 1 Comm: x") L("1.000200", "Call Trace:")
				L("1.000300", " <TASK>") L("1.000400", " dump_stack+0x1/0x2"),
		L("2.000000", "BUG: KASAN: slab-out-of-bounds in foo+0x1/0x2")
			L("2.000001", "Read of size 1 at addr ffff by task x/88")
				L("2.000002", "===================="),
		L("3.000000][  T12", "BUG: kernel NULL pointer dereference, address: 8")
			L("3.000001][  T12", "Oops: 0002 [#1] PREEMPT SMP"),
		L("4.000000", "WARNING: CPU: 0 PID: 88 at kernel/bpf/x.c:12 foo+0x1/0x2")
			L("4.000001", "------------[ cut here ]------------")
				L("4.000002", "---[ end trace 0 ]---") "printed by a process " L(
					"9.000000",
					"WARNING: possible circular locking dependency detected"),
		L("5.000000", "INFO: task krsi-test:88 blocked for more than 30 seconds.")
			L("5.100000", "rcu: INFO: rcu_sched self-detected stall on CPU")
				L("5.200000", "UBSAN: shift-out-of-bounds in lib/x.c:1:2"),
		L("6.000000", "krsi-test invoked oom-killer: gfp_mask=0x1(X), order=0")
			L("6.500000", "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [x:1]"),
	};
	char name[] = "console-0";

	for (size_t i = 0; i < sizeof(consoles) / sizeof(consoles[0]); i++, name[8]++)
		emit(name, consoles[i], strlen(consoles[i]));
}
