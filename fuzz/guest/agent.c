// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: executes what an input describes, with programs attached that ask for the
 * environment, and holds three answers against each other: what the programs were told (one that
 * sleeps and one that does not), what core makes of the environment, and what the new process
 * found as its environment.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "conformance/bpf/env_io.h"
#include "fuzz/guest/shared.h"
#include "reference/core/env.h"
#include "reference/linux/uapi.h"

#define HOOK_FILE KRSI_SECURITYFS "/process_execution"
#define TARGET	  "/fuzz/target"
#define SCRIPT	  "/fuzz/script"
#define NESTED	  "/fuzz/nested"
/* Where the target writes its environment, and KCOV is. */
#define REPORT_FD 9
#define KCOV_FD	  10
#define BUF_MAX	  4096
#define STRINGS	  4096

#define KCOV_INIT_TRACE _IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_TRACE_PC	0
#define KCOV_ENTRIES	(256 << 10)

extern const char env_object[], env_object_end[];

/* One of the two programs. */
struct prog {
	const char *name;
	struct env_io *io;
};

static struct prog progs[] = { { "plain", NULL }, { "sleepable", NULL } };
#define NR_PROGS 2

static struct shared *shared;
static unsigned long *kcov;
/* The environment of the new process, as it reported it. */
static char *report;
static size_t report_size;
static char want[BUF_MAX];

static void say(int verdict, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(int verdict, const char *fmt, ...)
{
	va_list args;

	if (shared->verdict)
		return;
	shared->verdict = verdict;
	va_start(args, fmt);
	vsnprintf(shared->text, sizeof(shared->text), fmt, args);
	va_end(args);
}

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "fuzz-agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool file_says(const char *dir, const char *file, const char *text)
{
	char path[512], got[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", dir, file);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	if (read(fd, got, sizeof(got) - 1) < 0)
		got[0] = '\0';
	close(fd);
	return !strncmp(got, text, strlen(text));
}

static void map_device(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "1", 1) != 1)
		die(path);
	close(fd);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource2", name);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die(path);
	shared = mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED)
		die(path);
}

/* The only ivshmem device. */
static void find_shared(void)
{
	DIR *d = opendir("/sys/bus/pci/devices");
	const struct dirent *entry;

	while (d && !shared && (entry = readdir(d)))
		if (file_says(entry->d_name, "vendor", "0x1af4") &&
		    file_says(entry->d_name, "device", "0x1110"))
			map_device(entry->d_name);
	if (!shared)
		die("no shared memory");
	closedir(d);
}

static void attach(struct prog *p)
{
	struct bpf_object *o = bpf_object__open_mem(env_object, env_object_end - env_object, NULL);
	struct bpf_program *program, *chosen = NULL;
	int hook = open(HOOK_FILE, O_RDWR | O_CLOEXEC);

	if (!o || hook < 0)
		die(HOOK_FILE);
	bpf_object__for_each_program(program, o)
	{
		bool wanted = !strcmp(bpf_program__name(program), p->name);

		bpf_program__set_type(program, (enum bpf_prog_type)BPF_PROG_TYPE_KRSI);
		bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)BPF_KRSI);
		bpf_program__set_autoload(program, wanted);
		if (!wanted)
			continue;
		chosen = program;
		if (!strcmp(p->name, "sleepable"))
			bpf_program__set_flags(program, BPF_F_SLEEPABLE);
	}
	if (!chosen || bpf_object__load(o))
		die(p->name);
	p->io = mmap(NULL, sizeof(*p->io), PROT_READ | PROT_WRITE, MAP_SHARED,
		     bpf_object__find_map_fd_by_name(o, "io"), 0);
	if (p->io == MAP_FAILED ||
	    bpf_prog_attach(bpf_program__fd(chosen), hook, (enum bpf_attach_type)BPF_KRSI, 0))
		die(p->name);
	close(hook);
}

static void open_kcov(void)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR);

	if (fd < 0 || ioctl(fd, KCOV_INIT_TRACE, KCOV_ENTRIES))
		return;
	kcov = mmap(NULL, KCOV_ENTRIES * sizeof(*kcov), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (kcov == MAP_FAILED || dup2(fd, KCOV_FD) < 0)
		die("kcov");
	close(fd);
	shared->kcov = 1;
}

static void write_script(const char *path, const char *interpreter)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0)
		die(path);
	dprintf(fd, "#!%s\n", interpreter);
	close(fd);
}

static void set_up(void)
{
	int fd;

	find_shared();
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	setsid();
	for (int i = 0; i < NR_PROGS; i++)
		attach(&progs[i]);
	open_kcov();
	write_script(SCRIPT, TARGET);
	write_script(NESTED, SCRIPT);
	fd = memfd_create("report", 0);
	if (fd < 0 || dup2(fd, REPORT_FD) < 0)
		die("report");
	report = malloc(INPUT_MAX + BUF_MAX);
}

/* What an input says. */
struct job {
	struct exec_head head;
	char name[256];
	char *argv[256], *env[STRINGS];
	char strings[INPUT_MAX + 1];
};

static struct job job;

static bool read_job(void)
{
	uint32_t size = shared->size < INPUT_MAX ? shared->size : INPUT_MAX;
	uint32_t at = sizeof(job.head), n = 0, args = 0;
	char *s, *end;

	if (size < sizeof(job.head))
		return false;
	memcpy(&job.head, shared->input, sizeof(job.head));
	if (job.head.name_len > size - at)
		job.head.name_len = size - at;
	memcpy(job.name, shared->input + at, job.head.name_len);
	at += job.head.name_len;
	memcpy(job.strings, shared->input + at, size - at);
	job.strings[size - at] = '\0';
	end = job.strings + (size - at);
	for (s = job.strings; s < end && n < STRINGS - 1; s += strlen(s) + 1) {
		if (args < job.head.argc)
			job.argv[args++] = s;
		else
			job.env[n++] = s;
	}
	job.argv[args] = NULL;
	job.env[n] = NULL;
	return true;
}

static void prepare(struct env_io *io)
{
	io->session = getsid(0);
	io->verdict = 0;
	io->all = job.head.all & 1;
	io->name_len = job.head.name_len;
	io->buf_len = job.head.buf_len % (BUF_MAX + 1);
	io->calls = 0;
	memcpy(io->name, job.name, sizeof(job.name));
	memset(io->buf, '#', io->buf_len + ENV_GUARD);
}

static void run_target(void)
{
	static const char *const paths[EXEC_WAYS] = { TARGET, SCRIPT, NESTED, TARGET };
	int way = job.head.way % EXEC_WAYS, fd = -1;

	if (way == EXEC_FD)
		fd = open(TARGET, O_RDONLY | O_CLOEXEC);
	if (kcov) {
		kcov[0] = 0;
		if (ioctl(KCOV_FD, KCOV_ENABLE, KCOV_TRACE_PC))
			_exit(126);
	}
	if (way == EXEC_FD)
		fexecve(fd, job.argv, job.env);
	else
		execve(paths[way], job.argv, job.env);
	_exit(127);
}

/* Whether the target ran. */
static bool execute(void)
{
	pid_t pid;
	int status;

	if (ftruncate(REPORT_FD, 0) || lseek(REPORT_FD, 0, SEEK_SET))
		die("report");
	pid = fork();
	if (!pid)
		run_target();
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	report_size = pread(REPORT_FD, report, INPUT_MAX + BUF_MAX, 0);
	if (WIFSIGNALED(status))
		say(VERDICT_FINDING, "the target was killed by signal %d", WTERMSIG(status));
	/* before the strings stands their address */
	return WIFEXITED(status) && WEXITSTATUS(status) == 42 && report_size >= 8;
}

static long read_report(void *src, unsigned long addr, const char **data)
{
	*data = report + addr;
	return report_size - addr;
}

static void compare(const struct prog *p)
{
	const struct krsi_env_block env = { .read = read_report, .start = 8, .end = report_size };
	const struct env_io *io = p->io;
	u64 expected, got;

	if (!io->calls || io->calls > ENV_CALLS) {
		say(VERDICT_FINDING, "%s was called %u times", p->name, io->calls);
		return;
	}
	got = io->result[io->calls - 1];
	if (io->all)
		expected = krsi_env_get_all(&env, want, io->buf_len);
	else
		expected = krsi_env_get(&env, io->name, io->name_len, want, io->buf_len);
	if (got != expected)
		say(VERDICT_FINDING, "%s: count %u, low %d; the process has count %u, low %d",
		    p->name, krsi_env_count(got), krsi_env_bytes(got), krsi_env_count(expected),
		    krsi_env_bytes(expected));
	else if (memcmp(io->buf, want, io->buf_len))
		say(VERDICT_FINDING, "%s: other values than the process has", p->name);
	for (int i = 0; i < ENV_GUARD; i++)
		if (io->buf[io->buf_len + i] != '#')
			say(VERDICT_FINDING, "%s: byte %d behind the buffer", p->name, i);
}

/* The new process has the strings that it was given, in order. */
static void check_truth(void)
{
	size_t at = 8;

	for (int i = 0; job.env[i]; i++) {
		size_t n = strlen(job.env[i]) + 1;

		if (at + n > report_size || memcmp(report + at, job.env[i], n)) {
			say(VERDICT_FINDING, "string %d of the environment is another", i);
			return;
		}
		at += n;
	}
	if (at != report_size)
		say(VERDICT_FINDING, "%zu bytes more in the environment", report_size - at);
}

static void edge(uint32_t from, uint32_t to)
{
	uint32_t h = (from * 0x9e3779b1u) ^ (to * 0x85ebca6bu);
	uint8_t *count = &shared->map[(h ^ h >> 15) % MAP_SIZE];

	*count += *count < 255;
}

/* Edges of the kernel if it tells them; else classes of results stand for them. */
static void fill_map(bool ran)
{
	uint32_t last = 0;

	memset(shared->map, 0, MAP_SIZE);
	edge(1, ran);
	edge(2, job.head.way % EXEC_WAYS);
	for (unsigned long i = 0; kcov && i < kcov[0] && i < KCOV_ENTRIES - 1; i++) {
		edge(last, kcov[i + 1]);
		last = kcov[i + 1];
	}
	for (int p = 0; p < NR_PROGS && !kcov; p++) {
		u64 r = progs[p].io->calls ? progs[p].io->result[0] : 0;
		s32 low = krsi_env_bytes(r);
		u32 count = krsi_env_count(r);

		edge(10 + p, low > 0 ? 32u - __builtin_clz(low) : (u32)low);
		edge(20 + p, count ? 32 - __builtin_clz(count) : 0);
		edge(30 + p, progs[p].io->all << 8 | progs[p].io->calls);
	}
}

static void run_input(void)
{
	bool ran;

	shared->verdict = VERDICT_WELL;
	if (!read_job())
		return;
	for (int i = 0; i < NR_PROGS; i++)
		prepare(progs[i].io);
	ran = execute();
	for (int i = 0; i < NR_PROGS; i++)
		progs[i].io->session = 0;
	if (ran) {
		check_truth();
		for (int i = 0; i < NR_PROGS; i++)
			compare(&progs[i]);
	}
	fill_map(ran);
}

int main(void)
{
	set_up();
	__atomic_store_n(&shared->state, STATE_IDLE, __ATOMIC_SEQ_CST);
	for (;;) {
		while (__atomic_load_n(&shared->state, __ATOMIC_SEQ_CST) != STATE_INPUT)
			sched_yield();
		run_input();
		shared->runs++;
		__atomic_store_n(&shared->state, STATE_IDLE, __ATOMIC_SEQ_CST);
	}
}
