// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF LSM with one fault, chosen by name: what a wrong implementation would look like. Each fault
 * must be caught by at least one test, or the suite would call that implementation good.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/adapters/builtin.h"

enum fault {
	DENY_IGNORED,
	ERRNO_FLATTENED,
	ERRNO_CHANGED,
	ALLOW_DENIES,
	HOOK_DEAD,
	ATTACH_INERT,
	EVENT_LOST,
	EVENT_TWICE,
	EVENT_TRUNCATED,
	EVENT_UNPROVOKED,
	EVENTS_REVERSED,
	EVENT_TASK,
	EVENT_VERDICT,
	ARGS_EMPTY,
	ARGS_SHIFTED,
	LOSS_UNTOLD,
	CALLS_OFF,
	FILTER_IGNORED,
	SUBJECT_IGNORED,
	VERDICT_STUCK,
	DETACH_NOTHING,
	DETACH_OTHERS,
	DETACH_ON_UNLOAD,
	ATTACH_TWICE,
	NO_LIMIT,
	SECOND_REFUSED,
	ORDER_REVERSED,
	CHAIN_GOES_ON,
	LICENCE_UNCHECKED,
	TARGET_UNCHECKED,
	RANGE_UNCHECKED,
	SLEEPABLE_REFUSED,
	SLEEPABLE_UNCHECKED,
	PRIVILEGE_UNCHECKED,
	PROGRAM_LEAKED,
	LINK_SHARED,
	DESCRIPTOR_OTHER,
	ALLOW_CHANGES,
	FAULTS
};

static const struct krsi_fault faults[FAULTS] = {
	[DENY_IGNORED] = { "deny-ignored", "a denial is recorded but not enforced" },
	[ERRNO_FLATTENED] = { "errno-flattened", "every denial becomes EPERM" },
	[ERRNO_CHANGED] = { "errno-changed", "EPERM becomes EACCES" },
	[ALLOW_DENIES] = { "allow-denies", "a program that only records denies with ECANCELED" },
	[HOOK_DEAD] = { "hook-dead", "inode_mkdir takes programs and never runs them" },
	[ATTACH_INERT] = { "attach-inert", "no attached program ever runs" },
	[EVENT_LOST] = { "event-lost", "every second event is lost without a word" },
	[EVENT_TWICE] = { "event-twice", "every event comes twice" },
	[EVENT_TRUNCATED] = { "event-truncated", "events are cut" },
	[EVENT_UNPROVOKED] = { "event-unprovoked", "an event comes although nothing happened" },
	[EVENTS_REVERSED] = { "events-reversed", "events that wait together come newest first" },
	[EVENT_TASK] = { "event-task", "events name the wrong task" },
	[EVENT_VERDICT] = { "event-verdict", "events show verdict 0 for every call" },
	[ARGS_EMPTY] = { "args-empty", "arguments are not described" },
	[ARGS_SHIFTED] = { "args-shifted", "each argument shows its neighbour" },
	[LOSS_UNTOLD] = { "loss-untold", "a full buffer is not reported" },
	[CALLS_OFF] = { "calls-off", "one call too many is counted" },
	[FILTER_IGNORED] = { "filter-ignored", "calls on other objects match too" },
	[SUBJECT_IGNORED] = { "subject-ignored", "the verdict meets every task" },
	[VERDICT_STUCK] = { "verdict-stuck", "a verdict cannot be withdrawn" },
	[DETACH_NOTHING] = { "detach-nothing", "detach succeeds and changes nothing" },
	[DETACH_OTHERS] = { "detach-others", "detach takes all other programs with it" },
	[DETACH_ON_UNLOAD] = { "detach-on-unload",
			       "a program does not outlive its loader's handle" },
	[ATTACH_TWICE] = { "attach-twice", "a program can be attached again and again" },
	[NO_LIMIT] = { "no-limit", "attach beyond the limit claims success" },
	[SECOND_REFUSED] = { "second-refused", "a hook takes one program only" },
	[ORDER_REVERSED] = { "order-reversed", "the newest program runs last" },
	[CHAIN_GOES_ON] = { "chain-goes-on", "programs run after a denial" },
	[LICENCE_UNCHECKED] = { "licence-unchecked", "any licence loads" },
	[TARGET_UNCHECKED] = { "target-unchecked", "any function is taken for a hook" },
	[RANGE_UNCHECKED] = { "range-unchecked", "any return value loads",
			      "return/range-int-positive" },
	[SLEEPABLE_REFUSED] = { "sleepable-refused", "no sleepable program loads" },
	[SLEEPABLE_UNCHECKED] = { "sleepable-unchecked", "sleepable programs load everywhere" },
	[PRIVILEGE_UNCHECKED] = { "privilege-unchecked", "whoever lacks the rights loads too" },
	[PROGRAM_LEAKED] = { "program-leaked", "a program that was unloaded stays in memory" },
	[LINK_SHARED] = { "link-shared", "closing a link leaves it attached by a second holder" },
	[DESCRIPTOR_OTHER] = { "descriptor-other", "descriptors are those of another program" },
	[ALLOW_CHANGES] = { "allow-changes", "a program that returns 0 on inode_rename denies",
			    .neutral = "neutral/allow-all-sleepable/names" },
};

const struct krsi_fault *faulty__fault(size_t i)
{
	return i < FAULTS ? &faults[i] : NULL;
}

#define MAX_PROGS 1024

struct krsi_instance {
	struct krsi_instance *inner;
	enum fault fault;
	struct krsi_prog *prog[MAX_PROGS]; /* loaded, in the order of loading */
	int nr_progs;
	unsigned long events; /* handed over so far, in this process */
	/* during read_events */
	struct krsi_event *held;
	size_t nr_held;
	krsi_event_fn fn;
	void *fn_data;
};

struct krsi_prog {
	struct krsi_instance *inst;
	struct krsi_prog *inner; /* NULL: only claimed to be loaded */
	struct krsi_link *link;	 /* while attached */
	char hook[64];
	int denied;  /* a verdict that was once given, for VERDICT_STUCK */
	int verdict; /* of the last rule */
};

struct krsi_link {
	struct krsi_prog *prog;
	struct krsi_link *inner; /* NULL: only claimed to be attached */
};

static const struct krsi_adapter *const real = &bpf_lsm_adapter;

static int faulty_open(const char *option, struct krsi_instance **out, const char **why)
{
	static char names[1024];
	struct krsi_instance *inst;
	int fault = 0, err;

	while (fault < FAULTS && (!option || strcmp(option, faults[fault].name)))
		fault++;
	if (fault == FAULTS) {
		size_t len =
			snprintf(names, sizeof(names), "no fault '%.40s'; there are", option ?: "");

		for (int i = 0; i < FAULTS && len < sizeof(names); i++)
			len += snprintf(names + len, sizeof(names) - len, " %s", faults[i].name);
		*why = names;
		return -EINVAL;
	}
	inst = calloc(1, sizeof(*inst));
	if (!inst)
		return -ENOMEM;
	inst->fault = fault;
	err = real->open(NULL, &inst->inner, why);
	if (err) {
		free(inst);
		return err;
	}
	*out = inst;
	return 0;
}

static void faulty_close(struct krsi_instance *inst)
{
	if (!inst)
		return;
	real->close(inst->inner);
	free(inst);
}

static void faulty_describe(struct krsi_instance *inst, struct krsi_description *desc)
{
	real->describe(inst->inner, desc);
	desc->name = "faulty";
	desc->version = faults[inst->fault].name;
}

static int faulty_hooks(struct krsi_instance *inst, const struct krsi_hook **hooks, size_t *n)
{
	return real->hooks(inst->inner, hooks, n);
}

/* What the fault makes of a load: claims success (1), refuses (-errno), or lets it be (0). */
static int bend_load(struct krsi_instance *inst, struct krsi_prog_spec *spec, int err)
{
	switch (inst->fault) {
	case LICENCE_UNCHECKED:
		return err && spec->license;
	case TARGET_UNCHECKED:
		return err && spec->hook && *spec->hook == '@';
	case RANGE_UNCHECKED:
		return err && spec->fixed && spec->fixed_ret;
	case SLEEPABLE_UNCHECKED:
		return err && spec->sleepable;
	case SLEEPABLE_REFUSED:
		return spec->sleepable ? -EINVAL : 0;
	case PRIVILEGE_UNCHECKED:
		return err == -EPERM;
	default:
		return 0;
	}
}

static int faulty_load(struct krsi_instance *inst, const struct krsi_prog_spec *asked,
		       struct krsi_prog **out)
{
	struct krsi_prog_spec spec = *asked;
	struct krsi_prog *prog;
	int err, bent;

	if (inst->nr_progs == MAX_PROGS)
		return -ENOSPC;
	prog = calloc(1, sizeof(*prog));
	if (!prog)
		return -ENOMEM;
	if (inst->fault == ALLOW_CHANGES && spec.fixed && !strcmp(spec.hook, "inode_rename"))
		spec.fixed_ret = spec.fixed_ret ?: -EPERM;
	err = real->load(inst->inner, &spec, &prog->inner);
	bent = bend_load(inst, &spec, err);
	if (bent < 0 && !err)
		real->unload(prog->inner);
	if (bent < 0)
		err = bent;
	if (err && bent <= 0) {
		free(prog);
		return err;
	}
	if (err)
		prog->inner = NULL;
	prog->inst = inst;
	snprintf(prog->hook, sizeof(prog->hook), "%s", spec.hook);
	inst->prog[inst->nr_progs++] = prog;
	*out = prog;
	return 0;
}

static void forget(struct krsi_prog *prog)
{
	struct krsi_instance *inst = prog->inst;
	int i = 0;

	while (i < inst->nr_progs && inst->prog[i] != prog)
		i++;
	if (i == inst->nr_progs)
		return;
	inst->nr_progs--;
	memmove(&inst->prog[i], &inst->prog[i + 1], (inst->nr_progs - i) * sizeof(inst->prog[0]));
}

static int drop_link(struct krsi_prog *prog)
{
	struct krsi_link *link = prog->link;
	int err = 0;

	if (link && link->inner) {
		err = real->detach(link->inner);
		link->inner = NULL;
	}
	return err;
}

static void faulty_unload(struct krsi_prog *prog)
{
	if (!prog)
		return;
	if (prog->inst->fault == DETACH_ON_UNLOAD)
		drop_link(prog);
	if (prog->inner && prog->inst->fault == PROGRAM_LEAKED)
		(void)!dup(real->prog_fd(prog->inner));
	if (prog->inner)
		real->unload(prog->inner);
	if (prog->link)
		prog->link->prog = NULL;
	forget(prog);
	free(prog);
}

/* Moves the other programs of the hook behind the one just attached. */
static int attach_last(struct krsi_prog *newest)
{
	struct krsi_instance *inst = newest->inst;
	int err = 0;

	for (int i = 0; i < inst->nr_progs && !err; i++) {
		struct krsi_prog *prog = inst->prog[i];

		if (prog == newest || !prog->link || strcmp(prog->hook, newest->hook))
			continue;
		drop_link(prog);
		err = real->attach(prog->inner, KRSI_ATTACH_DEFAULT, &prog->link->inner);
	}
	return err;
}

static bool hook_is_taken(const struct krsi_prog *prog)
{
	const struct krsi_instance *inst = prog->inst;

	for (int i = 0; i < inst->nr_progs; i++)
		if (inst->prog[i] != prog && inst->prog[i]->link &&
		    !strcmp(inst->prog[i]->hook, prog->hook))
			return true;
	return false;
}

static int real_attach(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link *link)
{
	enum fault fault = prog->inst->fault;
	int err;

	if (!prog->inner || fault == ATTACH_INERT ||
	    (fault == HOOK_DEAD && !strcmp(prog->hook, "inode_mkdir")))
		return 0;
	if (fault == SECOND_REFUSED && hook_is_taken(prog))
		return -EBUSY;
	err = real->attach(prog->inner, by, &link->inner);
	if ((fault == ATTACH_TWICE && (err == -EBUSY || err == -ENOENT)) ||
	    (fault == NO_LIMIT && err == -E2BIG)) {
		link->inner = NULL;
		err = 0;
	}
	return err;
}

static int faulty_attach(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link **out)
{
	struct krsi_link *link = calloc(1, sizeof(*link));
	int err = link ? real_attach(prog, by, link) : -ENOMEM;

	if (err) {
		free(link);
		return err;
	}
	link->prog = prog;
	prog->link = link;
	*out = link;
	return prog->inst->fault == ORDER_REVERSED ? attach_last(prog) : 0;
}

static int faulty_attach_cgroup(struct krsi_prog *prog, int cgroup, enum krsi_cgroup_by by,
				struct krsi_link **out)
{
	struct krsi_link *link = calloc(1, sizeof(*link));
	int err = 0;

	if (!link)
		return -ENOMEM;
	if (prog->inner && prog->inst->fault != ATTACH_INERT)
		err = real->attach_cgroup(prog->inner, cgroup, by, &link->inner);
	if (err) {
		free(link);
		return err;
	}
	link->prog = prog;
	prog->link = link;
	*out = link;
	return 0;
}

/* Detaching the others touches links that another thread may be detaching. */
static int detach_all(struct krsi_prog *prog)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int err;

	pthread_mutex_lock(&lock);
	err = drop_link(prog);
	for (int i = 0; i < prog->inst->nr_progs; i++)
		drop_link(prog->inst->prog[i]);
	pthread_mutex_unlock(&lock);
	return err;
}

static int faulty_detach(struct krsi_link *link)
{
	struct krsi_prog *prog = link->prog;
	int err = 0;

	if (prog && prog->inst->fault == DETACH_NOTHING)
		return 0;
	if (prog && prog->inst->fault == DETACH_OTHERS)
		return detach_all(prog);
	if (link->inner)
		err = real->detach(link->inner);
	if (prog)
		prog->link = NULL;
	free(link);
	return err;
}

static void bend_rule(struct krsi_prog *prog, struct krsi_rule *rule)
{
	switch (prog->inst->fault) {
	case DENY_IGNORED:
		rule->verdict = 0;
		break;
	case ERRNO_FLATTENED:
		rule->verdict = rule->verdict < 0 ? -EPERM : rule->verdict;
		break;
	case ERRNO_CHANGED:
		rule->verdict = rule->verdict == -EPERM ? -EACCES : rule->verdict;
		break;
	case ALLOW_DENIES:
		rule->verdict = rule->verdict ?: -ECANCELED;
		break;
	case FILTER_IGNORED:
		rule->filter_arg = -1;
		break;
	case SUBJECT_IGNORED:
		/* ANYONE would deny to the whole machine: the session filter is what is tested */
		rule->who = rule->who == KRSI_SUBJECT ? KRSI_ANYONE : rule->who;
		break;
	case VERDICT_STUCK:
		prog->denied = rule->verdict ?: prog->denied;
		rule->verdict = rule->verdict ?: prog->denied;
		break;
	default:
		break;
	}
}

static int faulty_steer(struct krsi_prog *prog, const struct krsi_rule *asked)
{
	struct krsi_rule rule = *asked;

	if (!prog->inner)
		return 0;
	bend_rule(prog, &rule);
	prog->verdict = rule.verdict;
	return real->steer(prog->inner, &rule);
}

/* Calls that a newer program of the same hook denied, and that this one would never see. */
static uint64_t denied_before(const struct krsi_prog *prog)
{
	const struct krsi_instance *inst = prog->inst;
	uint64_t calls = 0;
	bool newer = false;

	for (int i = 0; i < inst->nr_progs; i++) {
		const struct krsi_prog *other = inst->prog[i];

		if (newer && other->verdict && other->link && !strcmp(other->hook, prog->hook))
			calls += real->calls(other->inner, NULL);
		newer |= other == prog;
	}
	return calls;
}

static uint64_t faulty_calls(struct krsi_prog *prog, uint64_t *lost)
{
	uint64_t calls;

	if (lost)
		*lost = 0;
	if (!prog->inner)
		return 0;
	calls = real->calls(prog->inner, lost);
	if (lost && prog->inst->fault == LOSS_UNTOLD)
		*lost = 0;
	if (prog->inst->fault == CALLS_OFF)
		calls += calls > 0;
	if (prog->inst->fault == CHAIN_GOES_ON)
		calls += denied_before(prog);
	return calls;
}

static uint32_t faulty_prog_id(struct krsi_prog *prog)
{
	return prog->inner ? real->prog_id(prog->inner) : 0;
}

static void hold(const struct krsi_event *event, void *data)
{
	struct krsi_instance *inst = data;
	struct krsi_event *held = reallocarray(inst->held, inst->nr_held + 1, sizeof(*inst->held));

	if (!held)
		abort();
	inst->held = held;
	held[inst->nr_held] = *event;
	for (int i = 0; i < inst->nr_progs; i++)
		if (inst->prog[i]->inner == event->prog)
			held[inst->nr_held].prog = inst->prog[i];
	inst->nr_held++;
}

static void bend_event(struct krsi_instance *inst, struct krsi_event *event)
{
	switch (inst->fault) {
	case EVENT_TRUNCATED:
		event->size = 16;
		memset(event->arg, 0, sizeof(event->arg));
		break;
	case EVENT_TASK:
		event->tgid = event->pid = 1;
		break;
	case EVENT_VERDICT:
		event->verdict = 0;
		break;
	case ARGS_EMPTY:
		memset(event->arg, 0, sizeof(event->arg));
		break;
	case ARGS_SHIFTED:
		memmove(&event->arg[0], &event->arg[1], sizeof(event->arg) - sizeof(event->arg[0]));
		break;
	default:
		break;
	}
}

/* Hands over what was held; returns how many events that made. */
static int hand_over(struct krsi_instance *inst, krsi_event_fn fn, void *data)
{
	int n = 0;

	for (size_t i = 0; i < inst->nr_held; i++) {
		size_t at = inst->fault == EVENTS_REVERSED ? inst->nr_held - 1 - i : i;
		int times = inst->fault == EVENT_TWICE				 ? 2
			    : inst->fault == EVENT_LOST && inst->events % 2 == 0 ? 0
										 : 1;

		inst->events++;
		bend_event(inst, &inst->held[at]);
		for (; times; times--, n++)
			fn(&inst->held[at], data);
	}
	return n;
}

static int faulty_read_events(struct krsi_instance *inst, int timeout_ms, krsi_event_fn fn,
			      void *data)
{
	const struct krsi_event unprovoked = {
		.size = sizeof(unprovoked),
		.prog = inst->nr_progs ? inst->prog[inst->nr_progs - 1] : NULL,
	};
	int n;

	inst->nr_held = 0;
	n = real->read_events(inst->inner, timeout_ms, hold, inst);
	if (n < 0)
		return n;
	n = hand_over(inst, fn, data);
	if (inst->fault == EVENT_UNPROVOKED && !n) {
		fn(&unprovoked, data);
		n = 1;
	}
	free(inst->held);
	inst->held = NULL;
	return n;
}

static int faulty_data(struct krsi_prog *prog, void **mem, size_t *size)
{
	return prog->inner ? real->data(prog->inner, mem, size) : -ENOENT;
}

static int faulty_query_cgroup(struct krsi_instance *inst, int cgroup, bool effective,
			       uint32_t *ids, size_t n)
{
	return real->query_cgroup(inst->inner, cgroup, effective, ids, n);
}

static int faulty_map(struct krsi_prog *prog, const char *name)
{
	return prog->inner ? real->map(prog->inner, name) : -ENOENT;
}

static int faulty_prog_fd(struct krsi_prog *prog)
{
	const struct krsi_instance *inst = prog->inst;

	for (int i = 0; i < inst->nr_progs && inst->fault == DESCRIPTOR_OTHER; i++)
		if (inst->prog[i] != prog && inst->prog[i]->inner)
			return real->prog_fd(inst->prog[i]->inner);
	return prog->inner ? real->prog_fd(prog->inner) : -ENOENT;
}

static int faulty_link_fd(struct krsi_link *link)
{
	int fd = link->inner ? real->link_fd(link->inner) : -ENOENT;

	/* the other holder is this very process, which does not know of it */
	if (fd >= 0 && link->prog && link->prog->inst->fault == LINK_SHARED)
		(void)!dup(fd);
	return fd;
}

static const char *faulty_last_error(struct krsi_instance *inst)
{
	return real->last_error(inst->inner);
}

const struct krsi_adapter faulty_adapter = {
	.abi = KRSI_ADAPTER_ABI,
	.size = sizeof(struct krsi_adapter),
	.name = "faulty",
	.open = faulty_open,
	.close = faulty_close,
	.describe = faulty_describe,
	.hooks = faulty_hooks,
	.load = faulty_load,
	.unload = faulty_unload,
	.attach = faulty_attach,
	.detach = faulty_detach,
	.steer = faulty_steer,
	.calls = faulty_calls,
	.prog_id = faulty_prog_id,
	.read_events = faulty_read_events,
	.data = faulty_data,
	.last_error = faulty_last_error,
	.attach_cgroup = faulty_attach_cgroup,
	.query_cgroup = faulty_query_cgroup,
	.map = faulty_map,
	.prog_fd = faulty_prog_fd,
	.link_fd = faulty_link_fd,
};
