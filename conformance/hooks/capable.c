// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on privileges, and on operations that are a privilege: log, clock, lockdown. */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/running.h"

/* A user that no test's machine has. */
#define STRANGER 64321
/* No capability that a process of a test has by inheritance. */
#define INHERITED (1u << CAP_NET_RAW)
#define POISON	  0xa5

static struct __user_cap_header_struct header(pid_t pid)
{
	return (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_3, pid };
}

static int get_caps(pid_t pid, struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = header(pid);

	return SYS(syscall(SYS_capget, &head, data));
}

/* val[0]: user namespace; val[1]: the new root */
static int new_root(struct subject *s)
{
	struct stat st;

	TRY(setresuid(STRANGER, -1, -1));
	TRY(stat("/proc/self/ns/user", &st));
	s->val[0] = st.st_ino;
	TRY(mkdir("root", 0700));
	TRY(stat("root", &st));
	s->val[1] = st.st_ino;
	return 0;
}

static int do_chroot(struct subject *s)
{
	return SYS(chroot("root"));
}

static bool root_changed(struct subject *s)
{
	struct stat st;

	return !stat("/", &st) && (long)st.st_ino == s->val[1];
}

HOOK(capable, FAMILY_CRED, .setup = new_root, .route = { { "chroot", do_chroot } },
     .effect = root_changed, .only = WANT_NUM("cap", CAP_SYS_CHROOT),
     .args = { WANT_WORD("cred", KRSI_A, STRANGER), WANT_VAL("ns|targ_ns", KRSI_A, 0),
	       WANT_NUM("cap", CAP_SYS_CHROOT), WANT_NUM("opts", 0) },
     .denied_as = EPERM, .denied_by = "ksys_chroot");

static int poisoned_buffer(struct subject *s)
{
	int err = start_sleeper(s);

	memset(s->text, POISON, sizeof(s->text));
	s->val[0] = s->child;
	return err;
}

static int do_capget(struct subject *s)
{
	return get_caps(s->child, (void *)s->text);
}

static bool got_something(struct subject *s)
{
	return (unsigned char)s->text[0] != POISON;
}

HOOK(capget, FAMILY_CRED, .setup = poisoned_buffer, .route = { { "capget", do_capget } },
     .effect = got_something, .args = { WANT_VAL("target", KRSI_A, 0) });

/* val[0]: effective, val[1]: permitted capabilities, which stay */
static int know_caps(struct subject *s)
{
	struct __user_cap_data_struct data[2];
	int err;

	TRY(setresuid(STRANGER, -1, -1));
	err = get_caps(0, data);
	s->val[0] = data[0].effective | (long)data[1].effective << 32;
	s->val[1] = data[0].permitted | (long)data[1].permitted << 32;
	return err;
}

static int do_capset(struct subject *s)
{
	struct __user_cap_header_struct head = header(0);
	const struct __user_cap_data_struct data[2] = {
		{ s->val[0], s->val[1], INHERITED },
		{ s->val[0] >> 32, s->val[1] >> 32, 0 },
	};

	return SYS(syscall(SYS_capset, &head, data));
}

static bool caps_changed(struct subject *s)
{
	struct __user_cap_data_struct data[2];

	return !get_caps(0, data) && data[0].inheritable == INHERITED;
}

HOOK(capset, FAMILY_CRED, .setup = know_caps, .route = { { "capset", do_capset } },
     .effect = caps_changed,
     .args = { WANT_WORD("new", KRSI_A, STRANGER), WANT_WORD("old", KRSI_A, STRANGER),
	       WANT_VAL("effective", KRSI_A, 0), WANT_WORD("inheritable", KRSI_A, INHERITED),
	       WANT_VAL("permitted", KRSI_A, 1) });

/* Room for the longest record, whoever logged it: what does not fit whole is not copied at all. */
static char log_text[8192];

/* One record, of the least importance, so that there is something to read. */
static int poisoned_and_logged(struct subject *s)
{
	static const char record[] = "<7>krsi: a record to read";
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, record, sizeof(record) - 1) < 0)
		err = -errno;
	close(fd);
	memset(log_text, POISON, sizeof(log_text));
	return err;
}

#define SYSLOG_ACTION_READ_ALL 3

static int do_syslog(struct subject *s)
{
	return SYS(klogctl(SYSLOG_ACTION_READ_ALL, log_text, sizeof(log_text)));
}

static int do_kmsg(struct subject *s)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = SYS(read(fd, log_text, sizeof(log_text)));
	close(fd);
	return ret;
}

static int do_proc_kmsg(struct subject *s)
{
	int fd = open("/proc/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = SYS(read(fd, log_text, sizeof(log_text)));
	close(fd);
	return ret;
}

static bool log_was_read(struct subject *s)
{
	return (unsigned char)log_text[0] != POISON;
}

HOOK(syslog, FAMILY_KERNEL, .setup = poisoned_and_logged,
     .route = { { "syslog", do_syslog },
		{ "dev-kmsg", do_kmsg },
		{ "proc-kmsg", do_proc_kmsg, .many = "to open, to read and to close all ask" } },
     .effect = log_was_read, .args = { WANT_NUM("type", SYSLOG_ACTION_READ_ALL) },
     .needs.path = { "/dev/kmsg" });

/*
 * The clock stays what it is: only the kernel's note of the daylight saving time changes, which
 * nothing in the kernel reads. (A first time zone with an offset would turn the clock; the offset
 * stays too, and is 0 unless someone has set one before.)
 */
static int know_timezone(struct subject *s)
{
	struct timezone zone;

	TRY(syscall(SYS_gettimeofday, NULL, &zone));
	s->val[0] = zone.tz_minuteswest;
	s->val[1] = zone.tz_dsttime;
	s->val[2] = !zone.tz_dsttime;
	s->val[3] = (uint32_t)zone.tz_minuteswest | s->val[2] << 32;
	return 0;
}

static int do_settimeofday(struct subject *s)
{
	const struct timezone zone = { s->val[0], s->val[2] };

	return SYS(syscall(SYS_settimeofday, NULL, &zone));
}

static bool timezone_changed(struct subject *s)
{
	struct timezone zone;

	return !syscall(SYS_gettimeofday, NULL, &zone) && zone.tz_dsttime == s->val[2];
}

static void restore_timezone(struct subject *s)
{
	const struct timezone zone = { s->val[0], s->val[1] };

	syscall(SYS_settimeofday, NULL, &zone);
}

HOOK(settime, FAMILY_KERNEL, .setup = know_timezone,
     .route = { { "settimeofday", do_settimeofday } }, .effect = timezone_changed,
     .cleanup = restore_timezone, .args = { WANT_NUM("ts", 0), WANT_VAL("tz", KRSI_A, 3) });

/* The kernel's LOCKDOWN_DEV_MEM. */
#define DEV_MEM 2

static int do_open_mem(struct subject *s)
{
	return SYS(s->fd[0] = open("/dev/mem", O_RDONLY | O_CLOEXEC));
}

static int do_open_port(struct subject *s)
{
	return SYS(s->fd[0] = open("/dev/port", O_RDONLY | O_CLOEXEC));
}

static const char *no_dev_port(void)
{
	return access("/dev/port", F_OK) ? "no /dev/port here" : kernel_is_locked_down();
}

static bool mem_is_open(struct subject *s)
{
	struct stat st;

	return !fstat(s->fd[0], &st) && S_ISCHR(st.st_mode);
}

HOOK(locked_down, FAMILY_KERNEL,
     .route = { { "open-dev-mem", do_open_mem },
		{ "open-dev-port", do_open_port, .probe = no_dev_port } },
     .effect = mem_is_open, .only = WANT_NUM("what", DEV_MEM),
     .args = { WANT_NUM("what", DEV_MEM) },
     .needs = { .path = { "/dev/mem" }, .probe = kernel_is_locked_down });
