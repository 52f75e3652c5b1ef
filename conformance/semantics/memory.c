// SPDX-License-Identifier: GPL-2.0-only
/* Memory of programs, trampolines and maps: to whom it is charged, and that it is given back. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "conformance/semantics/scene.h"
#include "conformance/semantics/slab.h"

/* Programs and trampolines are freed by workers, after grace periods: so many waits of so long. */
#define TICKS	100
#define TICK_NS 50000000
#define SAME	3 /* so many waits without a change, and it is at rest */

#define LOADS	 60 /* programs that are loaded and unloaded */
#define ATTACHES 4  /* rounds of attach and detach, which are dear */

/*
 * What is counted is exact: a leak of one object a round makes it larger by one each. Other
 * programs are attached meanwhile, so only what is ours, or what attaching does not change, counts.
 *
 * Programs: by id, and by the area that holds a program's structure, with or without an id: such an
 * area is a line of /proc/vmallocinfo. Trampolines: the images of our hook, each with a line in
 * /proc/kallsyms; many images may share one area.
 */

typedef int next_id_fn(uint32_t id, uint32_t *next_id);

/* How many have an id above this one. */
static int count_above(uint32_t id, next_id_fn *next)
{
	int n = 0;

	while (!next(id, &id))
		n++;
	return n;
}

static int count_programs(void)
{
	return count_above(0, bpf_prog_get_next_id);
}

static int count_areas(struct krsi_run *t)
{
	FILE *file = fopen("/proc/vmallocinfo", "re");
	char line[512];
	int n = 0;

	if (!file)
		test__broken(t, "/proc/vmallocinfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), file))
		n += strstr(line, " bpf_prog_alloc") != NULL;
	fclose(file);
	return n;
}

/*
 * The file is read piece by piece, and what goes meanwhile hides what comes after it: the count is
 * right where nothing goes any more, that is where it stays the same for a while. What is on its
 * way out for longer makes it more, never less.
 */
static int settled_areas(struct krsi_run *t)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	int n = count_areas(t);

	for (int i = 0, same = 0; i < TICKS && same < SAME; i++) {
		int before = n;

		nanosleep(&tick, NULL);
		n = count_areas(t);
		same = n == before ? same + 1 : 0;
	}
	return n;
}

/* They are called bpf_trampoline_KEY; the key's low bits are the BTF id of the hook. */
static int count_trampolines(struct krsi_run *t, uint32_t btf_id)
{
	static const char prefix[] = " bpf_trampoline_";
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512];
	int n = 0;

	if (!file)
		test__broken(t, "/proc/kallsyms: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, prefix);

		if (at)
			n += (strtoull(at + strlen(prefix), NULL, 10) & 0x7fffffff) == btf_id;
	}
	fclose(file);
	return n;
}

static uint32_t hook_id(struct krsi_run *t)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, "bpf_lsm_" SCENE_HOOK, BTF_KIND_FUNC) : -errno;

	btf__free(btf);
	if (id <= 0)
		test__broken(t, "the hook is not in the kernel's BTF");
	return id;
}

/* Waits until so many areas are left, or no more go; returns how many are left. */
static int await_areas(struct krsi_run *t, int want)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	int n = count_areas(t);

	for (int i = 0; i < TICKS && n > want; i++, n = count_areas(t))
		nanosleep(&tick, NULL);
	return n;
}

static int await_trampolines(struct krsi_run *t, uint32_t btf_id, int want)
{
	/* there are many symbols to read in between */
	const struct timespec tick = { .tv_nsec = 4 * TICK_NS };
	int n = count_trampolines(t, btf_id);

	for (int i = 0; i < TICKS / 4 && n > want; i++, n = count_trampolines(t, btf_id))
		nanosleep(&tick, NULL);
	return n;
}

KRSI_TEST(lifecycle_unloaded, .id = "lifecycle/programs-are-freed",
	  .summary = "programs that were loaded and unloaded leave no memory behind",
	  .requirements = { "LIF-013" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_FDS,
		     .path = { "/proc/vmallocinfo" } })
{
	int areas = settled_areas(t), programs = count_programs(), during;
	struct krsi_prog *prog[LOADS];

	for (int i = 0; i < LOADS; i++)
		prog[i] = scene__load_fixed(t, SCENE_HOOK, 0);
	test__equal(t, programs + LOADS, count_programs(), "programs that have an id");
	/* those of tests before this one may still go: that makes it less */
	during = settled_areas(t);
	if (during < areas + LOADS / 2)
		test__broken(t, "%d programs show as %d areas", LOADS, during - areas);
	for (int i = 0; i < LOADS; i++)
		t->adapter->unload(prog[i]);
	test__equal(t, programs, count_programs(), "programs that have an id");
	test__true(t, await_areas(t, areas) <= areas, "no program is left in memory");
}

KRSI_TEST(lifecycle_detached, .id = "lifecycle/trampolines-are-freed",
	  .summary = "attaching and detaching again and again leaves no code behind",
	  .requirements = { "LIF-014" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_FDS, .path = { "/proc/kallsyms" } })
{
	uint32_t btf_id = hook_id(t);
	int programs = count_programs();

	for (int i = 0; i < ATTACHES; i++) {
		struct scene_prog p = { .prog = scene__load_fixed(t, SCENE_HOOK, 0) };

		p.link = scene__link(t, p.prog);
		scene__detach(t, &p);
		t->adapter->unload(p.prog);
	}
	test__equal(t, programs, count_programs(), "programs that have an id");
	/* the one of this program shows that they can be seen; nothing else is on the hook */
	scene__link(t, scene__load_fixed(t, SCENE_HOOK, 0));
	test__equal(t, 1, await_trampolines(t, btf_id, 1), "trampolines of the hook");
}

/* ---- many rounds ---- */

#define ROUNDS 2 /* at effort 1 */
/* Objects by which a cache may grow of itself; with fewer rounds a leak in each would hide in it.
 */
#define NOISE 64

static next_id_fn *const kinds[] = { bpf_prog_get_next_id, bpf_link_get_next_id,
				     bpf_map_get_next_id };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The programs, links and maps that a test makes: those above the ids that there were before. */
struct ids {
	uint32_t last[KINDS];
};

static struct ids last_ids(void)
{
	struct ids ids = {};

	for (size_t i = 0; i < KINDS; i++)
		while (!kinds[i](ids.last[i], &ids.last[i]))
			;
	return ids;
}

static int count_new(const struct ids *ids, size_t kind)
{
	return count_above(ids->last[kind], kinds[kind]);
}

/* A program with maps comes, is attached, and goes. */
static void round_trip(struct krsi_run *t, const struct ids *ids)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = "helper:send_signal" };
	struct scene_prog p = {};
	int before = count_new(ids, 0);

	test__errno(t, 0, t->adapter->load(t->inst, &spec, &p.prog), "load");
	p.link = scene__link(t, p.prog);
	test__equal(t, before + 1, count_new(ids, 0), "programs, with this one");
	test__true(t, count_new(ids, 1) > 0 && count_new(ids, 2) > 0, "it has a link and maps");
	scene__detach(t, &p);
	t->adapter->unload(p.prog);
}

/* Waits until none of a kind is left, or no more go. */
static void expect_gone(struct krsi_run *t, const struct ids *ids, size_t kind, const char *what)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };

	for (int i = 0; i < TICKS && count_new(ids, kind); i++)
		nanosleep(&tick, NULL);
	test__equal(t, 0, count_new(ids, kind), what);
}

KRSI_TEST(lifecycle_rounds, .id = "lifecycle/attach-rounds",
	  .summary = "rounds of load, attach, detach and unload leave no program, link, map or "
		     "other memory behind",
	  .requirements = { "LIF-014" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_FDS,
		     .path = { "/proc/vmallocinfo" } })
{
	const unsigned long rounds = (unsigned long)ROUNDS * t->effort;
	const struct ids ids = last_ids();
	const int areas = settled_areas(t);
	const char *more = NULL;
	struct slab slab;

	/* what the first one makes for good is not counted */
	round_trip(t, &ids);
	if (rounds > 2 * NOISE)
		slab__count(&slab);
	for (unsigned long i = 0; i < rounds; i++)
		round_trip(t, &ids);
	expect_gone(t, &ids, 0, "programs that are left");
	expect_gone(t, &ids, 1, "links that are left");
	expect_gone(t, &ids, 2, "maps that are left");
	await_areas(t, areas);
	test__true(t, settled_areas(t) <= areas, "no program is left in memory");
	if (rounds > 2 * NOISE)
		more = slab__outgrown(&slab, NOISE + rounds / 4);
	if (more)
		test__fail(t, "about as many as before", more,
			   "objects in a cache of the kernel after %lu rounds", rounds);
}

/* ---- to whom it is charged ---- */

#define ENTRIES	  2048
#define ENTRY	  4096
#define MAP_BYTES (ENTRIES * ENTRY)
/* What a CPU may charge in advance, and then some: far less than the map. */
#define SLACK (2 << 20)
#define GROUP "krsi-memory"

/* The root of the cgroup2 hierarchy, mounted nowhere; a descriptor or -errno. */
static int open_groups(void)
{
	int fs = fsopen("cgroup2", FSOPEN_CLOEXEC), mount, root;

	TRY(fs);
	TRY(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	TRY(mount);
	/* the mount's own descriptor is a mere path */
	root = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(mount);
	close(fs);
	return SYS(root);
}

static const char *no_memory_control(void)
{
	int root = open_groups(), fd;
	char text[256] = "";

	fd = root < 0 ? -1 : openat(root, "cgroup.controllers", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	close(root);
	return strstr(text, "memory") ? NULL : "no cgroup2 with a memory controller";
}

static int make_map(void)
{
	return SYS(bpf_map_create(BPF_MAP_TYPE_ARRAY, "krsi", 4, ENTRY, ENTRIES, NULL));
}

/* A memory cgroup of this process's own, whose parent becomes the working directory. */
static void enter_group(struct krsi_run *t)
{
	int root = open_groups(), err;

	err = root < 0 ? root : SYS(fchdir(root));
	if (!err)
		err = put_file("cgroup.subtree_control", "+memory");
	if (!err)
		err = SYS(mkdir(GROUP, 0700));
	if (!err)
		err = put_file(GROUP "/cgroup.procs", "0");
	if (err)
		test__broken(t, "a memory cgroup: %s", strerror(-err));
}

static void leave_group(struct krsi_run *t)
{
	int err = put_file("cgroup.procs", "0") ?: SYS(rmdir(GROUP));

	if (err)
		test__broken(t, "leaving the cgroup: %s", strerror(-err));
}

static long charged(struct krsi_run *t)
{
	FILE *file = fopen(GROUP "/memory.current", "re");
	long bytes = -1;

	if (!file || fscanf(file, "%ld", &bytes) != 1)
		test__broken(t, "memory.current: %s", strerror(errno));
	fclose(file);
	return bytes;
}

/* Without the leave to lock so much memory, the map is refused where that is what it counts as. */
static bool counts_as_locked(struct krsi_run *t)
{
	const struct rlimit little = { SLACK, SLACK }, much = { RLIM_INFINITY, RLIM_INFINITY };
	int fd;

	setrlimit(RLIMIT_MEMLOCK, &little);
	fd = make_map();
	setrlimit(RLIMIT_MEMLOCK, &much);
	if (fd >= 0)
		close(fd);
	else
		test__errno(t, -EPERM, fd, "a map larger than RLIMIT_MEMLOCK");
	return fd < 0;
}

KRSI_TEST(lifecycle_charged, .id = "lifecycle/memory-is-charged",
	  .summary = "a map's memory is charged to who makes it, and given back when it is freed",
	  .requirements = { "LIF-013" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FDS, .probe = no_memory_control })
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	long before, with, after;
	int fd;

	if (counts_as_locked(t))
		return;
	enter_group(t);
	before = charged(t);
	fd = make_map();
	test__true(t, fd >= 0, "a map is made");
	with = charged(t);
	close(fd);
	after = charged(t);
	for (int i = 0; i < TICKS && after > before + SLACK; i++, after = charged(t))
		nanosleep(&tick, NULL);
	leave_group(t);
	test__true(t, with - before >= MAP_BYTES, "the map is charged to the cgroup of its maker");
	test__true(t, after <= before + SLACK, "it is given back");
}
