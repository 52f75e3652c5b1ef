// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links and programs as objects of bpf(2): who holds them, what is told of them, and which commands
 * they refuse.
 */
#include <grp.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "conformance/bpf/io.h"
#include "conformance/semantics/scene.h"

#define NEEDS_FDS .hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_FDS }
#define PIN	  "pins/link"

/* The kernel lets go of a pin in a worker, after a grace period: so many waits of so long. */
#define TICKS	500
#define TICK_NS 10000000

static bool comes_true(bool (*holds)(uint32_t id), uint32_t id)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };

	for (int i = 0; i < TICKS; i++, nanosleep(&tick, NULL))
		if (holds(id))
			return true;
	return false;
}

static bool mkdir_is_free(uint32_t unused)
{
	return !scene__mkdir("free");
}

static bool map_is_gone(uint32_t id)
{
	int fd = bpf_map_get_fd_by_id(id);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == ENOENT;
}

/* A bpf file system of the test's own, which goes with the test's mount namespace. */
static void make_pins(struct krsi_run *t)
{
	int err = private_mounts();

	if (err || mkdir("pins", 0700) || mount("bpf", "pins", "bpf", 0, NULL))
		test__broken(t, "mounting a bpf file system: %s", strerror(err ? -err : errno));
}

static int link_fd(struct krsi_run *t, struct krsi_link *link)
{
	int fd = t->adapter->link_fd(link);

	if (fd < 0)
		test__fail(t, "a descriptor", errno__name(fd), "the descriptor of a link");
	return fd;
}

static int prog_fd(struct krsi_run *t, struct krsi_prog *prog)
{
	int fd = t->adapter->prog_fd(prog);

	if (fd < 0)
		test__fail(t, "a descriptor", errno__name(fd), "the descriptor of a program");
	return fd;
}

static uint32_t link_id(struct krsi_run *t, int fd)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	test__errno(t, 0, SYS(bpf_obj_get_info_by_fd(fd, &info, &len)), "info of a link");
	return info.id;
}

static struct bpf_prog_info prog_info(struct krsi_run *t, struct krsi_prog *prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	test__errno(t, 0, SYS(bpf_obj_get_info_by_fd(prog_fd(t, prog), &info, &len)),
		    "info of a program");
	return info;
}

/* BTF id of the function that stands for a hook. */
static uint32_t hook_id(struct krsi_run *t, const char *function)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) : -errno;

	btf__free(btf);
	if (id <= 0)
		test__broken(t, "no %s in the kernel's BTF", function);
	return id;
}

/* Runs fn in another process, which then exits; it must have succeeded. */
static void as_loader(struct krsi_run *t, void (*fn)(struct krsi_run *t, void *data), void *data)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		test__broken(t, "fork: %s", strerror(errno));
	if (!pid) {
		fn(t, data);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		test__broken(t, "the loader died");
	if (WEXITSTATUS(status) != 1)
		_exit(0); /* the loader has reported why */
}

/* Attaches a program that denies to the parent's session, and pins its link. */
static void pin_denier(struct krsi_run *t, void *unused)
{
	const struct krsi_rule rule = { .size = sizeof(rule),
					.who = KRSI_SUBJECT,
					.session = getppid(),
					.verdict = -EUCLEAN,
					.filter_arg = -1 };
	struct scene_prog p = scene__attach(t, SCENE_HOOK);

	test__errno(t, 0, t->adapter->steer(p.prog, &rule), "steer");
	test__errno(t, 0, SYS(bpf_obj_pin(link_fd(t, p.link), PIN)), "BPF_OBJ_PIN");
}

KRSI_TEST(lifecycle_pinned, .id = "lifecycle/pinned-link",
	  .summary = "a pinned link outlives its loader, and removing the pin detaches",
	  .requirements = { "LIF-004", "LIF-005" }, NEEDS_FDS)
{
	scene__begin(t);
	make_pins(t);
	as_loader(t, pin_denier, NULL);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir after the loader has exited");
	test__true(t, !exists("x"), "the directory is not made");
	test__errno(t, 0, SYS(unlink(PIN)), "unlink of the pin");
	test__true(t, comes_true(mkdir_is_free, 0), "mkdir succeeds once the pin is removed");
}

KRSI_TEST(lifecycle_reopened, .id = "lifecycle/reopened-link",
	  .summary = "a pin opens as the same link, whose last descriptor keeps it attached",
	  .requirements = { "LIF-006", "LIF-011" }, NEEDS_FDS)
{
	uint32_t id;
	int fd[2];

	scene__begin(t);
	make_pins(t);
	as_loader(t, pin_denier, NULL);
	for (int i = 0; i < 2; i++)
		test__true(t, (fd[i] = bpf_obj_get(PIN)) >= 0, "BPF_OBJ_GET");
	id = link_id(t, fd[0]);
	test__true(t, id && link_id(t, fd[1]) == id, "both descriptors are of one link");
	test__errno(t, 0, SYS(unlink(PIN)), "unlink of the pin");
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir with two descriptors left");
	close(fd[0]);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir with one descriptor left");
	test__true(t, !exists("x"), "the directory is not made");
	close(fd[1]);
	/* the pin's own reference may go later than the last descriptor */
	test__true(t, comes_true(mkdir_is_free, 0), "mkdir succeeds once no descriptor is left");
}

KRSI_TEST(lifecycle_last_fd, .id = "lifecycle/last-descriptor",
	  .summary = "a link stays attached until its last descriptor is closed, and no longer",
	  .requirements = { "LIF-006" }, NEEDS_FDS)
{
	struct scene_prog p;
	int second;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	scene__arm(t, p.prog, -EUCLEAN);
	second = dup(link_fd(t, p.link));
	test__true(t, second >= 0, "dup of the link's descriptor");
	scene__detach(t, &p);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir with one descriptor left");
	close(second);
	test__errno(t, 0, scene__mkdir("x"), "mkdir once it is closed");
	test__equal(t, 1, scene__calls(t, p.prog), "calls");
}

KRSI_TEST(lifecycle_unchangeable, .id = "lifecycle/no-update-no-detach",
	  .summary = "a link refuses another program and a forced detach, and goes on as it was",
	  .requirements = { "LIF-009", "LIF-010" }, NEEDS_FDS)
{
	struct krsi_prog *other;
	struct scene_prog p;
	int fd;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	other = scene__load(t, SCENE_HOOK);
	scene__arm(t, p.prog, -EUCLEAN);
	scene__arm(t, other, -EXDEV);
	fd = link_fd(t, p.link);
	test__errno(t, -EINVAL, SYS(bpf_link_update(fd, prog_fd(t, other), NULL)),
		    "BPF_LINK_UPDATE");
	test__errno(t, -EOPNOTSUPP, SYS(bpf_link_detach(fd)), "BPF_LINK_DETACH");
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir");
	test__equal(t, 1, scene__calls(t, p.prog), "calls of the program");
	test__equal(t, 0, scene__calls(t, other), "calls of the other program");
}

KRSI_TEST(lifecycle_link_info, .id = "lifecycle/link-info",
	  .summary = "the info of a link names its program, its kind and its hook",
	  .requirements = { "LIF-002" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_FDS | KRSI_CAP_LINK_TARGET })
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	test__errno(t, 0, SYS(bpf_obj_get_info_by_fd(link_fd(t, p.link), &info, &len)), "info");
	test__equal(t, BPF_LINK_TYPE_TRACING, info.type, "type of the link");
	test__true(t, info.id != 0, "the link has an id");
	test__equal(t, t->adapter->prog_id(p.prog), info.prog_id, "id of its program");
	test__equal(t, BPF_LSM_MAC, info.tracing.attach_type, "attach type");
	test__true(t, info.tracing.target_obj_id != 0, "the kernel's BTF has an id");
	test__equal(t, hook_id(t, "bpf_lsm_" SCENE_HOOK), info.tracing.target_btf_id,
		    "BTF id of its hook");
}

static int find_as_nobody(struct subject *s)
{
	int fd;

	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return -EFAULT;
	fd = bpf_link_get_fd_by_id(s->val[0]);
	return fd < 0 ? -errno : 0;
}

KRSI_TEST(lifecycle_link_id, .id = "lifecycle/link-by-id",
	  .summary = "a link is found by its id, by root alone, until it is gone",
	  .requirements = { "LIF-015", "PRV-013" }, NEEDS_FDS)
{
	struct subject s = {};
	struct scene_prog p;
	int fd;

	scene__begin(t);
	p = scene__attach(t, SCENE_HOOK);
	s.val[0] = link_id(t, link_fd(t, p.link));
	fd = bpf_link_get_fd_by_id(s.val[0]);
	test__true(t, fd >= 0, "BPF_LINK_GET_FD_BY_ID as root");
	test__equal(t, s.val[0], link_id(t, fd), "id of what was found");
	close(fd);
	test__errno(t, -EPERM, in_child(&s, find_as_nobody), "BPF_LINK_GET_FD_BY_ID as nobody");
	scene__detach(t, &p);
	test__errno(t, -ENOENT, SYS(bpf_link_get_fd_by_id(s.val[0])),
		    "BPF_LINK_GET_FD_BY_ID after detach");
}

/* ---- programs ---- */

static uint64_t since_boot(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

KRSI_TEST(
	lifecycle_prog_info, .id = "lifecycle/program-info",
	.summary = "the info of a program gives its id, when it was loaded, and a tag of its code",
	.requirements = { "LIF-017" }, .hook = { SCENE_HOOK },
	.needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_FDS })
{
	struct bpf_prog_info info[3];
	struct krsi_prog *prog[3];
	uint64_t begin = since_boot(), end;

	for (int i = 0; i < 3; i++)
		prog[i] = scene__load_fixed(t, SCENE_HOOK, i < 2 ? 0 : -EPERM);
	end = since_boot();
	for (int i = 0; i < 3; i++) {
		info[i] = prog_info(t, prog[i]);
		test__equal(t, t->adapter->prog_id(prog[i]), info[i].id, "id");
		test__equal(t, info[0].type, info[i].type, "type");
		test__true(t, info[i].load_time >= begin && info[i].load_time <= end,
			   "it was loaded between the two looks at the clock");
		test__true(t, info[i].name[0], "it has a name");
		begin = info[i].load_time;
	}
	test__true(t, info[0].id != info[1].id, "each has an id of its own");
	test__true(t, !memcmp(info[0].tag, info[1].tag, sizeof(info[0].tag)),
		   "the same code has the same tag");
	test__true(t, memcmp(info[0].tag, info[2].tag, sizeof(info[0].tag)),
		   "another code has another tag");
}

KRSI_TEST(lifecycle_prog_target, .id = "lifecycle/program-target",
	  .summary = "the info of a program names its hook", .requirements = { "LIF-003" },
	  .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_FDS | KRSI_CAP_PROG_TARGET })
{
	const struct bpf_prog_info info = prog_info(t, scene__load_fixed(t, SCENE_HOOK, 0));

	test__equal(t, BPF_PROG_TYPE_LSM, info.type, "type");
	test__true(t, info.attach_btf_obj_id != 0, "the kernel's BTF has an id");
	test__equal(t, hook_id(t, "bpf_lsm_" SCENE_HOOK), info.attach_btf_id, "BTF id of the hook");
}

/* How often an id comes up where all programs are listed. */
static int listed(struct krsi_run *t, uint32_t id)
{
	uint32_t at = 0, next;
	int times = 0;

	while (!bpf_prog_get_next_id(at, &next)) {
		test__true(t, next > at, "ids ascend");
		at = next;
		times += at == id;
	}
	test__errno(t, -ENOENT, -errno, "the end of the list");
	return times;
}

KRSI_TEST(lifecycle_prog_ids, .id = "lifecycle/program-ids",
	  .summary = "a program is listed once while it is loaded, and not once it is gone",
	  .requirements = { "LIF-016" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_FIXED | KRSI_CAP_FDS })
{
	struct krsi_prog *kept = scene__load_fixed(t, SCENE_HOOK, 0),
			 *dropped = scene__load_fixed(t, SCENE_HOOK, 0);
	uint32_t id = t->adapter->prog_id(dropped);

	test__true(t, id != 0, "a program has an id");
	test__equal(t, 1, listed(t, id), "entries of a loaded program");
	t->adapter->unload(dropped);
	test__equal(t, 0, listed(t, id), "entries of an unloaded program");
	test__errno(t, -ENOENT, SYS(bpf_prog_get_fd_by_id(id)), "BPF_PROG_GET_FD_BY_ID");
	test__equal(t, 1, listed(t, t->adapter->prog_id(kept)), "entries of the other program");
}

/* Attaches a program whose verdict stands in its map, pins the link, and leaves the map's id. */
static void pin_answer(struct krsi_run *t, void *data)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = "chain:answer" };
	struct bpf_prog_info info = { .nr_map_ids = 1, .map_ids = (uintptr_t)data };
	__u32 len = sizeof(info);
	struct scene_prog p = {};
	void *mem = NULL;
	size_t size;

	test__errno(t, 0, t->adapter->load(t->inst, &spec, &p.prog), "load");
	test__errno(t, 0, t->adapter->data(p.prog, &mem, &size), "the program's memory");
	p.link = scene__link(t, p.prog);
	((struct io *)mem)->verdict = -EUCLEAN;
	((struct io *)mem)->session = getppid();
	test__errno(t, 0, SYS(bpf_obj_get_info_by_fd(prog_fd(t, p.prog), &info, &len)), "info");
	test__equal(t, 1, info.nr_map_ids, "maps of the program");
	test__errno(t, 0, SYS(bpf_obj_pin(link_fd(t, p.link), PIN)), "BPF_OBJ_PIN");
}

KRSI_TEST(lifecycle_map, .id = "lifecycle/map-of-attached-program",
	  .summary = "a map lives while an attached program uses it, and goes with the program",
	  .requirements = { "LIF-012" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_FDS })
{
	uint32_t *id = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t zero = 0;
	struct io io = {};
	int map;

	if (id == MAP_FAILED)
		test__broken(t, "mmap: %s", strerror(errno));
	scene__begin(t);
	make_pins(t);
	as_loader(t, pin_answer, id);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir after the loader has exited");
	map = bpf_map_get_fd_by_id(*id);
	test__true(t, map >= 0, "the map is there");
	test__errno(t, 0, SYS(bpf_map_lookup_elem(map, &zero, &io)), "a look into the map");
	test__equal(t, 1, io.calls, "calls that the program counted there");
	close(map);
	test__errno(t, 0, SYS(unlink(PIN)), "unlink of the pin");
	test__true(t, comes_true(mkdir_is_free, 0), "mkdir succeeds once the pin is removed");
	test__true(t, comes_true(map_is_gone, *id), "the map goes with the program");
}

/* ---- commands that an LSM program or link does not take ---- */

KRSI_TEST(
	attach_refused, .id = "attach/other-commands-refused",
	.summary = "a name for the tracepoint and BPF_PROG_ATTACH are refused, and attach nothing",
	.requirements = { "ATT-011", "ATT-012" }, NEEDS_FDS)
{
	struct krsi_prog *prog;
	int fd;

	scene__begin(t);
	prog = scene__load(t, SCENE_HOOK);
	fd = prog_fd(t, prog);
	scene__arm(t, prog, -EUCLEAN);
	test__errno(t, -EINVAL, SYS(bpf_raw_tracepoint_open(SCENE_HOOK, fd)),
		    "BPF_RAW_TRACEPOINT_OPEN with a name");
	test__errno(t, -EINVAL, SYS(bpf_prog_attach(fd, 0, BPF_LSM_MAC, 0)), "BPF_PROG_ATTACH");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 0, scene__calls(t, prog), "calls");
	scene__link(t, prog);
	test__errno(t, -EUCLEAN, scene__mkdir("y"), "mkdir once it is attached rightly");
}

/* As the kernel takes it: libbpf's bpf_link_create() turns to another command when it fails. */
static int link_create(int prog, int type, int target, uint32_t function)
{
	const union bpf_attr attr = {
		.link_create = {
			.prog_fd = prog,
			.attach_type = type,
			.target_fd = target,
			.target_btf_id = function,
		},
	};

	return SYS(syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr.link_create)));
}

KRSI_TEST(attach_link_refused, .id = "attach/link-create-refused",
	  .summary = "BPF_LINK_CREATE refuses another attach type and a target",
	  .requirements = { "ATT-013", "ATT-014" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_FDS | KRSI_CAP_LINK_CREATE })
{
	struct krsi_prog *prog;
	int fd;

	scene__begin(t);
	prog = scene__load(t, SCENE_HOOK);
	fd = prog_fd(t, prog);
	scene__arm(t, prog, -EUCLEAN);
	test__errno(t, -EINVAL, link_create(fd, BPF_TRACE_FENTRY, 0, 0),
		    "BPF_LINK_CREATE for fentry");
	test__errno(t, -EINVAL, link_create(fd, BPF_LSM_CGROUP, 0, 0),
		    "BPF_LINK_CREATE for the tasks of a cgroup");
	test__errno(t, -EINVAL, link_create(fd, BPF_LSM_MAC, fd, 0),
		    "BPF_LINK_CREATE with a target alone");
	test__errno(t, -EINVAL, link_create(fd, BPF_LSM_MAC, 0, 1),
		    "BPF_LINK_CREATE with a function of no target");
	test__errno(t, -EINVAL, link_create(fd, BPF_LSM_MAC, fd, 1),
		    "BPF_LINK_CREATE with a target and a function in it");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 0, scene__calls(t, prog), "calls");
	test__true(t, link_create(fd, BPF_LSM_MAC, 0, 0) >= 0, "BPF_LINK_CREATE as it should be");
	test__errno(t, -EUCLEAN, scene__mkdir("y"), "mkdir once it is attached rightly");
}

KRSI_TEST(
	attach_other_type, .id = "attach/loaded-for-another-type",
	.summary = "a program for a hook that was loaded with another attach type does not attach",
	.requirements = { "ATT-015" }, NEEDS_FDS)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -EUCLEAN },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_MODIFY_RETURN,
		    .attach_btf_id = hook_id(t, "bpf_lsm_" SCENE_HOOK));
	int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "krsi", "GPL", insns, 2, &opts);

	/* a kernel may refuse it at load or at attach */
	if (fd < 0)
		test__errno(t, -EINVAL, -errno, "load for BPF_MODIFY_RETURN");
	else
		test__errno(t, -EINVAL, SYS(bpf_raw_tracepoint_open(NULL, fd)), "attach");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
}

KRSI_TEST(lifecycle_query, .id = "lifecycle/query-refused",
	  .summary = "BPF_PROG_QUERY does not know programs of LSM hooks",
	  .requirements = { "LIF-018" }, NEEDS_FDS)
{
	__u32 ids[8] = {}, flags = 0, n = 8;

	test__errno(t, -EINVAL, SYS(bpf_prog_query(0, BPF_LSM_MAC, 0, &flags, ids, &n)),
		    "BPF_PROG_QUERY for BPF_LSM_MAC");
	test__equal(t, 0, ids[0], "ids that it wrote");
}
