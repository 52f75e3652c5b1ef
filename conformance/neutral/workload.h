/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The workload of the neutrality tests: calls whose outcome must not depend on BPF LSM. A line of
 * a table is a call; run as one identity it gives one outcome, a name and a value:
 *
 *	nobody:xattr/set-security    -EPERM
 *
 * The value is what the call returned, the errno's name, and what it wrote to memory. It must be
 * equal in all boots of a kernel with the same LSMs but bpf: no process ids, addresses, times, or
 * numbers that depend on what ran before. Names are permanent.
 *
 * Each group runs in processes of its own, one an identity, with their own mounts, IPC and UTS
 * namespaces, in an empty directory that is the root of a tmpfs. Its calls run in order and share
 * slots and the memory `out`.
 */
#ifndef KRSI_NEUTRAL_WORKLOAD_H
#define KRSI_NEUTRAL_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define OUTCOME_NAME  80
#define OUTCOME_VALUE 400
/* Lines of one group. */
#define GROUP_CALLS 48

/* What of a call is its outcome; of a failed call it is always the errno. */
enum show {
	SHOW_NUMBER, /* what it returned */
	SHOW_OK,     /* that it succeeded: the number is an address or an id */
	SHOW_SLOT,   /* as SHOW_OK; the number is kept in the slot `size` */
	SHOW_BYTES,  /* as many bytes of `out` as it returned */
	SHOW_MEMORY, /* what it returned, and the first `size` bytes of `out` */
	SHOW_LENGTH, /* what it returned, out_length, and so many bytes of `out` (64 at most) */
};

struct call {
	const char *name; /* of the line, unique in its group */
	enum show show;
	unsigned int size;
	long nr;	 /* of the system call */
	long arg[6];	 /* SLOT(i) becomes what is in the slot */
	int (*fn)(void); /* instead of a system call: a number, or -errno */
};

/* An argument: what an earlier call put into slot i; -1 if it failed. */
#define SLOTS	   16
#define SLOT(i)	   (SLOT_MAGIC | (i))
#define SLOT_MAGIC 0x4b52534953000000L

#define CALL_ARGS(...) CALL_ARGS_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_ARGS_(a, b, c, d, e, f, ...)                                                          \
	{                                                                                          \
		(long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)                   \
	}
/* One line each: name, system call, arguments. */
#define NUM(id, call, ...)                                                                         \
	{                                                                                          \
		id, SHOW_NUMBER, 0, SYS_##call, CALL_ARGS(__VA_ARGS__), NULL                       \
	}
#define OK(id, call, ...)                                                                          \
	{                                                                                          \
		id, SHOW_OK, 0, SYS_##call, CALL_ARGS(__VA_ARGS__), NULL                           \
	}
#define KEEP(i, id, call, ...)                                                                     \
	{                                                                                          \
		id, SHOW_SLOT, i, SYS_##call, CALL_ARGS(__VA_ARGS__), NULL                         \
	}
#define BYTES(id, call, ...)                                                                       \
	{                                                                                          \
		id, SHOW_BYTES, 0, SYS_##call, CALL_ARGS(__VA_ARGS__), NULL                        \
	}
#define MEM(bytes, id, call, ...)                                                                  \
	{                                                                                          \
		id, SHOW_MEMORY, bytes, SYS_##call, CALL_ARGS(__VA_ARGS__), NULL                   \
	}
#define LEN(id, call, ...)                                                                         \
	{                                                                                          \
		id, SHOW_LENGTH, 0, SYS_##call, CALL_ARGS(__VA_ARGS__), NULL                       \
	}
/* ... or a function, for what takes more than one call. */
#define FN(id, function)                                                                           \
	{                                                                                          \
		id, SHOW_NUMBER, 0, 0, { 0 }, function                                             \
	}
#define FN_MEM(bytes, id, function)                                                                \
	{                                                                                          \
		id, SHOW_MEMORY, bytes, 0, { 0 }, function                                         \
	}

/* Zeroed before each call. */
extern char out[4096];
/* Set to 64 before each call. */
extern uint32_t out_length;
extern long slot[SLOTS];

/* Who makes the calls. */
enum identity {
	AS_ROOT = 1,   /* uid 0, all capabilities */
	AS_NOBODY = 2, /* uid and gid 65534, no groups, no capabilities */
	AS_USERNS = 4, /* nobody, as root of a user namespace of its own */
	AS_ANYONE = 7,
};

struct workload {
	const char *name;	 /* unique */
	const char *requirement; /* that it checks beside the general ones, or NULL */
	unsigned int as;	 /* enum identity bits */
	unsigned int apart;	 /* CLONE_NEWNET, for a network of its own; slow */
	int (*prepare)(void);	 /* as root, before the first call; 0 or -errno */
	const struct call *call;
	size_t n;
};

#define WORKLOAD(id, calls, ...)                                                                   \
	static const struct workload group_##id = { .call = calls,                                 \
						    .n = sizeof(calls) / sizeof((calls)[0]),       \
						    __VA_ARGS__ };                                 \
	_Static_assert(sizeof(calls) / sizeof((calls)[0]) <= GROUP_CALLS, "too many lines");       \
	static const struct workload *group_##id##_p                                               \
		__attribute__((used, section("krsi_workload"))) = &group_##id

struct outcome {
	char name[OUTCOME_NAME];
	char value[OUTCOME_VALUE];
};

struct outcomes {
	size_t n, max;
	struct outcome *item;
};

/* All groups, sorted by name; *n of them. */
const struct workload *const *workload__groups(size_t *n);
/* How many outcomes a group gives. */
size_t workload__count(const struct workload *group);
/* The name of the i-th of them. */
void workload__name(const struct workload *group, size_t i, char name[OUTCOME_NAME]);
/*
 * Runs a group in the working directory and adds its outcomes, as many as workload__count() says.
 * 0; or -errno with why the workload could not be run in `why`: that says nothing of the kernel.
 */
int workload__run(const struct workload *group, struct outcomes *outcomes, char *why, size_t size);

#endif
