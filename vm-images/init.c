// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's first process. It makes the machine usable, runs the payload, says how it ended and
 * ends the machine. What it has to say goes through /dev/kmsg: the kernel prints such a record in
 * one piece, while a line on the tty may be cut apart by the kernel's own messages.
 *
 *   krsi-init: up             first of all: the host now knows that the kernel booted
 *   krsi-init: lsm a,b,c      active LSMs
 *   krsi-init: btf yes|no     whether /sys/kernel/btf/vmlinux is there
 *   krsi-init: module X: why  a module that would not load (no end of the run)
 *   krsi-init: exit N         the payload's exit code; the only proof of a clean end
 *
 * and, where lockdep watched no more at the end, a line that counts as one of its reports.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "vm-images/gcov_dump.h"

#define ARGS_MAX    4096
#define MODULES_MAX 4096
#define EVENTS	    "/dev/ttyS1"

/*
 * Opened before the payload runs: a policy that it leaves behind may deny opening anything.
 */
static int kmsg = -1, events = -1, sysrq = -1, lockdep = -1;

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	/* level 2: whatever the console's level is, this is printed */
	n = snprintf(text, sizeof(text), "<2>krsi-init: ");
	va_start(ap, fmt);
	n += vsnprintf(text + n, sizeof(text) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(text) - 2)
		n = sizeof(text) - 2;
	text[n++] = '\n';
	if (kmsg < 0 || write(kmsg, text, (size_t)n) != n)
		if (write(STDOUT_FILENO, text + 3, (size_t)n - 3) < 0)
			return;
}

/* In mounting order; what a kernel lacks is left out. */
static const struct {
	const char *type, *target, *data;
	unsigned long flags;
} mounts[] = {
	{ "proc", "/proc", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV },
	{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV },
	{ "securityfs", "/sys/kernel/security", NULL, 0 },
	{ "bpf", "/sys/fs/bpf", "mode=0700", 0 },
	{ "tracefs", "/sys/kernel/tracing", NULL, 0 },
	{ "debugfs", "/sys/kernel/debug", NULL, 0 },
	{ "configfs", "/sys/kernel/config", NULL, 0 },
	{ "cgroup2", "/sys/fs/cgroup", NULL, 0 },
	{ "devpts", "/dev/pts", "mode=0620,ptmxmode=0666", 0 },
	{ "tmpfs", "/dev/shm", "mode=1777", 0 },
	{ "mqueue", "/dev/mqueue", NULL, 0 },
	{ "hugetlbfs", "/dev/hugepages", NULL, 0 },
	{ "tmpfs", "/tmp", "mode=1777", 0 },
	{ "tmpfs", "/run", "mode=0755", 0 },
};

static const struct {
	const char *path, *target;
} links[] = {
	{ "/dev/fd", "/proc/self/fd" },	      { "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" }, { "/dev/stderr", "/proc/self/fd/2" },
	{ "/etc/mtab", "/proc/self/mounts" },
};

static const struct {
	const char *path, *text;
} settings[] = {
	{ "/proc/sys/kernel/hostname", "krsi" },
	/* stack traces of hung tasks are printed at level 6 */
	{ "/proc/sys/kernel/printk", "7" },
	/* hung tasks should show before the host's patience ends */
	{ "/proc/sys/kernel/hung_task_timeout_secs", "30" },
	{ "/proc/sys/kernel/softlockup_all_cpu_backtrace", "1" },
	{ "/proc/sys/kernel/hardlockup_all_cpu_backtrace", "1" },
	{ "/proc/sys/kernel/core_pattern", "|/bin/false" },
};

static const struct {
	int what;
	rlim_t value;
} limits[] = {
	{ RLIMIT_NOFILE, 65536 },
	{ RLIMIT_MEMLOCK, RLIM_INFINITY },
	{ RLIMIT_CORE, 0 },
};

#define FOR_EACH(i, array) for (size_t i = 0; i < sizeof(array) / sizeof((array)[0]); i++)

static void mount_devices(void)
{
	mkdir("/dev", 0755);
	if (!mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755"))
		return;
	/* a kernel without devtmpfs: what init itself needs */
	mknod("/dev/kmsg", S_IFCHR | 0600, makedev(1, 11));
	mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
	mknod("/dev/zero", S_IFCHR | 0666, makedev(1, 5));
	mknod("/dev/urandom", S_IFCHR | 0666, makedev(1, 9));
	mknod("/dev/ttyS0", S_IFCHR | 0600, makedev(4, 64));
	mknod(EVENTS, S_IFCHR | 0600, makedev(4, 65));
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0 && errno != EINVAL)
		say("%s: %s", path, strerror(errno));
	close(fd);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		say("lo: %s", strerror(errno));
	close(fd);
}

static void set_up(void)
{
	FOR_EACH(i, mounts)
	{
		mkdir(mounts[i].target, 0755);
		mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags,
		      mounts[i].data);
	}
	mkdir("/etc", 0755);
	mkdir("/root", 0700);
	FOR_EACH(i, links)
	if (symlink(links[i].target, links[i].path) && errno != EEXIST)
		say("%s: %s", links[i].path, strerror(errno));
	FOR_EACH(i, settings)
	write_text(settings[i].path, settings[i].text);
	FOR_EACH(i, limits)
	{
		struct rlimit r = { limits[i].value, limits[i].value };

		setrlimit(limits[i].what, &r);
	}
	loopback_up();
}

static void report_kernel(void)
{
	char lsm[256] = "";
	int fd = open("/sys/kernel/security/lsm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, lsm, sizeof(lsm) - 1);

	if (fd >= 0)
		close(fd);
	lsm[n > 0 ? n : 0] = '\0';
	lsm[strcspn(lsm, "\n")] = '\0';
	say("lsm %s", lsm);
	say("btf %s", access("/sys/kernel/btf/vmlinux", R_OK) ? "no" : "yes");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void load_module(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "/krsi/modules/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* a module for a processor or device that is not there says ENODEV: as on any machine */
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST && errno != ENODEV))
		say("module %s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void load_modules(void)
{
	static char *names[MODULES_MAX];
	DIR *d = opendir("/krsi/modules");
	struct dirent *e;
	size_t n = 0;

	while (d && n < MODULES_MAX && (e = readdir(d)))
		if (e->d_name[0] != '.')
			names[n++] = strdup(e->d_name);
	if (d)
		closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		load_module(names[i]);
}

static char *read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;
	ssize_t n;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !(text = calloc(1, (size_t)st.st_size + 1))) {
		close(fd);
		return NULL;
	}
	n = read(fd, text, (size_t)st.st_size);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

/* The events are lines of JSON: no newline may become two characters, nothing may be echoed. */
static int open_events(void)
{
	struct termios t;
	int fd = open(EVENTS, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (!tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		t.c_cflag |= CLOCAL;
		tcsetattr(fd, TCSANOW, &t);
	}
	return fd;
}

static void child_environment(void)
{
	setenv("PATH", "/krsi:/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/root", 1);
	setenv("KRSI_EVENTS", EVENTS, 1);
}

static void run_payload(void)
{
	static char *argv[ARGS_MAX + 2];
	char *text = read_text("/krsi/args"), *save = NULL;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), n = 0;

	argv[n++] = (char *)"/krsi/krsi-test";
	for (char *a = text ? strtok_r(text, "\n", &save) : NULL; a && n <= ARGS_MAX;
	     a = strtok_r(NULL, "\n", &save))
		argv[n++] = a;
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	execv(argv[0], argv);
	say("%s: %s", argv[0], strerror(errno));
	_exit(127);
}

/* "rows columns terminal" of the host's terminal, in /krsi/shell. */
static void adopt_terminal(int tty)
{
	char *text = read_text("/krsi/shell"), term[64] = "vt100";
	struct winsize w = { .ws_row = 24, .ws_col = 80 };

	if (text)
		sscanf(text, "%hu %hu %63s", &w.ws_row, &w.ws_col, term);
	ioctl(tty, TIOCSWINSZ, &w);
	setenv("TERM", term, 1);
	free(text);
}

static void run_shell(void)
{
	int tty = open("/dev/ttyS0", O_RDWR);

	if (tty < 0)
		tty = open("/dev/console", O_RDWR);
	ioctl(tty, TIOCSCTTY, 1);
	adopt_terminal(tty);
	for (int fd = 0; fd < 3; fd++)
		dup2(tty, fd);
	setenv("PS1", "krsi:\\w# ", 1);
	if (chdir("/root"))
		say("/root: %s", strerror(errno));
	execl("/bin/busybox", "sh", "-i", NULL);
	say("/bin/busybox: %s", strerror(errno));
	_exit(127);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Run @fn in a session of its own; as first process, also collect what others left behind. */
static int run(void (*fn)(void))
{
	pid_t pid = fork(), got;
	int status = 0;

	if (!pid) {
		setsid();
		child_environment();
		fn();
	}
	if (pid < 0) {
		say("fork: %s", strerror(errno));
		return 127;
	}
	do
		got = wait(&status);
	while (got != pid && (got > 0 || errno == EINTR));
	return exit_code(status);
}

static void install_applets(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/busybox", "busybox", "--install", "-s", "/bin", NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/*
 * lockdep turns itself off when its tables are full, and says so at a level that no console shows.
 * The file is read when it is read first, whenever it was opened.
 */
static void check_lockdep(void)
{
	static const char off[] = "<2>BUG: lockdep turned itself off\n";
	char stats[8192] = "";
	const char *locks;

	if (lockdep < 0 || read(lockdep, stats, sizeof(stats) - 1) < 0)
		return;
	locks = strstr(stats, "debug_locks:");
	if ((!locks || !strtol(locks + strlen("debug_locks:"), NULL, 10)) && kmsg >= 0 &&
	    write(kmsg, off, sizeof(off) - 1) < 0)
		say("%s", strerror(errno));
}

/*
 * Restart, not power off: with -no-reboot QEMU ends at a restart, which needs no ACPI. If a
 * policy that is still attached denies it, the other ways are tried.
 */
static void end_machine(void)
{
	sync();
	reboot(RB_AUTOBOOT);
	if (sysrq >= 0 && write(sysrq, "b", 1) < 0)
		say("cannot restart: %s", strerror(errno));
	/* the kernel panics without its first process, and restarts because of panic=-1 */
	_exit(1);
}

int main(void)
{
	bool shell = !access("/krsi/shell", F_OK);
	int code;

	umask(022);
	mount_devices();
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	say("up");
	set_up();
	sysrq = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	lockdep = open("/proc/lockdep_stats", O_RDONLY | O_CLOEXEC);
	events = open_events();
	report_kernel();
	load_modules();
	if (shell)
		install_applets();
	code = run(shell ? run_shell : run_payload);
	kill(-1, SIGKILL);
	check_lockdep();
	gcov_dump(STDOUT_FILENO);
	/* what is still on its way out comes before the end marker */
	if (events >= 0)
		tcdrain(events);
	tcdrain(STDOUT_FILENO);
	say("exit %d", code);
	end_machine();
}
