// SPDX-License-Identifier: GPL-2.0-only
/* Sleepable programs: what they may do that others may not. */
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/bpf/io.h"
#include "conformance/semantics/kernel_btf.h"
#include "conformance/semantics/scene.h"

KERNEL_FUNCTION(bpf_lsm_is_sleepable_hook)

/* Loads "object:function" for its own hook, attaches it, and returns what it shares. */
static struct io *start(struct krsi_run *t, const char *named)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = named };
	struct krsi_prog *prog = NULL;
	void *mem = NULL;
	size_t size = 0;
	int err;

	scene__begin(t);
	err = t->adapter->load(t->inst, &spec, &prog);
	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	scene__link(t, prog);
	test__errno(t, 0, t->adapter->data(prog, &mem, &size), "the program's memory");
	test__true(t, size >= sizeof(struct io), "the program shares a struct io");
	return mem;
}

KRSI_TEST(sleep_copy, .id = "sleep/copy-from-user",
	  .summary = "a sleepable program reads the caller's memory where a page must be fetched",
	  .requirements = { "SLP-003" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE })
{
	static const char text[] = "read from a page that was not there";
	struct io *io;
	char *page;
	int fd;

	if (!test__hook(t, "file_open")->sleepable)
		test__skip(t, "file_open is not in the sleepable set here");
	test__errno(t, 0, put_file("page", text), "write a file");
	io = start(t, "sleep:copy_sleepable");
	fd = open("page", O_RDONLY | O_CLOEXEC);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (page == MAP_FAILED)
		test__broken(t, "mmap: %s", strerror(errno));
	io->in[0] = (unsigned long)page;
	io->in[1] = sizeof(text) - 1;
	io->session = getpid();
	close(open("page", O_RDONLY | O_CLOEXEC));
	io->session = 0;
	test__equal(t, 1, io->calls, "calls");
	test__equal(t, 0, io->out[0], "result of bpf_copy_from_user");
	test__true(t, !memcmp(io->out_data, text, sizeof(text) - 1), "the bytes are the caller's");
}

KRSI_TEST(sleep_plain, .id = "sleep/plain-cannot-fetch",
	  .summary = "a plain program gets EFAULT for a page that is not there, and does not wait",
	  .requirements = { "SLP-005" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	struct io *io;
	char *page;
	int fd;

	test__errno(t, 0, put_file("page", "text"), "write a file");
	io = start(t, "sleep:copy_plain");
	fd = open("page", O_RDONLY | O_CLOEXEC);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (page == MAP_FAILED)
		test__broken(t, "mmap: %s", strerror(errno));
	io->in[0] = (unsigned long)page;
	io->in[1] = 4;
	io->session = getpid();
	close(open("page", O_RDONLY | O_CLOEXEC));
	test__equal(t, -EFAULT, (int)io->out[0], "result for a page that is not there");
	test__equal(t, 't', *(volatile char *)page, "the page, once touched");
	close(open("page", O_RDONLY | O_CLOEXEC));
	io->session = 0;
	test__equal(t, 0, (int)io->out[0], "result for a page that is there");
	test__equal(t, 2, io->calls, "calls");
}

KRSI_TEST(sleep_helper_refused, .id = "sleep/helper-refused",
	  .summary = "a plain program that calls a helper that may sleep is refused",
	  .requirements = { "SLP-004" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = "sleep:copy_refused" };
	struct krsi_prog *prog = NULL;

	test__errno(t, -EINVAL, t->adapter->load(t->inst, &spec, &prog), "load");
}

KRSI_TEST(sleep_exec, .id = "sleep/copy-at-exec",
	  .summary = "a sleepable program at exec reads the new program's strings",
	  .requirements = { "SLP-003" }, .hook = { "bprm_committed_creds" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE })
{
	struct io *io;

	if (!test__hook(t, "bprm_committed_creds")->sleepable)
		test__skip(t, "bprm_committed_creds is not in the sleepable set here");
	io = start(t, "sleep:copy_at_exec");
	io->in[1] = sizeof("noop");
	io->session = getpid();
	test__errno(t, 0, scene__exec(), "exec");
	io->session = 0;
	test__equal(t, 1, io->calls, "calls");
	test__equal(t, 0, (int)io->out[0], "result of bpf_copy_from_user");
	test__true(t, !memcmp(io->out_data, "noop", sizeof("noop")), "the bytes are argv[0]");
}

/* A sleepable program that returns 0 loads for each hook of the set, or for none outside it. */
static void expect_set(struct krsi_run *t, bool member)
{
	struct krsi_prog_spec spec = { .size = sizeof(spec), .fixed = true, .sleepable = true };
	int n = 0;

	for (size_t i = 0; i < t->nr_hooks; i++) {
		struct krsi_prog *prog = NULL;
		int err;

		if (!t->hooks[i].attachable || t->hooks[i].sleepable != member)
			continue;
		spec.hook = t->hooks[i].name;
		err = t->adapter->load(t->inst, &spec, &prog);
		test__errno(t, member ? 0 : -EINVAL, err, spec.hook);
		n++;
		if (err)
			continue;
		test__errno(t, 0, scene__find_program(t->adapter->prog_id(prog)),
			    "the program, by its id");
		t->adapter->unload(prog);
	}
	test__true(t, n > 0,
		   member ? "there is a sleepable set" : "some hooks are outside the set");
}

KRSI_TEST(sleep_set, .id = "sleep/set-accepted",
	  .summary = "a sleepable program loads for every hook of the sleepable set",
	  .requirements = { "SLP-001" },
	  .needs = { .capabilities = KRSI_CAP_SLEEPABLE | KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	expect_set(t, true);
}

/*
 * The first set of Linux 5.11, without hooks that later kernels do not have, or call where none may
 * sleep. (5.10 took sleepable programs for other reasons.)
 */
static const char *const first_set[] = {
	"bpf",
	"bpf_map",
	"bpf_prog",
	"bprm_check_security",
	"bprm_committed_creds",
	"bprm_committing_creds",
	"bprm_creds_for_exec",
	"bprm_creds_from_file",
	"capget",
	"capset",
	"cred_prepare",
	"file_ioctl",
	"file_lock",
	"file_open",
	"file_receive",
	"inode_create",
	"inode_free_security",
	"inode_getattr",
	"inode_getxattr",
	"inode_mknod",
	"inode_post_setxattr",
	"inode_readlink",
	"inode_rename",
	"inode_rmdir",
	"inode_setattr",
	"inode_setxattr",
	"inode_symlink",
	"inode_unlink",
	"kernel_module_request",
	"kernel_read_file",
	"kernfs_init_security",
	"mmap_file",
	"netlink_send",
	"path_notify",
	"release_secctx",
	"sb_alloc_security",
	"sb_eat_lsm_opts",
	"sb_kern_mount",
	"sb_mount",
	"sb_remount",
	"sb_set_mnt_opts",
	"sb_show_options",
	"sb_statfs",
	"sb_umount",
	"settime",
	"socket_accept",
	"socket_bind",
	"socket_connect",
	"socket_create",
	"socket_getpeername",
	"socket_getpeersec_dgram",
	"socket_getsockname",
	"socket_getsockopt",
	"socket_listen",
	"socket_post_create",
	"socket_recvmsg",
	"socket_sendmsg",
	"socket_shutdown",
	"socket_socketpair",
	"syslog",
	"task_alloc",
	"task_prctl",
	"task_setscheduler",
};

KRSI_TEST(sleep_kept, .id = "sleep/set-kept",
	  .summary = "the sleepable set has every hook of the first one that may sleep",
	  .requirements = { "SLP-012" },
	  .needs = { .capabilities = KRSI_CAP_SLEEPABLE | KRSI_CAP_FIXED | KRSI_CAP_TARGET,
		     .probe = no_bpf_lsm_is_sleepable_hook })
{
	for (size_t i = 0; i < t->nr_hooks; i++)
		for (size_t j = 0; j < sizeof(first_set) / sizeof(first_set[0]); j++)
			if (!strcmp(t->hooks[i].name, first_set[j]))
				test__true(t, t->hooks[i].sleepable, first_set[j]);
}

/* Called in softirq, in an RCU callback or walk, or under a spin lock, if not always. */
static const char *const atomic[] = {
	"capable",
	"cred_free",
	"file_send_sigiotask",
	"file_set_fowner",
	"inet_conn_established",
	"inet_conn_request",
	"inet_csk_clone",
	"inode_follow_link",
	"inode_free_security_rcu",
	"inode_permission",
	"msg_queue_free_security",
	"ptrace_access_check",
	"req_classify_flow",
	"sem_free_security",
	"shm_free_security",
	"sk_clone_security",
	"socket_sock_rcv_skb",
	"task_free",
	"task_kill",
	"task_setrlimit",
	"task_to_inode",
	"unix_may_send",
	"unix_stream_connect",
	"xfrm_policy_clone_security",
};

KRSI_TEST(sleep_atomic, .id = "sleep/atomic-hooks-refused",
	  .summary = "the sleepable set has no hook that is called where none may sleep",
	  .requirements = { "SLP-013" },
	  .needs = { .capabilities = KRSI_CAP_SLEEPABLE | KRSI_CAP_TARGET })
{
	char *names = t->report->differs;
	int len = 0;

	for (size_t i = 0; i < t->nr_hooks; i++)
		for (size_t j = 0; j < sizeof(atomic) / sizeof(atomic[0]); j++)
			if (t->hooks[i].sleepable && !strcmp(t->hooks[i].name, atomic[j]))
				len += sprintf(names + len, "%s%s", len ? " " : "", atomic[j]);
	if (len)
		test__fail(t, "none", names, "hooks of the set where none may sleep");
}

KRSI_TEST(sleep_not_set, .id = "sleep/set-refused",
	  .summary = "a sleepable program is refused on every hook outside the sleepable set",
	  .requirements = { "SLP-002" },
	  .needs = { .capabilities = KRSI_CAP_SLEEPABLE | KRSI_CAP_FIXED | KRSI_CAP_TARGET })
{
	expect_set(t, false);
}
