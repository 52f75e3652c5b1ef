// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may load and attach: each capability alone and each one missing, user namespaces, and rights
 * that are delegated by a BPF token.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/scene.h"

#define CAP(name) (1ULL << CAP_##name)
#define ALL_CAPS  (~0ULL >> (63 - CAP_LAST_CAP))

#define NEEDS_FIXED .hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_FIXED }

/* What one of the processes below is to do, and with which rights. */
struct rights {
	struct krsi_run *t;
	uint64_t caps;		/* capabilities that it keeps */
	bool namespace;		/* it has all of them, in a user namespace of its own alone */
	int token;		/* as krsi_prog_spec.token_fd */
	struct krsi_prog *prog; /* attach this one instead of loading one */
};

/* Keeps none but these capabilities; 0 or -errno. */
static int keep_caps(uint64_t caps)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct data[2] = {
		{ .effective = caps, .permitted = caps },
		{ .effective = caps >> 32, .permitted = caps >> 32 },
	};

	return SYS(syscall(SYS_capset, &head, data));
}

static int try_load(struct krsi_run *t, int token)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec), .hook = SCENE_HOOK, .fixed = true, .token_fd = token
	};
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (!err)
		t->adapter->unload(prog);
	return err;
}

/* Attaches and sees that the denial holds; 0 or -errno. */
static int try_attach(const struct rights *rights)
{
	struct krsi_link *link = NULL;
	int err = rights->t->adapter->attach(rights->prog, KRSI_ATTACH_DEFAULT, &link);

	if (err)
		return err;
	return scene__mkdir("x") == -EUCLEAN && !exists("x") ? 0 : -ENOTRECOVERABLE;
}

/* Loads (or attaches) in a process with these rights; 0 or -errno. */
static int with_rights(struct krsi_run *t, const struct rights *rights)
{
	int status, err;
	pid_t pid = fork();

	if (!pid) {
		err = rights->namespace ? SYS(unshare(CLONE_NEWUSER)) : keep_caps(rights->caps);
		/* no call below gives these two */
		if (err)
			_exit(EXFULL);
		_exit(-(rights->prog ? try_attach(rights) : try_load(t, rights->token)));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == EXFULL)
		test__broken(t, "no process with these rights");
	return -WEXITSTATUS(status);
}

static void expect_load(struct krsi_run *t, uint64_t caps, int want)
{
	const struct rights rights = { .t = t, .caps = caps };

	test__errno(t, want, with_rights(t, &rights), "load");
}

KRSI_TEST(alone_none, .id = "privilege/root-without-capabilities",
	  .summary = "to be root is not enough to load", .requirements = { "PRV-001" }, NEEDS_FIXED)
{
	expect_load(t, ALL_CAPS, 0);
	expect_load(t, 0, -EPERM);
}

KRSI_TEST(alone_bpf, .id = "privilege/bpf-alone", .summary = "CAP_BPF alone is not enough to load",
	  .requirements = { "PRV-002" }, NEEDS_FIXED)
{
	expect_load(t, CAP(BPF), -EPERM);
	expect_load(t, ALL_CAPS & ~(CAP(PERFMON) | CAP(SYS_ADMIN)), -EPERM);
}

KRSI_TEST(alone_perfmon, .id = "privilege/perfmon-alone",
	  .summary = "CAP_PERFMON alone is not enough to load", .requirements = { "PRV-003" },
	  NEEDS_FIXED)
{
	expect_load(t, CAP(PERFMON), -EPERM);
	expect_load(t, ALL_CAPS & ~(CAP(BPF) | CAP(SYS_ADMIN)), -EPERM);
}

KRSI_TEST(alone_bpf_perfmon, .id = "privilege/bpf-and-perfmon",
	  .summary = "CAP_BPF and CAP_PERFMON together are enough to load",
	  .requirements = { "PRV-004" }, NEEDS_FIXED)
{
	expect_load(t, CAP(BPF) | CAP(PERFMON), 0);
	expect_load(t, ALL_CAPS & ~CAP(SYS_ADMIN), 0);
}

KRSI_TEST(alone_sys_admin, .id = "privilege/sys-admin-alone",
	  .summary = "CAP_SYS_ADMIN alone is enough to load", .requirements = { "PRV-005" },
	  NEEDS_FIXED)
{
	expect_load(t, CAP(SYS_ADMIN), 0);
	expect_load(t, ALL_CAPS & ~(CAP(BPF) | CAP(PERFMON)), 0);
}

KRSI_TEST(alone_mac_admin, .id = "privilege/mac-admin-is-irrelevant",
	  .summary = "CAP_MAC_ADMIN is neither enough to load nor needed for it",
	  .requirements = { "PRV-001", "PRV-014" }, NEEDS_FIXED)
{
	expect_load(t, CAP(MAC_ADMIN), -EPERM);
	expect_load(t, ALL_CAPS & ~CAP(MAC_ADMIN), 0);
}

KRSI_TEST(privilege_namespace, .id = "privilege/user-namespace",
	  .summary = "all capabilities in a user namespace of one's own are not enough to load",
	  .requirements = { "PRV-006" }, NEEDS_FIXED)
{
	const struct rights rights = { .t = t, .namespace = true };

	test__errno(t, -EPERM, with_rights(t, &rights), "load in a user namespace");
}

/* Asked with a descriptor that is none: EPERM comes before a look at it. */
static int use_nothing(struct subject *unused)
{
	union bpf_attr attr = { .info.bpf_fd = -1 };

	return keep_caps(0) ?: SYS(syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)));
}

static const char *all_commands_need_rights(void)
{
	struct subject s = {};

	return in_child(&s, use_nothing) == -EPERM
		       ? "every command of bpf(2) asks for capabilities here"
		       : NULL;
}

KRSI_TEST(privilege_attach, .id = "privilege/attach-without-capabilities",
	  .summary = "who holds a program's descriptor attaches it without any capability",
	  .requirements = { "PRV-010" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_FREE_ATTACH,
		     .probe = all_commands_need_rights })
{
	struct rights rights = { .t = t };

	scene__begin(t);
	rights.prog = scene__load(t, SCENE_HOOK);
	scene__arm(t, rights.prog, -EUCLEAN);
	test__errno(t, 0, with_rights(t, &rights), "attach, and a mkdir that it denies");
	test__equal(t, 1, scene__calls(t, rights.prog), "calls");
	test__errno(t, 0, scene__mkdir("x"), "mkdir once that process has ended");
}

static int mkdir_in_namespace(struct subject *s)
{
	TRY(unshare(CLONE_NEWUSER));
	return scene__mkdir("x");
}

KRSI_TEST(privilege_binds_all, .id = "privilege/verdict-binds-all",
	  .summary = "a verdict binds root, and root of a user namespace, alike",
	  .requirements = { "PRV-012" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER })
{
	struct subject s = {};
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir as root");
	test__errno(t, -EUCLEAN, in_child(&s, mkdir_in_namespace), "mkdir in a user namespace");
	test__equal(t, 2, scene__calls(t, p.prog), "calls");
	test__true(t, !exists("x"), "the directory is not made");
}

/* ---- tokens ---- */

#define CREATE_TOKEN 36 /* BPF_TOKEN_CREATE, since 6.9 */

#define NEEDS_TOKEN                                                                                \
	.hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_TOKEN }

/* Delegates BPF_PROG_LOAD, these program types and BPF_LSM_MAC to who mounts the file system. */
static int delegate(int fs, unsigned int progs)
{
	char text[16];
	const struct {
		const char *name;
		unsigned int bits;
	} options[] = {
		{ "delegate_cmds", 1U << BPF_PROG_LOAD },
		{ "delegate_progs", progs },
		{ "delegate_attachs", 1U << BPF_LSM_MAC },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), "0x%x", options[i].bits);
		TRY(fsconfig(fs, FSCONFIG_SET_STRING, options[i].name, text, 0));
	}
	TRY(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	return 0;
}

static int create_token(int fs)
{
	int mount = fsmount(fs, FSMOUNT_CLOEXEC, 0), root;
	struct {
		uint32_t flags, bpffs_fd;
	} attr = {};

	TRY(mount);
	root = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	TRY(root);
	attr.bpffs_fd = root;
	return SYS(syscall(SYS_bpf, CREATE_TOKEN, &attr, sizeof(attr)));
}

/* The namespace's side. It shares its descriptors with the privileged side. */
static int load_by_token(struct krsi_run *t, int tell, int go)
{
	int fs, token;
	char c;

	TRY(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	fs = fsopen("bpf", FSOPEN_CLOEXEC);
	if (write(tell, &fs, sizeof(fs)) != sizeof(fs) || read(go, &c, 1) != 1)
		return -EPIPE;
	token = create_token(fs);
	return token < 0 ? -EXFULL : try_load(t, token);
}

static int load_delegated(struct krsi_run *t, unsigned int progs)
{
	int tell[2], go[2], fs = -1, status;
	pid_t pid;

	if (pipe(tell) || pipe(go))
		test__broken(t, "pipe: %s", strerror(errno));
	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, NULL, NULL, 0);
	if (!pid)
		_exit(-load_by_token(t, tell[1], go[0]));
	if (pid < 0 || read(tell[0], &fs, sizeof(fs)) != sizeof(fs) || fs < 0)
		test__broken(t, "no bpf file system in a user namespace");
	if (delegate(fs, progs) || write(go[1], "g", 1) != 1)
		test__broken(t, "delegating: %s", strerror(errno));
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		test__broken(t, "the process in the user namespace died");
	test__true(t, WEXITSTATUS(status) != EXFULL, "the namespace gets its token");
	return -WEXITSTATUS(status);
}

KRSI_TEST(privilege_token, .id = "privilege/token",
	  .summary = "a token that delegates LSM programs lets a user namespace load them",
	  .requirements = { "PRV-007" }, NEEDS_TOKEN)
{
	test__errno(t, 0, load_delegated(t, 1U << BPF_PROG_TYPE_LSM), "load with a token");
}

KRSI_TEST(privilege_token_other, .id = "privilege/token-for-other-programs",
	  .summary = "a token that delegates another kind of program does not help to load",
	  .requirements = { "PRV-008" }, NEEDS_TOKEN)
{
	test__errno(t, -EPERM, load_delegated(t, 1U << BPF_PROG_TYPE_XDP), "load with a token");
}

KRSI_TEST(privilege_token_root, .id = "privilege/token-in-initial-namespace",
	  .summary = "the initial user namespace, which needs no token, gets none",
	  .requirements = { "PRV-009" }, NEEDS_TOKEN)
{
	int fs = fsopen("bpf", FSOPEN_CLOEXEC);

	if (fs < 0 || delegate(fs, 1U << BPF_PROG_TYPE_LSM))
		test__broken(t, "no bpf file system that delegates: %s", strerror(errno));
	test__errno(t, -EOPNOTSUPP, create_token(fs), "BPF_TOKEN_CREATE");
}
