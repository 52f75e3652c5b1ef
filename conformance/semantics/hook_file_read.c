// SPDX-License-Identifier: GPL-2.0-only
/* Hooks as files: what their directory holds, and what read() shows. */
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/semantics/hook_file.h"

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
	test__errno(t, 0, hook_file__attach_fd(fd, to.file.prog_fd, to.file.attach_type, 0),
		    "attach");
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

HOOK_FILE_TEST(reading, "read", "read gives the names of the programs in the order they run",
	       "REF-005", "REF-006", "REF-017", "REF-024")
{
	struct krsi_event event[3] = {};
	struct target to[3];

	hook_file__load_all(t, to, hook_file__names, 3);
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

	hook_file__load_all(t, to, hook_file__names, 3);
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

	hook_file__load_all(t, to, hook_file__names, 3);
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
