// SPDX-License-Identifier: GPL-2.0-only
/* Programs that log LD_PRELOAD of every process that is executed, by each of the ways to do it. */
#include "kernel_types.h"
#include "bench/bpf/bench_env.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* Also a name in the kernel's own program, where its fields are looked up. */
struct linux_binprm___args {
	unsigned long p, exec;
	int argc;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

/* "LD_PRELO", "AD" and '=': there is no memcmp() here, and eleven bytes one by one would be dear.
 */
static __always_inline int is_wanted(const struct env_record *found)
{
	return *(const __u64 *)found->text == 0x4f4c4552505f444cULL &&
	       *(const __u16 *)(found->text + 8) == 0x4441 && found->text[10] == '=';
}

static __always_inline void to_ring(struct env_record *found)
{
	struct env_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return;
	__builtin_memcpy(record, found, sizeof(*record));
	bpf_ringbuf_submit(record, 0);
}

/*
 * The strings of the new process, from the first argument on: argc of them, then its environment,
 * up to the file name. A string that is longer than what is read at a time takes more rounds.
 */
static __always_inline int scan_stack(struct linux_binprm___args *bprm, struct env_record *found)
{
	unsigned long at = BPF_CORE_READ(bprm, p), end = BPF_CORE_READ(bprm, exec);
	int skip = BPF_CORE_READ(bprm, argc), whole = 1;

	for (int i = 0; i < ENV_STRINGS && at < end; i++) {
		long n = bpf_probe_read_user_str(found->text, ENV_TEXT, (void *)at);

		if (n <= 0)
			return 0;
		if (skip <= 0 && whole && is_wanted(found)) {
			found->len = n;
			found->pid = bpf_get_current_pid_tgid() >> 32;
			return 1;
		}
		whole = n < ENV_TEXT;
		skip -= whole;
		at += whole ? n : n - 1;
	}
	return 0;
}

SEC("lsm/bprm_check_security")
int empty(void *ctx)
{
	return 0;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(log_ring, struct linux_binprm___args *bprm)
{
	struct env_record found = {};
	char byte;

	/* the page is read in if it has to be: that is what the program sleeps for */
	bpf_copy_from_user(&byte, 1, (void *)BPF_CORE_READ(bprm, p));
	if (scan_stack(bprm, &found))
		to_ring(&found);
	return 0;
}

SEC("lsm/bprm_committed_creds")
int BPF_PROG(log_perf, struct linux_binprm___args *bprm)
{
	struct env_record found = {};

	if (scan_stack(bprm, &found))
		bpf_perf_event_output(ctx, &perf, 0xffffffff, &found, sizeof(found));
	return 0;
}

/* The same from the arguments of the system call, as they are before it. */
static __always_inline void scan_vector(const char *const *envp)
{
	struct env_record found = {};

	for (int i = 0; i < ENV_STRINGS; i++) {
		const char *string = 0;
		long n;

		if (bpf_probe_read_user(&string, sizeof(string), envp + i) || !string)
			return;
		n = bpf_probe_read_user_str(found.text, ENV_TEXT, string);
		if (n <= 0 || !is_wanted(&found))
			continue;
		found.len = n;
		found.pid = bpf_get_current_pid_tgid() >> 32;
		to_ring(&found);
		return;
	}
}

/* Its format is in tracefs and does not change. */
struct sys_enter {
	__u64 common;
	__s64 nr;
	__u64 args[6];
};

SEC("tracepoint/syscalls/sys_enter_execve")
int log_tracepoint(struct sys_enter *ctx)
{
	scan_vector((const char *const *)ctx->args[2]);
	return 0;
}

/* x86-64: the system call gets the registers of the process, in the order of ptrace(2). */
struct registers {
	__u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
};

SEC("kprobe/__x64_sys_execve")
int log_kprobe(struct registers *ctx)
{
	struct registers *user = (void *)ctx->di;
	__u64 envp = 0;

	bpf_probe_read_kernel(&envp, sizeof(envp), &user->dx);
	scan_vector((const char *const *)envp);
	return 0;
}
