// SPDX-License-Identifier: GPL-2.0-only
#include "bench/host/names.h"

#include <stdlib.h>
#include <string.h>

const struct exec_name exec_names[] = {
	{ "exec/vanilla", "vanilla: neither audit nor BPF LSM" },
	{ "exec/audit", "audit, no rule" },
	{ "exec/audit-rule", "audit, rule on execve" },
	{ "exec/bpf-enabled", "BPF LSM, no program" },
	{ "exec/bpf-empty", "BPF LSM, empty program" },
	{ "exec/bpf-log-perf", "BPF LSM logs LD_PRELOAD, perf buffer" },
	{ "exec/bpf-log-sleepable", "BPF LSM logs LD_PRELOAD, sleepable, ring buffer" },
	{ "exec/krsi-enabled", "reference KRSI, no program" },
	{ "exec/krsi-empty", "reference KRSI, empty program" },
	{ "exec/krsi-log-precompute", "reference KRSI logs LD_PRELOAD, precompute" },
	{ "exec/krsi-log-sleepable", "reference KRSI logs LD_PRELOAD, sleepable" },
	{ "exec/kprobe", "kprobe and eBPF log LD_PRELOAD" },
	{ "exec/tracepoint", "tracepoint and eBPF log LD_PRELOAD" },
	{ "exec/seccomp-notify", "seccomp, a supervisor logs LD_PRELOAD" },
	{ "exec/landlock-enabled", "Landlock, no sandbox" },
	{ "exec/landlock", "Landlock sandbox" },
	{ "exec/apparmor-enabled", "AppArmor, no profile" },
	{ "exec/apparmor", "AppArmor profile" },
};
const size_t n_exec_names = ARRAY_SIZE(exec_names);

const unsigned int names_cpus[NAMES_CPUS] = { 1, 2, 8, 32, 64, 128 };

double names_value(const struct figures *r, const char *metric)
{
	const struct metric *m = figures_metric((struct figures *)r, metric, false);

	return m && m->status == STATUS_OK ? m->value : 0;
}

char *names_part(const char *name, int which)
{
	for (; which > 0; which--) {
		name += strcspn(name, "/:");
		if (!*name)
			return NULL;
		name++;
	}
	return xstrndup(name, strcspn(name, "/:"));
}

/* What @metric is held against: hook/OP/none, of the reference hook/OP/krsi-none. */
static double base_of(const struct figures *r, const char *op, bool krsi)
{
	char *name = xasprintf("hook/%s/%snone", op, krsi ? "krsi-" : "");
	double v = names_value(r, name);

	free(name);
	return v;
}

static double calls_of(const struct figures *r, const char *op, const char *hook, bool krsi)
{
	char *name = xasprintf("hook/%s/%s:%scalls", op, hook, krsi ? "krsi-" : "");
	double v = names_value(r, name);

	free(name);
	return v;
}

int names_hook_cost(const struct figures *r, const struct metric *m, double *cost)
{
	char *op = names_part(m->name, 1), *hook = names_part(m->name, 2);
	char *what = names_part(m->name, 3);
	bool krsi = what && !strncmp(what, "krsi-", 5);
	double base = what ? base_of(r, op, krsi) : 0;
	double calls = what ? calls_of(r, op, hook, krsi) : 0;
	int rc = m->status == STATUS_OK && !m->count && base && calls ? 0 : -1;

	if (!rc)
		*cost = (m->value - base) / calls;
	free(op);
	free(hook);
	free(what);
	return rc;
}
