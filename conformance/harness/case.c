// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/case.h"

/* Waiting for calls that come after act: so many waits of so long. A jump of the clock makes one
 * wait shorter, not all of them. */
#define TICKS	150
#define TICK_MS 20
/* No process has this pid, so no session has this leader. */
#define NO_SESSION 0x7fffffff

/* What the subject tells the test's process. */
struct shared {
	int setup;   /* -errno of the set-up, 0: it went well */
	int problem; /* index + 1 of a want whose object could not be looked up */
	int ret;
	bool effect;
	bool acted;				    /* the subject reached the end of act */
	struct case_value want[KRSI_MAX_WANTS + 1]; /* the last is `only` */
};

const struct krsi_param *case__param(const struct krsi_hook *hook, const char *names)
{
	for (const char *name = names; *name;) {
		size_t len = strcspn(name, "|");

		for (unsigned int i = 0; i < hook->nr_params; i++)
			if (strlen(hook->param[i].name) == len &&
			    !strncmp(hook->param[i].name, name, len))
				return &hook->param[i];
		name += len;
		name += *name == '|';
	}
	return NULL;
}

/* The kernel's dev_t from that of stat(2). */
static uint64_t kernel_dev(dev_t dev)
{
	return (uint64_t)major(dev) << 20 | minor(dev);
}

/* Looks a wanted value up; false: not there (yet). */
static bool resolve(const struct krsi_want *want, const struct subject *s, struct case_value *value)
{
	struct stat st;
	int err;

	value->mask = want->mask ?: ~0ULL;
	switch (want->from) {
	case SOURCE_NONE:
	case SOURCE_TEXT:
		return true;
	case SOURCE_NUMBER:
		value->a = want->number;
		return true;
	case SOURCE_VALUE:
		value->a = s->val[want->index];
		return true;
	case SOURCE_FILE:
	case SOURCE_DEV:
		err = lstat(want->text, &st);
		break;
	default:
		err = fstat(s->fd[want->index], &st);
		break;
	}
	if (err)
		return false;
	value->a = want->from == SOURCE_DEV ? kernel_dev(st.st_dev) : st.st_ino;
	value->b = kernel_dev(st.st_dev);
	value->has_b = want->from == SOURCE_FILE || want->from == SOURCE_FD;
	return true;
}

/* What filters the calls on a route of the entry. */
static const struct krsi_want *only_of(const struct krsi_hook_entry *entry, int route)
{
	const struct krsi_want *own = &entry->route[route].only;

	return own->from != SOURCE_NONE ? own : &entry->only;
}

/* All wants of the entry, `only` last. Those found are kept; returns index + 1 of one missing. */
static int resolve_all(const struct krsi_hook_entry *entry, const struct krsi_want *only,
		       const struct subject *s, struct shared *shared, bool *found, bool acted)
{
	int missing = 0;

	for (int i = 0; i <= KRSI_MAX_WANTS; i++) {
		const struct krsi_want *want = i < KRSI_MAX_WANTS ? &entry->args[i] : only;

		if ((!found[i] || want->from == SOURCE_VALUE) && (acted || !want->after))
			found[i] = resolve(want, s, &shared->want[i]);
		if (!found[i])
			missing = i + 1;
	}
	return missing;
}

enum krsi_field case__field(const struct krsi_want *want)
{
	bool chosen = want->from == SOURCE_NUMBER || want->from == SOURCE_VALUE ||
		      want->from == SOURCE_DEV;

	return chosen ? want->field : KRSI_A;
}

static void arm(struct krsi_run *t, const struct krsi_hook_entry *entry, struct krsi_prog *prog,
		const struct case_options *options, const struct shared *shared)
{
	const struct krsi_want *only = only_of(entry, options->route);
	struct krsi_rule rule = {
		.size = sizeof(rule),
		.who = entry->anyone ? KRSI_ANYONE : KRSI_SUBJECT,
		.session = options->bystander ? NO_SESSION : getpid(),
		.verdict = options->verdict,
		.record = true,
		.filter_arg = -1,
	};

	if (only->from != SOURCE_NONE) {
		rule.filter_arg = shared->want[KRSI_MAX_WANTS].arg;
		rule.filter_field = case__field(only);
		rule.filter_value = shared->want[KRSI_MAX_WANTS].a;
	}
	t->adapter->steer(prog, &rule);
	rule.verdict = options->detached_verdict;
	if (options->detached)
		t->adapter->steer(options->detached, &rule);
}

static void disarm(struct krsi_run *t, struct krsi_prog *prog)
{
	const struct krsi_rule rule = { .size = sizeof(rule),
					.who = KRSI_NOBODY,
					.filter_arg = -1 };

	t->adapter->steer(prog, &rule);
}

static _Noreturn void subject_main(struct krsi_run *t, const struct krsi_hook_entry *entry,
				   struct krsi_prog *prog, const struct case_options *options,
				   struct shared *shared)
{
	const struct krsi_want *only = only_of(entry, options->route);
	struct subject s = { .fd = { [0 ... SUBJECT_SLOTS - 1] = -1 } };
	bool found[KRSI_MAX_WANTS + 1] = {};
	char dir[] = "run.XXXXXX";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* a test may run its entry more than once */
	if (setsid() < 0 || !mkdtemp(dir) || chdir(dir) || !getcwd(s.dir, sizeof(s.dir))) {
		shared->setup = -errno;
		_exit(0);
	}
	shared->setup = entry->setup ? entry->setup(&s) : 0;
	if (shared->setup < 0)
		_exit(0);
	shared->setup = 0;
	resolve_all(entry, only, &s, shared, found, false);

	if (only->from != SOURCE_NONE && !found[KRSI_MAX_WANTS]) {
		shared->problem = KRSI_MAX_WANTS + 1;
		_exit(0);
	}
	arm(t, entry, prog, options, shared);
	shared->ret = entry->route[options->route].act(&s);
	if (!entry->async)
		disarm(t, prog);

	shared->problem = resolve_all(entry, only, &s, shared, found, true);
	shared->effect = entry->effect && entry->effect(&s);
	shared->acted = true;
	if (entry->cleanup)
		entry->cleanup(&s);
	stop_child(&s);
	_exit(0);
}

struct collector {
	struct case_seen *seen;
	const struct krsi_prog *prog;
};

static void collect(const struct krsi_event *event, void *data)
{
	struct collector *collector = data;
	struct case_seen *seen = collector->seen;

	if (event->size < sizeof(*event) - sizeof(event->arg) || event->prog != collector->prog)
		seen->stray = true;
	if (seen->nr_events < CASE_EVENTS)
		seen->event[seen->nr_events] = *event;
	seen->nr_events++;
}

static void ignore(const struct krsi_event *event, void *data)
{
}

/* Calls after act: waits until as many events as are expected have come. */
static void await_calls(struct krsi_run *t, struct krsi_prog *prog, unsigned int calls,
			struct collector *collector)
{
	for (int i = 0; i < TICKS && t->adapter->calls(prog, NULL) < calls; i++)
		t->adapter->read_events(t->inst, TICK_MS, collect, collector);
}

/*
 * The program is disarmed. Where it matches anyone, another CPU may still be inside of it, having
 * counted the call and not yet written the event.
 */
static void take_stock(struct krsi_run *t, const struct krsi_hook_entry *entry,
		       struct krsi_prog *prog, struct collector *collector)
{
	struct case_seen *seen = collector->seen;

	t->adapter->read_events(t->inst, 0, collect, collector);
	seen->calls = t->adapter->calls(prog, &seen->lost);
	for (int i = 0; i < TICKS && entry->anyone; i++) {
		if (seen->nr_events + seen->lost >= seen->calls)
			break;
		t->adapter->read_events(t->inst, TICK_MS, collect, collector);
		seen->calls = t->adapter->calls(prog, &seen->lost);
	}
}

static void look_up_params(struct krsi_run *t, const struct krsi_hook_entry *entry,
			   const struct krsi_want *only, struct shared *shared)
{
	const struct krsi_hook *hook = test__hook(t, entry->name);
	/* an implementation that does not describe arguments has none to compare */
	bool described = t->test->needs.capabilities & KRSI_CAP_ARGS;

	for (int i = 0; i <= KRSI_MAX_WANTS; i++) {
		const struct krsi_want *want = i < KRSI_MAX_WANTS ? &entry->args[i] : only;
		const struct krsi_param *param;

		if (want->from == SOURCE_NONE || (!described && want != only))
			continue;
		param = case__param(hook, want->param);
		if (!param || param->arg < 0)
			test__broken(t, "the catalogue names a parameter '%s' that %s lacks here",
				     want->param, entry->name);
		shared->want[i].arg = param->arg;
	}
}

void case__run(struct krsi_run *t, const struct krsi_hook_entry *entry, struct krsi_prog *prog,
	       const struct case_options *options, struct case_seen *seen)
{
	struct collector collector = { .seen = seen, .prog = prog };
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	memset(seen, 0, sizeof(*seen));
	if (shared == MAP_FAILED)
		test__broken(t, "no room for a subject: %s", strerror(errno));
	look_up_params(t, entry, only_of(entry, options->route), shared);
	t->adapter->read_events(t->inst, 0, ignore, NULL);

	pid = fork();
	if (!pid)
		subject_main(t, entry, prog, options, shared);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		test__broken(t, "no subject: %s", strerror(errno));
	if (entry->async && options->expect_calls)
		await_calls(t, prog, options->calls, &collector);
	disarm(t, prog);
	if (options->detached)
		disarm(t, options->detached);
	take_stock(t, entry, prog, &collector);

	if (shared->setup)
		test__broken(t, "set-up failed: %s", strerror(-shared->setup));
	if (!WIFEXITED(status) || (!shared->acted && !shared->problem))
		test__broken(t, "the subject died (%s %d)",
			     WIFSIGNALED(status) ? "signal" : "status",
			     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (!shared->acted)
		test__broken(t, "the object of `only` is not there before act");
	seen->ret = shared->ret;
	seen->effect = shared->effect;
	memcpy(seen->want, shared->want, sizeof(seen->want));
	/* an object that a denied operation did not create is no fault */
	if (shared->problem && seen->ret >= 0 && !options->verdict)
		test__broken(t, "the object of args[%d] cannot be looked up", shared->problem - 1);
	munmap(shared, sizeof(*shared));
}
