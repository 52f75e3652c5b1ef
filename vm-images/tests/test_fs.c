// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/known.h"
#include "vm-images/initramfs.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"
#include "vm-images/tests/util.h"

static struct krsi_err err;

Test(fs, mkdirs)
{
	cr_expect_eq(fs_mkdirs(test_path("a/b/c"), &err), 0);
	cr_expect_eq(fs_mkdirs(test_path("a/b/c"), &err), 0);
	cr_expect(fs_is_dir(test_path("a/b/c")));
	test_write("f", "", 0);
	cr_expect_eq(fs_mkdirs(test_path("f/x"), &err), -1);
	expect_err(err, 5, "/f/x: Not a directory");
	cr_expect_eq(fs_mkdirs(test_path("f"), &err), -1);
	expect_err(err, 5, "Not a directory");
}

Test(fs, read_is_bounded)
{
	size_t len;
	char *text = fs_read(test_write("f", "a\0b", 3), 3, &len, &err);

	cr_assert(text);
	cr_expect_eq(len, 3);
	cr_expect_eq(text[3], '\0');
	free(text);
	cr_expect_null(fs_read(test_path("f"), 2, &len, &err));
	expect_err(err, 2, "larger than 2 bytes");
	cr_expect_null(fs_read("/dev/zero", 1 << 20, &len, &err));
	expect_err(err, 2, "larger than");
	cr_expect_null(fs_read("/", 10, &len, &err));
	expect_err(err, 2, "Is a directory");
}

Test(fs, write_keeps_devices_and_links)
{
	struct stat st;

	cr_assert_eq(symlink(test_write("real", "old", 3), test_path("link")), 0);
	cr_expect_eq(fs_write_atomic(test_path("link"), "newer", 5, &err), 0, "%s", err.text);
	cr_assert_eq(lstat(test_path("link"), &st), 0);
	cr_expect(S_ISLNK(st.st_mode));
	cr_assert_eq(stat(test_path("real"), &st), 0);
	cr_expect_eq(st.st_size, 5);
	if (access("/dev/full", W_OK))
		cr_skip_test("no /dev/full");
	cr_expect_eq(fs_write_atomic("/dev/full", "x", 1, &err), -1);
	expect_err(err, 5, "cannot write /dev/full: No space left");
	cr_assert_eq(stat("/dev/full", &st), 0);
	cr_expect(S_ISCHR(st.st_mode));
}

Test(fs, cache_dir)
{
	char *dir;

	setenv("KRSI_CACHE", test_path("own"), 1);
	dir = fs_cache_dir(&err);
	cr_expect_str_eq(dir, test_path("own"));
	free(dir);
	unsetenv("KRSI_CACHE");
	setenv("XDG_CACHE_HOME", test_path("xdg"), 1);
	dir = fs_cache_dir(&err);
	cr_expect_str_eq(dir, test_path("xdg/krsi"));
	free(dir);
	unsetenv("XDG_CACHE_HOME");
	setenv("HOME", test_path("home"), 1);
	dir = fs_cache_dir(&err);
	cr_expect_str_eq(dir, test_path("home/.cache/krsi"));
	free(dir);
	unsetenv("HOME");
	cr_expect_null(fs_cache_dir(&err));
	expect_err(err, 5, "set HOME, XDG_CACHE_HOME or KRSI_CACHE");
	setenv("KRSI_CACHE", "/proc/nowhere", 1);
	cr_expect_null(fs_cache_dir(&err));
	expect_err(err, 5, "cannot make the directory /proc/nowhere");
}

Test(fs, remove_tree_follows_no_link)
{
	cr_assert_eq(fs_mkdirs(test_path("t/d"), &err), 0);
	test_write("keep", "x", 1);
	cr_assert_eq(symlink(test_path("keep"), test_path("t/link")), 0);
	cr_assert_eq(symlink(test_dir(), test_path("t/d/up")), 0);
	fs_remove_tree(test_path("t"));
	cr_expect_not(fs_exists(test_path("t")));
	cr_expect(fs_exists(test_path("keep")));
	fs_remove_tree(test_path("t"));
}

static void count(void *ctx)
{
	++*(int *)ctx;
}

/* Tells that it has to wait, to whoever reads the pipe. */
static void tell(void *ctx)
{
	if (write(*(int *)ctx, "w", 1) != 1)
		_exit(1);
}

Test(fs, lock_excludes_and_tells)
{
	int waited = 0, told[2], lock, status;
	char byte;

	cr_assert_eq(pipe(told), 0);
	lock = fs_lock(test_path("l"), count, &waited, &err);
	cr_assert_geq(lock, 0);
	cr_expect_eq(waited, 0);
	if (!fork()) {
		/* a lock belongs to the open file, which is shared with the parent */
		close(lock);
		_exit(fs_lock(test_path("l"), tell, &told[1], &err) >= 0 ? 0 : 1);
	}
	close(told[1]);
	cr_expect_eq(read(told[0], &byte, 1), 1, "who has to wait is told, once");
	close(lock);
	cr_expect_eq(read(told[0], &byte, 1), 0);
	wait(&status);
	cr_expect(WIFEXITED(status) && !WEXITSTATUS(status));
	cr_expect_eq(fs_lock("/nonexistent/l", NULL, NULL, &err), -1);
	expect_err(err, 5, "cannot open the lock file");
}

/* A file system of 64 KiB in a mount namespace of its own; false if this user may not make one. */
static bool small_disk(const char *path)
{
	if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS))
		return false;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return false;
	return !mount("tmpfs", path, "tmpfs", 0, "size=64k");
}

static int entries(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

Test(fs, full_disk_leaves_nothing_half_written)
{
	char *big = xcalloc(1 << 20, 1);
	struct initramfs *fs;
	struct stat st;

	cr_assert_eq(fs_mkdirs(test_path("small"), &err), 0);
	if (!small_disk(test_path("small"))) {
		free(big);
		cr_skip_test("mounting is not allowed");
	}
	cr_assert_eq(fs_write_atomic(test_path("small/f"), "old", 3, &err), 0);
	cr_expect_eq(fs_write_atomic(test_path("small/f"), big, 1 << 20, &err), -1);
	expect_err(err, 5, "small/f: No space left on device; free some space");
	cr_assert_eq(stat(test_path("small/f"), &st), 0);
	cr_expect_eq(st.st_size, 3);
	fs = initramfs_open(test_path("small/i"), false, &err);
	cr_assert(fs);
	cr_expect_eq(initramfs_file(fs, "big", 0644, big, 1 << 20, &err), -1);
	expect_err(err, 5, "small/i: No space left on device; free some space");
	initramfs_abort(fs);
	unlink(test_path("small/f"));
	cr_expect_eq(entries(test_path("small")), 0, "something is left on the disk");
	umount(test_path("small"));
	free(big);
}

static int run(struct proc_result *r, const char *script, double deadline, size_t max)
{
	const char *argv[] = { "sh", "-c", script, NULL }, *env[] = { "KRSI_X=value", NULL };

	return proc_run(
		r,
		&(struct proc_opts){
			.argv = argv, .env = env, .deadline = deadline, .max = max, .cwd = "/" },
		&err);
}

Test(proc, output_status_environment_directory)
{
	struct proc_result r;

	cr_assert_eq(run(&r, "pwd; echo $KRSI_X >&2; exit 3", 0, 0), 0, "%s", err.text);
	cr_expect_eq(r.status, 3);
	cr_expect_str_eq(r.out, "/\n");
	cr_expect_str_eq(r.errors, "value\n");
	proc_result_free(&r);
	cr_assert_eq(run(&r, "kill -9 $$", 0, 0), 0);
	cr_expect_eq(r.status, 137);
	proc_result_free(&r);
}

Test(proc, bounded_in_bytes_and_time)
{
	struct proc_result r;

	cr_assert_eq(run(&r, "yes | head -c 1000000", 0, 1000), 0);
	cr_expect_eq(strlen(r.out), 1000);
	cr_expect_eq(r.status, 0);
	proc_result_free(&r);
	cr_assert_eq(run(&r, "exec sleep 100", 0.2, 0), 0);
	cr_expect(r.timed_out);
	cr_expect_eq(r.status, 137);
	cr_expect_lt(r.seconds, 20);
	proc_result_free(&r);
}

Test(proc, missing_program)
{
	const char *argv[] = { "depmod-of-nowhere", NULL };
	struct proc_result r;

	cr_expect_eq(proc_run(&r, &(struct proc_opts){ .argv = argv, .package = "kmod" }, &err),
		     -1);
	expect_err(err, 5, "depmod-of-nowhere not found: apt-get install kmod");
}

/* What is kept holds for its key alone, and a file that somebody spoilt holds for none. */
Test(known, by_key)
{
	char *boot = known_boot(), *value;

	setenv("KRSI_CACHE", test_path("cache"), 1);
	cr_assert_not_null(boot);
	cr_expect_null(strchr(boot, '\n'));
	cr_expect_null(known_get("thing", boot));
	known_put("thing", boot, "7 of them");
	value = known_get("thing", boot);
	cr_expect_str_eq(value, "7 of them");
	free(value);
	cr_expect_null(known_get("thing", "another"));
	cr_expect_null(known_get("thing", ""));
	cr_expect_null(known_get("thing", NULL));
	boot[strlen(boot) - 1] = '\0';
	cr_expect_null(known_get("thing", boot), "a key that is the beginning of the right one");
	test_write("cache/thing", "", 0);
	cr_expect_null(known_get("thing", boot));
	free(boot);
}
