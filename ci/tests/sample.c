// SPDX-License-Identifier: GPL-2.0-only
#include "ci/tests/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci/text.h"
#include "vm-images/fs.h"

static const char *const ids[] = { "hook/file_open/fires", "hook/file_open/deny",
				   "hook/file_open/errno", "order/lifo" };

void sample_plan(struct run *run, size_t n)
{
	*run = (struct run){ 0 };
	for (size_t i = 0; i < n; i++)
		run_add_test(run, ids[i]);
	run_sort(run);
	ARRAY_PUSH(run, boots)->outcome = xstrdup("done");
}

static void add(struct run *run, const char *id, enum result r, const char *reason)
{
	struct run_test *t = run_add_test(run, id);

	t->done = true;
	t->result = r;
	t->reason = xstrdup(reason);
	t->summary = xasprintf("what %s shows", id);
	t->seconds = 0.25;
	t->boot = 0;
	strs_add(&t->requirements, "DENY-1");
	if (r == RESULT_FAIL) {
		t->expected = xstrdup("-EPERM");
		t->got = xstrdup("0");
	}
}

static void add_hook(struct run *run, const char *name, bool attachable, bool covered)
{
	struct run_hook *h = run_hook_add(run, name);

	h->ret = xstrdup("int");
	h->attachable = attachable;
	h->covered = covered;
	h->sleepable = covered;
	h->boot = 0;
}

void sample_run(struct run *run)
{
	struct run_requirement *q;
	struct run_splat *s;
	struct run_boot *b;

	*run = (struct run){
		.suite_version = xstrdup("0.1.0"),
		.suite_commit = xstrdup("0123456789ab"),
		.kernel_name = xstrdup("debian-6.1"),
		.kernel_release = xstrdup("6.1.0-1-cloud-amd64"),
		.kernel_sha256 = xstrdup("00ff"),
		.implementation = xstrdup("bpf-lsm"),
		.accel = xstrdup("tcg"),
		.accel_why = xstrdup("tcg: as asked for"),
		.command = xstrdup("krsi test --kernel debian-6.1"),
		.selection = xstrdup("*"),
		.started = xstrdup("2026-01-02T03:04:05Z"),
		.seed = 7,
		.seconds = 12.5,
	};
	add(run, "hook/file_open/fires", RESULT_PASS, NULL);
	add(run, "hook/file_open/deny", RESULT_FAIL, "the file was opened <script>&\"'");
	add(run, "hook/file_open/errno", RESULT_TIMEOUT, "no end after 20 s");
	add(run, "hook/bpf/fires", RESULT_CRASH, "panic: Fatal exception");
	add(run, "hook/bpf/deny", RESULT_BROKEN, "set-up failed");
	add(run, "order/lifo", RESULT_SKIP, "no second program");
	add(run, "order/stop", RESULT_XFAIL, "waived");
	add(run, "order/void", RESULT_XPASS, "waived, and passes");
	add_hook(run, "file_open", true, true);
	add_hook(run, "bpf", true, false);
	q = ARRAY_PUSH(run, requirements);
	*q = (struct run_requirement){ .id = xstrdup("DENY-1"),
				       .level = xstrdup("MUST"),
				       .text = xstrdup("A denied operation has no effect."),
				       .source = xstrdup("measured") };
	b = ARRAY_PUSH(run, boots);
	*b = (struct run_boot){ .outcome = xstrdup("crash"),
				.reason = xstrdup("the kernel panicked"),
				.test = xstrdup("hook/bpf/fires"),
				.tail = xstrdup("last words"),
				.first_failure = xstrdup("died before its init"),
				.seconds = 9.5,
				.init_seconds = 2,
				.warm = true,
				.tests = 8 };
	s = ARRAY_PUSH(run, splats);
	*s = (struct run_splat){ .kind = xstrdup("panic"),
				 .title = xstrdup("Kernel panic - not syncing: Fatal exception"),
				 .test = xstrdup("hook/bpf/fires"),
				 .text = xstrdup(
					 "Kernel panic - not syncing: Fatal exception\nCPU: 0"),
				 .boot = 0 };
	strs_add(&run->capabilities, "attach");
	run_note(run, "ready after 1 s");
	run_fault(run, "boot 1: a line was lost");
	run_sort(run);
}

void sample_feed(struct fold *f, const char *text)
{
	while (*text) {
		const char *nl = strchrnul(text, '\n');

		fold_line(f, text, (size_t)(nl - text), 0);
		text = *nl ? nl + 1 : nl;
	}
}

bool sample_fault(const struct run *run, const char *text)
{
	for (size_t i = 0; i < run->faults.n; i++)
		if (strstr(run->faults.v[i], text))
			return true;
	return false;
}

#define DIR_FORM "/tmp/krsi-ci.XXXXXX"

static char dir[sizeof(DIR_FORM)];

static void remove_dir(void)
{
	fs_remove_tree(dir);
}

const char *sample_dir(void)
{
	if (*dir)
		remove_dir();
	else
		atexit(remove_dir);
	strcpy(dir, DIR_FORM);
	if (!mkdtemp(dir))
		abort();
	return dir;
}
