// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two adapters that attach nothing, to test the suite itself: `null` does nothing and says so in
 * its counters, `echo` claims that whatever was asked for has happened. Neither may pass.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "conformance/adapters/builtin.h"
#include "conformance/adapters/lsm_btf.h"

struct krsi_instance {
	struct btf *btf;
	struct lsm_hooks hooks;
	bool echoes;
	struct krsi_prog *last; /* the program that `echo` pretends has run */
};

struct krsi_prog {
	struct krsi_instance *inst;
	struct krsi_rule rule;
	uint32_t id;
};

static void inert_close(struct krsi_instance *inst)
{
	if (!inst)
		return;
	lsm_btf__free(&inst->hooks);
	btf__free(inst->btf);
	free(inst);
}

static int inert_open(bool echoes, const char *option, struct krsi_instance **out, const char **why)
{
	struct krsi_instance *inst;
	int err;

	*why = "null and echo take no option";
	if (option)
		return -EINVAL;
	inst = calloc(1, sizeof(*inst));
	if (!inst)
		return -ENOMEM;
	inst->echoes = echoes;
	inst->btf = btf__load_vmlinux_btf();
	*why = "no kernel BTF (CONFIG_DEBUG_INFO_BTF) to take the list of hooks from";
	err = inst->btf ? lsm_btf__read(inst->btf, &inst->hooks) : -ENODATA;
	if (err) {
		inert_close(inst);
		return err;
	}
	for (size_t i = 0; i < inst->hooks.n; i++)
		inst->hooks.hook[i].attachable = inst->hooks.hook[i].sleepable = true;
	*out = inst;
	return 0;
}

static int null_open(const char *option, struct krsi_instance **out, const char **why)
{
	return inert_open(false, option, out, why);
}

static int echo_open(const char *option, struct krsi_instance **out, const char **why)
{
	return inert_open(true, option, out, why);
}

static void inert_describe(struct krsi_instance *inst, struct krsi_description *desc)
{
	desc->name = inst->echoes ? "echo" : "null";
	desc->version = "1";
	/* claims everything, so that no test is skipped */
	desc->capabilities = ~0u;
}

static int inert_hooks(struct krsi_instance *inst, const struct krsi_hook **hooks, size_t *n)
{
	*hooks = inst->hooks.hook;
	*n = inst->hooks.n;
	return 0;
}

static int inert_load(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		      struct krsi_prog **out)
{
	static uint32_t id;
	struct krsi_prog *prog = calloc(1, sizeof(*prog));

	if (!prog)
		return -ENOMEM;
	prog->inst = inst;
	prog->id = ++id;
	*out = prog;
	return 0;
}

static void inert_unload(struct krsi_prog *prog)
{
	free(prog);
}

static int inert_attach(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link **link)
{
	*link = calloc(1, 1);
	return *link ? 0 : -ENOMEM;
}

static int inert_detach(struct krsi_link *link)
{
	free(link);
	return 0;
}

static int inert_steer(struct krsi_prog *prog, const struct krsi_rule *rule)
{
	if (rule->who != KRSI_NOBODY) {
		prog->rule = *rule;
		prog->inst->last = prog;
	}
	return 0;
}

static uint64_t inert_calls(struct krsi_prog *prog, uint64_t *lost)
{
	if (lost)
		*lost = 0;
	return prog->inst->echoes;
}

static int inert_query(struct krsi_instance *inst, const char *hook, uint32_t *ids, size_t n)
{
	return 0;
}

static uint32_t inert_prog_id(struct krsi_prog *prog)
{
	return prog->id;
}

static int inert_read_events(struct krsi_instance *inst, int timeout_ms, krsi_event_fn fn,
			     void *data)
{
	struct krsi_event event = { .size = sizeof(event), .prog = inst->last };

	if (!inst->echoes || !inst->last)
		return 0;
	event.verdict = inst->last->rule.verdict;
	inst->last = NULL;
	fn(&event, data);
	return 1;
}

static int inert_data(struct krsi_prog *prog, void **mem, size_t *size)
{
	static _Alignas(8) char nothing[16384];

	*mem = nothing;
	*size = sizeof(nothing);
	return 0;
}

static int inert_attach_cgroup(struct krsi_prog *prog, int cgroup, enum krsi_cgroup_by by,
			       struct krsi_link **link)
{
	return inert_attach(prog, KRSI_ATTACH_DEFAULT, link);
}

static int inert_query_cgroup(struct krsi_instance *inst, int cgroup, bool effective, uint32_t *ids,
			      size_t n)
{
	return 0;
}

static int inert_map(struct krsi_prog *prog, const char *name)
{
	return -ENOENT;
}

static int inert_hook_file(struct krsi_prog *prog, struct krsi_hook_file *file)
{
	return -ENOENT;
}

/* Two descriptors of nothing: no command of bpf(2) takes them. */
static int inert_prog_fd(struct krsi_prog *prog)
{
	return 1;
}

static int inert_link_fd(struct krsi_link *link)
{
	return 2;
}

static const char *inert_last_error(struct krsi_instance *inst)
{
	return "";
}

#define INERT_ADAPTER(called, opener)                                                              \
	{                                                                                          \
		.abi = KRSI_ADAPTER_ABI, .size = sizeof(struct krsi_adapter), .name = called,      \
		.open = opener, .close = inert_close, .describe = inert_describe,                  \
		.hooks = inert_hooks, .load = inert_load, .unload = inert_unload,                  \
		.attach = inert_attach, .detach = inert_detach, .steer = inert_steer,              \
		.calls = inert_calls, .query = inert_query, .prog_id = inert_prog_id,              \
		.read_events = inert_read_events, .data = inert_data,                              \
		.last_error = inert_last_error, .attach_cgroup = inert_attach_cgroup,              \
		.query_cgroup = inert_query_cgroup, .map = inert_map, .prog_fd = inert_prog_fd,    \
		.link_fd = inert_link_fd, .hook_file = inert_hook_file                             \
	}

const struct krsi_adapter null_adapter = INERT_ADAPTER("null", null_open);
const struct krsi_adapter echo_adapter = INERT_ADAPTER("echo", echo_open);
