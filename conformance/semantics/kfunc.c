// SPDX-License-Identifier: GPL-2.0-only
/* Kfuncs: right uses, whose answers are held against another source, and wrong ones. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/semantics/kernel_btf.h"
#include "conformance/semantics/program.h"

KERNEL_FUNCTION(bpf_get_task_exe_file)
KERNEL_FUNCTION(bpf_get_file_xattr)
KERNEL_FUNCTION(bpf_set_dentry_xattr)
KERNEL_FUNCTION(bpf_copy_from_user_str)

KRSI_TEST(exe_file, .id = "helper/task-exe-file",
	  .summary =
		  "bpf_get_task_exe_file and bpf_path_d_path give the path of the task's program, "
		  "and the file must be given back",
	  .requirements = { "HLP-023", "HLP-024", "HLP-025" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = no_bpf_get_task_exe_file })
{
	char path[512] = "";
	struct io *io;

	test__errno(t, -EINVAL, program__try(t, "kfunc:exe_leak"), "load of a program that leaks");
	scene__begin(t);
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		test__broken(t, "/proc/self/exe: %s", strerror(errno));
	io = program__start(t, "kfunc:exe_file", NULL);
	test__errno(t, 0, scene__mkdir("new"), "mkdir");
	test__equal(t, 1, io->calls, "calls");
	test__equal(t, strlen(path) + 1, io->out[0], "length");
	test__true(t, !strcmp((char *)io->out_data, path), "the path is that of /proc/self/exe");
}

static int put_xattr(const char *name, const char *value)
{
	return SYS(setxattr("file", name, value, strlen(value), 0));
}

/* Is the attribute of the file exactly this? NULL: it has none. */
static bool xattr_is(const char *name, const char *value)
{
	char buf[64];
	ssize_t n = getxattr("file", name, buf, sizeof(buf));

	if (!value)
		return n < 0 && errno == ENODATA;
	return n == (ssize_t)strlen(value) && !memcmp(buf, value, n);
}

KRSI_TEST(
	get_xattr, .id = "helper/get-file-xattr",
	.summary =
		"bpf_get_file_xattr gives the value of a user attribute and of no trusted one, to "
		"sleepable programs",
	.requirements = { "HLP-026", "HLP-027", "HLP-032" }, .hook = { "file_open" },
	.needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		   .probe = no_bpf_get_file_xattr })
{
	struct io *io;

	test__errno(t, -EACCES, program__try(t, "kfunc:get_xattr_plain"),
		    "load of a plain program");
	scene__begin(t);
	test__errno(t, 0, put_file("file", "x"), "write a file");
	test__errno(t, 0, put_xattr("trusted.krsi", "secret"), "setxattr");
	io = program__start(t, "kfunc:get_xattr", NULL);
	close(open("file", O_RDONLY | O_CLOEXEC));
	test__errno(t, -ENODATA, (int)io->out[0], "bpf_get_file_xattr of no attribute");
	test__errno(t, 0, put_xattr("user.krsi", "value"), "setxattr");
	close(open("file", O_RDONLY | O_CLOEXEC));
	test__equal(t, 2, io->calls, "calls");
	test__equal(t, strlen("value"), (int)io->out[0], "bpf_get_file_xattr");
	test__true(t, !memcmp(io->out_data, "value", 6), "the value is that of setxattr");
	test__errno(t, -EPERM, (int)io->out[1], "bpf_get_file_xattr of a trusted attribute");
}

KRSI_TEST(set_xattr, .id = "helper/set-dentry-xattr",
	  .summary = "bpf_set_dentry_xattr sets an attribute of security.bpf, and no other",
	  .requirements = { "HLP-028" }, .hook = { "inode_getxattr" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		     .probe = no_bpf_set_dentry_xattr })
{
	struct io *io;

	scene__begin(t);
	test__errno(t, 0, put_file("file", "x"), "write a file");
	test__errno(t, 0, put_xattr("user.any", "x"), "setxattr");
	test__errno(t, 0, put_xattr("security.krsi", "mine"), "setxattr");
	io = program__start(t, "kfunc:set_xattr", NULL);
	memcpy(io->in_data, "12345678", 8);
	test__true(t, xattr_is("user.any", "x"), "the attribute that is read");
	io->session = 0;
	test__equal(t, 1, io->calls, "calls");
	test__errno(t, 0, (int)io->out[0], "bpf_set_dentry_xattr");
	test__errno(t, -EPERM, (int)io->out[1], "bpf_set_dentry_xattr outside security.bpf");
	test__true(t, xattr_is("security.bpf.krsi", "12345678"), "the attribute is set");
	test__true(t, xattr_is("security.krsi", "mine"), "the other is as it was");
}

KRSI_TEST(copy_str, .id = "helper/copy-from-user-str",
	  .summary =
		  "bpf_copy_from_user_str copies a string with its NUL, or what fits, and takes no "
		  "unknown flag",
	  .requirements = { "HLP-014" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		     .probe = no_bpf_copy_from_user_str })
{
	static const char text[] = "a string\0and more";
	struct io *io;

	scene__begin(t);
	test__errno(t, 0, put_file("file", "x"), "write a file");
	io = program__start(t, "kfunc:copy_str", NULL);
	memset(io->out_data, 0xee, IO_BYTES);
	io->in[0] = (unsigned long)text;
	close(open("file", O_RDONLY | O_CLOEXEC));
	test__equal(t, sizeof("a string"), (int)io->out[0], "bytes with the NUL");
	test__true(t, !strcmp((char *)io->out_data, "a string"), "the string");
	test__equal(t, 0xee, io->out_data[64], "the byte after the buffer");
	io->in[1] = 1;
	close(open("file", O_RDONLY | O_CLOEXEC));
	test__equal(t, 4, (int)io->out[0], "bytes, where it does not fit");
	test__true(t, !memcmp(io->out_data, "a s", 4), "what fits, with a NUL");
	io->in[2] = 1 << 5;
	close(open("file", O_RDONLY | O_CLOEXEC));
	test__errno(t, -EINVAL, (int)io->out[0], "an unknown flag");
	io->in[2] = 0;
	io->in[0] = 1;
	close(open("file", O_RDONLY | O_CLOEXEC));
	test__errno(t, -EFAULT, (int)io->out[0], "a bad address");
	test__equal(t, 4, io->calls, "calls");
}
