// SPDX-License-Identifier: GPL-2.0-only
/* What was found, in words for an operator, and as JSON for a fleet. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "conformance/doctor/doctor.h"

static const char *const verdicts[] = {
	[DOCTOR_ENFORCES] = "enforces", [DOCTOR_PARTLY] = "partly",   [DOCTOR_INERT] = "inert",
	[DOCTOR_ABSENT] = "absent",	[DOCTOR_UNKNOWN] = "unknown",
};

static const char *const sentences[] = {
	[DOCTOR_ENFORCES] = "BPF LSM enforces on this machine.",
	[DOCTOR_PARTLY] = "BPF LSM enforces on this machine only in part.",
	[DOCTOR_INERT] = "BPF LSM does NOT enforce on this machine, although programs attach.",
	[DOCTOR_ABSENT] = "BPF LSM is not to be had on this machine.",
	[DOCTOR_UNKNOWN] = "Whether BPF LSM enforces here could not be found out.",
};

/* LSMs that give labels, and whose interfaces others call. */
static bool labels(const char *lsm)
{
	return !strcmp(lsm, "selinux") || !strcmp(lsm, "apparmor") || !strcmp(lsm, "smack");
}

static void say_list(FILE *out, const struct doctor *d, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		fprintf(out, "%s%s", i == from ? "" : ", ", d->lsm[i]);
}

/* What the order means for programs and for the others. */
static void say_order(const struct doctor *d, FILE *out)
{
	size_t place = (size_t)d->place;

	if (!d->place)
		return;
	fputs("\nThe order of LSMs:\n", out);
	if (place > 1) {
		fputs("  - ", out);
		say_list(out, d, 0, place - 1);
		fputs(" are asked before bpf. What one of them denies, no program sees.\n", out);
	}
	if (place < d->nr_lsm) {
		fputs("  - ", out);
		say_list(out, d, place, d->nr_lsm);
		fputs(" are asked after bpf. What a program denies, they do not see.\n", out);
	} else {
		fputs("  - bpf is the last: all others have agreed to what a program sees.\n", out);
	}
	for (size_t i = place; i < d->nr_lsm; i++)
		if (labels(d->lsm[i]))
			fprintf(out,
				"  - %s gives labels and stands after bpf. Some kernels end at bpf "
				"where they look for a label\n    or write one, and container "
				"runtimes then fail: put bpf last.\n",
				d->lsm[i]);
}

static const char *error_text(int err)
{
	/* ENOTSUPP has no name outside the kernel */
	return err == 524 ? "no trampoline" : strerror(err);
}

static void say_trials(const struct doctor *d, FILE *out)
{
	if (d->nr_trial)
		fprintf(out, "\n  %-22s %-9s %-6s %s\n", "tried", "attaches", "fires", "denies");
	for (size_t i = 0; i < d->nr_trial; i++) {
		const struct doctor_trial *t = &d->trial[i];

		if (!t->there)
			fprintf(out, "  %-22s not in this kernel\n", t->hook);
		else if (t->load || t->attach)
			fprintf(out, "  %-22s no: %s\n", t->hook,
				error_text(t->load ? t->load : t->attach));
		else
			fprintf(out, "  %-22s %-9s %-6s %s%s\n", t->hook, "yes",
				t->fires ? "yes" : "NO", t->denies ? "yes" : "NO",
				t->escaped ? ", the call fails and has its effect" : "");
	}
}

static void say_facts(const struct doctor *d, FILE *out)
{
	fprintf(out, "\n  kernel      %s %s\n", d->uts.release, d->uts.machine);
	fprintf(out, "  BTF         %s\n", d->btf ? "yes" : "NO");
	fprintf(out, "  built in    %s\n", d->built_in ? "yes" : "NO");
	fprintf(out, "  active      %s: ", !d->lsm_known ? "unknown" : d->place ? "yes" : "NO");
	say_list(out, d, 0, d->nr_lsm);
	fprintf(out, "%s\n", d->lsm_known ? "" : "no securityfs");
	if (d->root && d->hooks.n)
		fprintf(out, "  hooks       %zu, %zu take programs, %zu sleepable ones\n",
			d->hooks.n, d->attachable, d->sleepable);
	fprintf(out, "  lockdown    %s%s\n", *d->lockdown ? d->lockdown : "not there",
		d->attachable && d->probe_read
			? ": programs that read kernel memory (bpf_probe_read_kernel) are refused"
			: "");
	if (!d->jit)
		fputs("  JIT         off (net.core.bpf_jit_enable)\n", out);
	if (d->root) {
		fprintf(out, "  programs    %zu of others are loaded", d->nr_program);
		for (size_t i = 0; i < d->nr_program && i < DOCTOR_PROGRAMS; i++)
			fprintf(out, "%s%s", i ? ", " : ": ", d->program[i]);
		fputc('\n', out);
	}
}

void doctor__say(const struct doctor *d, FILE *out)
{
	fprintf(out, "%s\n", sentences[d->verdict]);
	if (*d->why)
		fprintf(out, "Why: %s.\n", d->why);
	if (*d->advice)
		fprintf(out, "What to do: %s\n", d->advice);
	say_facts(d, out);
	say_trials(d, out);
	say_order(d, out);
	fprintf(out, "\n%.1f s; nothing was left behind.\n", d->seconds);
}

static json_t *names(const struct doctor *d, bool sleepable)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->hooks.n; i++)
		if (sleepable ? d->hooks.hook[i].sleepable : d->hooks.hook[i].attachable)
			json_array_append_new(list, json_string(d->hooks.hook[i].name));
	return list;
}

static json_t *trials(const struct doctor *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->nr_trial; i++) {
		const struct doctor_trial *t = &d->trial[i];

		json_array_append_new(
			list, json_pack("{ss sb sb sb sb sb si}", "hook", t->hook, "there",
					t->there, "attaches", t->there && !t->load && !t->attach,
					"fires", t->fires, "denies", t->denies, "effect_in_spite",
					t->escaped, "errno", t->load ? t->load : t->attach));
	}
	return list;
}

void doctor__json(const struct doctor *d, FILE *out)
{
	json_t *lsms = json_array(), *programs = json_array(), *doc;

	for (size_t i = 0; i < d->nr_lsm; i++)
		json_array_append_new(lsms, json_string(d->lsm[i]));
	for (size_t i = 0; i < d->nr_program && i < DOCTOR_PROGRAMS; i++)
		json_array_append_new(programs, json_string(d->program[i]));
	doc = json_pack("{si ss ss ss ss s{ss ss} sb sb so si ss si sb so so so so sf}", "schema",
			1, "verdict", verdicts[d->verdict], "cause", d->cause, "why", d->why,
			"advice", d->advice, "kernel", "release", d->uts.release, "machine",
			d->uts.machine, "btf", d->btf, "built_in", d->built_in, "lsm", lsms,
			"place", d->place, "lockdown", d->lockdown, "jit", d->jit,
			"reads_kernel_memory", d->root && !d->probe_read, "attachable",
			names(d, false), "sleepable", names(d, true), "tried", trials(d),
			"programs", programs, "seconds", d->seconds);
	json_dumpf(doc, out, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(4));
	fputc('\n', out);
	json_decref(doc);
}
