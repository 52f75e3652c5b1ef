// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on looking into, and tracing, another process. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/descriptor.h"

/* The kernel's PTRACE_MODE_ATTACH. */
#define MODE_ATTACH 2

/* A value that s->val[2] has not by itself. */
#define WRITTEN 7

/* The child has "krsi" where the subject, at the same address, has nothing; s->fd[0] is its pidfd.
 */
static int child_with_secret(struct subject *s)
{
	int err;

	strcpy(s->text, "krsi");
	err = start_sleeper(s);
	s->text[0] = '\0';
	s->val[0] = s->child;
	err = err ?: keep_fd(s, 0, syscall(SYS_pidfd_open, s->child, 0));
	return err ?: expect_fd(s);
}

static int do_seize(struct subject *s)
{
	return SYS(ptrace(PTRACE_SEIZE, s->child, NULL, NULL));
}

static int do_attach(struct subject *s)
{
	return SYS(ptrace(PTRACE_ATTACH, s->child, NULL, NULL));
}

static int do_vm_readv(struct subject *s)
{
	const struct iovec text = { s->text, 5 };

	return SYS(process_vm_readv(s->child, &text, 1, &text, 1, 0));
}

static int do_proc_mem(struct subject *s)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/%d/mem", s->child);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = SYS(pread(fd, s->text, 5, (off_t)(uintptr_t)s->text));
	close(fd);
	return ret;
}

/* What a file about the child says. */
static int read_file(struct subject *s, const char *name)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/%d/%s", s->child, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = SYS(read(fd, s->text, sizeof(s->text) - 1));
	close(fd);
	return ret;
}

static int read_link(struct subject *s, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", s->child, name);
	return SYS(readlink(path, s->text, sizeof(s->text) - 1));
}

/* Newer kernels let who has CAP_PERFMON look at the layout of memory whatever LSMs say (mm_access).
 */
static int give_perfmon_up(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	TRY(syscall(SYS_capget, &head, caps));
	caps[CAP_TO_INDEX(CAP_PERFMON)].effective &= ~CAP_TO_MASK(CAP_PERFMON);
	caps[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	TRY(syscall(SYS_capset, &head, caps));
	return 0;
}

static int do_proc_maps(struct subject *s)
{
	return give_perfmon_up() ?: read_file(s, "maps");
}

static int do_proc_auxv(struct subject *s)
{
	return give_perfmon_up() ?: read_file(s, "auxv");
}

static int do_proc_syscall(struct subject *s)
{
	return read_file(s, "syscall");
}

static int do_proc_exe(struct subject *s)
{
	return read_link(s, "exe");
}

static int do_proc_fd(struct subject *s)
{
	return read_link(s, "fd/0");
}

static int do_proc_ns(struct subject *s)
{
	return read_link(s, "ns/uts");
}

/* Into the child's copy of s->val. */
static int do_vm_writev(struct subject *s)
{
	long value = WRITTEN;
	const struct iovec from = { &value, sizeof(value) }, to = { &s->val[2], sizeof(s->val[2]) };

	return SYS(process_vm_writev(s->child, &from, 1, &to, 1, 0));
}

static int do_pidfd_getfd(struct subject *s)
{
	return SYS(syscall(SYS_pidfd_getfd, s->fd[0], STDIN_FILENO, 0));
}

/* The answer tells whether the two share their memory: they do not. */
static int do_kcmp(struct subject *s)
{
	int ret = SYS(syscall(SYS_kcmp, getpid(), s->child, KCMP_VM, 0, 0));

	s->val[1] = ret > 0;
	return ret;
}

static int do_robust_list(struct subject *s)
{
	void *head = s;
	size_t len;
	int ret = SYS(syscall(SYS_get_robust_list, s->child, &head, &len));

	s->val[1] = head != s;
	return ret;
}

static int do_move_pages(struct subject *s)
{
	void *page = s;
	int status = WRITTEN;
	int ret = SYS(syscall(SYS_move_pages, s->child, 1, &page, NULL, &status, 0));

	s->val[1] = status != WRITTEN;
	return ret;
}

static const char *no_move_pages(void)
{
	return needs__syscall(SYS_move_pages) ? NULL : "pages are not moved here";
}

static bool is_traced(pid_t pid)
{
	char path[64], line[128];
	int tracer = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file) && sscanf(line, "TracerPid: %d", &tracer) != 1)
		;
	fclose(file);
	return tracer == getpid();
}

static bool traced_or_read(struct subject *s)
{
	const struct iovec value = { &s->val[2], sizeof(s->val[2]) };

	return is_traced(s->child) || s->text[0] || s->val[1] || fd_came(s) ||
	       (process_vm_readv(s->child, &value, 1, &value, 1, 0) == sizeof(s->val[2]) &&
		s->val[2] == WRITTEN);
}

#define YES_OR_NO EPERM, "ptrace_may_access: it only says yes or no"
#define NO_ACCESS EACCES, "ptrace_may_access: it only says yes or no"

HOOK(ptrace_access_check, FAMILY_TASK, .setup = child_with_secret,
     .route = { { "ptrace-seize", do_seize },
		{ "ptrace-attach", do_attach },
		{ "process_vm_readv", do_vm_readv, EPERM, "process_vm_rw_core" },
		{ "proc-mem", do_proc_mem, EACCES, "mm_access" },
		{ "process_vm_writev", do_vm_writev, EPERM, "process_vm_rw_core" },
		{ "pidfd_getfd", do_pidfd_getfd, YES_OR_NO },
		{ "kcmp", do_kcmp, YES_OR_NO },
		{ "get_robust_list", do_robust_list, YES_OR_NO },
		{ "move_pages", do_move_pages, YES_OR_NO, .probe = no_move_pages },
		{ "proc-maps", do_proc_maps, EACCES, "mm_access" },
		{ "proc-auxv", do_proc_auxv, EACCES, "mm_access" },
		{ "proc-syscall", do_proc_syscall, YES_OR_NO },
		{ "proc-exe", do_proc_exe, NO_ACCESS },
		{ "proc-fd", do_proc_fd, NO_ACCESS },
		{ "proc-ns", do_proc_ns, NO_ACCESS } },
     .effect = traced_or_read,
     .args = { WANT_VAL("child", KRSI_A, 0), WANT_BITS("mode", MODE_ATTACH, MODE_ATTACH) });

static int traceme(struct subject *s)
{
	return SYS(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int willing_child(struct subject *s)
{
	s->val[0] = getpid();
	return start_helper(s, NULL, traceme);
}

static bool child_is_traced(struct subject *s)
{
	return is_traced(s->child);
}

HOOK(ptrace_traceme, FAMILY_TASK, .setup = willing_child,
     .route = { { "ptrace-traceme", ask_helper } }, .effect = child_is_traced,
     .args = { WANT_VAL("parent", KRSI_A, 0) });
