// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/harness/case.h"
#include "conformance/harness/generic.h"

/* The verdict of `deny`, and that of `errno`: one that no kernel path returns by itself. */
#define DENY	EPERM
#define UNUSUAL EUCLEAN

static unsigned int expected_calls(const struct krsi_hook_entry *entry, int route)
{
	return entry->route[route].count ?: entry->count ?: 1;
}

/* Every call was recorded once, whole, and by the right program. */
static void check_record(struct krsi_run *t, const struct case_seen *seen)
{
	test__true(t, !seen->stray, "every event is whole and of the program that was armed");
	test__equal(t, 0, seen->lost, "events lost");
	test__equal(t, seen->calls, seen->nr_events, "events for the calls counted");
}

static void check_calls(struct krsi_run *t, const struct krsi_hook_entry *entry,
			const struct case_seen *seen, unsigned int want, const char *many)
{
	if (many)
		test__true(t, seen->calls > 0, "the hook is called");
	else
		test__equal(t, want, seen->calls, "calls of the hook");
	check_record(t, seen);
}

/* The behaviour went undisturbed. */
static void check_normal(struct krsi_run *t, const struct krsi_hook_entry *entry,
			 const struct case_seen *seen, int route)
{
	test__errno(t, entry->normal, seen->ret, entry->route[route].name);
	if (entry->effect)
		test__equal(t, !entry->grants, seen->effect, "effects of the behaviour");
}

/* One run with a verdict that must leave the behaviour as it is. */
static void run_passed(struct krsi_run *t, int route, int verdict, struct case_seen *seen)
{
	const struct krsi_hook_entry *entry = t->test->entry;
	const struct case_options options = {
		.route = route,
		.verdict = verdict,
		.expect_calls = true,
		.calls = expected_calls(entry, route),
	};

	case__run(t, entry, test__fleet(t, entry->name), &options, seen);
	check_normal(t, entry, seen, route);
	check_calls(t, entry, seen, expected_calls(entry, route),
		    entry->route[route].many ?: entry->many);
}

static void run_normal(struct krsi_run *t, int route, struct case_seen *seen)
{
	run_passed(t, route, 0, seen);
}

static void run_denied(struct krsi_run *t, int route, int err, struct case_seen *seen)
{
	const struct krsi_hook_entry *entry = t->test->entry;
	const struct krsi_route *way = &entry->route[route];
	unsigned int calls = entry->deny_count ?: expected_calls(entry, route);
	const char *many = entry->deny_many ?: way->many ?: entry->many;
	const struct case_options options = {
		.route = route,
		.verdict = -err,
		.expect_calls = true,
		.calls = calls,
	};
	int want = way->denied_by ? -way->denied_as : entry->denied_by ? -entry->denied_as : -err;

	case__run(t, entry, test__fleet(t, entry->name), &options, seen);
	if (way->ignored_by || entry->ignored_by || (entry->ignores && entry->ignores())) {
		check_normal(t, entry, seen, route);
	} else {
		test__errno(t, want, seen->ret, entry->route[route].name);
		test__true(t, !seen->effect, "a denied behaviour has no effect");
	}
	check_calls(t, entry, seen, calls, many);
	for (unsigned int i = 0; i < seen->nr_events && i < CASE_EVENTS; i++)
		test__equal(t, -err, seen->event[i].verdict, "verdict in the event");
}

static void fires(struct krsi_run *t)
{
	struct case_seen seen;

	run_normal(t, 0, &seen);
}

static bool matches(const struct krsi_want *want, const struct case_value *value,
		    const struct krsi_arg *arg)
{
	enum krsi_field field = case__field(want);
	uint64_t word = field == KRSI_A ? arg->a : field == KRSI_B ? arg->b : arg->raw;

	if (want->from == SOURCE_TEXT)
		return !strncmp(arg->s, want->text, sizeof(arg->s) - 1);
	return !((word ^ value->a) & value->mask) && (!value->has_b || arg->b == value->b);
}

static const struct krsi_want *first_mismatch(const struct krsi_hook_entry *entry,
					      const struct case_seen *seen,
					      const struct krsi_event *event, int *index)
{
	for (int i = 0; i < KRSI_MAX_WANTS; i++) {
		const struct krsi_want *want = &entry->args[i];

		if (want->from == SOURCE_NONE)
			continue;
		*index = i;
		if (!matches(want, &seen->want[i], &event->arg[seen->want[i].arg]))
			return want;
	}
	return NULL;
}

static _Noreturn void fail_args(struct krsi_run *t, const struct krsi_want *want,
				const struct case_value *value, const struct krsi_arg *arg)
{
	char expected[128], got[160];

	if (want->from == SOURCE_TEXT)
		snprintf(expected, sizeof(expected), "'%s'", want->text);
	else if (value->has_b)
		snprintf(expected, sizeof(expected), "inode %" PRIu64 " of device %" PRIx64,
			 value->a, value->b);
	else
		snprintf(expected, sizeof(expected), "0x%" PRIx64, value->a);
	snprintf(got, sizeof(got), "raw 0x%" PRIx64 " a 0x%" PRIx64 " b 0x%" PRIx64 " '%.39s'",
		 arg->raw, arg->a, arg->b, arg->s);
	test__fail(t, expected, got, "argument '%s' identifies the object touched", want->param);
}

static void args(struct krsi_run *t)
{
	const struct krsi_hook_entry *entry = t->test->entry;
	const struct krsi_want *want = NULL;
	unsigned int kept, good = 0, i;
	struct case_seen seen;
	int index = 0;

	run_normal(t, 0, &seen);
	kept = seen.nr_events < CASE_EVENTS ? seen.nr_events : CASE_EVENTS;
	for (i = 0; i < kept; i++) {
		const struct krsi_want *bad = first_mismatch(entry, &seen, &seen.event[i], &index);

		good += !bad;
		if (!bad)
			continue;
		want = bad;
		/* where the number of calls is defined, every one of them is of our object */
		if (!entry->many)
			break;
	}
	if (entry->many ? !good : want != NULL)
		fail_args(t, want, &seen.want[index],
			  &seen.event[i < kept ? i : kept - 1].arg[seen.want[index].arg]);
}

static void deny(struct krsi_run *t)
{
	struct case_seen seen;

	run_denied(t, 0, DENY, &seen);
}

static void exact_errno(struct krsi_run *t)
{
	struct case_seen seen;

	run_denied(t, 0, UNUSUAL, &seen);
}

static void grant(struct krsi_run *t)
{
	const struct krsi_hook_entry *entry = t->test->entry;
	const struct case_options options = {
		.verdict = 1,
		.expect_calls = true,
		.calls = expected_calls(entry, 0),
	};
	struct case_seen seen;

	case__run(t, entry, test__fleet(t, entry->name), &options, &seen);
	test__errno(t, 0, seen.ret, entry->route[0].name);
	test__true(t, seen.effect, "a permitted behaviour takes effect");
	check_calls(t, entry, &seen, expected_calls(entry, 0), entry->many);
}

/* 0 means no answer, and so does the default itself: neither may be taken for a verdict. */
static void pass_default(struct krsi_run *t)
{
	const int verdicts[] = { 0, t->test->entry->default_ret };
	struct case_seen seen;

	for (int i = 0; i < 2; i++) {
		run_passed(t, 0, verdicts[i], &seen);
		for (unsigned int e = 0; e < seen.nr_events && e < CASE_EVENTS; e++)
			test__equal(t, verdicts[i], seen.event[e].verdict, "verdict in the event");
	}
}

/* The program is detached but still told to deny: it must not run. */
static void restore(struct krsi_run *t)
{
	const struct krsi_hook_entry *entry = t->test->entry;
	const struct case_options options = {
		.verdict = entry->ret == KRSI_RET_INT ? -DENY : 0,
	};
	struct case_seen seen;

	case__run(t, entry, test__fleet(t, entry->name), &options, &seen);
	check_normal(t, entry, &seen, 0);
	test__equal(t, 0, seen.calls, "calls of a detached program");
	test__equal(t, 0, seen.nr_events, "events of a detached program");
}

static struct krsi_prog *attach_witness(struct krsi_run *t)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .hook = t->test->entry->name };
	struct krsi_prog *witness = NULL;
	struct krsi_link *link = NULL;

	test__errno(t, 0, t->adapter->load(t->inst, &spec, &witness), "load of a witness");
	test__errno(t, 0, t->adapter->attach(witness, KRSI_ATTACH_DEFAULT, &link),
		    "attach of a witness");
	return witness;
}

/* Calls may come after act: another program tells when those have come that must not be seen. */
static void restore_async(struct krsi_run *t)
{
	const struct krsi_hook_entry *entry = t->test->entry;
	struct krsi_prog *gone = test__fleet(t, entry->name);
	const struct case_options options = {
		.detached = gone,
		.detached_verdict = entry->ret == KRSI_RET_INT ? -DENY : 0,
		.expect_calls = true,
		.calls = expected_calls(entry, 0),
	};
	struct case_seen seen;

	case__run(t, entry, attach_witness(t), &options, &seen);
	test__equal(t, 0, t->adapter->calls(gone, NULL), "calls of a detached program");
	check_normal(t, entry, &seen, 0);
	test__true(t, seen.calls > 0, "a program attached since then is called");
	check_record(t, &seen);
}

static void route(struct krsi_run *t)
{
	struct case_seen seen;

	run_normal(t, t->test->variant, &seen);
	if (t->test->entry->ret == KRSI_RET_INT && !t->test->entry->no_deny)
		run_denied(t, t->test->variant, DENY, &seen);
}

/* The semantics of one hook, and which entries have them. */
static const struct semantic {
	const char *name, *summary, *requirement;
	enum krsi_phase phase;
	void (*body)(struct krsi_run *t);
	bool denies, identifies;
} semantics[] = {
	{ "fires", "the program runs exactly as often as the hook is called", "HOOK-001",
	  PHASE_FLEET, fires, false, false },
	{ "args", "the program sees the object that the subject touched", "HOOK-002", PHASE_FLEET,
	  args, false, true },
	{ "deny", "a denied behaviour fails and has no effect", "HOOK-003", PHASE_FLEET, deny, true,
	  false },
	{ "errno", "an unusual errno reaches userspace exactly", "HOOK-004", PHASE_FLEET,
	  exact_errno, true, false },
	{ "grant", "a yes permits what is refused without it", "RET-017", PHASE_FLEET, grant, false,
	  false },
	{ "default", "a program that returns 0 or the hook's default leaves all as it is",
	  "RET-013", PHASE_FLEET, pass_default, false, false },
	{ "restore", "after detach the behaviour works and the program does not run", "HOOK-005",
	  PHASE_RESTORE, restore, false, false },
};

/* Where the kernel ignores what the hook returns, nothing tells its default from a verdict. */
static bool shows_default(const struct krsi_hook_entry *entry)
{
	return entry->default_ret && !entry->ignored_by;
}

static struct krsi_test *derive(const struct krsi_hook_entry *entry, const char *suffix)
{
	struct krsi_test *test = calloc(1, sizeof(*test));
	char *id = NULL;

	if (!test || asprintf(&id, "hook/%s/%s", entry->name, suffix) < 0)
		abort();
	test->id = id;
	test->entry = entry;
	test->hook[0] = entry->name;
	test->needs = entry->needs;
	test->needs.capabilities |= KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_PROCESS;
	/* which calls are the behaviour is told by an argument */
	if (entry->only.from != SOURCE_NONE)
		test->needs.capabilities |= KRSI_CAP_ARGS;
	test->phase = PHASE_FLEET;
	return test;
}

static void needs_of_route(struct krsi_test *test, const struct krsi_route *route)
{
	const size_t max = sizeof(test->needs.module) / sizeof(test->needs.module[0]);
	size_t n = 0;

	if (route->probe)
		test->needs.probe = route->probe;
	if (route->lsm)
		test->needs.lsm = route->lsm;
	if (route->only.from != SOURCE_NONE)
		test->needs.capabilities |= KRSI_CAP_ARGS;
	while (n < max && test->needs.module[n])
		n++;
	if (route->module && n == max)
		abort();
	if (route->module)
		test->needs.module[n] = route->module;
}

void generic__derive(const struct krsi_hook_entry *entry,
		     void (*fn)(const struct krsi_test *test, void *data), void *data)
{
	bool denies = entry->ret == KRSI_RET_INT && !entry->no_deny;

	if (!entry->route[0].act)
		return;
	for (size_t i = 0; i < sizeof(semantics) / sizeof(semantics[0]); i++) {
		const struct semantic *semantic = &semantics[i];
		struct krsi_test *test;

		if ((semantic->denies && !denies) || (semantic->body == grant && !entry->grants) ||
		    (semantic->body == pass_default && !shows_default(entry)) ||
		    (semantic->identifies && entry->args[0].from == SOURCE_NONE))
			continue;
		test = derive(entry, semantic->name);
		test->summary = semantic->summary;
		test->requirements[0] = semantic->requirement;
		if (entry->ret == KRSI_RET_VOID && semantic->body == fires)
			test->requirements[1] = "HOOK-006";
		if (semantic->body == pass_default)
			test->requirements[1] = "RET-001";
		if (semantic->body == deny && entry->default_ret)
			test->requirements[1] = "RET-014";
		if (semantic->identifies)
			test->needs.capabilities |= KRSI_CAP_ARGS;
		if (semantic->body == grant)
			test->needs.capabilities |= KRSI_CAP_TARGET;
		test->phase = semantic->phase;
		test->body = semantic->body;
		if (semantic->body == restore && entry->async)
			test->body = restore_async;
		needs_of_route(test, &entry->route[0]);
		fn(test, data);
	}
	for (int i = 1; i < KRSI_MAX_ROUTES && entry->route[i].act; i++) {
		char suffix[64];
		struct krsi_test *test;

		snprintf(suffix, sizeof(suffix), "route/%s", entry->route[i].name);
		test = derive(entry, suffix);
		test->summary = "this way to the behaviour passes the hook too";
		test->requirements[0] = "HOOK-001";
		test->requirements[1] = "HOOK-003";
		test->requirements[2] = "HOOK-010";
		test->body = route;
		test->variant = i;
		needs_of_route(test, &entry->route[i]);
		fn(test, data);
	}
}
