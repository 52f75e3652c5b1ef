// SPDX-License-Identifier: GPL-2.0-only
#include "ci/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/text.h"

/* A hostile guest shall not fill the host's memory with complaints. */
#define MOST_FAULTS 100
#define MOST_NOTES  500
#define LINE_BYTES  1000

/* Every row type starts with its name, which is all that sorting and finding look at. */
static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void *find(const char *name, const void *rows, size_t n, size_t size)
{
	return n ? bsearch(&name, rows, n, size, by_name) : NULL;
}

struct run_test *run_add_test(struct run *run, const char *id)
{
	struct run_test *t = ARRAY_PUSH(run, tests);

	t->id = xstrdup(id);
	t->boot = -1;
	return t;
}

void run_sort(struct run *run)
{
	if (run->n_tests)
		qsort(run->tests, run->n_tests, sizeof(*run->tests), by_name);
	if (run->n_hooks)
		qsort(run->hooks, run->n_hooks, sizeof(*run->hooks), by_name);
	if (run->n_requirements)
		qsort(run->requirements, run->n_requirements, sizeof(*run->requirements), by_name);
}

struct run_test *run_test_find(const struct run *run, const char *id)
{
	return find(id, run->tests, run->n_tests, sizeof(*run->tests));
}

struct run_hook *run_hook_find(const struct run *run, const char *name)
{
	return find(name, run->hooks, run->n_hooks, sizeof(*run->hooks));
}

struct run_hook *run_hook_add(struct run *run, const char *name)
{
	struct run_hook *h = run_hook_find(run, name);
	size_t at;

	if (h)
		return h;
	ARRAY_PUSH(run, hooks);
	for (at = run->n_hooks - 1; at && strcmp(run->hooks[at - 1].name, name) > 0; at--)
		run->hooks[at] = run->hooks[at - 1];
	h = &run->hooks[at];
	*h = (struct run_hook){ .name = xstrdup(name), .boot = -1 };
	return h;
}

const struct run_requirement *run_requirement_find(const struct run *run, const char *id)
{
	return find(id, run->requirements, run->n_requirements, sizeof(*run->requirements));
}

__attribute__((format(printf, 3, 0))) static void add_line(struct strs *sv, size_t most,
							   const char *fmt, va_list ap)
{
	char raw[2 * LINE_BYTES]; /* enough for text_line() to see that it is too much */

	if (sv->n < most) {
		vsnprintf(raw, sizeof(raw), fmt, ap);
		strs_take(sv, text_line(raw, LINE_BYTES));
	} else if (sv->n == most) {
		strs_add(sv, "... and more of these");
	}
}

void run_fault(struct run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_line(&run->faults, MOST_FAULTS, fmt, ap);
	va_end(ap);
}

void run_note(struct run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_line(&run->notes, MOST_NOTES, fmt, ap);
	va_end(ap);
}

size_t run_close(struct run *run, const char *reason)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n_tests; i++) {
		struct run_test *t = &run->tests[i];

		if (t->done)
			continue;
		t->done = true;
		t->result = RESULT_BROKEN;
		text_set(&t->reason, reason);
		n++;
	}
	return n;
}

void run_totals(const struct run *run, size_t *totals)
{
	memset(totals, 0, RESULT_COUNT * sizeof(*totals));
	for (size_t i = 0; i < run->n_tests; i++)
		if (run->tests[i].done)
			totals[run->tests[i].result]++;
}

/* hook/<hook>/<semantic>[/...]: sets the parts (not terminated). Returns false for other ids. */
static bool split_hook_id(const char *id, const char **hook, size_t *hook_len, const char **sem,
			  size_t *sem_len)
{
	if (strncmp(id, "hook/", 5))
		return false;
	*hook = id + 5;
	*hook_len = strcspn(*hook, "/");
	if (!(*hook)[*hook_len])
		return false;
	*sem = *hook + *hook_len + 1;
	*sem_len = strcspn(*sem, "/");
	return true;
}

/* What a reader asks first: does it run, does it see the right thing, does denial work. */
static int semantic_rank(const char *s)
{
	static const char *const known[] = { "fires", "args",  "deny",	"errno",     "restore",
					     "route", "grant", "multi", "sleepable", "range" };
	const int n = sizeof(known) / sizeof(*known);

	for (int i = 0; i < n; i++)
		if (!strcmp(known[i], s))
			return i;
	return n;
}

static int by_semantic(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int rx = semantic_rank(x), ry = semantic_rank(y);

	return rx != ry ? rx - ry : strcmp(x, y);
}

void run_semantics(const struct run *run, struct strs *out)
{
	for (size_t i = 0; i < run->n_tests; i++) {
		const char *hook, *sem;
		size_t hook_len, sem_len;
		char *name;

		if (!split_hook_id(run->tests[i].id, &hook, &hook_len, &sem, &sem_len))
			continue;
		name = xstrndup(sem, sem_len);
		if (!strs_has(out, name))
			strs_add(out, name);
		free(name);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_semantic);
}

int run_hook_result(const struct run *run, const char *hook, const char *semantic,
		    enum result *result)
{
	char *prefix = xasprintf("hook/%s/%s", hook, semantic);
	size_t len = strlen(prefix), lo = 0, hi = run->n_tests;
	int found = -1;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(run->tests[mid].id, prefix) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < run->n_tests && !strncmp(run->tests[lo].id, prefix, len); lo++) {
		const struct run_test *t = &run->tests[lo];

		if (!t->done || (t->id[len] && t->id[len] != '/'))
			continue;
		if (found || result_badness(t->result) > result_badness(*result))
			*result = t->result;
		found = 0;
	}
	free(prefix);
	return found;
}

/* A further way shows that the hook fires where the first one is not to be had. */
static bool a_route_passes(const struct run *run, const char *hook)
{
	char *prefix = xasprintf("hook/%s/route/", hook);
	size_t len = strlen(prefix);
	bool passes = false;

	for (size_t i = 0; i < run->n_tests && !passes; i++)
		passes = !strncmp(run->tests[i].id, prefix, len) && run->tests[i].done &&
			 run->tests[i].result == RESULT_PASS;
	free(prefix);
	return passes;
}

struct run_hook_counts run_count_hooks(const struct run *run)
{
	struct run_hook_counts n = { 0 };

	for (size_t i = 0; i < run->n_hooks; i++) {
		const struct run_hook *h = &run->hooks[i];
		enum result r;

		n.attachable += h->attachable;
		n.sleepable += h->sleepable;
		n.unreachable += h->attachable && h->unreachable;
		n.untriggered += h->attachable && h->untriggered;
		n.uncovered += h->attachable && !h->covered;
		n.fire += (!run_hook_result(run, h->name, "fires", &r) && r == RESULT_PASS) ||
			  a_route_passes(run, h->name);
	}
	return n;
}

char *run_command(const struct run *run, const char *id)
{
	const char *tests = id ? id : run->selection;
	char *quoted, *out;

	if (!tests || !strcmp(tests, "*"))
		return xasprintf("%s", run->command ? run->command : "krsi test");
	quoted = text_shell(tests);
	out = xasprintf("%s --tests %s", run->command ? run->command : "krsi test", quoted);
	free(quoted);
	return out;
}

void run_hook_reach(struct run_hook *h, bool unreachable, bool untriggered)
{
	if (h->ret && !h->unreachable)
		return;
	h->unreachable = unreachable;
	h->untriggered = untriggered;
}

char *run_second(const struct run_test *t)
{
	const char *why = t->second_reason;

	if (!t->retried)
		return NULL;
	return xasprintf("%s%s%s", result_name(t->second), why ? ": " : "", why ? why : "");
}

static void take_hooks(struct run *into, struct run *from, int shift)
{
	for (size_t i = 0; i < from->n_hooks; i++) {
		struct run_hook *h = &from->hooks[i], *to = run_hook_add(into, h->name);

		if (to->ret && (to->attachable != h->attachable || to->sleepable != h->sleepable))
			run_fault(into, "hook %s has other properties in another guest", h->name);
		if (to->ret)
			run_hook_reach(h, to->unreachable, to->untriggered);
		if (cost_known(&h->cost) && cost_known(&to->cost) &&
		    memcmp(&h->cost, &to->cost, sizeof(h->cost)) != 0)
			run_note(into, "hook %s: its program has other counts in another guest",
				 h->name);
		if (cost_known(&to->cost))
			h->cost = to->cost;
		free(to->name);
		free(to->ret);
		*to = *h;
		to->boot += shift;
	}
	from->n_hooks = 0;
}

static void take_texts(struct run *into, struct run *from)
{
	static const size_t once[] = {
		offsetof(struct run, suite_version),
		offsetof(struct run, suite_commit),
		offsetof(struct run, kernel_release),
		offsetof(struct run, kernel_version),
		offsetof(struct run, kernel_machine),
		offsetof(struct run, kernel_cmdline),
		offsetof(struct run, lsm),
		offsetof(struct run, impl_version),
		offsetof(struct run, accel),
		offsetof(struct run, accel_why),
	};

	for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++) {
		char **a = (char **)((char *)into + once[i]),
		     **b = (char **)((char *)from + once[i]);

		if (*a)
			continue;
		*a = *b;
		*b = NULL;
	}
}

/* The worst stays, with its words; from RUN_NO_BOOT on they are in that order. */
static void take_stop(struct run *into, struct run *from)
{
	if (from->stop == RUN_GOES_ON || (into->stop != RUN_GOES_ON && into->stop <= from->stop))
		return;
	into->stop = from->stop;
	text_set(&into->stop_cause, from->stop_cause);
	text_set(&into->stop_text, from->stop_text);
}

void run_merge(struct run *into, struct run *from)
{
	int shift = (int)into->n_boots;

	for (size_t i = 0; i < from->n_tests; i++) {
		struct run_test *t = ARRAY_PUSH(into, tests);

		*t = from->tests[i];
		t->boot += t->boot < 0 ? 0 : shift;
	}
	for (size_t i = 0; i < from->n_splats; i++) {
		struct run_splat *s = ARRAY_PUSH(into, splats);

		*s = from->splats[i];
		s->boot += shift;
	}
	for (size_t i = 0; i < from->n_boots; i++)
		*ARRAY_PUSH(into, boots) = from->boots[i];
	from->n_tests = from->n_splats = from->n_boots = 0;
	take_hooks(into, from, shift);
	/* what suite-start tells goes together */
	if (from->suite_version)
		into->seed = from->seed;
	take_texts(into, from);
	strs_copy(&into->notes, &from->notes);
	strs_copy(&into->faults, &from->faults);
	if (!into->capabilities.n)
		strs_copy(&into->capabilities, &from->capabilities);
	into->suite_dirty = into->suite_dirty || from->suite_dirty;
	into->cut = into->cut || from->cut;
	take_stop(into, from);
	run_free(from);
}

static void free_all(char **const *slots, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(*slots[i]);
}

void run_free(struct run *run)
{
	char **const own[] = {
		&run->suite_version,
		&run->suite_commit,
		&run->suite_payload,
		&run->kernel_name,
		&run->kernel_release,
		&run->kernel_version,
		&run->kernel_machine,
		&run->kernel_cmdline,
		&run->kernel_sha256,
		&run->kernel_package,
		&run->lsm,
		&run->implementation,
		&run->impl_version,
		&run->accel,
		&run->accel_why,
		&run->command,
		&run->selection,
		&run->stop_cause,
		&run->stop_text,
		&run->started,
		&run->baseline,
	};

	free_all(own, sizeof(own) / sizeof(*own));
	for (size_t i = 0; i < run->n_tests; i++) {
		struct run_test *t = &run->tests[i];

		free_all((char **const[]){ &t->id, &t->summary, &t->reason, &t->expected, &t->got,
					   &t->second_reason },
			 6);
		strs_free(&t->requirements);
		strs_free(&t->differs);
		strs_free(&t->waivers);
	}
	for (size_t i = 0; i < run->n_hooks; i++)
		free_all((char **const[]){ &run->hooks[i].name, &run->hooks[i].ret }, 2);
	for (size_t i = 0; i < run->n_requirements; i++) {
		struct run_requirement *r = &run->requirements[i];

		free_all((char **const[]){ &r->id, &r->level, &r->text, &r->source }, 4);
	}
	for (size_t i = 0; i < run->n_splats; i++) {
		struct run_splat *s = &run->splats[i];

		free_all((char **const[]){ &s->kind, &s->title, &s->test, &s->text }, 4);
	}
	for (size_t i = 0; i < run->n_boots; i++) {
		struct run_boot *b = &run->boots[i];

		free_all((char **const[]){ &b->outcome, &b->reason, &b->test, &b->tail,
					   &b->first_failure, &b->lane, &b->lsm },
			 7);
	}
	free(run->tests);
	free(run->hooks);
	free(run->requirements);
	free(run->splats);
	free(run->boots);
	strs_free(&run->capabilities);
	strs_free(&run->notes);
	strs_free(&run->faults);
	strs_free(&run->worse);
	strs_free(&run->better);
	strs_free(&run->changes);
	strs_free(&run->costs);
	strs_free(&run->waiver_files);
	strs_free(&run->stale);
	*run = (struct run){ 0 };
}
