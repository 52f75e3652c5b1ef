// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conformance/semantics/slab.h"

/* Memory that waits for its readers is freed later: so many looks, with pauses of so long. */
#define TRIES	100
#define TICK_US 50000

/* Objects that a processor keeps at hand count as used: this gives them back. */
static void shrink(const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1", 1) < 0)
		fprintf(stderr, "%s: %m\n", path);
	close(fd);
}

static void read_all(struct slab *slab)
{
	FILE *file = fopen("/proc/slabinfo", "re");
	char line[256];

	slab->n = 0;
	while (file && slab->n < SLAB_CACHES && fgets(line, sizeof(line), file)) {
		struct slab_cache *cache = &slab->cache[slab->n];

		if (!strncmp(line, "kmalloc", 7) &&
		    sscanf(line, "%31s %lu", cache->name, &cache->objects) == 2)
			slab->n++;
	}
	if (file)
		fclose(file);
}

void slab__count(struct slab *slab)
{
	read_all(slab);
	for (size_t i = 0; i < slab->n; i++)
		shrink(slab->cache[i].name);
	read_all(slab);
}

static const struct slab_cache *find(const struct slab *slab, const char *name)
{
	for (size_t i = 0; i < slab->n; i++)
		if (!strcmp(slab->cache[i].name, name))
			return &slab->cache[i];
	return NULL;
}

static const struct slab_cache *most_grown(const struct slab *before, const struct slab *after,
					   unsigned long *by)
{
	const struct slab_cache *most = NULL;

	*by = 0;
	for (size_t i = 0; i < after->n; i++) {
		const struct slab_cache *now = &after->cache[i], *was = find(before, now->name);
		unsigned long old = was ? was->objects : 0;

		if (now->objects <= old + *by)
			continue;
		*by = now->objects - old;
		most = now;
	}
	return most;
}

const char *slab__outgrown(const struct slab *before, unsigned long limit)
{
	static char text[96];
	const struct slab_cache *most;
	struct slab after;
	unsigned long by;

	for (int i = 0; i < TRIES; i++) {
		slab__count(&after);
		most = most_grown(before, &after, &by);
		if (by < limit)
			return NULL;
		usleep(TICK_US);
	}
	snprintf(text, sizeof(text), "%lu more in %s", by, most ? most->name : "none");
	return text;
}
