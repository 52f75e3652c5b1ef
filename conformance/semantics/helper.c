// SPDX-License-Identifier: GPL-2.0-only
/* Helpers: right uses, whose answers are held against another source, and wrong ones. */
#include <fcntl.h>
#include <linux/if_alg.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/kernel_btf.h"
#include "conformance/semantics/program.h"

KERNEL_FUNCTION(bpf_copy_from_user_task)
KERNEL_FUNCTION(bpf_bprm_opts_set)
KERNEL_FUNCTION(bpf_loop)
KERNEL_FUNCTION(bpf_ima_file_hash)
KERNEL_FUNCTION(bpf_ima_inode_hash)

static void need_sleepable(struct krsi_run *t, const char *hook)
{
	if (!test__hook(t, hook)->sleepable)
		test__skip(t, "%s is not in the sleepable set here", hook);
}

/* Opens the file from a root of its own. */
static int touch_inside(void)
{
	pid_t pid = fork();
	int status = 1;

	if (!pid) {
		if (chroot("."))
			_exit(1);
		scene__touch("/file");
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

KRSI_TEST(d_path, .id = "helper/d-path",
	  .summary =
		  "bpf_d_path gives the path that the task sees, with its length, or says that it "
		  "does not fit",
	  .requirements = { "HLP-008", "HLP-009", "HLP-010" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	char path[512];
	struct io *io;

	test__errno(t, -EINVAL, program__try(t, "helper:d_path_outside"),
		    "load for file_permission");
	need_sleepable(t, "file_open");
	scene__begin(t);
	test__errno(t, 0, put_file("file", "x"), "write a file");
	if (!realpath("file", path))
		test__broken(t, "realpath: %s", strerror(errno));
	io = program__start(t, "helper:d_path", NULL);
	io->in[0] = IO_BYTES;
	scene__touch("file");
	test__equal(t, strlen(path) + 1, io->out[0], "length");
	test__true(t, !strcmp((char *)io->out_data, path), "the path is that of realpath");
	io->in[0] = strlen(path) + 1;
	scene__touch("file");
	test__equal(t, strlen(path) + 1, io->out[0], "length, where it just fits");
	io->in[0] = strlen(path);
	scene__touch("file");
	test__errno(t, -ENAMETOOLONG, (int)io->out[0], "one byte too few");
	io->in[0] = IO_BYTES;
	test__equal(t, 0, touch_inside(), "status of a task with another root");
	test__equal(t, sizeof("/file"), io->out[0], "length, from another root");
	test__true(t, !strcmp((char *)io->out_data, "/file"), "the path is that of its root");
	test__equal(t, 4, io->calls, "calls");
}

KRSI_TEST(copy_bad, .id = "helper/copy-from-user-bad",
	  .summary = "bpf_copy_from_user of a bad address fails with EFAULT and zeroes the buffer",
	  .requirements = { "HLP-011" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE })
{
	static const unsigned char zeroes[64];
	const size_t page = sysconf(_SC_PAGESIZE), there = 16;
	unsigned char *memory;
	struct io *io;

	need_sleepable(t, "file_open");
	scene__begin(t);
	test__errno(t, 0, put_file("file", "x"), "write a file");
	io = program__start(t, "sleep:copy_sleepable", NULL);
	memset(io->out_data, 0xee, IO_BYTES);
	io->in[0] = 1;
	io->in[1] = sizeof(zeroes);
	scene__touch("file");
	test__equal(t, 1, io->calls, "calls");
	test__errno(t, -EFAULT, (int)io->out[0], "bpf_copy_from_user");
	test__true(t, !memcmp(io->out_data, zeroes, sizeof(zeroes)), "the buffer is zeroed");
	test__equal(t, 0xee, io->out_data[sizeof(zeroes)], "the byte after it");
	/* the first bytes are there, and are copied before the rest is not */
	memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || munmap(memory + page, page))
		test__broken(t, "mmap: %s", strerror(errno));
	memset(memory, 0x11, page);
	memset(io->out_data, 0xee, IO_BYTES);
	io->in[0] = (unsigned long)memory + page - there;
	scene__touch("file");
	test__equal(t, 2, io->calls, "calls");
	test__errno(t, -EFAULT, (int)io->out[0], "bpf_copy_from_user across the end");
	test__true(t, !memcmp(io->out_data, zeroes, sizeof(zeroes)),
		   "the buffer is zeroed, and what could be read with it");
	io->in[1] = there;
	scene__touch("file");
	test__errno(t, 0, (int)io->out[0], "bpf_copy_from_user up to the end");
	test__true(t, !memcmp(io->out_data, memory, there), "what could be read");
}

/* A child whose `text` differs from ours. */
static pid_t other_text(char *text)
{
	pid_t pid = fork();

	if (!pid) {
		strcpy(text, "text of the child");
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, NULL, WUNTRACED);
	return pid;
}

KRSI_TEST(
	copy_task, .id = "helper/copy-from-user-task",
	.summary = "bpf_copy_from_user_task reads the memory of the task given, and takes no flags",
	.requirements = { "HLP-012", "HLP-013" }, .hook = { "task_setscheduler" },
	.needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		   .probe = no_bpf_copy_from_user_task })
{
	static char text[64] = "text of the parent";
	const struct sched_param param = {};
	struct io *io;
	pid_t child;

	need_sleepable(t, "task_setscheduler");
	scene__begin(t);
	child = other_text(text);
	io = program__start(t, "helper:copy_task", NULL);
	io->in[0] = (unsigned long)text;
	io->in[1] = sizeof(text);
	test__errno(t, 0, SYS(sched_setscheduler(child, SCHED_BATCH, &param)),
		    "sched_setscheduler");
	test__equal(t, 1, io->calls, "calls");
	test__errno(t, 0, (int)io->out[0], "bpf_copy_from_user_task");
	test__true(t, !strcmp((char *)io->out_data, "text of the child"),
		   "the text is the child's");
	io->in[2] = 1;
	sched_setscheduler(child, SCHED_OTHER, &param);
	test__errno(t, -EINVAL, (int)io->out[0], "with a flag");
	io->in[2] = 0;
	io->in[0] = 1;
	sched_setscheduler(child, SCHED_BATCH, &param);
	test__errno(t, -EFAULT, (int)io->out[0], "of a bad address");
	test__equal(t, 3, io->calls, "calls");
	kill(child, SIGKILL);
}

/* Executes the no-op program; its AT_SECURE, or -1. */
static long secure_of_exec(void)
{
	unsigned long entry[2] = {};
	char path[64];
	FILE *auxv;
	long secure = -1;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execl("./noop", "noop", NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	auxv = fopen(path, "re");
	while (auxv && fread(entry, sizeof(entry), 1, auxv) == 1 && entry[0] != AT_NULL)
		if (entry[0] == AT_SECURE)
			secure = entry[1];
	if (auxv)
		fclose(auxv);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return secure;
}

KRSI_TEST(bprm_opts, .id = "helper/bprm-opts-set",
	  .summary = "bpf_bprm_opts_set makes an exec secure, and takes no other flag",
	  .requirements = { "HLP-015", "HLP-016" }, .hook = { "bprm_creds_for_exec" },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = no_bpf_bprm_opts_set })
{
	struct io *io;

	scene__begin(t);
	test__errno(t, 0, put_noop("noop"), "write a program");
	io = program__start(t, "helper:bprm_opts", NULL);
	test__equal(t, 0, secure_of_exec(), "AT_SECURE");
	test__errno(t, 0, (int)io->out[0], "bpf_bprm_opts_set");
	io->in[0] = 1;
	test__equal(t, 1, secure_of_exec(), "AT_SECURE, with the flag");
	test__errno(t, 0, (int)io->out[0], "bpf_bprm_opts_set");
	io->in[0] = 2;
	test__equal(t, 0, secure_of_exec(), "AT_SECURE, with an unknown flag");
	test__errno(t, -EINVAL, (int)io->out[0], "bpf_bprm_opts_set with an unknown flag");
	test__equal(t, 3, io->calls, "calls");
}

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	signals++;
}

KRSI_TEST(send_signal, .id = "helper/send-signal",
	  .summary = "bpf_send_signal reaches the task that called the hook, and refuses no signal",
	  .requirements = { "HLP-021" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	struct io *io;

	scene__begin(t);
	signal(SIGUSR1, count_signal);
	io = program__start(t, "helper:send_signal", NULL);
	io->in[0] = SIGUSR1;
	io->verdict = -EUCLEAN;
	test__errno(t, -EUCLEAN, scene__mkdir("denied"), "mkdir");
	test__errno(t, 0, (int)io->out[0], "bpf_send_signal");
	test__equal(t, 1, signals, "signals");
	test__true(t, !exists("denied"), "the denied directory is not made");
	io->in[0] = 1000;
	test__errno(t, -EUCLEAN, scene__mkdir("denied"), "mkdir");
	test__errno(t, -EINVAL, (int)io->out[0], "bpf_send_signal of no signal");
	test__equal(t, 1, signals, "signals");
}

KRSI_TEST(loop, .id = "helper/loop",
	  .summary = "bpf_loop calls its function as often as asked, or until that says to stop",
	  .requirements = { "HLP-022" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = no_bpf_loop })
{
	static const struct {
		unsigned int rounds, stop, flags;
		int result;
		unsigned int called;
	} cases[] = {
		{ 1000, 0, 0, 1000, 1000 },
		{ 1000, 7, 0, 7, 7 },
		{ 0, 0, 0, 0, 0 },
		{ 1000, 0, 1, -EINVAL, 0 },
		{ (1 << 23) + 1, 0, 0, -E2BIG, 0 },
	};
	struct io *io;

	scene__begin(t);
	io = program__start(t, "helper:loop", NULL);
	for (int i = 0; i < 5; i++) {
		char name[16];

		io->in[0] = cases[i].rounds;
		io->in[1] = cases[i].stop;
		io->in[2] = cases[i].flags;
		io->out[1] = 0;
		snprintf(name, sizeof(name), "%d", i);
		test__errno(t, 0, scene__mkdir(name), "mkdir");
		test__equal(t, cases[i].result, (int)io->out[0], "bpf_loop");
		test__equal(t, cases[i].called, io->out[1], "rounds");
	}
}

/* The kernel's own digest of a file, through a socket; its length, or -errno. */
static int digest_of(const char *path, const char *algorithm, unsigned char *digest)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG, .salg_type = "hash" };
	int alg = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), op, fd;
	char buf[4096];
	ssize_t n;

	strcpy((char *)address.salg_name, algorithm);
	TRY(alg);
	TRY(bind(alg, (struct sockaddr *)&address, sizeof(address)));
	op = accept(alg, NULL, NULL);
	TRY(op);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	TRY(fd);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		TRY(send(op, buf, n, MSG_MORE));
	close(fd);
	return SYS(recv(op, digest, 64, 0));
}

/* By enum hash_algo. */
static const char *const algorithms[] = {
	"md4", "md5", "sha1", "rmd160", "sha256", "sha384", "sha512", "sha224",
};

/* A helper has given the number of an algorithm, and a digest, of the file "noop". */
static void check_digest(struct krsi_run *t, const struct io *io)
{
	unsigned char digest[64] = {};
	int algorithm = io->out[0], len;

	test__true(t, algorithm >= 0 && algorithm < 8, "a known algorithm");
	len = digest_of("noop", algorithms[algorithm], digest);
	if (len < 0)
		test__broken(t, "AF_ALG %s: %s", algorithms[algorithm], errno__name(len));
	test__true(t, !memcmp(io->out_data, digest, len), "the digest is that of AF_ALG");
}

KRSI_TEST(ima_hash, .id = "helper/ima-file-hash",
	  .summary = "bpf_ima_file_hash gives the digest of the file's bytes; a plain program that "
		     "calls it is refused",
	  .requirements = { "HLP-018", "HLP-019" }, .hook = { "bprm_committed_creds" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		     .module = { "algif_hash" },
		     .path = { "/sys/kernel/security/ima" },
		     .probe = no_bpf_ima_file_hash })
{
	struct io *io;

	test__errno(t, -EINVAL, program__try(t, "helper:ima_plain"), "load of a plain program");
	scene__begin(t);
	io = program__start(t, "helper:ima_file_hash", NULL);
	test__errno(t, 0, scene__exec(), "exec");
	test__equal(t, 1, io->calls, "calls");
	check_digest(t, io);
}

/* What IMA measures from now on, until the next boot: programs. */
static void measure_programs(struct krsi_run *t)
{
	static const char rule[] = "measure func=BPRM_CHECK\n";
	int fd = open("/sys/kernel/security/ima/policy", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, rule, strlen(rule)) != (ssize_t)strlen(rule) || close(fd))
		test__broken(t, "IMA takes no policy: %s", strerror(errno));
}

KRSI_TEST(ima_inode, .id = "helper/ima-inode-hash",
	  .summary = "bpf_ima_inode_hash gives the digest of a file that IMA has measured, and "
		     "none of another",
	  .requirements = { "HLP-017" }, .hook = { "bprm_committed_creds" }, .boot = "spoilt",
	  .spoils = true,
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		     .module = { "algif_hash" },
		     .path = { "/sys/kernel/security/ima/policy" },
		     .probe = no_bpf_ima_inode_hash })
{
	struct io *io;

	scene__begin(t);
	io = program__start(t, "helper:ima_inode_hash", NULL);
	test__errno(t, 0, scene__exec(), "exec");
	test__errno(t, -EOPNOTSUPP, (int)io->out[0], "of a file that was not measured");
	measure_programs(t);
	test__errno(t, 0, scene__exec(), "exec");
	test__equal(t, 2, io->calls, "calls");
	check_digest(t, io);
}

/* Has the program read a string into a buffer of so many bytes; its result. */
static int read_string(struct krsi_run *t, struct io *io, const void *from, size_t bytes)
{
	static int n;
	char name[16];

	memset(io->out_data, 0xee, IO_BYTES);
	io->in[0] = (uintptr_t)from;
	io->in[1] = bytes;
	snprintf(name, sizeof(name), "%d", n++);
	test__errno(t, 0, scene__mkdir(name), "mkdir");
	test__equal(t, n, io->calls, "calls");
	return io->out[0];
}

KRSI_TEST(user_str, .id = "helper/probe-read-user-str",
	  .summary = "bpf_probe_read_user_str copies a string up to its NUL, or what fits, and "
		     "counts the NUL; of a bad address it gives nothing but zeroes",
	  .requirements = { "HLP-040" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	static const char text[] = "a string\0and more";
	static const unsigned char zeroes[64];
	struct io *io;

	scene__begin(t);
	io = program__start(t, "helper:user_str", NULL);
	test__equal(t, sizeof("a string"), read_string(t, io, text, 64), "bytes with the NUL");
	test__true(t, !strcmp((char *)io->out_data, "a string"), "the string");
	/* the rest of a word may be zeroed */
	test__true(t, !memchr(io->out_data, 'm', 64), "nothing from behind the string");
	test__equal(t, 0xee, io->out_data[2 * sizeof(long)], "the word after the string");
	test__equal(t, 4, read_string(t, io, text, 4), "bytes, where it does not fit");
	test__true(t, !memcmp(io->out_data, "a s", 4), "what fits, with a NUL");
	test__equal(t, 0xee, io->out_data[4], "the byte after the buffer");
	test__errno(t, -EFAULT, read_string(t, io, (void *)1, 64), "of a bad address");
	test__true(t, !memcmp(io->out_data, zeroes, 64), "the buffer is zeroed");
	test__equal(t, 0xee, io->out_data[64], "the byte after the buffer");
}

KRSI_TEST(user_str_empty, .id = "helper/probe-read-user-str-empty",
	  .summary = "bpf_probe_read_user_str of an empty string copies one byte, and says so",
	  .requirements = { "HLP-041" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED })
{
	int bytes;
	struct io *io;

	scene__begin(t);
	io = program__start(t, "helper:user_str", NULL);
	bytes = read_string(t, io, "\0more", 64);
	test__equal(t, 0, io->out_data[0], "the byte that is copied");
	test__true(t, !memchr(io->out_data, 'm', 64), "nothing from behind the string");
	test__equal(t, 1, bytes, "bytes with the NUL");
}
