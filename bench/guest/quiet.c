// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/guest/bench.h"

#define SLAB "/sys/kernel/slab"
/* More empty slabs than any cache of a guest ever has. */
#define KEPT "100000"
/* Pieces of per-CPU memory: more than there are holes after the boot, and after a configuration. */
#define PIECES	    4000
#define PIECES_MORE 300

static void keep_slabs(const char *cache)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), SLAB "/%s/min_partial", cache);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, KEPT, sizeof(KEPT) - 1) < 0)
		fprintf(stderr, "%s stays as it is\n", path);
	close(fd);
}

static void keep_all_slabs(void)
{
	DIR *dir = opendir(SLAB);

	for (struct dirent *d; dir && (d = readdir(dir));)
		if (d->d_name[0] != '.')
			keep_slabs(d->d_name);
	if (dir)
		closedir(dir);
}

/* Takes so many of the smallest pieces until the descriptor is closed; -1: no such map here. */
static int take_pieces(unsigned int n)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_PERCPU_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(uint64_t);
	attr.max_entries = n;
	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* Those of what is set up now, until quiet__end(). */
static int holes = -1;

/* What the boot has left is taken once and kept until the end, for all processes that measure. */
void quiet__prepare(void)
{
	if (settings.engine != ENGINE_ICOUNT)
		return;
	keep_all_slabs();
	take_pieces(PIECES);
}

void quiet__begin(void)
{
	clock__settle();
	if (settings.engine == ENGINE_ICOUNT)
		holes = take_pieces(PIECES_MORE);
}

void quiet__end(void)
{
	if (holes >= 0)
		close(holes);
	holes = -1;
}
