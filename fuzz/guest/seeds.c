// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/guest/seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/guest/input.h"
#include "reference/tests/asks.h"
#include "vm-images/mem.h"

/* An execution: its head, the name, then the strings. */
static void execution(seeds_emit_fn *emit, const char *seed, struct exec_head h, const char *name,
		      const void *strings, size_t size)
{
	char *all = xreallocarray(NULL, sizeof(h) + h.name_len + size, 1);

	memcpy(all, &h, sizeof(h));
	memcpy(all + sizeof(h), name, h.name_len);
	memcpy(all + sizeof(h) + h.name_len, strings, size);
	emit(seed, all, sizeof(h) + h.name_len + size);
	free(all);
}

/* A value of three pages, one at the end of three pages of others, and one that a page ends before.
 */
static void large_executions(seeds_emit_fn *emit)
{
	struct exec_head h = { .argc = 1, .buf_len = 4096, .name_len = sizeof("LONG") };
	static char strings[3 * 4096 + 16];
	size_t n = sprintf(strings, "report") + 1;

	memset(strings + n, 'x', sizeof(strings) - n - 1);
	memcpy(strings + n, "LONG=", 5);
	execution(emit, "long", h, "LONG", strings, sizeof(strings));
	for (size_t i = n; i + 32 < sizeof(strings); i += 32)
		sprintf(strings + i, "V%06zu=%022zu", i, i);
	memcpy(strings + sizeof(strings) - 8, "\0LONG=x", 8);
	execution(emit, "many", h, "LONG", strings, sizeof(strings));
	h.pad = 4000;
	execution(emit, "page", h, "LONG", "report\0LONG=x", sizeof("report\0LONG=x"));
}

/* The cases of the unit tests, each executed in another way. */
static void executions(seeds_emit_fn *emit)
{
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		const struct ask *a = &asks[i];
		size_t name = a->name ? a->name_len ?: strlen(a->name) + 1 : 0;
		const struct exec_head h = { .way = i % EXEC_WAYS,
					     .argc = a->argc,
					     .buf_len = a->buf_len,
					     .name_len = name,
					     .all = (a->name ? 0 : 1) |
						    (i / EXEC_WAYS % EXEC_ARRANGEMENTS) << 1 };
		char *seed = xasprintf("case-%02zu", i);

		execution(emit, seed, h, a->name ?: "", a->bytes, a->len);
		free(seed);
	}
	large_executions(emit);
}

#define NAMES		       "a\0b\0a__1\0a__2\0log__v1\0log\0_\0\0"
#define LOAD(slot, what, name) SEQ_LOAD, (slot) | (what), (name)
#define DENIES		       SEQ_RETURNS(4)

static void sequences(seeds_emit_fn *emit)
{
	static const struct {
		const char *name;
		uint8_t op[45];
		size_t n;
	} seeds[] = {
		{ "order",
		  { LOAD(0, 0, 0), LOAD(1, 0, 1), SEQ_ATTACH, 0, SEQ_SYMLINK, SEQ_ATTACH, 1,
		    SEQ_SYMLINK, SEQ_RUN, SEQ_SYMLINK, 0 },
		  15 },
		{ "deny",
		  { LOAD(0, 0, DENIES), LOAD(1, 0, 1), SEQ_ATTACH, 0, SEQ_GETPGID, SEQ_ATTACH, 1,
		    SEQ_GETPGID, SEQ_RUN, SEQ_GETPGID, 0 },
		  15 },
		{ "replace",
		  { LOAD(0, 0, 2), LOAD(1, 0, 3), SEQ_ATTACH, 0, SEQ_EXEC, SEQ_REPLACE, 1, SEQ_EXEC,
		    SEQ_RUN, SEQ_EXEC, 2, SEQ_READ, SEQ_EXEC, 0 },
		  18 },
		{ "detach",
		  { LOAD(0, 0, 0), SEQ_ATTACH, 0, SEQ_SYMLINK, SEQ_DETACH, 0, SEQ_SYMLINK,
		    SEQ_DETACH, 0, SEQ_SYMLINK, SEQ_RUN, SEQ_SYMLINK, 0 },
		  15 },
		{ "outlives",
		  { LOAD(0, 0, 0), SEQ_ATTACH, 0, SEQ_SYMLINK, SEQ_CLOSE, 0, 0, SEQ_RUN,
		    SEQ_SYMLINK, 0, SEQ_QUERY, SEQ_SYMLINK, 4 },
		  15 },
		{ "environment",
		  { LOAD(0, SEQ_CALLS(SEQ_ENVIRONMENT), 0),
		    LOAD(1, SEQ_SLEEPABLE | SEQ_CALLS(SEQ_ENVIRONMENT), 1), SEQ_ATTACH, 0, SEQ_EXEC,
		    SEQ_ATTACH, 1, SEQ_EXEC, SEQ_RUN, SEQ_EXEC, 3 },
		  15 },
		{ "helpers",
		  { LOAD(0, SEQ_CALLS(SEQ_SESSION), 0), LOAD(1, SEQ_CALLS(SEQ_FILE), 1), SEQ_ATTACH,
		    0, SEQ_EXEC, SEQ_ATTACH, 1, SEQ_EXEC, SEQ_RUN, SEQ_EXEC, 0, SEQ_ATTACH, 1,
		    SEQ_SYMLINK, SEQ_RUN, SEQ_SYMLINK, 0 },
		  21 },
		{ "sleepable",
		  { LOAD(0, SEQ_SLEEPABLE, 0), SEQ_ATTACH, 0, SEQ_GETPGID, SEQ_ATTACH, 0,
		    SEQ_SYMLINK, SEQ_RUN, SEQ_SYMLINK, 0, SEQ_RUN, SEQ_GETPGID, 0 },
		  15 },
	};
	uint8_t all[128];

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		memcpy(all, NAMES, sizeof(NAMES) - 1);
		memcpy(all + sizeof(NAMES) - 1, seeds[i].op, seeds[i].n);
		emit(seeds[i].name, all, sizeof(NAMES) - 1 + seeds[i].n);
	}
}

static void well(seeds_emit_fn *emit)
{
	emit("well", "well", 4);
}

static const struct {
	const char *target;
	void (*write)(seeds_emit_fn *emit);
} seeds_of[] = {
	{ "exec", executions },
	{ "faulty", well },
	{ "mainline", executions },
	{ "sequence", sequences },
};

int seeds_write(const char *target, seeds_emit_fn *emit)
{
	for (size_t i = 0; i < sizeof(seeds_of) / sizeof(seeds_of[0]); i++)
		if (!strcmp(seeds_of[i].target, target)) {
			seeds_of[i].write(emit);
			return 0;
		}
	return -1;
}
