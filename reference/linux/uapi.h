/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The interface of the reference KRSI to userspace and to BPF programs.
 *
 * Load: BPF_PROG_LOAD with BPF_PROG_TYPE_KRSI and expected_attach_type BPF_KRSI, with a licence
 * compatible with the GPL (else EINVAL), with BPF_F_SLEEPABLE or without; needs CAP_BPF and
 * CAP_PERFMON. A libbpf that does not know the
 * section names "krsi" and "krsi.s" is told with bpf_program__set_type(), _set_flags() and
 * _set_expected_attach_type(). A program returns [-4095, 0]; its context is opaque: it is passed
 * on to helpers, and any other use of it is refused at load.
 *
 * Verdict: programs run in the order in which they were attached, after all other LSMs agreed, and
 * the first that returns less than 0 ends the call with that. If none does, the hook returns its
 * own default. Hooks that return nothing cannot deny, nor those whose int is no errno
 * (audit_rule_known, audit_rule_match, inode_xattr_skipcap, ismaclabel, xfrm_decode_session,
 * xfrm_state_pol_flow_match): there all programs run and verdicts count for nothing. With
 * krsi.enforce=0 on the kernel command line every verdict becomes 0.
 *
 * Hook files: /sys/kernel/security/krsi/<hook>, for each hook of lsm_hook_defs.h, and
 * process_execution, which is another name of bprm_check_security. read() gives the names of the
 * attached programs, one a line, in the order in which they run.
 *
 * Attach: BPF_PROG_ATTACH, attach_type BPF_KRSI, target_fd: the hook file opened O_RDWR,
 * attach_bpf_fd: the program. attach_flags 0, or BPF_F_ALLOW_OVERRIDE: a program whose name is
 * equal up to the first double underscore leaves. Errors, the first that applies:
 *	EINVAL	attach_flags hold anything else that no attach type knows
 *	EBADF	attach_bpf_fd is no file descriptor
 *	EINVAL	attach_bpf_fd is no program, or one of another type
 *	EBADF	target_fd is no file descriptor
 *	EPERM	no CAP_MAC_ADMIN
 *	EINVAL	target_fd is no hook file
 *	EBADF	target_fd is not open for writing
 *	EINVAL	attach_flags hold anything else
 *	EINVAL	the program is sleepable and the hook cannot sleep
 *	EEXIST	the program is attached to the hook already, or one of equal name is
 *	E2BIG	64 programs are attached
 *
 * Detach: BPF_PROG_DETACH, same fields and errors, no flags; ENOENT: not attached.
 *
 * Query: BPF_PROG_QUERY, query.target_fd: the hook file, open for reading or writing,
 * query.attach_type BPF_KRSI, query_flags 0. prog_ids receives program ids in the order in which
 * they run; prog_cnt is the room on entry and the number of attached programs on return; ENOSPC:
 * it is more than the room. Errors as for attach, but for writing.
 */
#ifndef KRSI_UAPI_H
#define KRSI_UAPI_H

#include <linux/types.h>

/* What follows 6.12's own values; in the reference kernel's <linux/bpf.h> these are enumerators. */
#ifndef __KERNEL__
#define BPF_PROG_TYPE_KRSI 33
#define BPF_KRSI	   57

#define BPF_FUNC_krsi_get_env_var  212
#define BPF_FUNC_krsi_get_env_vars 213
#define BPF_FUNC_krsi_get_file_id  214
#define BPF_FUNC_krsi_get_session  215
#endif

#define KRSI_SECURITYFS "/sys/kernel/security/krsi"

/**
 * struct krsi_file_id - which file is executed; for a script first the script, then, in another
 * call of the hook, its interpreter.
 * @dev: device of the file system, encoded as in st_dev.
 * @ino: inode number.
 * @generation: tells files apart that had the same number one after the other, where the file
 *		system keeps track; else 0.
 * @nlink: number of names that the file has; 0: deleted, or it never had one (memfd).
 */
struct krsi_file_id {
	__u64 dev;
	__u64 ino;
	__u32 generation;
	__u32 nlink;
};

#ifdef __bpf__
/*
 * The helpers. The first three know their answer in programs on bprm_check_security alone:
 * elsewhere they return -EINVAL.
 */

/*
 * All values of one environment variable, of the process that will run. High 32 bits of the
 * result: how often it is set. Low 32 bits (signed): bytes of @buf that hold values, each with its
 * NUL, or a negative errno: -E2BIG, cut at the end of @buf; -EINVAL, @name is empty, holds an
 * equals sign or has no NUL within @name_len bytes; -ENOMEM, -EFAULT: it could not be read. All
 * of @buf is written; what holds no value is 0. @buf_len 0 asks for the count (then @buf may be
 * NULL).
 */
static __u64 (*krsi_get_env_var)(void *ctx, const char *name, __u32 name_len, char *buf,
				 __u32 buf_len) = (void *)BPF_FUNC_krsi_get_env_var;

/*
 * The whole environment: as many strings as fit whole, each with its NUL. High 32 bits: number of
 * strings in the environment. Low: bytes written, or a negative errno as above; -E2BIG: some were
 * left out.
 */
static __u64 (*krsi_get_env_vars)(void *ctx, char *buf,
				  __u32 buf_len) = (void *)BPF_FUNC_krsi_get_env_vars;

/*
 * Identity of the file that is executed. @size: of *@id; all of it is written, what this kernel
 * does not know is 0. 0, or -EINVAL.
 */
static long (*krsi_get_file_id)(void *ctx, struct krsi_file_id *id,
				__u32 size) = (void *)BPF_FUNC_krsi_get_file_id;

/*
 * On every hook: pid, in the initial pid namespace, of the leader of the current task's session;
 * 0: it has none.
 */
static __u64 (*krsi_get_session)(void *ctx) = (void *)BPF_FUNC_krsi_get_session;
#endif /* __bpf__ */

#endif
