// SPDX-License-Identifier: GPL-2.0-only
/* LD_PRELOAD at exec: what every process is started with is told, and what is known kills it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "conformance/scenarios/policy.h"
#include "conformance/semantics/kernel_btf.h"

#define VALUE "/tmp/evil.so"
#define KEY   128

/* The value is that of the last string only: a process may be given the variable twice. */
static void expect_told(struct policy *p, const char *what, char *variable, const char *value)
{
	unsigned long before = p->io->out[0];

	memset(p->io->out_data, 0, KEY);
	test__equal(p->t, NOOP_STATUS, policy__exec("./noop", variable), what);
	test__equal(p->t, before + !!value, p->io->out[0], what);
	test__true(p->t, !strcmp((char *)p->io->out_data, value ?: ""), "the value that is told");
}

static struct policy start(struct krsi_run *t, const char *function, const char *list)
{
	char name[64];

	snprintf(name, sizeof(name), "ld_preload:%s%s", function,
		 kernel_btf__has("bpf_loop") ? "" : "_small");
	return policy__start(t, name, list);
}

static bool sleeps_at_exec(struct krsi_run *t)
{
	return test__hook(t, "bprm_committed_creds")->sleepable;
}

KRSI_TEST(log_ld_preload, .id = "scenario/log-ld-preload",
	  .summary = "the value of LD_PRELOAD is told at every exec that has it, and at no other",
	  .requirements = { "SCN-001" }, .hook = { "bprm_committed_creds" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE })
{
	/* strings before it that are long, so that it lies behind a border of pages */
	static char filler[3 * 4096] = "FILLER=";
	char *argv[] = { "LD_PRELOAD=argument", NULL };
	char *envp[] = {
		"FIRST=1", filler, "", "LD_PRELOAD=one", "LD_PRELOAD=" VALUE, "X=1", NULL
	};
	struct policy p;

	if (!sleeps_at_exec(t))
		test__skip(t, "bprm_committed_creds is not in the sleepable set here");
	scene__begin(t);
	test__errno(t, 0, put_noop("noop"), "write a program");
	p = start(t, "tell", NULL);
	expect_told(&p, "without a variable", NULL, NULL);
	expect_told(&p, "with LD_PRELOAD", "LD_PRELOAD=" VALUE, VALUE);
	expect_told(&p, "with a name that begins alike", "LD_PRELOAD_X=" VALUE, NULL);
	expect_told(&p, "with a name that ends alike", "XLD_PRELOAD=" VALUE, NULL);
	test__equal(t, 4, p.io->calls, "execs");
	memset(filler + strlen(filler), 'x', sizeof(filler) - strlen(filler) - 1);
	test__errno(t, 0, run_program("./noop", argv, envp), "exec");
	test__equal(t, 0, p.io->out[2], "environments not looked at to their end");
	test__equal(t, 2, p.io->out[0], "execs that had it, with one among many strings");
	test__equal(t, 2, p.io->out[1], "how often the environment sets it");
	test__true(t, !strcmp((char *)p.io->out_data, VALUE), "the value of the last");
	test__equal(t, 0, p.io->out[2], "environments not looked at to their end");
}

KRSI_TEST(kill_ld_preload, .id = "scenario/kill-ld-preload",
	  .summary = "a process that starts with a known LD_PRELOAD is killed before it runs",
	  .requirements = { "SCN-009" }, .hook = { "bprm_committed_creds" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE })
{
	char known[KEY] = VALUE, *variable = "LD_PRELOAD=" VALUE;
	struct policy p;

	if (!sleeps_at_exec(t))
		test__skip(t, "bprm_committed_creds is not in the sleepable set here");
	scene__begin(t);
	test__errno(t, 0, put_noop("noop"), "write a program");
	p = start(t, "stop", "known");
	test__equal(t, NOOP_STATUS, policy__exec("./noop", variable), "before it is known");
	policy__add(&p, known);
	test__equal(t, SIGNALLED + SIGKILL, policy__exec("./noop", variable), "once it is known");
	test__equal(t, NOOP_STATUS, policy__exec("./noop", "LD_PRELOAD=" VALUE ".1"),
		    "another value");
	test__equal(t, NOOP_STATUS, policy__exec("./noop", NULL), "no value");
	policy__remove(&p, known);
	test__equal(t, NOOP_STATUS, policy__exec("./noop", variable), "when it is forgotten");
	test__equal(t, 5, p.io->calls, "execs");
}
