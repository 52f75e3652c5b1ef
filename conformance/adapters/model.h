/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the adapter `model`. All of its state lies in one shared mapping, so that processes
 * forked after open() see each other's changes; pointers into it hold in all of them.
 */
#ifndef KRSI_ADAPTERS_MODEL_H
#define KRSI_ADAPTERS_MODEL_H

#include <pthread.h>

#include "conformance/adapters/adapter.h"
#include "conformance/bpf/env_io.h"
#include "reference/core/chain.h"
#include "reference/core/env.h"

#define MODEL_PROGS  1100
#define MODEL_EVENTS 256

/* What is wrong on purpose; the order is that of the table in model_faults.c. */
enum model_fault {
	MODEL_PREFIX_MATCH,
	MODEL_NO_EQUALS,
	MODEL_EMPTY_UNSET,
	MODEL_FIRST_ONLY,
	MODEL_ORDER_REVERSED,
	MODEL_LAST_DROPPED,
	MODEL_ARGV_MATCHED,
	MODEL_ARGC_ZERO,
	MODEL_LONG_CUT,
	MODEL_PAGE_END,
	MODEL_SLEEPABLE_DIFFERS,
	MODEL_COUNT_LOST,
	MODEL_NUL_UNCOUNTED,
	MODEL_REST_KEPT,
	MODEL_UNTERMINATED,
	MODEL_OVERRUN,
	MODEL_OVERFLOW_SILENT,
	MODEL_OVERFLOW_STOPS,
	MODEL_EXACT_OVERFLOWS,
	MODEL_EMPTY_BUFFER,
	MODEL_SIGN_EXTENDED,
	MODEL_NAME_UNCHECKED,
	MODEL_VARS_CUT,
	MODEL_VERDICT_IGNORED,
	MODEL_SOUND, /* nothing */
};

struct krsi_prog {
	struct krsi_instance *inst;
	bool loaded, attached;
	pid_t owner; /* the process that loaded it */
	uint32_t id;
	char name[16];
	bool sleepable, fixed;
	int32_t fixed_ret;
	struct env_io *env;    /* one of the programs env:*; else NULL */
	struct krsi_rule rule; /* of a steered one */
	uint64_t calls, lost;
};

struct krsi_instance {
	pthread_mutex_t lock; /* chain and events */
	bool audit;	      /* verdicts are not enforced */
	enum model_fault fault;
	struct krsi_hook hook; /* the only one */
	uint32_t last_id;
	struct krsi_link chain[KRSI_CHAIN_MAX];
	uint32_t nr_chain;
	struct krsi_prog prog[MODEL_PROGS];
	struct krsi_event event[MODEL_EVENTS]; /* a ring: [taken, put) are ready */
	uint64_t put, taken;
	char error[128];
};

/* The strings of a new process as exec lays them out, in pages that begin at offset 0. */
struct model_block {
	char *mem;
	struct krsi_env_block env;
};

/* 0, -ENOMEM, or -E2BIG as exec has it. */
int model__lay_out(struct model_block *block, const char *path, char *const argv[],
		   char *const envp[]);
/* Runs one of the programs env:* natively; its verdict. */
int model__run_env(struct krsi_prog *prog, const char *path, char *const argv[],
		   char *const envp[]);

/* The fault of that name, or MODEL_SOUND + 1. */
enum model_fault model__find_fault(const char *name);
/* What a faulty implementation takes for the environment. `envp` is changed in place and has room
 * for the strings of argv; strings that differ are allocated for good. */
void model__bend_strings(const struct krsi_prog *prog, char *const argv[], char **envp);
/* Spoils the laid out block. */
void model__bend_block(const struct krsi_prog *prog, struct model_block *block);
/* What it makes of a right result; `before` is the buffer as it was, with its guard. */
uint64_t model__bend_result(const struct krsi_prog *prog, const struct model_block *block,
			    const char *before, uint64_t result);

#endif
