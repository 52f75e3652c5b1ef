// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel tells of itself, without attaching anything. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <zlib.h>

#include "conformance/adapters/steered.h"
#include "conformance/doctor/doctor.h"

static bool read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(line, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		line[strcspn(line, "\n")] = '\0';
	return ok;
}

static void look_at_lsms(struct doctor *d)
{
	char line[512], *save = NULL;

	d->lsm_known = read_line("/sys/kernel/security/lsm", line, sizeof(line));
	/* in a mount namespace of our own: the machine's is as it was */
	if (!d->lsm_known && !mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL))
		d->lsm_known = read_line("/sys/kernel/security/lsm", line, sizeof(line));
	if (!d->lsm_known)
		return;
	for (char *w = strtok_r(line, ",", &save); w && d->nr_lsm < DOCTOR_LSMS;
	     w = strtok_r(NULL, ",", &save)) {
		snprintf(d->lsm[d->nr_lsm++], sizeof(d->lsm[0]), "%s", w);
		if (!strcmp(w, "bpf"))
			d->place = (int)d->nr_lsm;
	}
}

/* "[none] integrity confidentiality" */
static void look_at_lockdown(struct doctor *d)
{
	char line[128], *at;

	if (!read_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		return;
	at = strchr(line, '[');
	if (at)
		snprintf(d->lockdown, sizeof(d->lockdown), "%.*s", (int)strcspn(at + 1, "]"),
			 at + 1);
}

/* Whether a configuration that the machine has at hand sets the option; gzopen reads plain files
 * too. */
static bool configured(const struct doctor *d, const char *option)
{
	char path[2][512], line[256];
	size_t len = strlen(option);
	bool found = false;

	snprintf(path[0], sizeof(path[0]), "/proc/config.gz");
	snprintf(path[1], sizeof(path[1]), "/boot/config-%s", d->uts.release);
	for (int i = 0; i < 2 && !found; i++) {
		gzFile f = gzopen(path[i], "re");

		while (f && !found && gzgets(f, line, sizeof(line)))
			found = !strncmp(line, option, len) && line[len] == '=' &&
				line[len + 1] == 'y';
		if (f)
			gzclose(f);
	}
	return found;
}

static int load(__u32 btf_id, bool sleepable, const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = BPF_LSM_MAC,
		    .attach_btf_id = btf_id, .prog_flags = sleepable ? BPF_F_SLEEPABLE : 0);
	int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "krsi_doctor", "GPL", insns, n, &o);

	return fd < 0 ? -errno : fd;
}

/*
 * Is the hook a target? Asked with a program that the verifier refuses (EACCES) after it has looked
 * at the target (EINVAL) and before anything is compiled: quick, and nothing is ever loaded.
 */
static bool takes(__u32 btf_id, bool sleepable)
{
	static const struct bpf_insn unset[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .src_reg = BPF_REG_9 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(btf_id, sleepable, unset, 2) == -EACCES;
}

/* Under lockdown=confidentiality programs load, but those that read kernel memory do not. */
static int try_probe_read(const struct doctor *d)
{
	static const struct bpf_insn reads[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int i = lsm_btf__find(&d->hooks, "file_open"), fd;

	if (i < 0)
		return ENOENT;
	fd = load(d->hooks.target[i].btf_id, false, reads, sizeof(reads) / sizeof(reads[0]));
	if (fd < 0)
		return -fd;
	close(fd);
	return 0;
}

bool doctor__own_pids(void)
{
	/* the first one's number is a constant of the kernel, PROC_PID_INIT_INO */
	static const char first[] = "pid:[4026531836]";
	char link[64];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link));

	return n != sizeof(first) - 1 || memcmp(link, first, n) != 0;
}

static void look_at_hooks(struct doctor *d)
{
	struct btf *btf = btf__load_vmlinux_btf();

	d->btf = btf;
	d->built_in = btf ? !lsm_btf__read(btf, &d->hooks) : configured(d, "CONFIG_BPF_LSM");
	btf__free(btf);
	for (size_t i = 0; i < d->hooks.n && d->root; i++) {
		struct krsi_hook *hook = &d->hooks.hook[i];

		/* one that takes sleepable programs takes others too; a question is not free, on
		 * kernels that look through all their symbols for the target's name least of all */
		hook->sleepable = takes(d->hooks.target[i].btf_id, true);
		hook->attachable = hook->sleepable || takes(d->hooks.target[i].btf_id, false);
		d->attachable += hook->attachable;
		d->sleepable += hook->sleepable;
	}
	d->probe_read = d->root ? try_probe_read(d) : EPERM;
}

static void look_at_programs(struct doctor *d)
{
	for (__u32 id = 0; !bpf_prog_get_next_id(id, &id);) {
		struct bpf_prog_info info = { 0 };
		__u32 size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && info.type == BPF_PROG_TYPE_LSM) {
			if (d->nr_program < DOCTOR_PROGRAMS)
				snprintf(d->program[d->nr_program], sizeof(d->program[0]), "%s",
					 info.name[0] ? info.name : "(no name)");
			d->nr_program++;
		}
		close(fd);
	}
}

/* CAP_SYS_ADMIN, or CAP_BPF with CAP_PERFMON. */
static bool is_capable(void)
{
	const unsigned long long admin = 1ULL << 21, perfmon = 1ULL << 38, bpf = 1ULL << 39;
	unsigned long long caps = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if (f)
		fclose(f);
	return (caps & admin) || ((caps & perfmon) && (caps & bpf));
}

void doctor__look(struct doctor *d)
{
	char line[32];

	uname(&d->uts);
	d->root = !geteuid();
	d->capable = is_capable();
	d->own_pids = doctor__own_pids();
	if (d->root && !unshare(CLONE_NEWNS))
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	steered__set_up_libbpf();
	look_at_lsms(d);
	look_at_lockdown(d);
	d->jit = read_line("/proc/sys/net/core/bpf_jit_enable", line, sizeof(line)) ? atoi(line)
										    : -1;
	if (d->root)
		look_at_programs(d);
	look_at_hooks(d);
}
