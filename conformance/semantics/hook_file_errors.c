// SPDX-License-Identifier: GPL-2.0-only
/* What attach and detach of a hook file refuse, and of several reasons which they tell. */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/semantics/hook_file.h"

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
	return s->val[1] ? hook_file__detach_fd(fd, s->val[2], s->val[3])
			 : hook_file__attach_fd(fd, s->val[2], s->val[3], 0);
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

	hook_file__load_all(t, &to, hook_file__names, 1);
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

	hook_file__load_all(t, &to, hook_file__names, 1);
	try_all(t, &to, false);
	hook_file__expect(t, to.file.path, "", "after all errors");
}

HOOK_FILE_TEST(detach_errors, "detach-errors",
	       "detach errors are those of attach, and change nothing", "REF-011", "REF-033")
{
	struct target to[2];

	hook_file__load_all(t, to, hook_file__names, 2);
	test__errno(t, 0, hook_file__attach(&to[0], 0), "attach");
	try_all(t, &to[0], true);
	test__errno(t, -ENOENT, hook_file__detach(&to[1]), "detach of what is not attached");
	test__errno(t, -EBADF, hook_file__detach_fd(to[0].fd, 999, to[0].file.attach_type),
		    "detach of nothing");
	test__errno(t, -EINVAL, hook_file__detach_fd(to[0].fd, to[0].fd, to[0].file.attach_type),
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

	hook_file__load_all(t, &to, hook_file__names, 1);
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
