// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest program that misbehaves on request: it stands in for krsi-test where the watcher is
 * tested. Its first argument says what to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "vm-images/warm.h"

static int die(const char *what)
{
	printf("payload: %s: %s\n", what, strerror(errno));
	return 99;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return die(path);
	close(fd);
	return 0;
}

static FILE *events(void)
{
	FILE *f = fopen(getenv("KRSI_EVENTS"), "w");

	if (!f)
		exit(die("events"));
	return f;
}

static int number(const char *arg)
{
	return arg ? atoi(arg) : 0;
}

/* An event that no other boot has, before it is ready, and one that all have after it. */
static int do_ready(const char *arg)
{
	FILE *f = events();
	unsigned long drawn = 0;

	if (syscall(SYS_getrandom, &drawn, sizeof(drawn), 0) != sizeof(drawn))
		return die("getrandom");
	fprintf(f, "{\"drawn\":\"%016lx\"}\n", drawn);
	fflush(f);
	tcdrain(fileno(f));
	printf("%s\n", WARM_LINE);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	fprintf(f, "{\"again\":\"%016lx\"}\n", drawn);
	fclose(f);
	return 0;
}

static int do_exit(const char *arg)
{
	return number(arg);
}

static int do_signal(const char *arg)
{
	raise(number(arg));
	return 99;
}

/* N numbered events, as krsi-test would write them. */
static int do_events(const char *arg)
{
	FILE *f = events();

	for (int i = 0; i < number(arg); i++)
		fprintf(f, "{\"v\":1,\"seq\":%d,\"event\":\"note\",\"text\":\"%060d\"}\n", i, i);
	return fclose(f) ? die("events") : 0;
}

/* Events that are none: too long, binary, and one without an end. */
static int do_bad_events(const char *arg)
{
	FILE *f = events();

	for (int i = 0; i < 100000; i++)
		fputc('x', f);
	fputs("\nfine\n\001\002\033[2J\377\n", f);
	fputs("{\"v\":1,\"seq\":0,\"ev", f);
	return fclose(f) ? die("events") : 0;
}

/* N MiB on the console. */
static int do_flood(const char *arg)
{
	for (int i = 0; i < number(arg) * 1024; i++)
		printf("%01023d\n", i);
	return 0;
}

static int do_sysrq(const char *arg)
{
	return write_file("/proc/sysrq-trigger", arg);
}

/* A line as the kernel would print it: for reports that no user program can cause at will. */
static int do_kmsg(const char *arg)
{
	char text[256];

	snprintf(text, sizeof(text), "<2>%s", arg);
	return write_file("/dev/kmsg", text);
}

static int __attribute__((noreturn)) do_hang(const char *arg)
{
	printf("payload: hanging\n");
	fflush(stdout);
	for (;;)
		pause();
}

/* The machine goes away without a word. */
static int do_vanish(const char *arg)
{
	reboot(RB_AUTOBOOT);
	return die("reboot");
}

static int do_oom(const char *arg)
{
	for (size_t n = 64 << 20;; n = 64 << 20) {
		char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return die("mmap");
		memset(p, 1, n);
	}
}

/* A page whose first access never ends. */
static char *page_that_blocks(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, 0);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	reg.range.start = (unsigned long)page;
	reg.range.len = 4096;
	if (fd < 0 || page == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &reg))
		exit(die("userfaultfd"));
	return page;
}

/*
 * One process blocks in write() with the inode locked, since its buffer never arrives; another
 * waits for that lock in uninterruptible sleep.
 */
static int do_hung_task(const char *arg)
{
	int fd = open("/tmp/hung", O_RDWR | O_CREAT, 0600), sync[2];
	char byte;

	if (fd < 0 || pipe(sync))
		return die("/tmp/hung");
	write_file("/proc/sys/kernel/hung_task_timeout_secs", "2");
	if (!fork()) {
		char *page = page_that_blocks();

		if (write(sync[1], "", 1) != 1)
			exit(die("pipe"));
		return write(fd, page, 100) < 0 ? die("write") : 0;
	}
	if (read(sync[0], &byte, 1) != 1)
		return die("pipe");
	/* the lock is taken a moment after the byte was sent: look before waiting for it */
	while (!fork()) {
		struct stat st;

		for (;;)
			if (pwrite(fd, "x", 1, 0) != 1 || fstat(fd, &st))
				exit(die("pwrite"));
	}
	for (;;)
		pause();
}

/* Opening and closing gives RCU callbacks, hence grace periods. */
static void churn(int times)
{
	for (int i = 0; i != times; i++)
		close(open("/dev/null", O_RDONLY));
}

/*
 * Real-time tasks on all processors leave the grace period's thread no time. It must have begun
 * one by then, so they start at ordinary priority.
 */
static void hog(int cpu)
{
	struct sched_param top = { .sched_priority = 99 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(die("sched_setaffinity"));
	churn(3000);
	if (sched_setscheduler(0, SCHED_FIFO, &top))
		exit(die("sched_setscheduler"));
	churn(-1);
}

static int __attribute__((noreturn)) do_rcu_stall(const char *arg)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);

	write_file("/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout", "3");
	write_file("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	for (int i = 0; i < cpus; i++)
		if (!fork())
			hog(i);
	for (;;)
		pause();
}

/* A process of another session outlives the payload. */
static int do_leave(const char *arg)
{
	if (!fork()) {
		setsid();
		for (;;)
			pause();
	}
	return 0;
}

/* What init made of the machine: one line each, for the host to compare. */
static int do_look(const char *arg)
{
	static const char *const there[] = { "/proc/self",    "/sys/kernel/security/lsm",
					     "/sys/fs/bpf",   "/sys/fs/cgroup/cgroup.procs",
					     "/dev/pts/ptmx", "/dev/ttyS1",
					     "/dev/shm",      "/tmp",
					     "/dev/mqueue",   "/sys/kernel/tracing/trace",
					     "/dev/fd/0" };
	int bad = 0;

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		if (access(there[i], F_OK)) {
			printf("payload: %s is missing\n", there[i]);
			bad++;
		}
	if (!arg || strcmp(arg, "a b")) {
		printf("payload: argument is \"%s\"\n", arg ? arg : "(none)");
		bad++;
	}
	return bad;
}

static int do_loaded(const char *arg)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s", arg ? arg : "");
	return access(path, F_OK) ? die(path) : 0;
}

static const struct {
	const char *name;
	int (*fn)(const char *arg);
} deeds[] = {
	{ "exit", do_exit },	       { "signal", do_signal },
	{ "events", do_events },       { "bad-events", do_bad_events },
	{ "flood", do_flood },	       { "sysrq", do_sysrq },
	{ "kmsg", do_kmsg },	       { "hang", do_hang },
	{ "vanish", do_vanish },       { "oom", do_oom },
	{ "hung-task", do_hung_task }, { "rcu-stall", do_rcu_stall },
	{ "leave", do_leave },	       { "look", do_look },
	{ "loaded", do_loaded },       { "ready", do_ready },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (!strcmp(argv[1], deeds[i].name))
			return deeds[i].fn(argv[2]);
	printf("payload: unknown deed\n");
	return 98;
}
