// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF tokens: rights that a privileged process delegates to a user namespace, through a bpf file
 * system that the namespace opens, the privileged process configures, and the namespace mounts.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "conformance/hooks/bpf.h"

/* Kept in s->fd, and index in s->val of the number of the subject's user namespace. */
enum { FD_MOUNT, FD_TOKEN };
enum { NAMESPACE };

/* CAP_BPF of <linux/capability.h>. */
#define CAPABILITY_BPF 39

/* The privileged side: shares the subject's descriptors, but not its namespace. */
static int delegate(int fs)
{
	static const char *const options[] = { "delegate_cmds", "delegate_maps", "delegate_progs",
					       "delegate_attachs" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		TRY(fsconfig(fs, FSCONFIG_SET_STRING, options[i], "any", 0));
	TRY(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	return 0;
}

/* Starts the privileged side: it waits in `ask` for the descriptor, and answers in its status. */
static int start_delegate(int ask)
{
	pid_t pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, NULL, NULL, 0);
	int fs;

	if (pid)
		return SYS(pid);
	_exit(read(ask, &fs, sizeof(fs)) == sizeof(fs) ? -delegate(fs) : EIO);
}

static int enter_namespace(struct subject *s)
{
	struct stat st;
	int err;

	TRY(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	err = put_file("/proc/self/setgroups", "deny");
	if (!err)
		err = put_file("/proc/self/uid_map", "0 0 1");
	if (!err)
		err = put_file("/proc/self/gid_map", "0 0 1");
	if (err)
		return err;
	TRY(stat("/proc/self/ns/user", &st));
	s->val[NAMESPACE] = st.st_ino;
	return 0;
}

/* A bpf file system with all rights delegated, mounted by a user namespace of the subject's own. */
static int delegated(struct subject *s)
{
	int ask[2], fs, mount, pid, status, err;

	TRY(pipe2(ask, O_CLOEXEC));
	pid = start_delegate(ask[0]);
	if (pid < 0)
		return pid;
	err = enter_namespace(s);
	fs = err ? -1 : fsopen("bpf", FSOPEN_CLOEXEC);
	if (!err && fs < 0)
		err = -errno;
	/* a negative number makes the other side end, with an error */
	if (write(ask[1], &fs, sizeof(fs)) != sizeof(fs) || waitpid(pid, &status, 0) < 0)
		return -errno;
	if (err)
		return err;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
	mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	TRY(mount);
	/* the mount's own descriptor is a mere path */
	err = keep_fd(s, FD_MOUNT, openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	return err ?: expect_fd(s);
}

static int create_token(struct subject *s)
{
	const struct {
		uint32_t flags, bpffs_fd;
	} attr = { .bpffs_fd = s->fd[FD_MOUNT] };

	return bpf_call(BPF_CREATE_TOKEN, &attr, sizeof(attr));
}

HOOK(bpf_token_create, FAMILY_BPF, .setup = delegated,
     .route = { { "bpf_token_create", create_token } }, .effect = fd_came,
     .args = { WANT_VAL("token", KRSI_A, NAMESPACE), WANT_FD("path", FD_MOUNT) });

static int token(struct subject *s)
{
	int err = delegated(s);

	if (err)
		return err;
	s->fd[FD_TOKEN] = create_token(s);
	return s->fd[FD_TOKEN] < 0 ? s->fd[FD_TOKEN] : expect_fd(s);
}

static int make_btf(struct subject *s)
{
	return bpf_make_btf(s->fd[FD_TOKEN]);
}

static int make_map(struct subject *s)
{
	return bpf_make_map(1, s->fd[FD_TOKEN]);
}

/* A command that may not use the token goes on without it, and lacks the rights. */
HOOK(bpf_token_cmd, FAMILY_BPF, .setup = token,
     .route = { { "bpf_btf_load", make_btf }, { "bpf_map_create", make_map } }, .effect = fd_came,
     .denied_as = EPERM, .denied_by = "bpf_token_allow_cmd",
     .args = { WANT_VAL("token", KRSI_A, NAMESPACE), WANT_NUM("cmd", BPF_BTF_LOAD) });

HOOK(bpf_token_capable, FAMILY_BPF, .setup = token, .route = { { "bpf_btf_load", make_btf } },
     .effect = fd_came, .denied_as = EPERM, .denied_by = "bpf_token_capable",
     .args = { WANT_VAL("token", KRSI_A, NAMESPACE), WANT_NUM("cap", CAPABILITY_BPF) });

static int close_token(struct subject *s)
{
	return SYS(close(s->fd[FD_TOKEN]));
}

static bool closed(struct subject *s)
{
	return !is_open(s->fd[FD_TOKEN]);
}

/* A worker frees it: bpf_token_put_deferred(). */
VOID_HOOK(bpf_token_free, FAMILY_BPF, .setup = token, .route = { { "close", close_token } },
	  .effect = closed, .anyone = true, .async = true,
	  .only = WANT_VAL("token", KRSI_A, NAMESPACE),
	  .args = { WANT_WORD("token", KRSI_B, ~0ULL) });
