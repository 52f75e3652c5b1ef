// SPDX-License-Identifier: GPL-2.0-only
/* Hooks as files: what the directory holds, what read() shows, and what hook_file__bpf(2) does with
 * them. */
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/semantics/hook_file.h"
#include "conformance/semantics/scene.h"

/* More than any hook takes. */
#define CROWD 1024

int hook_file__bpf(int cmd, union bpf_attr *attr)
{
	return SYS(syscall(SYS_bpf, cmd, attr, sizeof(*attr)));
}

static int attach(int target, int prog, uint32_t type, uint32_t flags)
{
	union bpf_attr attr = {
		.target_fd = target,
		.attach_bpf_fd = prog,
		.attach_type = type,
		.attach_flags = flags,
	};

	return hook_file__bpf(BPF_PROG_ATTACH, &attr);
}

static int detach(int target, int prog, uint32_t type)
{
	union bpf_attr attr = { .target_fd = target, .attach_bpf_fd = prog, .attach_type = type };

	return hook_file__bpf(BPF_PROG_DETACH, &attr);
}

struct target hook_file__load(struct krsi_run *t, const char *hook, const char *name,
			      bool sleepable)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = hook,
		.sleepable = sleepable,
		.name = name,
	};
	struct target to = {};
	int err = t->adapter->load(t->inst, &spec, &to.prog);

	test__errno(t, 0, err, "load");
	test__errno(t, 0, t->adapter->hook_file(to.prog, &to.file), "the hook's file");
	to.fd = open(to.file.path, O_RDWR | O_CLOEXEC);
	if (to.fd < 0)
		test__fail(t, "success", errno__name(-errno), "open %s", to.file.path);
	return to;
}

int hook_file__attach(const struct target *to, uint32_t flags)
{
	return attach(to->fd, to->file.prog_fd, to->file.attach_type, flags);
}

int hook_file__detach(const struct target *to)
{
	return detach(to->fd, to->file.prog_fd, to->file.attach_type);
}

/* Begins a session and loads so many programs with these names. */
static void load_all(struct krsi_run *t, struct target *to, const char *const *names, int n)
{
	scene__begin(t);
	for (int i = 0; i < n; i++)
		to[i] = hook_file__load(t, SCENE_HOOK, names[i], false);
}

/* What a fresh open and read of the file gives. */
void hook_file__expect(struct krsi_run *t, const char *path, const char *want, const char *what)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	test__true(t, n >= 0, "the hook's file can be read");
	close(fd);
	text[n] = '\0';
	if (strcmp(text, want))
		test__fail(t, want, text, "%s", what);
}

HOOK_FILE_TEST(files, "every-hook", "each hook of the kernel has a file, mode 0600, and no other",
	       "REF-002", "REF-004")
{
	struct target to = hook_file__load(t, SCENE_HOOK, NULL, false);
	char *dir = dirname(to.file.path), path[256];
	const struct dirent *entry;
	DIR *files = opendir(dir);
	size_t n = 0;
	struct stat st;

	test__true(t, files != NULL, "the directory of hook files");
	for (size_t i = 0; i < t->nr_hooks; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, t->hooks[i].name);
		if (stat(path, &st))
			test__fail(t, "a file", errno__name(-errno), "%s", path);
		test__equal(t, S_IFREG | 0600, st.st_mode, path);
		test__equal(t, 0, st.st_uid, path);
	}
	while ((entry = readdir(files)))
		n += entry->d_name[0] != '.';
	/* and one more name: process_execution */
	test__equal(t, t->nr_hooks + 1, n, "files in the directory");
}

HOOK_FILE_TEST(alias, "process-execution", "process_execution is bprm_check_security", "REF-003",
	       "REF-006")
{
	struct target to = hook_file__load(t, "bprm_check_security", "alias", false);
	char path[256];
	int fd;

	scene__begin(t);
	snprintf(path, sizeof(path), "%s/process_execution", dirname(strdupa(to.file.path)));
	fd = open(path, O_RDWR | O_CLOEXEC);
	test__errno(t, 0, attach(fd, to.file.prog_fd, to.file.attach_type, 0), "attach");
	hook_file__expect(t, to.file.path, "alias\n", "the file of the hook");
	hook_file__expect(t, path, "alias\n", "the file of its other name");
	scene__arm(t, to.prog, -EPERM);
	test__errno(t, -EPERM, scene__exec(), "execve");
	test__errno(t, -EEXIST, hook_file__attach(&to, 0), "attach by the hook's own name");
	test__errno(t, 0, hook_file__detach(&to), "detach by the hook's own name");
	test__errno(t, 0, scene__exec(), "execve after detach");
}

HOOK_FILE_TEST(place, "lsm-order", "the LSM comes after the others", "REF-001")
{
	char lsms[512] = "", *last;
	FILE *file = fopen("/sys/kernel/security/lsm", "re");

	if (!file || !fgets(lsms, sizeof(lsms), file))
		test__broken(t, "the list of LSMs cannot be read");
	last = strrchr(lsms, ',');
	test__true(t, last && !strncmp(last + 1, "krsi", 4), "krsi is the last of the active LSMs");
}

static const char *const three[] = { "first", "second", "third" };

HOOK_FILE_TEST(reading, "read", "read gives the names of the programs in the order they run",
	       "REF-005", "REF-006", "REF-017", "REF-024")
{
	struct krsi_event event[3] = {};
	struct target to[3];

	load_all(t, to, three, 3);
	hook_file__expect(t, to[0].file.path, "", "before the first attach");
	for (int i = 0; i < 3; i++) {
		test__errno(t, 0, hook_file__attach(&to[i], 0), "attach");
		scene__arm(t, to[i].prog, 0);
	}
	hook_file__expect(t, to[0].file.path, "first\nsecond\nthird\n", "three programs");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 3, scene__events(t, event, 3), "events");
	for (int i = 0; i < 3; i++)
		test__true(t, event[i].prog == to[i].prog, "the oldest program runs first");
	test__errno(t, 0, hook_file__detach(&to[1]), "detach");
	hook_file__expect(t, to[0].file.path, "first\nthird\n", "without the second");
	test__errno(t, 0, hook_file__attach(&to[1], 0), "attach again");
	hook_file__expect(t, to[0].file.path, "first\nthird\nsecond\n", "the second again");
}

HOOK_FILE_TEST(seeking, "seek", "the file can be read in pieces of any size, and again", "REF-005")
{
	static const char whole[] = "first\nsecond\nthird\n";
	struct target to[3];
	char text[64];

	load_all(t, to, three, 3);
	for (int i = 0; i < 3; i++)
		test__errno(t, 0, hook_file__attach(&to[i], 0), "attach");
	for (size_t piece = 1; piece <= sizeof(whole); piece++) {
		size_t len = 0;
		ssize_t n;

		test__errno(t, 0, SYS(lseek(to[0].fd, 0, SEEK_SET)), "seek to the start");
		while ((n = read(to[0].fd, text + len, piece)) > 0)
			len += n;
		text[len] = '\0';
		if (strcmp(text, whole))
			test__fail(t, whole, text, "read in pieces of %zu", piece);
	}
	test__equal(t, 6, pread(to[0].fd, text, 6, 6), "bytes read at an offset");
	test__true(t, !memcmp(text, "second", 6), "the bytes at the offset");
	test__equal(t, 0, pread(to[0].fd, text, 6, sizeof(whole) - 1), "bytes at the end");
	test__equal(t, 0, read(to[0].fd, text, 0), "bytes read into nothing");
	test__errno(t, -EFAULT, SYS(syscall(SYS_pread64, to[0].fd, NULL, 6, 0)), "read to nowhere");
	test__true(t, SYS(write(to[0].fd, "x", 1)) < 0, "the file cannot be written");
}

struct churn {
	struct target *to;
	int failed;
};

static void *attach_and_detach(void *data)
{
	struct churn *churn = data;

	for (int i = 0; i < 300 && !churn->failed; i++)
		churn->failed = hook_file__attach(churn->to, 0) ?: hook_file__detach(churn->to);
	return NULL;
}

HOOK_FILE_TEST(readers, "read-while-attaching", "a reader sees the programs of one moment",
	       "REF-005")
{
	struct churn churn = {};
	struct target to[3];
	pthread_t thread;
	char text[64];

	load_all(t, to, three, 3);
	test__errno(t, 0, hook_file__attach(&to[0], 0), "attach");
	test__errno(t, 0, hook_file__attach(&to[2], 0), "attach");
	churn.to = &to[1];
	if (pthread_create(&thread, NULL, attach_and_detach, &churn))
		test__broken(t, "no thread");
	for (int i = 0; i < 300; i++) {
		size_t len = 0;

		lseek(to[0].fd, 0, SEEK_SET);
		while (len < sizeof(text) - 1 && read(to[0].fd, text + len, 1) == 1)
			len++;
		text[len] = '\0';
		if (strcmp(text, "first\nthird\n") && strcmp(text, "first\nthird\nsecond\n"))
			test__fail(t, "two programs or three", text, "what a reader sees");
	}
	pthread_join(thread, NULL);
	test__errno(t, 0, churn.failed, "attach and detach");
	hook_file__expect(t, to[0].file.path, "first\nthird\n", "at last");
}

/* What is wrong with an attach. */
enum { BAD_FD = 1, NO_CAP = 2, NO_FILE = 4, READ_ONLY = 8 };

static const struct wrong {
	const char *title;
	int what, want;
} wrongs[] = {
	{ "a bad descriptor", BAD_FD, -EBADF },
	{ "no CAP_MAC_ADMIN", NO_CAP, -EPERM },
	{ "not a hook file", NO_FILE, -EINVAL },
	{ "not open for writing", READ_ONLY, -EBADF },
	{ "a bad descriptor and no CAP_MAC_ADMIN", BAD_FD | NO_CAP, -EBADF },
	{ "no CAP_MAC_ADMIN and not a hook file", NO_CAP | NO_FILE, -EPERM },
	{ "no CAP_MAC_ADMIN and not open for writing", NO_CAP | READ_ONLY, -EPERM },
	{ "not a hook file and not open for writing", NO_FILE | READ_ONLY, -EINVAL },
	{ "all but a bad descriptor", NO_CAP | NO_FILE | READ_ONLY, -EPERM },
};

static int drop_mac_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	TRY(syscall(SYS_capget, &head, data));
	data[CAP_TO_INDEX(CAP_MAC_ADMIN)].effective &= ~CAP_TO_MASK(CAP_MAC_ADMIN);
	TRY(syscall(SYS_capset, &head, data));
	return 0;
}

/* val[0]: enum, val[1]: detach instead, val[2..3]: program and type; text: the hook file. */
static int try_wrong(struct subject *s)
{
	int what = s->val[0], flags = (what & READ_ONLY) ? O_RDONLY : O_RDWR;
	/* any file of the file system that can be opened for writing */
	const char *path = (what & NO_FILE) ? "no-hook" : s->text;
	int fd = (what & BAD_FD) ? 999 : open(path, flags | O_CLOEXEC);

	if (fd < 0 || ((what & NO_CAP) && drop_mac_admin()))
		return -ENOTRECOVERABLE;
	return s->val[1] ? detach(fd, s->val[2], s->val[3]) : attach(fd, s->val[2], s->val[3], 0);
}

static void try_all(struct krsi_run *t, const struct target *to, bool detaching)
{
	test__errno(t, 0, put_file("no-hook", ""), "write a file");
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		struct subject s = {
			.val = { wrongs[i].what, detaching, to->file.prog_fd,
				 to->file.attach_type },
		};

		snprintf(s.text, sizeof(s.text), "%s", to->file.path);
		test__errno(t, wrongs[i].want, in_child(&s, try_wrong), wrongs[i].title);
	}
}

HOOK_FILE_TEST(errors, "attach-errors", "attach errors come in their order, and nothing attaches",
	       "REF-007", "REF-008", "REF-009", "REF-010")
{
	struct target to;

	load_all(t, &to, three, 1);
	scene__arm(t, to.prog, -EPERM);
	try_all(t, &to, false);
	hook_file__expect(t, to.file.path, "", "after all errors");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 0, scene__calls(t, to.prog), "calls");
}

HOOK_FILE_TEST(errors_order, "attach-errors-order", "of several attach errors the first is told",
	       "REF-011")
{
	struct target to;

	load_all(t, &to, three, 1);
	try_all(t, &to, false);
	hook_file__expect(t, to.file.path, "", "after all errors");
}

HOOK_FILE_TEST(detach_errors, "detach-errors",
	       "detach errors are those of attach, and change nothing", "REF-011", "REF-033")
{
	struct target to[2];

	load_all(t, to, three, 2);
	test__errno(t, 0, hook_file__attach(&to[0], 0), "attach");
	try_all(t, &to[0], true);
	test__errno(t, -ENOENT, hook_file__detach(&to[1]), "detach of what is not attached");
	test__errno(t, -EBADF, detach(to[0].fd, 999, to[0].file.attach_type), "detach of nothing");
	test__errno(t, -EINVAL, detach(to[0].fd, to[0].fd, to[0].file.attach_type),
		    "detach of what is no program");
	hook_file__expect(t, to[0].file.path, "first\n", "after all errors");
	scene__arm(t, to[0].prog, -EPERM);
	test__errno(t, -EPERM, scene__mkdir("x"), "mkdir");
	test__errno(t, 0, hook_file__detach(&to[0]), "detach");
	test__errno(t, -ENOENT, hook_file__detach(&to[0]), "the second detach");
	test__errno(t, 0, scene__mkdir("x"), "mkdir after detach");
}

HOOK_FILE_TEST(flags, "attach-flags", "flags that mean nothing are refused", "REF-016")
{
	struct target to;

	load_all(t, &to, three, 1);
	for (int bit = 0; bit < 32; bit++)
		if (1u << bit != BPF_F_ALLOW_OVERRIDE)
			test__errno(t, -EINVAL, hook_file__attach(&to, 1u << bit),
				    "attach with a flag");
	test__errno(t, -EINVAL, hook_file__attach(&to, BPF_F_ALLOW_OVERRIDE | 1u << 31),
		    "attach with a known flag and another");
	hook_file__expect(t, to.file.path, "", "after all errors");
	test__errno(t, 0, hook_file__attach(&to, BPF_F_ALLOW_OVERRIDE),
		    "attach with nothing to replace");
}

/* A descriptor of a program that is not loaded by the implementation; or -errno. */
static int load_raw(uint32_t type, uint32_t attach_type, const struct bpf_insn *insns, size_t n)
{
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach_type,
		.insns = (unsigned long)insns,
		.insn_cnt = n,
		.license = (unsigned long)"GPL",
	};

	return hook_file__bpf(BPF_PROG_LOAD, &attr);
}

static const struct bpf_insn return_0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

HOOK_FILE_TEST(types, "wrong-type", "a program of another type is refused, and so is no program",
	       "REF-026")
{
	struct target to;
	int other = load_raw(BPF_PROG_TYPE_SOCKET_FILTER, 0, return_0, 2);

	load_all(t, &to, three, 1);
	test__errno(t, 0, other, "load of a socket filter");
	test__errno(t, -EINVAL, attach(to.fd, other, to.file.attach_type, 0),
		    "attach of a socket filter");
	test__errno(t, -EINVAL, attach(to.fd, to.fd, to.file.attach_type, 0),
		    "attach of what is no program");
	test__errno(t, -EBADF, attach(to.fd, 999, to.file.attach_type, 0), "attach of nothing");
	hook_file__expect(t, to.file.path, "", "after all errors");
}

static uint32_t type_of(struct krsi_run *t, const struct target *to)
{
	struct bpf_prog_info info = {};
	union bpf_attr attr = {
		.info = { .bpf_fd = to->file.prog_fd,
			  .info_len = sizeof(info),
			  .info = (unsigned long)&info },
	};

	test__errno(t, 0, hook_file__bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), "a program's type");
	return info.type;
}

HOOK_FILE_TEST(own_type, "attach-type", "a program is loaded with the attach type of its kind",
	       "REF-036")
{
	struct target to;
	uint32_t type, own;

	load_all(t, &to, three, 1);
	type = type_of(t, &to);
	own = to.file.attach_type;
	test__errno(t, 0, load_raw(type, own, return_0, 2), "load");
	test__errno(t, -EINVAL, load_raw(type, 0, return_0, 2), "load with no attach type");
	test__errno(t, -EINVAL, load_raw(type, own - 1, return_0, 2), "load with another's");
	test__errno(t, -EINVAL, load_raw(type, own + 1, return_0, 2), "load with nobody's");
}

HOOK_FILE_TEST(opaque, "opaque-context", "a program that reads or writes its context is refused",
	       "REF-023")
{
	struct bpf_insn access[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1 },
		return_0[0],
		return_0[1],
	};
	struct target to;
	uint32_t type;

	load_all(t, &to, three, 1);
	type = type_of(t, &to);
	test__errno(t, 0, load_raw(type, to.file.attach_type, return_0, 2), "load");
	for (int off = 0; off < 64; off += 8) {
		access[0].off = off;
		test__errno(t, -EACCES, load_raw(type, to.file.attach_type, access, 3),
			    "load of a program that reads its context");
	}
	access[0] = (struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1 };
	test__errno(t, -EACCES, load_raw(type, to.file.attach_type, access, 3),
		    "load of a program that writes its context");
}

HOOK_FILE_TEST(helpers, "other-helpers", "a helper that looks into the kernel is refused",
	       "REF-023")
{
	static const int looks[] = {
		BPF_FUNC_probe_read,
		BPF_FUNC_probe_read_kernel,
		BPF_FUNC_get_current_task,
		BPF_FUNC_trace_printk,
		BPF_FUNC_d_path,
		BPF_FUNC_copy_from_user,
		BPF_FUNC_override_return,
		BPF_FUNC_send_signal,
		BPF_FUNC_inode_storage_get,
	};
	struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL },
		return_0[0],
		return_0[1],
	};
	struct target to;
	uint32_t type;

	load_all(t, &to, three, 1);
	type = type_of(t, &to);
	insns[0].imm = BPF_FUNC_get_current_pid_tgid;
	test__errno(t, 0, load_raw(type, to.file.attach_type, insns, 3), "load of a program");
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		insns[0].imm = looks[i];
		test__errno(t, -EINVAL, load_raw(type, to.file.attach_type, insns, 3),
			    "load of a program that calls it");
	}
}

HOOK_FILE_TEST(range, "return-range", "a program that can return what is no verdict is refused",
	       "REF-019")
{
	static const struct {
		int ret, want;
	} rows[] = { { 0, 0 },
		     { -1, 0 },
		     { -4095, 0 },
		     { 1, -EINVAL },
		     { -4096, -EINVAL },
		     { INT32_MAX, -EINVAL },
		     { INT32_MIN, -EINVAL } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct krsi_prog_spec spec = {
			.size = sizeof(spec),
			.hook = SCENE_HOOK,
			.fixed = true,
			.fixed_ret = rows[i].ret,
		};
		struct krsi_prog *prog;
		char what[64];

		snprintf(what, sizeof(what), "load of a program that returns %d", rows[i].ret);
		test__errno(t, rows[i].want, t->adapter->load(t->inst, &spec, &prog), what);
	}
}

HOOK_FILE_TEST(sleepable, "sleepable", "a sleepable program attaches only where one may sleep",
	       "REF-034")
{
	struct target yes = hook_file__load(t, "bprm_check_security", NULL, true);
	struct target no = hook_file__load(t, "task_free", NULL, true);

	test__errno(t, 0, hook_file__attach(&yes, 0), "attach to bprm_check_security");
	test__errno(t, -EINVAL, hook_file__attach(&no, 0), "attach to task_free");
	hook_file__expect(t, no.file.path, "", "the file of task_free");
}

static const char *const versions[] = { "log__v1", "other", "log__v2", "log", "lo", "log_v3" };

HOOK_FILE_TEST(equal, "equal-name", "of equal names up to the first double underscore one attaches",
	       "REF-012")
{
	struct target to[6];

	load_all(t, to, versions, 6);
	test__errno(t, 0, hook_file__attach(&to[0], 0), "attach of log__v1");
	test__errno(t, -EEXIST, hook_file__attach(&to[0], 0), "attach of the same");
	test__errno(t, -EEXIST, hook_file__attach(&to[2], 0), "attach of log__v2");
	test__errno(t, -EEXIST, hook_file__attach(&to[3], 0), "attach of log");
	test__errno(t, 0, hook_file__attach(&to[4], 0), "attach of lo");
	test__errno(t, 0, hook_file__attach(&to[5], 0), "attach of log_v3");
	hook_file__expect(t, to[0].file.path, "log__v1\nlo\nlog_v3\n", "those that attached");
}

void hook_file__await_end(struct krsi_run *t, uint32_t id)
{
	test__true(t, scene__await_program_end(id, 10) != 0,
		   "a program that nothing holds is freed");
}

HOOK_FILE_TEST(replace, "replace", "a program of equal name is replaced, and the new one runs last",
	       "REF-013", "REF-014", "REF-015")
{
	struct target to[3];
	uint32_t id;

	load_all(t, to, versions, 3);
	test__errno(t, 0, hook_file__attach(&to[0], 0), "attach of log__v1");
	test__errno(t, 0, hook_file__attach(&to[1], 0), "attach of other");
	scene__arm(t, to[0].prog, -EPERM);
	scene__arm(t, to[2].prog, 0);
	test__errno(t, -EPERM, scene__mkdir("x"), "mkdir under the old program");
	test__errno(t, -EEXIST, hook_file__attach(&to[0], BPF_F_ALLOW_OVERRIDE),
		    "replacing itself");
	test__errno(t, 0, hook_file__attach(&to[2], BPF_F_ALLOW_OVERRIDE), "attach of log__v2");
	hook_file__expect(t, to[0].file.path, "other\nlog__v2\n", "after the replacement");
	test__errno(t, 0, scene__mkdir("x"), "mkdir under the new program");
	test__equal(t, 1, scene__calls(t, to[0].prog), "calls of the old program");
	test__equal(t, 1, scene__calls(t, to[2].prog), "calls of the new program");
	test__errno(t, -ENOENT, hook_file__detach(&to[0]), "detach of the old program");
	id = t->adapter->prog_id(to[0].prog);
	test__true(t, !scene__find_program(id), "the loader still holds the old program");
	t->adapter->unload(to[0].prog);
	hook_file__await_end(t, id);
}

int hook_file__query(int fd, uint32_t type, uint32_t *ids, uint32_t *n, uint32_t flags)
{
	union bpf_attr attr = {
		.query = { .target_fd = fd,
			   .attach_type = type,
			   .query_flags = flags,
			   .prog_ids = (unsigned long)ids,
			   .prog_cnt = *n },
	};
	int err = hook_file__bpf(BPF_PROG_QUERY, &attr);

	*n = attr.query.prog_cnt;
	return err;
}

HOOK_FILE_TEST(querying, "query", "a query gives the ids in the order in which the programs run",
	       "REF-025")
{
	uint32_t ids[4] = {}, n = 4, type;
	struct target to[3];

	load_all(t, to, three, 3);
	type = to[0].file.attach_type;
	test__errno(t, 0, hook_file__query(to[0].fd, type, ids, &n, 0),
		    "query before the first attach");
	test__equal(t, 0, n, "programs before the first attach");
	for (int i = 2; i >= 0; i--)
		test__errno(t, 0, hook_file__attach(&to[i], 0), "attach");
	for (uint32_t room = 0; room <= 4; room++) {
		memset(ids, 0, sizeof(ids));
		n = room;
		test__errno(t, room && room < 3 ? -ENOSPC : 0,
			    hook_file__query(to[0].fd, type, ids, &n, 0), "query");
		test__equal(t, 3, n, "programs");
		for (uint32_t i = 0; i < 4; i++)
			test__equal(t, i < room && i < 3 ? t->adapter->prog_id(to[2 - i].prog) : 0,
				    ids[i], "id of a program in running order");
	}
	test__errno(t, -EINVAL, hook_file__query(to[0].fd, type, ids, &n, 1), "query with a flag");
	test__errno(t, -EBADF, hook_file__query(999, type, ids, &n, 0),
		    "query of a bad descriptor");
	test__errno(t, -EINVAL, hook_file__query(open("/", O_RDONLY | O_CLOEXEC), type, ids, &n, 0),
		    "query of what is no hook file");
}

HOOK_FILE_TEST(stays, "outlives-loader", "an attached program stays when its loader is gone",
	       "REF-035")
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = SCENE_HOOK,
		.fixed = true,
		.fixed_ret = -EUCLEAN,
		.name = "stays",
	};
	struct krsi_hook_file file;
	struct krsi_prog *prog;
	uint32_t id;
	int fd;

	scene__begin(t);
	test__errno(t, 0, t->adapter->load(t->inst, &spec, &prog), "load");
	test__errno(t, 0, t->adapter->hook_file(prog, &file), "the hook's file");
	id = t->adapter->prog_id(prog);
	fd = open(file.path, O_RDWR | O_CLOEXEC);
	file.prog_fd = dup(file.prog_fd);
	test__errno(t, 0, attach(fd, file.prog_fd, file.attach_type, 0), "attach");
	t->adapter->unload(prog);
	close(file.prog_fd);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir when no descriptor is left");
	hook_file__expect(t, file.path, "stays\n", "the hook's file");
	file.prog_fd = hook_file__bpf(BPF_PROG_GET_FD_BY_ID, &(union bpf_attr){ .prog_id = id });
	test__errno(t, 0, detach(fd, file.prog_fd, file.attach_type), "detach by id");
	close(file.prog_fd);
	test__errno(t, 0, scene__mkdir("x"), "mkdir after detach");
	hook_file__await_end(t, id);
}

/* A program without a name of its own: names are equal only where they are given. */
static struct krsi_prog *load_one_of_many(struct krsi_run *t)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec),
					     .hook = SCENE_HOOK,
					     .fixed = true };
	struct krsi_prog *prog = NULL;

	test__errno(t, 0, t->adapter->load(t->inst, &spec, &prog), "load");
	return prog;
}

HOOK_FILE_TEST(crowd, "crowd", "of a thousand programs as many attach as may, and all are freed",
	       "ATT-007", "REF-015")
{
	struct krsi_link *link[CROWD];
	uint32_t id[CROWD];
	int n = 0;

	scene__begin(t);
	for (int i = 0; i < CROWD; i++) {
		struct krsi_prog *prog = load_one_of_many(t);
		int err = t->adapter->attach(prog, KRSI_ATTACH_DEFAULT, &link[n]);

		id[i] = t->adapter->prog_id(prog);
		t->adapter->unload(prog);
		test__true(t, n == i || err, "nothing attaches after the first refusal");
		if (err)
			test__errno(t, -E2BIG, err, "attach beyond the limit");
		else
			n++;
	}
	test__true(t, n >= 2 && n < CROWD, "a hook takes several programs, and not all");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	while (n)
		test__errno(t, 0, t->adapter->detach(link[--n]), "detach");
	for (int i = 0; i < CROWD; i++)
		hook_file__await_end(t, id[i]);
}
