// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bench/guest/bench.h"
#include "bench/guest/object.h"
#include "bench/guest/program.h"
#include "conformance/adapters/lsm_btf.h"
#include "reference/linux/uapi.h"

#define MAX_INSNS 1100

static struct {
	bool krsi;
	struct lsm_hooks hooks;
	struct attached count, storage;
	int calls_fd, storage_fd;
	uint64_t *calls;
} kernel;

/* A program under construction. */
struct code {
	struct bpf_insn insn[MAX_INSNS];
	size_t n;
};

static void emit(struct code *c, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	c->insn[c->n++] = (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
	};
}

static void emit_map(struct code *c, uint8_t dst, uint8_t how, int fd)
{
	emit(c, BPF_LD | BPF_DW | BPF_IMM, dst, how, 0, fd);
	emit(c, 0, 0, 0, 0, 0);
}

/* One more for every call. */
static void emit_count(struct code *c)
{
	emit_map(c, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, kernel.calls_fd);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 1);
	emit(c, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_1, BPF_REG_2, 0, BPF_ADD);
}

/* The task's own counter, made if there is none. */
static void emit_storage(struct code *c)
{
	emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_task_btf);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_0, 0, 0);
	emit_map(c, BPF_REG_1, BPF_PSEUDO_MAP_FD, kernel.storage_fd);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_task_storage_get);
	emit(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 3, 0);
	emit(c, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_0, 0, 0);
	emit(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, 1);
	emit(c, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_0, BPF_REG_1, 0, 0);
}

static void write_code(struct code *c, enum program_kind kind)
{
	c->n = 0;
	if (kind == PROGRAM_COUNT)
		emit_count(c);
	if (kind == PROGRAM_STORAGE)
		emit_storage(c);
	for (unsigned int i = 0; i < settings.extra && kind != PROGRAM_COUNT; i++)
		emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, (int32_t)i);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Every program of the reference needs a name of its own. */
static int load(const char *hook, enum program_kind kind)
{
	static unsigned int loaded;
	static struct code c;
	LIBBPF_OPTS(bpf_prog_load_opts, opts,
		    .prog_flags = kind == PROGRAM_SLEEPABLE ? BPF_F_SLEEPABLE : 0);
	enum bpf_prog_type type = BPF_PROG_TYPE_LSM;
	int index = lsm_btf__find(&kernel.hooks, hook), fd;
	char name[16];

	if (index < 0)
		return -ENOENT;
	snprintf(name, sizeof(name), "bench_%u", loaded++);
	write_code(&c, kind);
	if (kernel.krsi) {
		type = (enum bpf_prog_type)BPF_PROG_TYPE_KRSI;
		opts.expected_attach_type = (enum bpf_attach_type)BPF_KRSI;
	} else {
		opts.expected_attach_type = BPF_LSM_MAC;
		opts.attach_btf_id = kernel.hooks.target[index].btf_id;
	}
	fd = bpf_prog_load(type, name, "GPL", c.insn, c.n, &opts);
	return fd < 0 ? -errno : fd;
}

static int attach(const char *hook, int program)
{
	char path[128];
	int fd;

	if (!kernel.krsi) {
		fd = bpf_raw_tracepoint_open(NULL, program);
		return fd < 0 ? -errno : fd;
	}
	snprintf(path, sizeof(path), KRSI_SECURITYFS "/%s", hook);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!bpf_prog_attach(program, fd, (enum bpf_attach_type)BPF_KRSI, 0))
		return fd;
	close(fd);
	return -errno;
}

int programs__add(struct programs *p, const char *hook, enum program_kind kind)
{
	int program, link;

	if (kind == PROGRAM_STORAGE && kernel.storage_fd < 0)
		return -EOPNOTSUPP;
	if (p->n == PROGRAM_MAX)
		return -E2BIG;
	program = load(hook, kind);
	if (program < 0)
		return program;
	link = attach(hook, program);
	if (link < 0) {
		close(program);
		return link;
	}
	p->fd[p->n] = program;
	p->link[p->n++] = link;
	return 0;
}

void programs__remove(struct programs *p)
{
	while (p->n) {
		p->n--;
		if (kernel.krsi)
			bpf_prog_detach2(p->fd[p->n], p->link[p->n],
					 (enum bpf_attach_type)BPF_KRSI);
		close(p->link[p->n]);
		close(p->fd[p->n]);
	}
}

static const char *open_maps(void)
{
	const char *why = object__start_maps(&kernel.count, "bench_hook");

	if (why)
		return why;
	kernel.calls_fd = object__map(&kernel.count, "calls");
	kernel.calls = mmap(NULL, sizeof(*kernel.calls), PROT_READ | PROT_WRITE, MAP_SHARED,
			    kernel.calls_fd, 0);
	if (kernel.calls == MAP_FAILED)
		return "the counter cannot be mapped";
	/* kernels before 5.11 have no storage of tasks: reported where it is needed */
	kernel.storage_fd = -1;
	if (!object__start_maps(&kernel.storage, "bench_storage"))
		kernel.storage_fd = object__map(&kernel.storage, "storage");
	return NULL;
}

const char *programs__open(bool krsi)
{
	struct btf *btf;
	int err;

	kernel.krsi = krsi;
	if (krsi && access(KRSI_SECURITYFS, F_OK))
		return "no KRSI in this kernel";
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return "no kernel BTF";
	err = lsm_btf__read(btf, &kernel.hooks);
	btf__free(btf);
	return err ? "no BPF LSM in this kernel" : open_maps();
}

void programs__close(void)
{
	lsm_btf__free(&kernel.hooks);
	object__stop(&kernel.count);
	object__stop(&kernel.storage);
}

bool programs__has(const char *hook)
{
	return lsm_btf__find(&kernel.hooks, hook) >= 0;
}

uint64_t programs__calls(void)
{
	uint64_t n = *kernel.calls;

	*kernel.calls = 0;
	return n;
}
