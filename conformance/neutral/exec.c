// SPDX-License-Identifier: GPL-2.0-only
/* Starting programs. A run's number is its exit status: NOOP_STATUS if the no-op program ran. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

static char *no_words[] = { NULL };
static char *words[] = { (char *)"noop", (char *)"word", NULL };
static char *environment[] = { (char *)"A=b", (char *)"LD_PRELOAD=/x", NULL };

/* Executes in a child: the exit status, -errno of the exec, or -ECHILD if a signal ended it. */
static int run_at(int dir, const char *path, char **argv, char **envp, int flags)
{
	int status, fds[2], err = 0;
	pid_t pid;

	TRY(pipe2(fds, O_CLOEXEC));
	pid = fork();
	if (!pid) {
		syscall(SYS_execveat, dir, path, argv, envp, flags);
		err = -errno;
		_exit(write(fds[1], &err, sizeof(err)) != sizeof(err));
	}
	close(fds[1]);
	if (read(fds[0], &err, sizeof(err)) < 0)
		err = -errno;
	close(fds[0]);
	TRY(waitpid(pid, &status, 0));
	return err ?: WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

static int run(const char *path)
{
	return run_at(AT_FDCWD, path, words, environment, 0);
}

#define RUNS(name, path)                                                                           \
	static int run_##name(void)                                                                \
	{                                                                                          \
		return run(path);                                                                  \
	}

RUNS(tool, "./tool")
RUNS(link, "./link")
RUNS(public, "./public")
RUNS(missing, "./missing")
RUNS(closed, "./closed/file")
RUNS(directory, "./public.d")
RUNS(empty, "./empty")
RUNS(text, "./text")
RUNS(script, "./script")
RUNS(nested, "./nested")
RUNS(orphan, "./orphan")
RUNS(loop, "./loop")
RUNS(setuid, "./setuid")
RUNS(setgid, "./setgid")
RUNS(unreadable, "./unreadable")
RUNS(noexec, "./noexec/tool")
RUNS(nosuid, "./nosuid/tool")
RUNS(truncated, "./truncated")

static int run_no_words(void)
{
	return run_at(AT_FDCWD, "./tool", no_words, no_words, 0);
}

static int run_null(void)
{
	return run_at(AT_FDCWD, "./tool", NULL, NULL, 0);
}

static int run_long(void)
{
	static char text[200000];
	char *long_words[] = { text, NULL };

	memset(text, 'x', sizeof(text) - 1);
	return run_at(AT_FDCWD, "./tool", long_words, no_words, 0);
}

static int run_nofollow(void)
{
	return run_at(AT_FDCWD, "./link", words, environment, AT_SYMLINK_NOFOLLOW);
}

static int run_fd(int flags, const char *path)
{
	int fd = open(path, flags | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = run_at(fd, "", words, environment, AT_EMPTY_PATH);
	close(fd);
	return ret;
}

static int run_by_fd(void)
{
	return run_fd(O_RDONLY, "tool");
}

static int run_by_path_fd(void)
{
	return run_fd(O_PATH, "tool");
}

static int run_script_by_fd(void)
{
	return run_fd(O_RDONLY, "script");
}

static int run_writable(void)
{
	return run_fd(O_RDWR, "mine");
}

static int run_memfd(void)
{
	static char image[65536];
	int fd = memfd_create("tool", MFD_CLOEXEC), from = open("tool", O_RDONLY | O_CLOEXEC), ret;
	ssize_t n = read(from, image, sizeof(image));

	if (fd < 0 || n < 0 || write(fd, image, n) != n)
		return -errno;
	ret = run_at(fd, "", words, environment, AT_EMPTY_PATH);
	close(fd);
	close(from);
	return ret;
}

static int no_new_privs(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(255);
		_exit(run("./setuid") & 0xff);
	}
	TRY(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

static int shell_file(const char *path, const char *text)
{
	int err = put_file(path, text);

	return err ?: SYS(chmod(path, 0755));
}

static int tool_in(const char *dir, unsigned long flags)
{
	int err;

	TRY(mkdir(dir, 0755));
	TRY(mount("none", dir, "tmpfs", 0, NULL));
	TRY(chdir(dir));
	err = put_noop("tool");
	if (err)
		return err;
	TRY(chmod("tool", 04755));
	TRY(chdir(".."));
	return SYS(mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | flags, NULL));
}

static int make_programs(void)
{
	static const struct {
		const char *name;
		mode_t mode;
	} tools[] = {
		{ "setuid", 04755 }, { "setgid", 02755 },   { "unreadable", 0711 },
		{ "mine", 0777 },    { "truncated", 0755 },
	};
	int err = make_objects();

	err = err ?: shell_file("empty", "");
	err = err ?: shell_file("text", "no program\n");
	err = err ?: shell_file("script", "#!./tool word\n");
	err = err ?: shell_file("nested", "#!./script\n");
	err = err ?: shell_file("orphan", "#!./missing\n");
	err = err ?: shell_file("loop", "#!./loop\n");
	for (size_t i = 0; !err && i < sizeof(tools) / sizeof(tools[0]); i++) {
		err = put_noop(tools[i].name);
		err = err ?: SYS(chmod(tools[i].name, tools[i].mode));
	}
	err = err ?: SYS(truncate("truncated", 100));
	err = err ?: SYS(symlink("tool", "link"));
	err = err ?: tool_in("noexec", MS_NOEXEC);
	return err ?: tool_in("nosuid", MS_NOSUID);
}

static const struct call exec_calls[] = {
	FN("plain", run_tool),
	FN("link", run_link),
	FN("link-nofollow", run_nofollow),
	FN("not-executable", run_public),
	FN("missing", run_missing),
	FN("closed", run_closed),
	FN("directory", run_directory),
	FN("empty", run_empty),
	FN("text", run_text),
	FN("truncated", run_truncated),
	FN("script", run_script),
	FN("script-nested", run_nested),
	FN("script-orphan", run_orphan),
	FN("script-loop", run_loop),
	FN("setuid", run_setuid),
	FN("setgid", run_setgid),
	FN("no-new-privs", no_new_privs),
	FN("unreadable", run_unreadable),
	FN("noexec", run_noexec),
	FN("nosuid", run_nosuid),
	FN("no-words", run_no_words),
	FN("null-words", run_null),
	FN("too-long", run_long),
	FN("by-fd", run_by_fd),
	FN("by-path-fd", run_by_path_fd),
	FN("script-by-fd", run_script_by_fd),
	FN("open-for-writing", run_writable),
	FN("memfd", run_memfd),
};
WORKLOAD(exec, exec_calls, .name = "exec", .as = AS_ANYONE, .prepare = make_programs);
