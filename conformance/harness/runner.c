// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <ftw.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/await.h"
#include "conformance/harness/clock.h"
#include "conformance/harness/fleet.h"
#include "conformance/harness/hook.h"
#include "conformance/harness/plan.h"
#include "conformance/harness/runner.h"
#include "conformance/neutral/crowd.h"
#include "conformance/neutral/recording.h"

struct runner {
	const struct runner_options *options;
	struct stream *stream;
	struct krsi_run run; /* what every test starts from */
	struct fleet fleet;
	struct recording recording;
	struct crowd crowd[2]; /* of sleepable programs, and of plain ones */
	unsigned int totals[RESULTS];
	double start; /* when the run began, on this guest's clock */
};

static _Noreturn void test_main(struct runner *r, const struct planned *item,
				struct krsi_report *report)
{
	const struct krsi_test *test = item->test;
	struct krsi_run run = r->run;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	run.test = test;
	run.report = report;
	run.fleet = r->fleet.prog;
	for (int i = 0; test->phase != PHASE_BARE && i < 4 && item->hook[i] >= 0; i++) {
		int err = r->fleet.hook[item->hook[i]].error;

		if (err)
			test__fail(&run, "success", errno__name(err), "a program attaches to %s",
				   test->hook[i]);
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

static void run_process(struct runner *r, const struct planned *item, struct krsi_report *report)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		test_main(r, item, report);
	if (pid > 0 && !await__end(pid, r->options->timeout)) {
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
static void kill_leftovers(const struct runner *r)
{
	char *text = NULL;
	size_t size = 0;
	bool found;

	do {
		FILE *file = fopen("/proc/thread-self/children", "re");
		ssize_t n = file ? getdelim(&text, &size, '\0', file) : -1;
		char *at = text, *end;

		found = false;
		if (file)
			fclose(file);
		for (; n > 0 && *at && *at != '\n'; at = end) {
			long pid = strtol(at, &end, 10);

			if (end == at)
				break;
			if (pid == r->fleet.holder.pid || pid == r->crowd[0].holder.pid ||
			    pid == r->crowd[1].holder.pid)
				continue;
			found = true;
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	} while (found);
	free(text);
}

/* A private working directory around one test, and nothing left of it afterwards. */
static void run_in_private(struct runner *r, const struct planned *item, struct krsi_report *report)
{
	char dir[] = "/tmp/krsi.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir)) {
		report->result = RESULT_BROKEN;
		snprintf(report->reason, sizeof(report->reason), "%s: %s", dir, strerror(errno));
		return;
	}
	run_process(r, item, report);
	kill_leftovers(r);
	if (KRSI_HAS(r->run.adapter, reap))
		r->run.adapter->reap(r->run.inst);
	if (chdir("/") || nftw(dir, forget, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT))
		stream__note(r->stream, "%s: %s", dir, strerror(errno));
}

static void run_one(struct runner *r, struct planned *item, struct krsi_report *report)
{
	double start = clock__seconds();

	stream__test_start(r->stream, item->test);
	memset(report, 0, sizeof(*report));
	if (item->unmet) {
		report->result = RESULT_SKIP;
		snprintf(report->reason, sizeof(report->reason), "%s", item->unmet);
	} else {
		run_in_private(r, item, report);
	}
	stream__test_end(r->stream, item->test, report, clock__seconds() - start);
	r->totals[report->result]++;
	item->done = true;
}

static bool all_detached(const struct runner *r, const struct planned *item)
{
	for (int j = 0; j < 4 && item->hook[j] >= 0; j++) {
		const struct fleet_hook *hook = &r->fleet.hook[item->hook[j]];

		if (!hook->error && hook->state != FLEET_DETACHED)
			return false;
	}
	return true;
}

/* The tests whose hooks the holder has detached meanwhile. */
static void run_restores(struct runner *r, struct plan *plan, struct krsi_report *report)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct planned *item = &plan->item[i];

		if (item->test->phase == PHASE_RESTORE && !item->done && all_detached(r, item))
			run_one(r, item, report);
	}
}

static void run_with_fleet(struct runner *r, struct plan *plan, unsigned int *users,
			   struct krsi_report *report)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct planned *item = &plan->item[i];

		if (item->test->phase != PHASE_FLEET)
			continue;
		for (int j = 0; j < 4 && item->hook[j] >= 0; j++)
			fleet__await(&r->fleet, item->hook[j], FLEET_ATTACHED);
		run_one(r, item, report);
		for (int j = 0; j < 4 && item->hook[j] >= 0; j++)
			if (!--users[item->hook[j]])
				fleet__ask(&r->fleet, item->hook[j], FLEET_DETACHED);
		fleet__listen(&r->fleet, false);
		run_restores(r, plan, report);
	}
	while (fleet__listen(&r->fleet, true))
		run_restores(r, plan, report);
	run_restores(r, plan, report);
}

/* Attaches to the wanted hooks that the bare tests use (or to those that they do not use). */
static void ask_attach(struct runner *r, const bool *wanted, const unsigned int *bare, bool used)
{
	for (size_t i = 0; i < r->fleet.n; i++)
		if (wanted[i] && !!bare[i] == used)
			fleet__ask(&r->fleet, i, FLEET_ATTACHED);
}

static bool has_phase(const struct plan *plan, enum krsi_phase phase)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->item[i].test->phase == phase && !plan->item[i].unmet)
			return true;
	return false;
}

static void run_phase(struct runner *r, struct plan *plan, enum krsi_phase phase,
		      struct krsi_report *report)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->item[i].test->phase == phase)
			run_one(r, &plan->item[i], report);
}

/* Loads the programs of a crowd, where tests want one. They are attached to nothing yet. */
static void load_crowd(struct runner *r, const struct plan *plan, enum krsi_phase phase)
{
	struct crowd *crowd = &r->crowd[phase == PHASE_CROWD];

	if (!has_phase(plan, phase))
		return;
	crowd__start(crowd, &r->run, phase == PHASE_SLEEPABLE_CROWD);
	while (crowd__wait(crowd, CROWD_LOADED))
		stream__note(r->stream, "%zu %sprograms that allow loaded", crowd->loaded,
			     crowd->sleepable ? "sleepable " : "");
}

static void run_crowded(struct runner *r, struct plan *plan, enum krsi_phase phase,
			struct krsi_report *report)
{
	struct crowd *crowd = &r->crowd[phase == PHASE_CROWD];
	double start = clock__seconds();

	r->run.crowd = crowd;
	if (has_phase(plan, phase)) {
		crowd__attach(crowd);
		while (crowd__wait(crowd, CROWD_ATTACHED))
			stream__note(r->stream, "%zu of them attached", crowd->attached);
		stream__note(r->stream, "%zu %sprograms attached in %.2f s", crowd->attached,
			     crowd->sleepable ? "sleepable " : "", clock__seconds() - start);
	}
	run_phase(r, plan, phase, report);
}

static void note_costs(struct runner *r)
{
	double attach = 0, detach = 0;
	size_t n = 0;

	for (size_t i = 0; i < r->fleet.n; i++) {
		n += r->fleet.prog[i] != NULL;
		attach += r->fleet.hook[i].seconds[0];
		detach += r->fleet.hook[i].seconds[1];
	}
	if (n)
		stream__note(r->stream, "%zu hooks: attach %.1f ms, detach %.1f ms each", n,
			     1000 * attach / n, 1000 * detach / n);
}

static void tell_programs(struct runner *r)
{
	struct cost cost;

	for (size_t i = 0; i < r->fleet.n; i++)
		if (cost__read(r->run.adapter, r->fleet.prog[i], &cost))
			stream__program(r->stream, r->run.hooks[i].name, &cost);
}

/* How many tests of each phase use a hook; the i-th is of the i-th hook. */
struct uses {
	unsigned int *bare, *fleet, *restore;
	bool *wanted; /* it is to have a steered program */
};

static int count_uses(struct uses *uses, const struct plan *plan, size_t n)
{
	uses->bare = calloc(n + 1, sizeof(*uses->bare));
	uses->fleet = calloc(n + 1, sizeof(*uses->fleet));
	uses->restore = calloc(n + 1, sizeof(*uses->restore));
	uses->wanted = calloc(n + 1, sizeof(*uses->wanted));
	if (!uses->bare || !uses->fleet || !uses->restore || !uses->wanted)
		return -ENOMEM;
	plan__count_users(plan, PHASE_BARE, uses->bare);
	plan__count_users(plan, PHASE_FLEET, uses->fleet);
	plan__count_users(plan, PHASE_RESTORE, uses->restore);
	for (size_t i = 0; i < n; i++)
		uses->wanted[i] = uses->fleet[i] || uses->restore[i];
	return 0;
}

static void free_uses(struct uses *uses)
{
	free(uses->bare);
	free(uses->fleet);
	free(uses->restore);
	free(uses->wanted);
}

/*
 * All that the tests find there: programs loaded for whole phases, and the steered ones attached to
 * the hooks that no bare test uses. But nothing may be attached before the tests that are alone.
 */
static int prepare(struct runner *r, const struct plan *plan, const struct uses *uses)
{
	int err;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	load_crowd(r, plan, PHASE_SLEEPABLE_CROWD);
	load_crowd(r, plan, PHASE_CROWD);
	err = fleet__start(&r->fleet, r->run.adapter, r->run.inst, r->run.hooks, uses->wanted,
			   r->run.nr_hooks);
	if (err)
		return err;
	stream__note(r->stream, "programs loaded after %.2f s", clock__seconds() - r->start);
	tell_programs(r);
	if (!has_phase(plan, PHASE_ALONE))
		ask_attach(r, uses->wanted, uses->bare, false);
	while (fleet__listen(&r->fleet, true))
		if (r->fleet.answered % HOLDER_TOLD_EACH == 0)
			stream__note(r->stream, "%zu of them attached", r->fleet.answered);
	return 0;
}

/*
 * First what needs an empty machine, or hooks without a program; then each hook's tests, after
 * which the holder detaches it and its restore test follows.
 */
static void run_plan(struct runner *r, struct plan *plan, const struct uses *uses,
		     struct krsi_report *report)
{
	run_phase(r, plan, PHASE_ALONE, report);
	if (has_phase(plan, PHASE_ALONE))
		ask_attach(r, uses->wanted, uses->bare, false);
	run_phase(r, plan, PHASE_BARE, report);
	ask_attach(r, uses->wanted, uses->bare, true);
	/* what only a restore test uses: attach, and detach again at once */
	for (size_t i = 0; i < r->run.nr_hooks; i++)
		if (uses->wanted[i] && !uses->fleet[i])
			fleet__ask(&r->fleet, i, FLEET_DETACHED);
	run_with_fleet(r, plan, uses->fleet, report);
	note_costs(r);
	fleet__stop(&r->fleet);
	run_crowded(r, plan, PHASE_SLEEPABLE_CROWD, report);
	run_crowded(r, plan, PHASE_CROWD, report);
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

static void report_hook(struct runner *r, const struct krsi_hook *hook, uint32_t capabilities)
{
	const struct krsi_hook_entry *entry = catalogue__find(hook->name);
	char why[256];

	/* the needs decide only where they are part of a proof, and are asked only there */
	stream__hook(r->stream, hook, entry,
		     !entry || !entry->unreachable ||
			     !needs__unmet(&entry->needs, capabilities, why, sizeof(why)));
}

/* A list that is not read would have tests run that are to be left out. */
static int take_plan(struct runner *r, struct plan *plan)
{
	int err = plan__make(plan, r->options);
	char text[400];

	if (!err)
		return 0;
	snprintf(text, sizeof(text), "skip list %.300s: %s", r->options->skip_list ?: "",
		 strerror(-err));
	return fatal(r, -EINVAL, text);
}

/* A recording that cannot be read is worse than none: what compares with it would be skipped. */
static int take_recording(struct runner *r)
{
	char why[256], text[400];

	if (!r->options->recording)
		return 0;
	if (!recording__read(&r->recording, r->options->recording, why, sizeof(why))) {
		r->run.recording = &r->recording;
		return 0;
	}
	snprintf(text, sizeof(text), "recording %.100s: %s", r->options->recording, why);
	return fatal(r, -EINVAL, text);
}

static void announce(struct runner *r, struct plan *plan)
{
	struct krsi_description desc = {};

	r->run.adapter->describe(r->run.inst, &desc);
	plan__check(plan, &r->run, desc.capabilities);
	stream__suite_start(r->stream, &desc, plan->n, r->options->seed);
	for (size_t i = 0; i < r->run.nr_hooks; i++)
		report_hook(r, &r->run.hooks[i], desc.capabilities);
}

int runner__run(const struct runner_options *options, struct stream *stream)
{
	const char *option = strchr(options->impl, ':'), *why = NULL;
	struct runner r = { .options = options, .stream = stream, .start = clock__seconds() };
	struct krsi_report *report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct uses uses = {};
	struct plan plan;
	int err;

	if (report == MAP_FAILED)
		return fatal(&r, -ENOMEM, NULL);
	r.run.adapter = adapter__find(options->impl);
	if (!r.run.adapter)
		return fatal(&r, -EINVAL, "no such adapter");
	needs__test(adapter__lsm(r.run.adapter));
	r.run.effort = options->effort;
	err = take_plan(&r, &plan) ?: take_recording(&r);
	if (err)
		return err;
	err = r.run.adapter->open(option ? option + 1 : NULL, &r.run.inst, &why);
	if (err)
		return fatal(&r, err, why);
	r.run.adapter->hooks(r.run.inst, &r.run.hooks, &r.run.nr_hooks);
	announce(&r, &plan);
	/* a page that is free here would still be copied by each of thousands of forks */
	malloc_trim(0);
	err = count_uses(&uses, &plan, r.run.nr_hooks) ?: prepare(&r, &plan, &uses);
	if (err)
		return fatal(&r, err, NULL);
	stream__note(stream, "ready after %.2f s", clock__seconds() - r.start);
	stream__ready(stream);
	run_plan(&r, &plan, &uses, report);
	free_uses(&uses);
	for (size_t i = 0; i < 2; i++)
		crowd__stop(&r.crowd[i]);
	r.run.adapter->close(r.run.inst);
	plan__free(&plan);
	recording__free(&r.recording);
	stream__suite_end(stream, r.totals, clock__seconds() - r.start);
	for (int i = 0; i < RESULTS; i++)
		if (r.totals[i] && i != RESULT_PASS && i != RESULT_SKIP)
			return 1;
	return 0;
}
