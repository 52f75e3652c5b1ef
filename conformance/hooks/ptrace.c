// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on looking into, and tracing, another process. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

/* The kernel's PTRACE_MODE_ATTACH. */
#define MODE_ATTACH 2

/* The child has "krsi" where the subject, at the same address, has nothing. */
static int child_with_secret(struct subject *s)
{
	int err;

	strcpy(s->text, "krsi");
	err = start_sleeper(s);
	s->text[0] = '\0';
	s->val[0] = s->child;
	return err;
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
	return is_traced(s->child) || !strcmp(s->text, "krsi");
}

HOOK(ptrace_access_check, FAMILY_TASK, .setup = child_with_secret,
     .route = { { "ptrace-seize", do_seize },
		{ "ptrace-attach", do_attach },
		{ "process_vm_readv", do_vm_readv, EPERM, "process_vm_rw_core" },
		{ "proc-mem", do_proc_mem, EACCES, "mm_access" } },
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
