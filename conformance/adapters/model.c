// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reference's semantics without a kernel: reference/core decides in which order programs run,
 * whose verdict counts and what they read; the programs are native functions. Options: `audit`
 * (verdicts are not enforced) or the name of a fault.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "conformance/adapters/builtin.h"
#include "conformance/adapters/model.h"

#define HOOK "bprm_check_security"

/* One exec that the programs judge. */
struct call {
	const char *path;
	char *const *argv, *const *envp;
};

static int fail(struct krsi_instance *inst, int err, const char *what)
{
	snprintf(inst->error, sizeof(inst->error), "%s: %s", what, strerror(-err));
	return err;
}

static int model_open(const char *option, struct krsi_instance **out, const char **why)
{
	enum model_fault fault = MODEL_SOUND;
	bool audit = option && !strcmp(option, "audit");
	pthread_mutexattr_t attr;
	struct krsi_instance *inst;

	if (option && !audit)
		fault = model__find_fault(option);
	*why = "model takes `audit` or the name of a fault";
	if (fault > MODEL_SOUND)
		return -EINVAL;
	inst = mmap(NULL, sizeof(*inst), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*why = "no memory";
	if (inst == MAP_FAILED)
		return -ENOMEM;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&inst->lock, &attr);
	inst->audit = audit;
	inst->fault = fault;
	inst->hook = (struct krsi_hook){ .name = HOOK, .attachable = true, .sleepable = true };
	*out = inst;
	return 0;
}

static void model_close(struct krsi_instance *inst)
{
	if (inst)
		munmap(inst, sizeof(*inst));
}

static void model_describe(struct krsi_instance *inst, struct krsi_description *desc)
{
	desc->name = "model";
	desc->version = "1";
	desc->capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_SLEEPABLE |
			     KRSI_CAP_FIXED | KRSI_CAP_MULTI | KRSI_CAP_QUERY | KRSI_CAP_ENV |
			     KRSI_CAP_REPLACE;
}

static int model_hooks(struct krsi_instance *inst, const struct krsi_hook **hooks, size_t *n)
{
	*hooks = &inst->hook;
	*n = 1;
	return 0;
}

/* The shared memory of a program loaded by name; NULL: there is no such program. */
static struct env_io *named_memory(const char *name)
{
	void *mem;

	if (strcmp(name, "env:plain") && strcmp(name, "env:sleepable"))
		return NULL;
	mem = mmap(NULL, sizeof(struct env_io), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		   -1, 0);
	return mem == MAP_FAILED ? NULL : mem;
}

static struct krsi_prog *free_slot(struct krsi_instance *inst)
{
	for (int i = 0; i < MODEL_PROGS; i++)
		if (!inst->prog[i].loaded && !inst->prog[i].attached)
			return &inst->prog[i];
	return NULL;
}

/* The verifier's range: [-4095, 0]. */
static bool in_range(const struct krsi_prog_spec *spec)
{
	return !spec->fixed || (spec->fixed_ret >= -4095 && spec->fixed_ret <= 0);
}

static bool is_gpl(const char *license)
{
	return !license || !strcmp(license, "GPL");
}

static int model_load(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		      struct krsi_prog **out)
{
	bool has_name = spec->size > offsetof(struct krsi_prog_spec, name) && spec->name;
	struct env_io *env = spec->named ? named_memory(spec->named) : NULL;
	struct krsi_prog *prog = free_slot(inst);

	if (spec->named && !env)
		return fail(inst, -ENOENT, "no such program");
	if (spec->hook && strcmp(spec->hook, HOOK))
		return fail(inst, -ENOENT, "no such hook");
	if (!is_gpl(spec->license) || !in_range(spec))
		return fail(inst, -EINVAL, "licence or return value");
	if (!prog)
		return fail(inst, -ENOSPC, "too many programs");
	*prog = (struct krsi_prog){
		.inst = inst,
		.loaded = true,
		.owner = getpid(),
		.id = ++inst->last_id,
		.sleepable = spec->sleepable || (env && strstr(spec->named, ":sleepable")),
		.fixed = spec->fixed,
		.fixed_ret = spec->fixed_ret,
		.env = env,
	};
	if (env)
		snprintf(prog->name, sizeof(prog->name), "%.15s", spec->named + strlen("env:"));
	else if (has_name)
		snprintf(prog->name, sizeof(prog->name), "%.15s", spec->name);
	else
		snprintf(prog->name, sizeof(prog->name), "krsi_%u", prog->id);
	*out = prog;
	return 0;
}

static void model_unload(struct krsi_prog *prog)
{
	if (prog)
		prog->loaded = false;
}

static int attach(struct krsi_prog *prog, bool replace)
{
	const struct krsi_link link = { .prog = prog, .name = prog->name };
	struct krsi_instance *inst = prog->inst;
	struct krsi_link chain[KRSI_CHAIN_MAX + 1];
	void *gone;
	int n = krsi_chain_attach(inst->chain, inst->nr_chain, &link, replace, chain, &gone);

	if (n < 0)
		return fail(inst, n, "attach");
	memcpy(inst->chain, chain, n * sizeof(chain[0]));
	inst->nr_chain = n;
	prog->attached = true;
	if (gone)
		((struct krsi_prog *)gone)->attached = false;
	return 0;
}

static int detach(struct krsi_prog *prog)
{
	struct krsi_instance *inst = prog->inst;
	struct krsi_link chain[KRSI_CHAIN_MAX];
	int n = krsi_chain_detach(inst->chain, inst->nr_chain, prog, chain);

	if (n < 0)
		return fail(inst, n, "detach");
	memcpy(inst->chain, chain, n * sizeof(chain[0]));
	inst->nr_chain = n;
	prog->attached = false;
	return 0;
}

static int model_attach(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link **out)
{
	struct krsi_link *link = malloc(sizeof(*link));
	int err;

	if (!link)
		return -ENOMEM;
	*link = (struct krsi_link){ .prog = prog, .name = prog->name };
	pthread_mutex_lock(&prog->inst->lock);
	err = attach(prog, by == KRSI_ATTACH_REPLACE);
	pthread_mutex_unlock(&prog->inst->lock);
	if (err)
		free(link);
	else
		*out = link;
	return err;
}

static int model_detach(struct krsi_link *link)
{
	struct krsi_prog *prog = link->prog;
	int err;

	pthread_mutex_lock(&prog->inst->lock);
	err = detach(prog);
	pthread_mutex_unlock(&prog->inst->lock);
	free(link);
	return err;
}

static int model_steer(struct krsi_prog *prog, const struct krsi_rule *rule)
{
	if (prog->fixed || prog->env)
		return fail(prog->inst, -EINVAL, "only steered programs are steered");
	if (rule->filter_arg >= 0)
		return fail(prog->inst, -EOPNOTSUPP, "arguments are not described");
	prog->rule = *rule;
	if (rule->who != KRSI_NOBODY)
		prog->calls = prog->lost = 0;
	return 0;
}

static uint64_t model_calls(struct krsi_prog *prog, uint64_t *lost)
{
	if (lost)
		*lost = prog->lost;
	return prog->calls;
}

static int model_query(struct krsi_instance *inst, const char *hook, uint32_t *ids, size_t n)
{
	if (strcmp(hook, HOOK))
		return fail(inst, -ENOENT, "no such hook");
	for (size_t i = 0; i < inst->nr_chain && i < n; i++)
		ids[i] = ((struct krsi_prog *)inst->chain[i].prog)->id;
	return inst->nr_chain;
}

static uint32_t model_prog_id(struct krsi_prog *prog)
{
	return prog->id;
}

static void record(struct krsi_prog *prog)
{
	struct krsi_instance *inst = prog->inst;
	struct timespec now;

	if (inst->put - inst->taken == MODEL_EVENTS) {
		prog->lost++;
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	inst->event[inst->put++ % MODEL_EVENTS] = (struct krsi_event){
		.size = sizeof(struct krsi_event),
		.prog = prog,
		.nsec = now.tv_sec * 1000000000ULL + now.tv_nsec,
		.tgid = getpid(),
		.pid = gettid(),
		.verdict = prog->rule.verdict,
	};
}

static int model_read_events(struct krsi_instance *inst, int timeout_ms, krsi_event_fn fn,
			     void *data)
{
	int n = 0;

	for (; inst->taken < inst->put; n++)
		fn(&inst->event[inst->taken++ % MODEL_EVENTS], data);
	return n;
}

static int model_data(struct krsi_prog *prog, void **mem, size_t *size)
{
	*mem = prog->env;
	*size = sizeof(*prog->env);
	return prog->env ? 0 : -ENOENT;
}

static const char *model_last_error(struct krsi_instance *inst)
{
	return inst->error;
}

static int run_steered(struct krsi_prog *prog)
{
	const struct krsi_rule *rule = &prog->rule;

	if (rule->who == KRSI_NOBODY || (rule->who == KRSI_SUBJECT && rule->session != getsid(0)))
		return 0;
	prog->calls++;
	if (rule->record)
		record(prog);
	return rule->verdict;
}

static int run(void *data, void *ctx)
{
	const struct call *call = ctx;
	struct krsi_prog *prog = data;

	if (prog->fixed)
		return prog->fixed_ret;
	if (prog->env)
		return model__run_env(prog, call->path, call->argv, call->envp);
	return run_steered(prog);
}

static int model_exec(struct krsi_instance *inst, const char *path, char *const argv[],
		      char *const envp[])
{
	struct call call = { .path = path, .argv = argv, .envp = envp };
	struct model_block block;
	int err = model__lay_out(&block, path, argv, envp);

	if (err)
		return fail(inst, err, "exec");
	free(block.mem);
	pthread_mutex_lock(&inst->lock);
	err = krsi_chain_run(inst->chain, inst->nr_chain, run, &call, !inst->audit);
	pthread_mutex_unlock(&inst->lock);
	return inst->fault == MODEL_VERDICT_IGNORED ? 0 : err;
}

static void model_reap(struct krsi_instance *inst)
{
	for (int i = 0; i < MODEL_PROGS; i++) {
		struct krsi_prog *prog = &inst->prog[i];

		if ((!prog->loaded && !prog->attached) || !kill(prog->owner, 0))
			continue;
		if (prog->attached)
			detach(prog);
		prog->loaded = false;
	}
}

const struct krsi_adapter model_adapter = {
	.abi = KRSI_ADAPTER_ABI,
	.size = sizeof(struct krsi_adapter),
	.name = "model",
	.open = model_open,
	.close = model_close,
	.describe = model_describe,
	.hooks = model_hooks,
	.load = model_load,
	.unload = model_unload,
	.attach = model_attach,
	.detach = model_detach,
	.steer = model_steer,
	.calls = model_calls,
	.query = model_query,
	.prog_id = model_prog_id,
	.read_events = model_read_events,
	.data = model_data,
	.last_error = model_last_error,
	.exec = model_exec,
	.reap = model_reap,
};
