// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/clock.h"
#include "conformance/harness/fleet.h"
#include "conformance/harness/hook.h"
#include "conformance/harness/registry.h"
#include "conformance/harness/runner.h"

/* A test's time is counted in waits of this length: a jump of the clock ends one wait early. */
#define TICK_MS 100

struct plan {
	const struct krsi_test **test;
	size_t n;
};

struct runner {
	const struct runner_options *options;
	struct stream *stream;
	struct krsi_run run; /* what every test starts from */
	struct fleet fleet;
	uint32_t capabilities;
	unsigned int totals[RESULTS];
};

static bool listed(const char *list, const char *id)
{
	size_t len = strlen(id);

	for (const char *at = list; at && (at = strstr(at, id)); at += len)
		if ((at == list || at[-1] == '\n') && (at[len] == '\n' || !at[len]))
			return true;
	return false;
}

static char *read_list(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0 && text)
		text[0] = '\0';
	fclose(file);
	return text;
}

static int make_plan(struct runner *r, struct plan *plan)
{
	const struct runner_options *options = r->options;
	char *skip = options->skip_list ? read_list(options->skip_list) : NULL;
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);

	plan->n = 0;
	plan->test = calloc(n + 1, sizeof(*plan->test));
	if (!plan->test || (options->skip_list && !skip)) {
		free(skip);
		return -ENOENT;
	}
	for (size_t i = 0; i < n; i++)
		if (all[i]->selftest == options->selftests &&
		    (!options->tests || registry__match(options->tests, all[i]->id)) &&
		    !listed(skip, all[i]->id))
			plan->test[plan->n++] = all[i];
	free(skip);
	return 0;
}

/* Why the test cannot run here, or NULL. */
static const char *unmet(struct runner *r, const struct krsi_test *test, char *buf, size_t size)
{
	for (int i = 0; i < 4 && test->hook[i]; i++) {
		const struct krsi_hook *hook = test__hook(&r->run, test->hook[i]);

		if (hook && hook->attachable)
			continue;
		snprintf(buf, size, hook ? "the kernel refuses programs on %s" : "no hook %s here",
			 test->hook[i]);
		return buf;
	}
	return needs__unmet(&test->needs, r->capabilities, buf, size);
}

static _Noreturn void test_main(struct runner *r, const struct krsi_test *test,
				struct krsi_report *report)
{
	struct krsi_run run = r->run;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	run.test = test;
	run.report = report;
	run.fleet = r->fleet.prog;
	for (int i = 0; test->phase != PHASE_BARE && i < 4 && test->hook[i]; i++) {
		long index = test__hook(&run, test->hook[i]) - run.hooks;

		if (r->fleet.error[index])
			test__fail(&run, "success", errno__name(r->fleet.error[index]),
				   "a program attaches to %s", test->hook[i]);
	}
	/* kernels without return ranges do not tell int from bool */
	if (test->entry && (test->entry->ret == KRSI_RET_VOID) !=
				   (test__hook(&run, test->entry->name)->ret == KRSI_RET_VOID))
		test__broken(&run, "the catalogue has another return type for %s than the kernel",
			     test->entry->name);
	test->body(&run);
	report->done = true;
	_exit(0);
}

/* Waits for the test's process; false: it took too long. */
static bool await(pid_t pid, int seconds)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ended = { .fd = fd, .events = POLLIN };
	long ticks = seconds * (1000L / TICK_MS);
	int n = 0;

	if (fd < 0)
		return true;
	while (ticks-- > 0 && !(n = poll(&ended, 1, TICK_MS)))
		;
	close(fd);
	return n != 0;
}

static void run_process(struct runner *r, const struct krsi_test *test, struct krsi_report *report)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		test_main(r, test, report);
	if (pid > 0 && !await(pid, r->options->timeout)) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		report->result = RESULT_TIMEOUT;
		snprintf(report->reason, sizeof(report->reason), "no end after %d s",
			 r->options->timeout);
		return;
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (pid > 0 && report->done)
		return;
	report->result = RESULT_BROKEN;
	if (pid < 0)
		snprintf(report->reason, sizeof(report->reason), "fork: %s", strerror(errno));
	else
		snprintf(report->reason, sizeof(report->reason), "the test's process died (%s %d)",
			 WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static int forget(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	remove(path);
	return 0;
}

/* Nothing that a test started may outlive it: what it left behind became our child. */
static void kill_leftovers(void)
{
	char *text = NULL;
	size_t size = 0;

	while (waitpid(-1, NULL, WNOHANG) >= 0) {
		FILE *file = fopen("/proc/thread-self/children", "re");
		ssize_t n = file ? getdelim(&text, &size, '\0', file) : -1;
		char *end;

		if (file)
			fclose(file);
		if (n <= 0)
			break;
		for (char *at = text; *at && *at != '\n'; at = end) {
			long pid = strtol(at, &end, 10);

			if (end == at)
				break;
			kill(pid, SIGKILL);
		}
		waitpid(-1, NULL, 0);
	}
	free(text);
}

/* A private working directory around one test, and nothing left of it afterwards. */
static void run_in_private(struct runner *r, const struct krsi_test *test,
			   struct krsi_report *report)
{
	char dir[] = "/tmp/krsi.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir)) {
		report->result = RESULT_BROKEN;
		snprintf(report->reason, sizeof(report->reason), "%s: %s", dir, strerror(errno));
		return;
	}
	run_process(r, test, report);
	kill_leftovers();
	if (chdir("/") || nftw(dir, forget, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT))
		stream__note(r->stream, "%s: %s", dir, strerror(errno));
}

static void run_one(struct runner *r, const struct krsi_test *test, struct krsi_report *report)
{
	char reason[256];

	memset(report, 0, sizeof(*report));
	if (!unmet(r, test, reason, sizeof(reason))) {
		run_in_private(r, test, report);
		return;
	}
	report->result = RESULT_SKIP;
	snprintf(report->reason, sizeof(report->reason), "%s", reason);
}

static void run_phase(struct runner *r, const struct plan *plan, enum krsi_phase phase,
		      struct krsi_report *report)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct krsi_test *test = plan->test[i];
		double start = clock__seconds();

		if (test->phase != phase)
			continue;
		stream__test_start(r->stream, test);
		run_one(r, test, report);
		stream__test_end(r->stream, test, report, clock__seconds() - start);
		r->totals[report->result]++;
	}
}

static int attach_fleet(struct runner *r, const struct plan *plan)
{
	bool *wanted = calloc(r->run.nr_hooks + 1, sizeof(*wanted));
	char reason[256];
	size_t n = 0;
	int err;

	if (!wanted)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n; i++) {
		const struct krsi_test *test = plan->test[i];

		if (test->phase == PHASE_BARE || unmet(r, test, reason, sizeof(reason)))
			continue;
		for (int h = 0; h < 4 && test->hook[h]; h++) {
			bool *want = &wanted[test__hook(&r->run, test->hook[h]) - r->run.hooks];

			n += !*want;
			*want = true;
		}
	}
	err = fleet__attach(&r->fleet, r->run.adapter, r->run.inst, r->run.hooks, wanted,
			    r->run.nr_hooks);
	if (n)
		stream__note(r->stream, "%zu programs attached in %.2f s", n,
			     r->fleet.attach_seconds);
	free(wanted);
	return err;
}

static const char *cause_of(int err)
{
	return err == -ENODATA	  ? "no-btf"
	       : err == -ENOSYS	  ? "no-bpf-lsm"
	       : err == -ENOTCONN ? "lsm-order"
	       : err == -EINVAL	  ? "usage"
				  : "adapter";
}

static int fatal(struct runner *r, int err, const char *why)
{
	stream__fatal(r->stream, cause_of(err), why ?: strerror(-err));
	return err == -EINVAL ? 2 : 4;
}

static int run_plan(struct runner *r, const struct plan *plan)
{
	struct krsi_report *report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int err;

	if (report == MAP_FAILED)
		return -ENOMEM;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	run_phase(r, plan, PHASE_BARE, report);
	err = attach_fleet(r, plan);
	if (err)
		return err;
	run_phase(r, plan, PHASE_FLEET, report);
	fleet__detach(&r->fleet, r->run.adapter);
	if (r->fleet.attach_seconds > 0)
		stream__note(r->stream, "all programs detached in %.2f s", r->fleet.detach_seconds);
	run_phase(r, plan, PHASE_RESTORE, report);
	munmap(report, sizeof(*report));
	return 0;
}

static void announce(struct runner *r, const struct plan *plan)
{
	struct krsi_description desc = {};

	r->run.adapter->describe(r->run.inst, &desc);
	r->capabilities = desc.capabilities;
	stream__suite_start(r->stream, &desc, plan->n, r->options->seed);
	for (size_t i = 0; i < r->run.nr_hooks; i++)
		stream__hook(r->stream, &r->run.hooks[i],
			     catalogue__covered(catalogue__find(r->run.hooks[i].name)));
}

int runner__run(const struct runner_options *options, struct stream *stream)
{
	const char *option = strchr(options->impl, ':'), *why = NULL;
	struct runner r = { .options = options, .stream = stream };
	double start = clock__seconds();
	struct plan plan;
	int err;

	r.run.adapter = adapter__find(options->impl);
	if (!r.run.adapter)
		return fatal(&r, -EINVAL, "no such adapter");
	if (make_plan(&r, &plan))
		return fatal(&r, -EINVAL, "the list of tests to leave out cannot be read");
	err = r.run.adapter->open(option ? option + 1 : NULL, &r.run.inst, &why);
	if (err)
		return fatal(&r, err, why);
	r.run.adapter->hooks(r.run.inst, &r.run.hooks, &r.run.nr_hooks);
	announce(&r, &plan);
	stream__note(stream, "ready after %.2f s", clock__seconds() - start);
	err = run_plan(&r, &plan);
	if (err)
		return fatal(&r, err, NULL);
	fleet__free(&r.fleet, r.run.adapter);
	r.run.adapter->close(r.run.inst);
	free(plan.test);
	stream__suite_end(stream, r.totals, clock__seconds() - start);
	for (int i = 0; i < RESULTS; i++)
		if (r.totals[i] && i != RESULT_PASS && i != RESULT_SKIP)
			return 1;
	return 0;
}
