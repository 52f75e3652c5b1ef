// SPDX-License-Identifier: GPL-2.0-only
/*
 * A target without a fuzzer.
 *
 *   TARGET FILE|DIRECTORY...  judge these inputs; the last line says how many
 *   TARGET --seeds DIRECTORY  write the seed corpus there
 *   TARGET --time N FILE...   judge them N times, and say how many inputs a second that makes
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "fuzz/target.h"

/* As AFL's own bound. */
#define INPUT_MAX (1 << 20)

static const char *seed_dir;
static unsigned long inputs, times = 1;

__attribute__((noreturn)) static void die(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(2);
}

static void write_seed(const char *name, const void *data, size_t size)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", seed_dir, name);
	f = fopen(path, "w");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		die(path);
	inputs++;
}

static void judge_file(const char *path)
{
	/* of the input's own size, so that one byte too far is seen */
	uint8_t *all = malloc(INPUT_MAX), *data;
	FILE *f = fopen(path, "r");
	size_t size;

	if (!f || !all)
		die(path);
	size = fread(all, 1, INPUT_MAX, f);
	if (ferror(f))
		die(path);
	fclose(f);
	data = malloc(size ? size : 1);
	memcpy(data, all, size);
	free(all);
	for (unsigned long i = 0; i < times; i++)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	inputs += times;
}

static void judge(const char *path)
{
	struct dirent **entries;
	struct stat st;
	char in[4096];
	int n;

	if (stat(path, &st))
		die(path);
	if (!S_ISDIR(st.st_mode)) {
		judge_file(path);
		return;
	}
	n = scandir(path, &entries, NULL, alphasort);
	if (n < 0)
		die(path);
	for (int i = 0; i < n; i++) {
		snprintf(in, sizeof(in), "%s/%s", path, entries[i]->d_name);
		/* files of fuzzers themselves begin with a dot */
		if (entries[i]->d_name[0] != '.' && strncmp(entries[i]->d_name, "README", 6))
			judge(in);
		free(entries[i]);
	}
	free(entries);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double start = seconds();
	int arg = 1;

	if (argc == 3 && !strcmp(argv[1], "--seeds")) {
		seed_dir = argv[2];
		fuzz_seeds(write_seed);
		printf("%lu seeds\n", inputs);
		return 0;
	}
	if (argc > 3 && !strcmp(argv[1], "--time")) {
		times = strtoul(argv[2], NULL, 10);
		arg = 3;
	}
	if (arg >= argc) {
		fprintf(stderr, "usage: %s FILE|DIRECTORY... (see fuzz/drivers/replay.c)\n",
			argv[0]);
		return 2;
	}
	for (; arg < argc; arg++)
		judge(argv[arg]);
	printf("%lu inputs judged", inputs);
	if (times > 1)
		printf(", %.0f a second", inputs / (seconds() - start));
	printf("\n");
	return 0;
}
