// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequences of attach, replace, detach and run on one chain, against a list that is searched the
 * plain way. An input: NAMES names of programs, each ended by a NUL, then operations of two bytes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/plain_names.h"
#include "fuzz/target.h"
#include "reference/core/chain.h"

/* Programs with names of the input; those above are called p16, p17, ... */
#define NAMES	     16
#define PROGRAMS     128
#define NAME_MAX_LEN 15
/* More would only take longer: all that matters of a chain shows in fewer. */
#define MOST_OPS 40

/* FILL: the chain is found with so many of the programs above NAMES; only while it is empty. */
enum { ATTACH, REPLACE, DETACH, RUN, AUDIT, FILL, OPS };

/* A program returns a verdict of its own. */
struct prog {
	char name[NAME_MAX_LEN + 1];
	int verdict;
	bool attached;
	unsigned long ran; /* number of the run in which it last ran */
	unsigned int place;
};

static struct prog progs[PROGRAMS];
static struct krsi_link chain[KRSI_CHAIN_MAX + 2], next[KRSI_CHAIN_MAX + 2];
static u32 n_chain;
/* The model: programs in order. */
static struct prog *list[KRSI_CHAIN_MAX];
static u32 n_list;
static unsigned long runs;
static unsigned int placed;

static const int verdicts[] = { 0, 0, 0, -1, 5, -4095, 0, -13 };

static void drop(u32 i)
{
	list[i]->attached = false;
	n_list--;
	memmove(&list[i], &list[i + 1], (n_list - i) * sizeof(list[0]));
}

static int model_attach(struct prog *p, bool replace, struct prog **gone)
{
	u32 equal = n_list;

	*gone = NULL;
	for (u32 i = 0; i < n_list; i++)
		if (plain_name_equal(list[i]->name, p->name))
			equal = i;
	if (p->attached || (equal < n_list && !replace))
		return -EEXIST;
	if (equal == n_list && n_list == KRSI_CHAIN_MAX)
		return -E2BIG;
	if (equal < n_list) {
		*gone = list[equal];
		drop(equal);
	}
	p->attached = true;
	list[n_list++] = p;
	return n_list;
}

static int model_detach(struct prog *p)
{
	for (u32 i = 0; i < n_list; i++) {
		if (list[i] == p) {
			drop(i);
			return n_list;
		}
	}
	return -ENOENT;
}

static int run_one(void *prog, void *ctx)
{
	struct prog *p = prog;

	if (ctx != &chain)
		fuzz_fail("another context");
	if (p->ran == runs)
		fuzz_fail("%s runs twice", p->name);
	p->ran = runs;
	p->place = placed++;
	return p->verdict;
}

static void do_run(bool enforce)
{
	int want = 0, got;
	u32 i;

	runs++;
	placed = 0;
	got = krsi_chain_run(chain, n_chain, run_one, &chain, enforce);
	for (i = 0; i < n_list; i++) {
		if (list[i]->ran != runs || list[i]->place != i)
			fuzz_fail("program %u of the list did not run in its place", i);
		if (list[i]->verdict < 0) {
			want = enforce ? list[i]->verdict : 0;
			i++;
			break;
		}
	}
	if (placed != i || got != want)
		fuzz_fail("%u ran, verdict %d; instead of %u, %d", placed, got, i, want);
}

static void take(int rc)
{
	if (rc < 0)
		return;
	memcpy(chain, next, rc * sizeof(chain[0]));
	n_chain = rc;
}

static void do_attach(struct prog *p, bool replace)
{
	const struct krsi_link link = { p, p->name };
	struct prog *want_gone;
	void *gone = &gone;
	int want, got;

	got = krsi_chain_attach(chain, n_chain, &link, replace, next, &gone);
	want = model_attach(p, replace, &want_gone);
	if (got != want || gone != want_gone)
		fuzz_fail("attach of %s: %d instead of %d, %s program left", p->name, got, want,
			  gone == want_gone ? "the right" : "another");
	take(got);
}

static void do_detach(struct prog *p)
{
	int got, want;

	/* room for one less, as is promised */
	fuzz_poison(next + n_chain - !!n_chain,
		    sizeof(next) - (n_chain - !!n_chain) * sizeof(next[0]));
	got = krsi_chain_detach(chain, n_chain, p, next);
	fuzz_unpoison(next, sizeof(next));
	want = model_detach(p);
	if (got != want)
		fuzz_fail("detach of %s: %d instead of %d", p->name, got, want);
	take(got);
}

/* Attached one after the other they would take longer than all the rest. */
static void fill(long n)
{
	n = n < KRSI_CHAIN_MAX ? n : KRSI_CHAIN_MAX;
	for (long i = 0; !n_list && i < n; i++) {
		chain[i] = (struct krsi_link){ &progs[NAMES + i], progs[NAMES + i].name };
		list[i] = &progs[NAMES + i];
		list[i]->attached = true;
	}
	if (!n_list && n > 0)
		n_chain = n_list = n;
}

static void check_links(void)
{
	if (n_chain != n_list)
		fuzz_fail("%u programs instead of %u", n_chain, n_list);
	for (u32 i = 0; i < n_list; i++)
		if (chain[i].prog != list[i] || chain[i].name != list[i]->name)
			fuzz_fail("another program at place %u", i);
}

/* What no input decides. */
static void name_others(void)
{
	for (unsigned int i = 0; i < PROGRAMS; i++) {
		progs[i].verdict = verdicts[i % 8];
		if (i < NAMES)
			continue;
		progs[i].name[0] = 'p';
		progs[i].name[1] = '0' + i / 100;
		progs[i].name[2] = '0' + i / 10 % 10;
		progs[i].name[3] = '0' + i % 10;
	}
}

/* Returns the bytes that the names took. */
static size_t set_up(const uint8_t *data, size_t size)
{
	size_t at = 0;

	if (!progs[NAMES].name[0])
		name_others();
	for (unsigned int i = 0; i < PROGRAMS; i++) {
		progs[i].attached = false;
		progs[i].ran = 0;
	}
	for (unsigned int i = 0; i < NAMES; i++) {
		size_t n = 0;

		for (; at < size && n < NAME_MAX_LEN && data[at]; at++)
			progs[i].name[n++] = data[at];
		progs[i].name[n] = '\0';
		at += at < size;
	}
	n_chain = n_list = 0;
	runs = 0;
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = set_up(data, size);

	for (int ops = 0; at + 2 <= size && ops < MOST_OPS; at += 2, ops++) {
		struct prog *p = &progs[data[at + 1] % PROGRAMS];

		switch (data[at] % OPS) {
		case ATTACH:
		case REPLACE:
			do_attach(p, data[at] % OPS == REPLACE);
			break;
		case DETACH:
			do_detach(p);
			break;
		case FILL:
			fill(p - &progs[NAMES]);
			break;
		default:
			do_run(data[at] % OPS == RUN);
		}
		check_links();
	}
	return 0;
}

/* Names as in the unit tests of the chain, and a few operations on them. */
#define NAMES_SEED                                                                                 \
	"a\0b\0a__1\0a__2\0_\0__\0\0log__v1\0log_\0logger\0a_b\0x__y__z\0x\0verylongname123\0c\0d\0"

void fuzz_seeds(fuzz_emit_fn *emit)
{
	static const struct {
		const char *name;
		uint8_t ops[32];
		size_t n;
	} seeds[] = {
		{ "order", { ATTACH, 0, ATTACH, 1, ATTACH, 14, RUN, 0 }, 8 },
		{ "replace", { ATTACH, 2, ATTACH, 1, REPLACE, 3, RUN, 0, AUDIT, 0 }, 10 },
		{ "exists", { ATTACH, 0, ATTACH, 0, ATTACH, 2, REPLACE, 0 }, 8 },
		{ "detach", { ATTACH, 0, ATTACH, 1, DETACH, 0, DETACH, 0, RUN, 0 }, 10 },
		{ "names", { ATTACH, 4, ATTACH, 5, ATTACH, 6, ATTACH, 8, ATTACH, 9 }, 10 },
		{ "many", { ATTACH, 20, ATTACH, 21, ATTACH, 22, RUN, 0, DETACH, 21 }, 10 },
	};
	uint8_t all[512];

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		memcpy(all, NAMES_SEED, sizeof(NAMES_SEED) - 1);
		memcpy(all + sizeof(NAMES_SEED) - 1, seeds[i].ops, seeds[i].n);
		emit(seeds[i].name, all, sizeof(NAMES_SEED) - 1 + seeds[i].n);
	}
}
