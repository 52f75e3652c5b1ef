// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/watch.h"
#include "vm-images/tests/util.h"

#define UP  "[    2.000000] krsi-init: up\n[    2.000000] krsi-init: lsm lockdown,bpf\n"
#define END "[    9.000000] krsi-init: exit 0\n"

static struct watch_outcome replay(const char *text, const char *cmdline)
{
	struct watch_outcome o;

	watch_console(text, strlen(text), cmdline, &o);
	return o;
}

/* Recorded consoles of stock 6.1, and made up ones. */
static const struct {
	const char *file;
	const char *text;
	const char *cmdline;
	enum watch_end ended;
	enum watch_cause cause;
	const char *says;
} cases[] = {
	{ "panic-6.1.txt", NULL, NULL, WATCH_PANIC, CAUSE_NONE,
	  "crashed after 0.0 s: Kernel panic - not "
	  "syncing: sysrq triggered crash" },
	{ "oom-6.1.txt", NULL, NULL, WATCH_PANIC, CAUSE_NO_MEMORY, "give it more" },
	{ "no-root-6.1.txt", NULL, NULL, WATCH_NO_INIT, CAUSE_NO_ROOT, "CONFIG_BLK_DEV_INITRD=y" },
	{ "no-init-6.1.txt", NULL, NULL, WATCH_NO_INIT, CAUSE_NO_INIT, "could not run /init" },
	{ "hung-task-6.1.txt", NULL, NULL, WATCH_VANISHED, CAUSE_NONE, "INFO: task krsi-test:88" },
	{ "rcu-stall-6.1.txt", NULL, NULL, WATCH_VANISHED, CAUSE_NONE,
	  "rcu_preempt detected stalls" },
	{ NULL, UP END, NULL, WATCH_CLEAN, CAUSE_NONE, "cleanly, its program with exit code 0" },
	{ NULL, UP "no newline[    9.0] [    9.000000] krsi-init: exit 3\n", NULL, WATCH_CLEAN,
	  CAUSE_NONE, "exit code 3" },
	{ NULL, UP, NULL, WATCH_VANISHED, CAUSE_NONE, "without its end marker" },
	{ NULL, "", NULL, WATCH_NO_INIT, CAUSE_NO_CONSOLE, "CONFIG_SERIAL_8250_CONSOLE=y" },
	{ NULL, "[    1.0] x\n" END, NULL, WATCH_NO_INIT, CAUSE_NONE, "did not boot" },
	{ NULL,
	  UP "krsi-init: exit 12x\nkrsi-init: exit \nkrsi-init: exit -1\nkrsi-init: exit 999\n",
	  NULL, WATCH_VANISHED, CAUSE_NONE, "" },
	/* a clean mark does not outlive what comes after it */
	{ NULL, UP END "[    9.5] [    9.500000] Kernel panic - not syncing: late\n", NULL,
	  WATCH_PANIC, CAUSE_NONE, "late" },
	{ NULL, UP END "[    9.500000] BUG: unable to handle page fault for address: 1\n", NULL,
	  WATCH_PANIC, CAUSE_NONE, "unable to handle" },
	{ NULL, UP "[    3.000000] BUG: kernel NULL pointer dereference\n", NULL, WATCH_PANIC,
	  CAUSE_NONE, "NULL pointer" },
	/* the oops says more than the panic that follows it */
	{ NULL,
	  UP "[    3.000000] Oops: int3: 0000 [#1]\n[    3.000000] ---[ end trace 0 ]---\n"
	     "[    3.000000] Kernel panic - not syncing: Fatal exception\n",
	  NULL, WATCH_PANIC, CAUSE_NONE, "Oops: int3" },
	{ NULL, UP "[    2.1] [    2.100000] krsi-init: btf no\n" END, NULL, WATCH_CLEAN,
	  CAUSE_NO_BTF, "CONFIG_DEBUG_INFO_BTF=y" },
	{ NULL, "krsi-init: up\nkrsi-init: lsm lockdown,yama\n" END, "lsm=bpf lsm=lockdown,bpf",
	  WATCH_CLEAN, CAUSE_NO_BPF_LSM, "CONFIG_BPF_LSM=y" },
	{ NULL, "krsi-init: up\nkrsi-init: lsm lockdown,yama\n" END, "lsm=bpf lsm=lockdown",
	  WATCH_CLEAN, CAUSE_LSM_ORDER, "`bpf` is not in lsm=" },
	{ NULL, "krsi-init: up\nkrsi-init: lsm lockdown,bpfx,xbpf\n" END, NULL, WATCH_CLEAN,
	  CAUSE_LSM_ORDER, "add it" },
	{ NULL, "[    1.000000] Failed to execute /init (error -8)\n", NULL, WATCH_NO_INIT,
	  CAUSE_WRONG_ARCH, "another architecture" },
	{ NULL, "[    1.000000] Initramfs unpacking failed: write error\n", NULL, WATCH_NO_INIT,
	  CAUSE_NO_MEMORY, "write error" },
	/* a process that prints such things fools nobody */
	{ NULL, UP "VFS: Unable to mount root fs\nBUG: x\n" END, NULL, WATCH_CLEAN, CAUSE_NONE,
	  "" },
};

Test(verdict, consoles)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = cases[i].file ?: cases[i].text;
		struct krsi_err err;
		struct watch_outcome o;
		char *text, *path;

		path = xasprintf("vm-images/tests/data/%s", cases[i].file ?: "");
		text = cases[i].file ? fs_read(path, 1 << 20, NULL, &err) : xstrdup(cases[i].text);
		cr_assert(text, "%s", err.text);
		o = replay(text, cases[i].cmdline);
		cr_expect_eq(o.ended, cases[i].ended, "%s: %s", name, watch_end_name(o.ended));
		cr_expect_eq(o.cause, cases[i].cause, "%s: %s", name, watch_cause_name(o.cause));
		cr_expect(strstr(o.text, cases[i].says), "%s: \"%s\" is not in \"%s\"", name,
			  cases[i].says, o.text);
		cr_expect(o.text[0]);
		watch_outcome_free(&o);
		free(text);
		free(path);
	}
}

Test(verdict, recorded_splats_are_whole)
{
	static const struct {
		const char *file, *first, *last;
	} files[] = {
		{ "panic-6.1.txt", "Kernel panic", "Kernel Offset" },
		{ "rcu-stall-6.1.txt", "rcu: INFO:", "took too long" },
		{ "hung-task-6.1.txt", "INFO: task", "</TASK>" },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = xasprintf("vm-images/tests/data/%s", files[i].file);
		struct watch_outcome o;
		struct krsi_err err;
		char *text = fs_read(path, 1 << 20, NULL, &err);

		cr_assert(text, "%s", err.text);
		o = replay(text, NULL);
		cr_assert_geq(o.splats.n, 1);
		cr_expect(!strncmp(o.splats.v[0].text, files[i].first, strlen(files[i].first)));
		cr_expect(strstr(o.splats.v[0].text, files[i].last), "%s", o.splats.v[0].text);
		watch_outcome_free(&o);
		free(text);
		free(path);
	}
}

Test(verdict, the_tail_is_the_last_lines_in_order)
{
	struct strs lines = { 0 };
	struct watch_outcome o;
	char *text;

	for (int i = 0; i < 100; i++)
		strs_take(&lines, xasprintf("line %d\n", i));
	text = strs_join(&lines, "");
	o = replay(text, NULL);
	cr_assert_eq(o.tail.n, WATCH_TAIL_LINES);
	cr_expect_str_eq(o.tail.v[0], "line 70");
	cr_expect_str_eq(o.tail.v[WATCH_TAIL_LINES - 1], "line 99");
	cr_expect_eq(o.console_lines, 100);
	watch_outcome_free(&o);
	strs_free(&lines);
	free(text);
}

Test(verdict, binary_and_endless_console)
{
	size_t len = 4 << 20;
	char *text = xcalloc(len, 1);
	struct watch_outcome o;

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i * 2654435761u >> 13);
	watch_console(text, len, NULL, &o);
	cr_expect_eq(o.ended, WATCH_NO_INIT);
	for (size_t i = 0; i < o.tail.n; i++)
		cr_expect_leq(strlen(o.tail.v[i]), SPLAT_LINE_BYTES);
	watch_outcome_free(&o);
	memset(text, 'x', len);
	watch_console(text, len, NULL, &o);
	cr_expect_eq(o.console_lines, 1);
	watch_outcome_free(&o);
	free(text);
}
