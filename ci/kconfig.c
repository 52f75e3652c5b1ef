// SPDX-License-Identifier: GPL-2.0-only
#include "ci/kconfig.h"

#include <stdio.h>
#include <string.h>

#define MUST(n, w)                                                                                 \
	{                                                                                          \
		.name = "CONFIG_" #n, .why = w, .must = true                                       \
	}
#define WANT(n, w)                                                                                 \
	{                                                                                          \
		.name = "CONFIG_" #n, .why = w                                                     \
	}
#define MAY_M(n, w)                                                                                \
	{                                                                                          \
		.name = "CONFIG_" #n, .why = w, .module = true                                     \
	}

const struct kconfig_option kconfig_options[] = {
	/* the guest comes up and is heard */
	MUST(BLK_DEV_INITRD, "the guest lives in an initramfs"),
	MUST(BINFMT_ELF, "its programs"),
	MUST(TTY, "its console and the port for results"),
	MUST(PRINTK, "complaints of the kernel are read"),
	MUST(SERIAL_8250, "its console and the port for results"),
	MUST(SERIAL_8250_CONSOLE, "the console"),
	MUST(PROC_FS, "the suite looks there"),
	MUST(SYSFS, "where BTF is"),
	MUST(DEVTMPFS, "the ports are files"),
	MUST(TMPFS, "files that tests touch"),
	/* what is tested */
	MUST(BPF_SYSCALL, "programs"),
	MUST(BPF_JIT, "trampolines"),
	MUST(SECURITY, "hooks"),
	MUST(SECURITYFS, "the list of active LSMs"),
	MUST(BPF_LSM, "what is tested"),
	MUST(DEBUG_INFO_BTF, "which hooks there are; needs a DWARF choice and pahole"),
	MUST(FTRACE, "trampolines"),
	MUST(FUNCTION_TRACER, "trampolines"),
	MUST(DYNAMIC_FTRACE, "trampolines are direct calls"),
	MUST(PERF_EVENTS, "BPF_EVENTS, without which there is no BPF_LSM"),
	/* hooks and tests that otherwise are skipped */
	WANT(SECURITY_NETWORK, "hooks on sockets"),
	WANT(SECURITY_PATH, "hooks path_*"),
	WANT(KEYS, "hooks on keys"),
	WANT(AUDIT, "hooks audit_rule_*"),
	WANT(CGROUP_BPF, "programs that are bound to a cgroup"),
	WANT(SYSVIPC, "hooks on System V IPC"),
	WANT(POSIX_MQUEUE, "message queues"),
	WANT(USER_NS, "user namespaces, privilege"),
	WANT(NET_NS, "tests of sockets keep to themselves"),
	WANT(SECCOMP_FILTER, "calls that are compared"),
	WANT(IO_URING, "hooks uring_*, ways around system calls"),
	WANT(FANOTIFY, "hook path_notify"),
	WANT(INOTIFY_USER, "hook path_notify"),
	WANT(FHANDLE, "files that are opened by handle"),
	WANT(TMPFS_XATTR, "hooks on extended attributes"),
	WANT(UNIX, "hooks unix_*"),
	WANT(INET, "hooks on connections"),
	WANT(MODULES, "hooks kernel_*module*"),
	MAY_M(OVERLAY_FS, "hooks inode_copy_up*"),
	MAY_M(TUN, "hooks tun_dev_*"),
	MAY_M(IP_SCTP, "hooks sctp_*"),
	MAY_M(XFRM_USER, "hooks xfrm_*"),
	MAY_M(ANDROID_BINDER_IPC, "hooks binder_*"),
};
const size_t n_kconfig_options = ARRAY_SIZE(kconfig_options);

bool kconfig_has(const char *config, const struct kconfig_option *o)
{
	size_t len = strlen(o->name);

	for (const char *p = config; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, o->name, len) && p[len] == '=')
			return p[len + 1] == 'y' || (o->module && p[len + 1] == 'm');
	}
	return false;
}

void kconfig_missing(const char *config, bool must, struct strs *out)
{
	for (size_t i = 0; i < n_kconfig_options; i++)
		if (kconfig_options[i].must == must && !kconfig_has(config, &kconfig_options[i]))
			strs_add(out, kconfig_options[i].name);
}

char *kconfig_fragment(const char *config, size_t *len)
{
	static const char *const heads[] = {
		"# Without these the kernel cannot be judged.\n",
		"# Without these some tests are skipped.\n",
	};
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	size_t n = 0;

	fputs("# For krsi. In the kernel's tree:\n"
	      "#   scripts/kconfig/merge_config.sh -m .config THIS && make olddefconfig\n",
	      f);
	for (int part = 0; part < 2; part++) {
		bool any = false;

		for (size_t i = 0; i < n_kconfig_options; i++) {
			const struct kconfig_option *o = &kconfig_options[i];

			if (o->must == part || (config && kconfig_has(config, o)))
				continue;
			fprintf(f, "%s# %s\n%s=y\n", any ? "" : heads[part], o->why, o->name);
			any = true;
			n++;
		}
	}
	if (!n)
		fputs("# Nothing is missing.\n", f);
	fclose(f);
	return text;
}
