// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conformance/doctor/doctor.h"
#include "conformance/harness/clock.h"

/* What attaching gives on an architecture without trampolines; no libc has a name for it. */
#define NOT_SUPPORTED 524

static void verdict(struct doctor *d, enum doctor_verdict v, const char *cause, const char *why,
		    const char *advice)
{
	d->verdict = v;
	d->cause = cause;
	snprintf(d->why, sizeof(d->why), "%s", why);
	snprintf(d->advice, sizeof(d->advice), "%s", advice);
}

/* lsm= with bpf added where it belongs: at the end, so that others are asked first. */
static void advise_order(struct doctor *d)
{
	size_t used;

	snprintf(d->advice, sizeof(d->advice),
		 "add bpf to the list on the kernel's command line (GRUB_CMDLINE_LINUX), and "
		 "reboot: lsm=");
	for (size_t i = 0; i < d->nr_lsm; i++) {
		used = strlen(d->advice);
		snprintf(d->advice + used, sizeof(d->advice) - used, "%s,", d->lsm[i]);
	}
	used = strlen(d->advice);
	snprintf(d->advice + used, sizeof(d->advice) - used, "bpf");
}

/* Why not one program could be attached. */
static void judge_refusal(struct doctor *d, int load, int attach)
{
	char why[256];

	if (attach == NOT_SUPPORTED) {
		verdict(d, DOCTOR_ABSENT, "no-trampoline",
			"programs load, and the kernel has no BPF trampoline for them to attach by",
			"a kernel with CONFIG_FUNCTION_TRACER and CONFIG_DYNAMIC_FTRACE; on arm64 "
			"one of 6.4 or later");
		return;
	}
	if (!d->capable) {
		verdict(d, DOCTOR_UNKNOWN, "no-capability",
			"this root has neither CAP_SYS_ADMIN nor CAP_BPF and CAP_PERFMON",
			"run this on the host, or in a container that has them and its PID "
			"namespace");
		return;
	}
	snprintf(why, sizeof(why), "no program could be %s: %s", load ? "loaded" : "attached",
		 strerror(load ? load : attach));
	verdict(d, DOCTOR_ABSENT, load ? "load-refused" : "attach-refused", why,
		load == EPERM
			? "look for what keeps root from bpf(2): a seccomp filter, another LSM, "
			  "lockdown, a user namespace"
			: "");
}

static void judge_trials(struct doctor *d)
{
	size_t attached = 0, fire = 0, deny = 0, tried = 0;
	int load = 0, attach = 0;

	for (size_t i = 0; i < d->nr_trial; i++) {
		const struct doctor_trial *t = &d->trial[i];

		tried += t->there;
		attached += t->there && !t->load && !t->attach;
		fire += t->fires;
		deny += t->denies;
		load = load ?: t->load;
		attach = attach ?: t->attach;
	}
	if (!tried)
		verdict(d, DOCTOR_UNKNOWN, "nothing-tried", "no hook could be tried",
			"mount a tmpfs: the doctor found no place for one");
	else if (!attached)
		judge_refusal(d, load, attach);
	else if (deny == tried)
		verdict(d, DOCTOR_ENFORCES, "", "", "");
	else if (!fire && !deny)
		verdict(d, DOCTOR_INERT, "never-called",
			"bpf is active and programs attach, and yet none of them ran", "");
	else
		verdict(d, DOCTOR_PARTLY, "some-hooks",
			"some hooks do not fire or do not deny: see the table", "");
}

void doctor__judge(struct doctor *d)
{
	if (!d->root)
		verdict(d, DOCTOR_UNKNOWN, "not-root", "only root can load BPF LSM programs",
			"run this as root");
	else if (!d->btf && !d->built_in)
		verdict(d, DOCTOR_ABSENT, "no-btf",
			"the kernel has no BTF (/sys/kernel/btf/vmlinux), without which no program "
			"loads",
			"a kernel with CONFIG_DEBUG_INFO_BTF and CONFIG_BPF_LSM");
	else if (!d->btf)
		verdict(d, DOCTOR_ABSENT, "no-btf",
			"BPF LSM is built in, but the kernel has no BTF, without which no program "
			"loads",
			"a kernel with CONFIG_DEBUG_INFO_BTF");
	else if (!d->built_in)
		verdict(d, DOCTOR_ABSENT, "no-bpf-lsm", "BPF LSM is not built into this kernel",
			"a kernel with CONFIG_BPF_LSM");
	else if (d->own_pids)
		verdict(d, DOCTOR_UNKNOWN, "pid-namespace",
			"in a PID namespace a program could take another's process for the "
			"doctor's own, so nothing was tried",
			"run this on the host, or in a container with its PID namespace (and /proc)");
	else
		judge_trials(d);
	if (d->btf && d->built_in && d->lsm_known && !d->place &&
	    (d->verdict != DOCTOR_UNKNOWN || (d->root && d->own_pids))) {
		verdict(d, DOCTOR_INERT, "lsm-order",
			"BPF LSM is built in but not active: programs load and attach without an "
			"error, and never run",
			"");
		advise_order(d);
	}
}

int doctor__run(bool json, FILE *out)
{
	static const int status[] = {
		[DOCTOR_ENFORCES] = 0, [DOCTOR_PARTLY] = 1,  [DOCTOR_INERT] = 1,
		[DOCTOR_ABSENT] = 4,   [DOCTOR_UNKNOWN] = 2,
	};
	static struct doctor d;
	double start = clock__seconds();

	doctor__look(&d);
	doctor__try(&d);
	doctor__judge(&d);
	d.seconds = clock__seconds() - start;
	if (json)
		doctor__json(&d, out);
	else
		doctor__say(&d, out);
	lsm_btf__free(&d.hooks);
	return status[d.verdict];
}
