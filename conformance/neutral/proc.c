// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel shows and takes in /proc, /sys and securityfs. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

/* The whole content of a small file, and whether it can be read at all. */
#define SHOWS(name, path)                                                                          \
	static int name(void)                                                                      \
	{                                                                                          \
		return read_into_out(path, 512);                                                   \
	}
#define OPENS(name, path)                                                                          \
	static int name(void)                                                                      \
	{                                                                                          \
		int ret = read_into_out(path, 8);                                                  \
                                                                                                   \
		return ret < 0 ? ret : 0;                                                          \
	}
#define WRITES(name, path, text)                                                                   \
	static int name(void)                                                                      \
	{                                                                                          \
		return write_to(path, text);                                                       \
	}
#define FN_TEXT(id, function)                                                                      \
	{                                                                                          \
		id, SHOW_BYTES, 0, 0, { 0 }, function                                              \
	}
#define SELF "/proc/self/attr/"

SHOWS(attr_current, SELF "current")
SHOWS(attr_prev, SELF "prev")
SHOWS(attr_exec, SELF "exec")
SHOWS(attr_fscreate, SELF "fscreate")
SHOWS(attr_keycreate, SELF "keycreate")
SHOWS(attr_sockcreate, SELF "sockcreate")
SHOWS(attr_apparmor_current, SELF "apparmor/current")
SHOWS(attr_apparmor_exec, SELF "apparmor/exec")
SHOWS(attr_smack_current, SELF "smack/current")
SHOWS(attr_of_init, "/proc/1/attr/current")
SHOWS(attr_of_thread, "/proc/thread-self/attr/current")
WRITES(attr_current_write, SELF "current", "unconfined")
WRITES(attr_exec_write, SELF "exec", "exec unconfined")
WRITES(attr_exec_nonsense, SELF "exec", "nonsense")
WRITES(attr_fscreate_write, SELF "fscreate", "label")
WRITES(attr_keycreate_write, SELF "keycreate", "label")
WRITES(attr_sockcreate_write, SELF "sockcreate", "label")
WRITES(attr_prev_write, SELF "prev", "label")
WRITES(attr_init_write, "/proc/1/attr/current", "label")
WRITES(attr_empty_write, SELF "current", "")

#define SYS_lsm_get_self_attr 459
#define SYS_lsm_set_self_attr 460
#define SYS_lsm_list_modules  461
static uint32_t attr_size = sizeof(out);

static const struct call attribute_calls[] = {
	FN_TEXT("current", attr_current),
	FN_TEXT("prev", attr_prev),
	FN_TEXT("exec", attr_exec),
	FN_TEXT("fscreate", attr_fscreate),
	FN_TEXT("keycreate", attr_keycreate),
	FN_TEXT("sockcreate", attr_sockcreate),
	FN_TEXT("apparmor-current", attr_apparmor_current),
	FN_TEXT("apparmor-exec", attr_apparmor_exec),
	FN_TEXT("smack-current", attr_smack_current),
	FN_TEXT("init-current", attr_of_init),
	FN_TEXT("thread-current", attr_of_thread),
	FN("current-write", attr_current_write),
	FN("exec-write", attr_exec_write),
	FN("exec-write-nonsense", attr_exec_nonsense),
	FN("fscreate-write", attr_fscreate_write),
	FN("keycreate-write", attr_keycreate_write),
	FN("sockcreate-write", attr_sockcreate_write),
	FN("prev-write", attr_prev_write),
	FN("init-write", attr_init_write),
	FN("empty-write", attr_empty_write),
	NUM("get-current", lsm_get_self_attr, 100, out, &attr_size, 0),
	NUM("get-exec", lsm_get_self_attr, 101, out, &attr_size, 0),
	NUM("get-unknown", lsm_get_self_attr, 777, out, &attr_size, 0),
	NUM("get-flags", lsm_get_self_attr, 100, out, &attr_size, 0x77),
	NUM("set-nothing", lsm_set_self_attr, 100, 0, 0, 0),
	NUM("set-short", lsm_set_self_attr, 100, out, 8, 0),
	NUM("list-flags", lsm_list_modules, out, &attr_size, 1),
};
WORKLOAD(attribute, attribute_calls, .name = "attribute", .requirement = "NEU-006",
	 .as = AS_ANYONE);

SHOWS(login_uid, "/proc/self/loginuid")
SHOWS(session_id, "/proc/self/sessionid")
SHOWS(uid_map, "/proc/self/uid_map")
SHOWS(set_groups, "/proc/self/setgroups")
SHOWS(oom_adjust, "/proc/self/oom_score_adj")
SHOWS(core_filter, "/proc/self/coredump_filter")
SHOWS(comm, "/proc/self/comm")
SHOWS(limits, "/proc/self/limits")
OPENS(self_maps, "/proc/self/maps")
OPENS(self_mem, "/proc/self/mem")
OPENS(self_stack, "/proc/self/stack")
OPENS(self_environ, "/proc/self/environ")
OPENS(kcore, "/proc/kcore")
OPENS(kallsyms, "/proc/kallsyms")
OPENS(kmsg, "/proc/kmsg")
OPENS(vmallocinfo, "/proc/vmallocinfo")
OPENS(slabinfo, "/proc/slabinfo")
OPENS(timer_list, "/proc/timer_list")
OPENS(mounts, "/proc/self/mountinfo")
OPENS(keys, "/proc/key-users")
OPENS(sysrq_read, "/proc/sysrq-trigger")
OPENS(lockdown, "/sys/kernel/security/lockdown")
OPENS(lsm_list, "/sys/kernel/security/lsm")
OPENS(security_none, "/sys/kernel/security/none")
OPENS(policy, "/sys/kernel/security/apparmor/profiles")
OPENS(policy_ima, "/sys/kernel/security/ima/policy")
OPENS(debug, "/sys/kernel/debug/sleep_time")
OPENS(tracing, "/sys/kernel/tracing/trace")
OPENS(vmcoreinfo, "/sys/kernel/vmcoreinfo")
OPENS(btf, "/sys/kernel/btf/vmlinux")
OPENS(cgroup, "/sys/fs/cgroup/cgroup.procs")
WRITES(login_uid_write, "/proc/self/loginuid", "nonsense")
WRITES(oom_write, "/proc/self/oom_score_adj", "0")
WRITES(oom_write_less, "/proc/self/oom_score_adj", "-10")
WRITES(oom_write_wrong, "/proc/self/oom_score_adj", "5000")
WRITES(comm_write, "/proc/self/comm", "renamed")
WRITES(core_filter_write, "/proc/self/coredump_filter", "0x33")
WRITES(clear_refs, "/proc/self/clear_refs", "1")
WRITES(map_write, "/proc/self/uid_map", "0 0 1")
WRITES(groups_write, "/proc/self/setgroups", "allow")
WRITES(mem_write, "/proc/self/mem", "x")
WRITES(lockdown_write, "/sys/kernel/security/lockdown", "nonsense")

static const struct call proc_calls[] = {
	FN_TEXT("login-uid", login_uid),
	FN_TEXT("session-id", session_id),
	FN_TEXT("uid-map", uid_map),
	FN_TEXT("setgroups", set_groups),
	FN_TEXT("oom", oom_adjust),
	FN_TEXT("core-filter", core_filter),
	FN_TEXT("comm", comm),
	FN_TEXT("limits", limits),
	FN("maps", self_maps),
	FN("mem", self_mem),
	FN("stack", self_stack),
	FN("environ", self_environ),
	FN("kcore", kcore),
	FN("kallsyms", kallsyms),
	FN("kmsg", kmsg),
	FN("vmallocinfo", vmallocinfo),
	FN("slabinfo", slabinfo),
	FN("timer-list", timer_list),
	FN("mounts", mounts),
	FN("keys", keys),
	FN("sysrq-read", sysrq_read),
	FN("lockdown", lockdown),
	FN("lsm", lsm_list),
	FN("security-none", security_none),
	FN("policy", policy),
	FN("policy-ima", policy_ima),
	FN("debug", debug),
	FN("tracing", tracing),
	FN("vmcoreinfo", vmcoreinfo),
	FN("btf", btf),
	FN("cgroup", cgroup),
	FN("login-uid-write", login_uid_write),
	FN("oom-write", oom_write),
	FN("oom-write-less", oom_write_less),
	FN("oom-write-wrong", oom_write_wrong),
	FN("comm-write", comm_write),
	FN("core-filter-write", core_filter_write),
	FN("clear-refs", clear_refs),
	FN("uid-map-write", map_write),
	FN("setgroups-write", groups_write),
	FN("mem-write", mem_write),
	FN("lockdown-write", lockdown_write),
};
WORKLOAD(proc, proc_calls, .name = "proc", .as = AS_ANYONE);

#define SETTING "/proc/sys/"
SHOWS(overcommit, SETTING "vm/overcommit_memory")
SHOWS(yama, SETTING "kernel/yama/ptrace_scope")
SHOWS(protected_links, SETTING "fs/protected_symlinks")
SHOWS(hostname, SETTING "kernel/hostname")
SHOWS(usermodehelper, SETTING "kernel/usermodehelper/bset")
SHOWS(bpf_stats, SETTING "kernel/bpf_stats_enabled")
SHOWS(domainname, SETTING "kernel/domainname")
WRITES(overcommit_write, SETTING "vm/overcommit_memory", "nonsense")
WRITES(panic_write, SETTING "kernel/panic", "nonsense")
WRITES(yama_write, SETTING "kernel/yama/ptrace_scope", "77")
WRITES(hostname_write, SETTING "kernel/hostname", "neutral")
WRITES(modules_write, SETTING "kernel/modules_disabled", "0")
WRITES(dmesg_write, SETTING "kernel/dmesg_restrict", "nonsense")
WRITES(mmap_min_write, SETTING "vm/mmap_min_addr", "nonsense")
WRITES(forward_write, SETTING "net/ipv4/ip_forward", "nonsense")
WRITES(ports_write, SETTING "net/ipv4/ip_local_port_range", "1")
WRITES(stats_write, SETTING "kernel/bpf_stats_enabled", "7")
WRITES(msgmax_write, SETTING "kernel/msgmax", "-5")
WRITES(read_only_write, SETTING "kernel/osrelease", "x")
WRITES(caches_write, SETTING "vm/drop_caches", "0")

static const struct call sysctl_calls[] = {
	FN_TEXT("overcommit", overcommit),
	FN_TEXT("yama", yama),
	FN_TEXT("protected-links", protected_links),
	FN_TEXT("hostname", hostname),
	FN_TEXT("usermodehelper", usermodehelper),
	FN_TEXT("bpf-stats", bpf_stats),
	FN_TEXT("domainname", domainname),
	FN("overcommit-write", overcommit_write),
	FN("panic-write", panic_write),
	FN("yama-write", yama_write),
	FN("hostname-write", hostname_write),
	FN("modules-write", modules_write),
	FN("dmesg-write", dmesg_write),
	FN("mmap-min-write", mmap_min_write),
	FN("forward-write", forward_write),
	FN("ports-write", ports_write),
	FN("stats-write", stats_write),
	FN("msgmax-write", msgmax_write),
	FN("read-only-write", read_only_write),
	FN("caches-write", caches_write),
};
WORKLOAD(sysctl, sysctl_calls, .name = "sysctl", .as = AS_ANYONE);
