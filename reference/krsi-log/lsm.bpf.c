// SPDX-License-Identifier: GPL-2.0-only
/*
 * On mainline's BPF LSM. At bprm_check_security, which may deny, no program can read the new
 * strings. At bprm_committed_creds they can be read, but the old program is gone: what is left is
 * to kill the new one, before it has run an instruction.
 *
 * mm->env_start is not set yet: the strings are found as exec has laid them out, from bprm->p on,
 * argv first, up to bprm->exec.
 */
#include "log.bpf.h"
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct linux_binprm___log {
	unsigned long p, exec;
	int argc;
	struct file *file;
	const char *filename;
};
#pragma clang attribute pop

#define SIGKILL 9
#define EFAULT	14
/* Most pieces of strings that are looked at: more than the largest exec brings. */
#define PIECES (1 << 22)
/* Bytes read at a time; a name and its equals sign fit. */
#define PIECE 128

/**
 * struct walk - over the strings.
 * @at, @end: what is left of them.
 * @argc: strings of argv that are left.
 * @inside: @at is not at the beginning of a string.
 * @count: how often the variable was found.
 * @used: bytes of its values so far, or -E2BIG.
 * @err: negative errno.
 */
struct walk {
	__u64 at, end;
	__u32 argc;
	__u32 inside;
	__u32 count;
	__s32 used;
	__s32 err;
};

/*
 * Returns the bytes read, the NUL counted. A page that is not there is made to come, which may
 * sleep, and the read is tried again.
 */
static __always_inline long read_string(char *to, __u32 size, __u64 from, __u64 end)
{
	long n = bpf_probe_read_user_str(to, size, (void *)from);
	__u64 last = from + size - 1;
	char byte;

	/* of an empty string the helper does not count it */
	if (n >= 0)
		return n ?: 1;
	if (last >= end)
		last = end - 1;
	if (bpf_copy_from_user(&byte, 1, (void *)from) ||
	    bpf_copy_from_user(&byte, 1, (void *)last))
		return -EFAULT;
	n = bpf_probe_read_user_str(to, size, (void *)from);
	return n ?: 1;
}

static __always_inline bool is_variable(const char *piece)
{
	__u32 n = policy.name_len - 1;

	for (__u32 i = 0; i < LOG_NAME_MAX && i < n; i++)
		if (piece[i] != policy.name[i])
			return false;
	return n < PIECE && piece[n] == '=';
}

static __always_inline void take_value(struct walk *w, __u64 from)
{
	struct log_scratch *s = take_scratch();
	__u64 used = w->used;
	long n;

	w->count++;
	if (!s || w->used < 0)
		return;
	asm volatile("" : "+r"(used));
	if (used > LOG_VALUES)
		return;
	n = read_string(s->data + used, LOG_VALUES + 1, from, w->end);
	if (n < 0) {
		w->err = n;
		return;
	}
	w->used = used + n;
	if (w->used <= LOG_VALUES)
		return;
	s->data[LOG_VALUES - 1] = '\0';
	w->used = -E2BIG;
}

static long step(__u32 i, struct walk *w)
{
	char piece[PIECE] = "";
	long n;

	if (w->at >= w->end || w->err)
		return 1;
	n = read_string(piece, sizeof(piece), w->at, w->end);
	if (n < 0) {
		w->err = n;
		return 1;
	}
	if (!w->inside && !w->argc && is_variable(piece))
		take_value(w, w->at + policy.name_len);
	/* cut off: its last byte, the NUL put there, is read again */
	w->inside = n == sizeof(piece);
	w->at += w->inside ? n - 1 : n;
	if (!w->inside && w->argc)
		w->argc--;
	return 0;
}

static __always_inline __u64 result_of(const struct walk *w)
{
	if (w->err)
		return (__u32)w->err;
	if (w->at < w->end)
		return (__u32)-E2BIG;
	return (__u64)w->count << 32 | (__u32)w->used;
}

/* As stat() shows it. */
static __always_inline __u32 encode_dev(__u32 dev)
{
	__u32 major = dev >> 20, minor = dev & 0xfffff;

	return (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}

static __always_inline void report(struct log_scratch *s, struct linux_binprm___log *bprm,
				   __u64 result, int verdict)
{
	__u64 used = values_of(result);
	long n;

	asm volatile("" : "+r"(used));
	if (used > LOG_VALUES)
		return;
	n = bpf_probe_read_kernel_str(s->data + used, LOG_PATH, bprm->filename);
	if (n < 0 || n > LOG_PATH)
		n = 0;
	fill_head(s, result, used, n, verdict);
	s->frame.dev = encode_dev(bprm->file->f_inode->i_sb->s_dev);
	s->frame.ino = bprm->file->f_inode->i_ino;
	emit(s, used, n);
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(log_exec, struct linux_binprm___log *bprm)
{
	struct walk w = { .at = bprm->p, .end = bprm->exec, .argc = bprm->argc };
	struct log_scratch *s;
	__u64 result;
	int verdict;

	bpf_loop(PIECES, step, &w, 0);
	result = result_of(&w);
	if (!result && !policy.all)
		return 0;
	s = take_scratch();
	if (!s)
		count_lost();
	verdict = s ? judge(s, result) : policy.deny && result ? -EPERM : 0;
	if (s)
		report(s, bprm, result, verdict);
	if (verdict)
		bpf_send_signal(SIGKILL);
	return 0;
}
