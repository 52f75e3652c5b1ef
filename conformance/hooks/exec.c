// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the way from execve to the new program. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/compat.h"
#include "conformance/hooks/mounting.h"

static char *const argv[] = { "noop", NULL }, *const envp[] = { NULL };

/* A program, by several names and by none, a script for it, and a script for that script. */
static int programs(struct subject *s)
{
	int err = put_noop("noop") ?: put_file("script", "#!./noop\n");
	static char image[4096];
	ssize_t n;

	err = err ?: put_file("nested", "#!./script\n");
	if (err)
		return err;
	TRY(chmod("script", 0700));
	TRY(chmod("nested", 0700));
	TRY(symlink("noop", "link"));
	err = open_slot(s, 0, "noop", O_RDONLY, 0) ?: open_slot(s, 1, ".", O_PATH, 0);
	err = err ?: keep_fd(s, 2, memfd_create("krsi", MFD_CLOEXEC));
	if (err)
		return err;
	while ((n = read(s->fd[0], image, sizeof(image))) > 0)
		if (write(s->fd[2], image, n) != n)
			return -EIO;
	snprintf(s->text, sizeof(s->text), "/proc/self/fd/%d", s->fd[0]);
	return n < 0 ? -errno : 0;
}

static int execve_path(struct subject *s)
{
	return SYS(execve("./noop", argv, envp));
}

static int execveat_directory(struct subject *s)
{
	return SYS(syscall(SYS_execveat, s->fd[1], "noop", argv, envp, 0));
}

static int execveat_descriptor(struct subject *s)
{
	return SYS(syscall(SYS_execveat, s->fd[0], "", argv, envp, AT_EMPTY_PATH));
}

static int execve_script(struct subject *s)
{
	return SYS(execve("./script", argv, envp));
}

/* The program's exit status comes back only where it ran. */
static int in_program(struct subject *s, int (*exec)(struct subject *s))
{
	s->val[0] = in_child(s, exec);
	return s->val[0];
}

static int do_execve(struct subject *s)
{
	return in_program(s, execve_path);
}

static int do_execveat(struct subject *s)
{
	return in_program(s, execveat_directory);
}

static int do_fexecve(struct subject *s)
{
	return in_program(s, execveat_descriptor);
}

static int do_script(struct subject *s)
{
	return in_program(s, execve_script);
}

/* The child shares the parent's memory until it executes. */
static int do_spawn(struct subject *s)
{
	pid_t pid;
	int status, err = posix_spawn(&pid, "./noop", NULL, NULL, argv, envp);

	if (err)
		return -err;
	TRY(waitpid(pid, &status, 0));
	s->val[0] = WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
	return s->val[0];
}

static bool noop_ran(struct subject *s)
{
	return s->val[0] == NOOP_STATUS;
}

static int execveat_memfd(struct subject *s)
{
	return SYS(syscall(SYS_execveat, s->fd[2], "", argv, envp, AT_EMPTY_PATH));
}

static int execve_nested(struct subject *s)
{
	return SYS(execve("./nested", argv, envp));
}

static int execve_link(struct subject *s)
{
	return SYS(execve("./link", argv, envp));
}

static int execve_proc(struct subject *s)
{
	return SYS(execve(s->text, argv, envp));
}

static int execve_32(struct subject *s)
{
	static const char path[] = "./noop";
	static uint32_t list[2];

	list[0] = COMPAT_POINTER(path);
	return compat_call(COMPAT_EXECVE, COMPAT_POINTER(path), COMPAT_POINTER(list),
			   COMPAT_POINTER(&list[1]), 0, 0, 0);
}

static int do_memfd(struct subject *s)
{
	return in_program(s, execveat_memfd);
}

static int do_nested(struct subject *s)
{
	return in_program(s, execve_nested);
}

static int do_link(struct subject *s)
{
	return in_program(s, execve_link);
}

static int do_proc(struct subject *s)
{
	return in_program(s, execve_proc);
}

static int do_32(struct subject *s)
{
	return in_program(s, execve_32);
}

/* Writes all of the text to a file that is there; 0 or -errno. */
static int tell(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = SYS(write(fd, text, strlen(text)));
	close(fd);
	return err < 0 ? err : 0;
}

static int execve_format(struct subject *s)
{
	return SYS(execve("./format", argv, envp));
}

/* A file that a format registered at run time leaves to the program; formats are of the whole
 * machine. */
static int do_binfmt_misc(struct subject *s)
{
	int err = put_file("format", "krsi-format\n") ?: mount_place(s), ret;

	if (err)
		return err;
	TRY(chmod("format", 0700));
	TRY(mount("none", "m", "binfmt_misc", 0, NULL));
	err = tell("m/register", ":krsi:M::krsi-format::./noop:");
	if (err)
		return err;
	ret = in_program(s, execve_format);
	err = tell("m/krsi", "-1");
	return ret < 0 ? ret : err ?: ret;
}

/* What the entries share: every way to execute a program. */
#define EXEC                                                                                       \
	.setup = programs, .effect = noop_ran,                                                     \
	.route = { { "execve", do_execve },                                                        \
		   { "execveat", do_execveat },                                                    \
		   { "fexecve", do_fexecve },                                                      \
		   { "script", do_script },                                                        \
		   { "posix_spawn", do_spawn } }

/* Once for each file of a chain of interpreters: the last is the program. */
HOOK(bprm_check_security, FAMILY_EXEC, .setup = programs, .effect = noop_ran,
     .route = { { "execve", do_execve },
		{ "execveat", do_execveat },
		{ "fexecve", do_fexecve },
		{ "script", do_script },
		{ "posix_spawn", do_spawn },
		{ "nested-script", do_nested },
		{ "symlink", do_link },
		{ "proc-fd", do_proc },
		{ "execveat-memfd", do_memfd, .only = WANT_FD("bprm", 2) },
		{ "int80-execve", do_32, .probe = no_compat },
		{ "binfmt-misc", do_binfmt_misc, .module = "binfmt_misc" } },
     .only = WANT_FILE("bprm", "noop"), .args = { WANT_FILE("bprm", "noop") });

/* Once for each exec, with the file that was named: of a script, the script. */
HOOK(bprm_creds_for_exec, FAMILY_EXEC, EXEC,
     .args = { WANT_FILE("bprm", "noop"), WANT_TEXT("bprm", "./noop") });

HOOK(bprm_creds_from_file, FAMILY_EXEC, EXEC,
     .args = { WANT_FILE("bprm", "noop"), WANT_FILE("file", "noop") });

VOID_HOOK(bprm_committing_creds, FAMILY_EXEC, EXEC, .args = { WANT_FILE("bprm", "noop") });

VOID_HOOK(bprm_committed_creds, FAMILY_EXEC, EXEC, .args = { WANT_FILE("bprm", "noop") });
