/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What reproducers have in common. Each is a program of its own: it exits with one of these, and
 * says in a line what it saw.
 */
#ifndef KRSI_DEFECT_H
#define KRSI_DEFECT_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

enum { ABSENT = 0, PRESENT = 1, UNCLEAR = 2 };

/* Says what was seen, and returns the status. */
static inline __attribute__((format(printf, 2, 3), unused)) int
defect__says(int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	return status;
}

/* The reproducer could not even try. */
static inline __attribute__((unused)) int defect__unclear(const char *what)
{
	return defect__says(UNCLEAR, "%s: %s", what, strerror(errno));
}

/* Instructions of BPF. */
#define INSN(code_, dst, src, off_, imm_)                                                          \
	((struct bpf_insn){                                                                        \
		.code = code_, .dst_reg = dst, .src_reg = src, .off = off_, .imm = imm_ })
#define MOV(dst, imm)  INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define MOVE(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define CALL(helper)   INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define EXIT()	       INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define RETURN(imm)    MOV(0, imm), EXIT()
#define RETURN64(value)                                                                            \
	INSN(BPF_LD | BPF_DW | BPF_IMM, 0, 0, 0, (__u32)(value)),                                  \
		INSN(0, 0, 0, 0, (__u64)(value) >> 32), EXIT()

/* Loads a program for a hook; a descriptor, or below 0 with errno. `type` is BPF_LSM_MAC or
 * BPF_LSM_CGROUP. */
static inline __attribute__((unused)) int defect__load(const char *hook, enum bpf_attach_type type,
						       int flags, const struct bpf_insn *insns,
						       size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type, .prog_flags = flags);
	char name[64];
	int id;

	snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	id = libbpf_find_vmlinux_btf_id(name, BPF_TRACE_FENTRY);
	if (id <= 0) {
		errno = ENOENT;
		return -1;
	}
	opts.attach_btf_id = id;
	return bpf_prog_load(BPF_PROG_TYPE_LSM, "defect", "GPL", insns, n, &opts);
}

/* Loads and attaches to the whole machine; the attachment lives as long as this process. */
static inline __attribute__((unused)) int defect__attach(const char *hook,
							 const struct bpf_insn *insns, size_t n)
{
	int prog = defect__load(hook, BPF_LSM_MAC, 0, insns, n);

	return prog < 0 ? -1 : bpf_raw_tracepoint_open(NULL, prog);
}

#define LOAD(hook, type, flags, insns)                                                             \
	defect__load(hook, type, flags, insns, sizeof(insns) / sizeof((insns)[0]))
#define ATTACH(hook, insns) defect__attach(hook, insns, sizeof(insns) / sizeof((insns)[0]))

#define CGROUPS "cgroups"

/* Moves this process to a cgroup, by its file cgroup.procs. 0, or -1 with errno. */
static inline __attribute__((unused)) int defect__join(const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, "0", 1) < 0 ? -1 : 0;
	close(fd);
	return ret;
}

/* Makes a cgroup of this name in CGROUPS, which becomes their hierarchy, and moves this process
 * there. A descriptor of it, or -1 with errno. */
static inline __attribute__((unused)) int defect__group(const char *name)
{
	char path[64], procs[96];

	snprintf(path, sizeof(path), CGROUPS "/%s", name);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	mkdir(CGROUPS, 0700);
	if (mount("none", CGROUPS, "cgroup2", 0, NULL) || mkdir(path, 0700) || defect__join(procs))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

#endif
