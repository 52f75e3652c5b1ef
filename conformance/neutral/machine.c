// SPDX-License-Identifier: GPL-2.0-only
/* What concerns the machine: its names, clocks, modules, quotas, handles, notifications. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/quota.h>
#include <linux/reboot.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

#define AT     AT_FDCWD
#define MAGIC  LINUX_REBOOT_MAGIC1
#define MAGIC2 LINUX_REBOOT_MAGIC2

static struct timespec wrong_time = { 0, -1 }, some_time = { 1, 2000000000 };
static struct timeval wrong_day = { 0, -1 };
static struct timex read_clock, wrong_clock = { .modes = ADJ_TICK, .tick = 1 };

static const struct call machine_calls[] = {
	MEM(390, "uname", uname, out),
	NUM("hostname-set", sethostname, "neutral", 7),
	NUM("hostname-long", sethostname, out, 1000),
	NUM("domainname-set", setdomainname, "neutral", 7),
	NUM("reboot-magic", reboot, 1, 2, LINUX_REBOOT_CMD_CAD_OFF, 0),
	NUM("reboot-wrong", reboot, MAGIC, MAGIC2, 0x77777777, 0),
	NUM("swap-on", swapon, "public", 0),
	NUM("swap-on-missing", swapon, "missing", 0),
	NUM("swap-off", swapoff, "missing"),
	NUM("clock-set", clock_settime, CLOCK_REALTIME, &wrong_time),
	NUM("clock-set-monotonic", clock_settime, CLOCK_MONOTONIC, &some_time),
	NUM("clock-resolution", clock_getres, CLOCK_MONOTONIC, out),
	NUM("clock-wrong", clock_gettime, 777, out),
	NUM("day-set", settimeofday, &wrong_day, 0),
	NUM("clock-adjust", adjtimex, &wrong_clock),
	OK("clock-read", adjtimex, &read_clock),
	OK("log-size", syslog, 10, 0, 0),
	NUM("log-read", syslog, 3, 0, 0),
	NUM("log-console", syslog, 8, 0, 77),
	NUM("log-wrong", syslog, 77, 0, 0),
	NUM("account-missing", acct, "missing"),
	NUM("account-directory", acct, "."),
	NUM("port-level", iopl, 7),
	NUM("ports", ioperm, 99999999, 1, 1),
	NUM("kexec", kexec_load, 0, 77777, 0, 0),
	NUM("kexec-file", kexec_file_load, 999, 999, 1, "", 0),
	NUM("module", init_module, "none", 4, ""),
	NUM("module-file", finit_module, 999, "", 0),
	NUM("module-delete", delete_module, "nosuchmodule", O_NONBLOCK),
	NUM("quota-sync", quotactl, QCMD(Q_SYNC, USRQUOTA), 0, 0, 0),
	NUM("quota-on", quotactl, QCMD(Q_QUOTAON, USRQUOTA), "/dev/null", 2, "public"),
	NUM("quota-get", quotactl, QCMD(Q_GETQUOTA, USRQUOTA), "/dev/null", 0, out),
	NUM("quota-info", quotactl, QCMD(Q_GETINFO, USRQUOTA), "public", 0, out),
	NUM("quota-wrong", quotactl, QCMD(0x77, USRQUOTA), "/dev/null", 0, out),
	NUM("hang-up", vhangup, 0),
	NUM("system-info-wrong", sysinfo, 1),
	NUM("ustat-wrong", ustat, 0xffff, out),
	NUM("filesystems-wrong", sysfs, 77, 0, 0),
};
WORKLOAD(machine, machine_calls, .name = "machine", .as = AS_ANYONE, .prepare = make_objects);

static struct file_handle no_handle = { .handle_bytes = 8, .handle_type = 77 };
static struct itimerspec timer_off, timer_wrong = { .it_value = { 0, 2000000000 } };
static struct epoll_event_like {
	uint32_t events;
	uint64_t data;
} __attribute__((packed)) readable = { 1, 7 };

#define ACCESS_RIGHTS LANDLOCK_ACCESS_FS_EXECUTE
static struct landlock_ruleset_attr rules = { .handled_access_fs = ACCESS_RIGHTS };
static struct landlock_ruleset_attr rules_wrong = { .handled_access_fs = 1UL << 60 };

static const struct call notify_calls[] = {
	KEEP(0, "inotify", inotify_init1, IN_NONBLOCK),
	OK("inotify-wrong", inotify_init1, 0x7777),
	NUM("inotify-public", inotify_add_watch, SLOT(0), "public", IN_OPEN),
	NUM("inotify-secret", inotify_add_watch, SLOT(0), "secret", IN_OPEN),
	NUM("inotify-closed", inotify_add_watch, SLOT(0), "closed/file", IN_OPEN),
	NUM("inotify-none", inotify_add_watch, SLOT(0), "public", 0),
	NUM("inotify-remove", inotify_rm_watch, SLOT(0), 77),
	KEEP(1, "fanotify", fanotify_init, FAN_CLASS_NOTIF, O_RDONLY),
	OK("fanotify-content", fanotify_init, FAN_CLASS_CONTENT, O_RDONLY),
	KEEP(2, "fanotify-ids", fanotify_init, FAN_REPORT_FID, O_RDONLY),
	OK("fanotify-wrong", fanotify_init, 0x77777777, O_RDONLY),
	NUM("fanotify-mark", fanotify_mark, SLOT(1), FAN_MARK_ADD, FAN_OPEN, AT, "public"),
	NUM("fanotify-mark-ids", fanotify_mark, SLOT(2), FAN_MARK_ADD, FAN_OPEN, AT, "public"),
	NUM("fanotify-mark-mount", fanotify_mark, SLOT(1), FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN,
	    AT, "public"),
	NUM("handle", name_to_handle_at, AT, "public", &no_handle, out, 0x7777),
	OK("handle-open", open_by_handle_at, AT, &no_handle, O_RDONLY),
	KEEP(3, "event", eventfd2, 5, EFD_NONBLOCK),
	BYTES("event-read", read, SLOT(3), out, 8),
	NUM("event-read-again", read, SLOT(3), out, 8),
	KEEP(4, "timer", timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK),
	OK("timer-alarm", timerfd_create, CLOCK_BOOTTIME_ALARM, 0),
	NUM("timer-off", timerfd_settime, SLOT(4), 0, &timer_off, 0),
	NUM("timer-wrong", timerfd_settime, SLOT(4), 0, &timer_wrong, 0),
	KEEP(5, "poll", epoll_create1, 0),
	NUM("poll-add", epoll_ctl, SLOT(5), 1, SLOT(3), &readable),
	NUM("poll-add-again", epoll_ctl, SLOT(5), 1, SLOT(3), &readable),
	NUM("poll-itself", epoll_ctl, SLOT(5), 1, SLOT(5), &readable),
	NUM("poll-wait", epoll_wait, SLOT(5), out, 4, 0),
	NUM("rules-version", landlock_create_ruleset, 0, 0, 1),
	KEEP(6, "rules", landlock_create_ruleset, &rules, sizeof(uint64_t), 0),
	OK("rules-wrong", landlock_create_ruleset, &rules_wrong, sizeof(uint64_t), 0),
	NUM("rules-restrict-wrong", landlock_restrict_self, 999, 0),
	NUM("random", getrandom, out, 0, 0),
	NUM("random-wrong", getrandom, out, 8, 0x7777),
	NUM("futex-wrong", futex, out, 777, 0, 0, 0, 0),
	NUM("cpu", getcpu, 0, 0, 0),
};
WORKLOAD(notify, notify_calls, .name = "notify", .as = AS_ANYONE, .prepare = make_objects);
