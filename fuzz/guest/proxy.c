// SPDX-License-Identifier: GPL-2.0-only
/*
 * afl-fuzz on the host, the target in a guest: this program is the forkserver, and hands inputs to
 * the agent through memory that both share. So corpus, findings and the input that a panic came
 * from are on the host, whatever becomes of the guest, which is booted again.
 *
 *   TARGET FILE|DIRECTORY...  judge these inputs; the last line says how many
 *   TARGET --seeds DIRECTORY  write the seed corpus there
 *   TARGET                    under afl-fuzz
 *
 * The target is what the program is called. FUZZ_KERNEL names the kernel (reference-fuzz), FUZZ_DIR
 * the directory for the guest's console and for findings with what the guest said.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/drivers/forkserver.h"
#include "fuzz/guest/hold.h"
#include "fuzz/guest/keep.h"
#include "fuzz/guest/proxy.h"
#include "fuzz/guest/seeds.h"
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"

/* afl-fuzz looks for this word in the file. */
static const char *volatile words[] = { "__AFL_SHM_ID" };

static const volatile struct shared *shared;
static const char *seed_dir;

void proxy_die(const char *what)
{
	fprintf(stderr, "fuzz-proxy: %s\n", what);
	exit(2);
}

/* Returns NULL, or what is wrong. */
static const char *judge(const void *data, size_t size, bool strict)
{
	const char *wrong;

	size = size < INPUT_MAX ? size : INPUT_MAX;
	keep_input(data, size);
	wrong = hold_judge(data, size, strict);
	if (wrong)
		keep_finding(wrong);
	return wrong;
}

/* afl-fuzz kills what it believes to be the target when time is up: not this process. */
static pid_t scapegoat(void)
{
	pid_t self = getpid(), pid = fork();

	if (!pid) {
		/* else it would hold the directory a moment longer than this process */
		closefrom(STDERR_FILENO + 1);
		proc_die_with(self);
		for (;;)
			pause();
	}
	return pid;
}

static int serve(void)
{
	const char *map_id = getenv("__AFL_SHM_ID"), *input_id = getenv("__AFL_SHM_FUZZ_ID");
	uint8_t *map = map_id ? shmat(atoi(map_id), NULL, 0) : (void *)-1;
	struct fuzz_input *input = input_id ? shmat(atoi(input_id), NULL, 0) : (void *)-1;
	pid_t victim;

	if (!words[0] || map == (void *)-1 || input == (void *)-1)
		proxy_die("not under afl-fuzz: see the head of fuzz/guest/proxy.c");
	hold_boot();
	if (!say(forkserver_options(MAP_SIZE)) || !hear())
		return 2;
	victim = scapegoat();
	while (hear() && say(victim)) {
		const char *wrong;

		wrong = judge(input->data, input->size, false);
		memcpy(map, (const void *)shared->map, MAP_SIZE);
		if (waitpid(victim, NULL, WNOHANG) == victim)
			victim = scapegoat();
		if (!say(wrong ? SIGABRT : 0))
			break;
	}
	hold_end();
	return 0;
}

static void take_files(struct strs *files, const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);

	if (n < 0)
		strs_add(files, path);
	for (int i = 0; i < n; i++) {
		/* files of fuzzers themselves begin with a dot */
		if (entries[i]->d_name[0] != '.' && strncmp(entries[i]->d_name, "README", 6))
			strs_take(files, xasprintf("%s/%s", path, entries[i]->d_name));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static int replay(char **paths)
{
	struct strs files = { 0 };
	double begin;
	int rc = 0;

	for (; *paths; paths++)
		take_files(&files, *paths);
	hold_boot();
	begin = proc_seconds();
	for (size_t i = 0; i < files.n; i++) {
		struct krsi_err err = { 0 };
		size_t size;
		char *data = fs_read(files.v[i], INPUT_MAX, &size, &err);
		const char *wrong;

		if (!data)
			proxy_die(err.text);
		wrong = judge(data, size, true);
		free(data);
		if (wrong)
			fprintf(stderr, "FINDING: %s\n    %s\n", wrong, files.v[i]);
		rc |= !!wrong;
	}
	printf("%zu inputs judged, %.0f a second, %s\n", files.n,
	       files.n / (proc_seconds() - begin),
	       shared->kcov ? "with edges of the kernel" : "without KCOV");
	hold_end();
	strs_free(&files);
	return rc;
}

static void write_seed(const char *name, const void *data, size_t size)
{
	char *path = xasprintf("%s/%s", seed_dir, name);
	struct krsi_err err = { 0 };

	if (fs_write_atomic(path, data, size, &err))
		proxy_die(err.text);
	free(path);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *target = slash ? slash + 1 : argv[0];
	const char *kernel = getenv("FUZZ_KERNEL") ?: "reference-fuzz", *dir = getenv("FUZZ_DIR");
	struct krsi_err err = { 0 };

	if (argc == 3 && !strcmp(argv[1], "--seeds")) {
		seed_dir = argv[2];
		if (seeds_write(target, write_seed))
			proxy_die("there is no such target");
		return 0;
	}
	if (argc < 2 && !getenv("__AFL_SHM_ID"))
		proxy_die("which inputs? see the head of fuzz/guest/proxy.c");
	if (!dir) {
		char *beside = xasprintf("../out/%s/guest", target);

		dir = fs_beside_self(beside);
		free(beside);
	}
	if (fs_mkdirs(dir, &err))
		proxy_die(err.text);
	keep_open(dir, kernel, target);
	shared = hold_open(dir, kernel, target);
	return argc > 1 ? replay(argv + 1) : serve();
}
