// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are bound to a cgroup (BPF_LSM_CGROUP): 1 allows, 0 denies, and all run. */
#include <linux/types.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "conformance/bpf/io.h"
#include "conformance/semantics/cgroups.h"

#define NEEDS(...)                                                                                 \
	.hook = { __VA_ARGS__ }, .needs = {                                                        \
		.capabilities = KRSI_CAP_CGROUP | KRSI_CAP_NAMED | KRSI_CAP_FIXED,                 \
		.filesystem = "cgroup2",                                                           \
	}

/* A program that has a say in what happens in a cgroup. */
struct voter {
	struct krsi_prog *prog;
	struct krsi_link *link;
	struct io *io;
	uint32_t id;
};

static struct voter load(struct krsi_run *t, const char *named, const char *hook)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = named, .hook = hook };
	struct voter v = {};
	void *mem = NULL;
	size_t size = 0;
	int err = t->adapter->load(t->inst, &spec, &v.prog);

	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	test__errno(t, 0, t->adapter->data(v.prog, &mem, &size), "the program's memory");
	test__true(t, size >= sizeof(struct io), "the program shares a struct io");
	v.io = mem;
	v.io->session = getpid();
	v.id = t->adapter->prog_id(v.prog);
	return v;
}

/* Attaches where nothing is left of what was detached before: another test is about that. */
static int attach(struct krsi_run *t, struct krsi_prog *prog, const struct cgroup *cgroup,
		  enum krsi_cgroup_by by, struct krsi_link **link)
{
	cgroups__settle();
	return t->adapter->attach_cgroup(prog, cgroup->fd, by, link);
}

/* Attaches a program that returns `answer` and, unless it is 0, sets the error `sets`. */
static struct voter vote(struct krsi_run *t, const struct cgroup *cgroup, enum krsi_cgroup_by by,
			 int answer, int sets)
{
	struct voter v = load(t, "cgroup:decide", NULL);
	int err = attach(t, v.prog, cgroup, by, &v.link);

	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	v.io->in[0] = answer;
	v.io->verdict = sets;
	return v;
}

KRSI_TEST(
	cgroup_decides, .id = "cgroup/allow-and-deny",
	.summary = "a program of a cgroup allows with 1 and denies with 0, as EPERM or as it sets",
	.requirements = { "CGR-001", "CGR-002", "CGR-003", "CGR-022" }, NEEDS(SCENE_HOOK))
{
	struct cgroup cgroup;
	struct voter v;

	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "one");
	v = vote(t, &cgroup, KRSI_CGROUP_LINK, 1, 0);
	test__errno(t, 0, cgroups__mkdir(t, &cgroup, "a"), "mkdir, allowed");
	test__true(t, exists("a"), "the directory is made");
	v.io->in[0] = 0;
	test__errno(t, -EPERM, cgroups__mkdir(t, &cgroup, "b"), "mkdir, denied");
	v.io->verdict = -EUCLEAN;
	test__errno(t, -EUCLEAN, cgroups__mkdir(t, &cgroup, "b"), "mkdir, denied with an error");
	v.io->in[0] = 1;
	test__errno(t, -EUCLEAN, cgroups__mkdir(t, &cgroup, "b"), "mkdir, 1 with an error set");
	test__true(t, !exists("b"), "no denied directory is made");
	test__equal(t, 4, v.io->calls, "calls");
	test__errno(t, 0, t->adapter->detach(v.link), "detach");
	test__errno(t, 0, cgroups__mkdir(t, &cgroup, "b"), "mkdir after detach");
	test__equal(t, 4, v.io->calls, "calls after detach");
	cgroups__remove(t, &cgroup);
}

KRSI_TEST(cgroup_scope, .id = "cgroup/scope",
	  .summary =
		  "a program runs for tasks of its cgroup and those below, lower ones first, and "
		  "for no other",
	  .requirements = { "CGR-005", "CGR-006", "CGR-007" }, NEEDS(SCENE_HOOK))
{
	struct cgroup upper, lower, other;
	struct voter above, below;

	cgroups__begin(t);
	upper = cgroups__make(t, NULL, "upper");
	lower = cgroups__make(t, &upper, "lower");
	other = cgroups__make(t, NULL, "other");
	above = vote(t, &upper, KRSI_CGROUP_LINK, 1, 0);
	below = vote(t, &lower, KRSI_CGROUP_LINK, 0, -EUCLEAN);
	test__errno(t, 0, scene__mkdir("root"), "mkdir in the root");
	test__errno(t, 0, cgroups__mkdir(t, &other, "other"), "mkdir in another cgroup");
	test__equal(t, 0, above.io->calls + below.io->calls, "calls outside the cgroups");
	test__errno(t, 0, cgroups__mkdir(t, &upper, "upper"), "mkdir in the upper cgroup");
	test__equal(t, 1, above.io->calls, "calls of the upper program");
	test__equal(t, 0, below.io->calls, "calls of the lower program");
	test__errno(t, -EUCLEAN, cgroups__mkdir(t, &lower, "lower"), "mkdir in the lower cgroup");
	test__true(t, !exists("lower"), "the denied directory is not made");
	test__equal(t, 2, above.io->calls, "calls of the upper program");
	test__equal(t, 1, below.io->calls, "calls of the lower program");
	test__errno(t, 0, (int)below.io->out[0], "what the lower program found");
	test__errno(t, -EUCLEAN, (int)above.io->out[0], "what the upper program found");
	cgroups__remove(t, &lower);
	cgroups__remove(t, &upper);
	cgroups__remove(t, &other);
}

KRSI_TEST(cgroup_all_run, .id = "cgroup/all-run",
	  .summary =
		  "all programs of a cgroup run in the order of attach, and a 1 does not overrule "
		  "a denial",
	  .requirements = { "CGR-004", "CGR-015", "CGR-019" }, NEEDS(SCENE_HOOK))
{
	struct cgroup cgroup;
	struct voter first, second, third;

	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "one");
	first = vote(t, &cgroup, KRSI_CGROUP_MULTI, 1, 0);
	second = vote(t, &cgroup, KRSI_CGROUP_MULTI, 0, -EUCLEAN);
	third = vote(t, &cgroup, KRSI_CGROUP_LINK, 1, 0);
	test__errno(t, -EUCLEAN, cgroups__mkdir(t, &cgroup, "a"), "mkdir");
	test__true(t, !exists("a"), "the denied directory is not made");
	test__equal(t, 1, first.io->calls, "calls of the first");
	test__equal(t, 1, second.io->calls, "calls of the second");
	test__equal(t, 1, third.io->calls, "calls of the third");
	test__errno(t, 0, (int)first.io->out[0], "what the first found");
	test__errno(t, 0, (int)second.io->out[0], "what the second found");
	test__errno(t, -EUCLEAN, (int)third.io->out[0], "what the third found");
	test__errno(t, 0, t->adapter->detach(second.link), "detach the second");
	test__errno(t, 0, cgroups__mkdir(t, &cgroup, "a"), "mkdir without the second");
	test__equal(t, 2, first.io->calls, "calls of the first");
	test__equal(t, 2, third.io->calls, "calls of the third");
	test__errno(t, 0, t->adapter->detach(first.link), "detach the first");
	cgroups__remove(t, &cgroup);
}

KRSI_TEST(cgroup_override, .id = "cgroup/override",
	  .summary = "with the override flag a program below runs instead; with none it is refused",
	  .requirements = { "CGR-020", "CGR-021" }, NEEDS(SCENE_HOOK))
{
	struct cgroup upper, lower;
	struct voter above, below;

	cgroups__begin(t);
	upper = cgroups__make(t, NULL, "upper");
	lower = cgroups__make(t, &upper, "lower");
	above = vote(t, &upper, KRSI_CGROUP_OVERRIDE, 0, 0);
	test__errno(t, -EPERM, cgroups__mkdir(t, &lower, "a"), "mkdir, by the upper program");
	below = vote(t, &lower, KRSI_CGROUP_OVERRIDE, 1, 0);
	test__errno(t, 0, cgroups__mkdir(t, &lower, "a"), "mkdir, by the lower program");
	test__equal(t, 1, above.io->calls, "calls of the upper program");
	test__equal(t, 1, below.io->calls, "calls of the lower program");
	test__errno(t, -EPERM, cgroups__mkdir(t, &upper, "b"), "mkdir in the upper cgroup");
	test__errno(t, 0, t->adapter->detach(below.link), "detach the lower");
	test__errno(t, -EPERM, cgroups__mkdir(t, &lower, "b"), "mkdir, by the upper again");
	test__errno(t, 0, t->adapter->detach(above.link), "detach the upper");
	test__errno(t, 0, attach(t, above.prog, &upper, KRSI_CGROUP_EXCLUSIVE, &above.link),
		    "attach above without flags");
	test__errno(t, -EPERM, attach(t, below.prog, &lower, KRSI_CGROUP_EXCLUSIVE, &below.link),
		    "attach below");
	test__errno(t, -EINVAL, attach(t, below.prog, &lower, KRSI_CGROUP_BOTH, &below.link),
		    "attach with both flags");
	test__errno(t, 0, t->adapter->detach(above.link), "detach the upper");
	cgroups__remove(t, &lower);
	cgroups__remove(t, &upper);
}

/* Nothing else runs on this CPU, until this process waits for something. */
static void stay(struct krsi_run *t)
{
	const struct sched_param first = { .sched_priority = 1 };
	int err = pin_to_cpu(sched_getcpu()) ?: SYS(sched_setscheduler(0, SCHED_FIFO, &first));

	if (err)
		test__broken(t, "stay on one CPU: %s", errno__name(err));
}

KRSI_TEST(cgroup_again, .id = "cgroup/attach-again-at-once",
	  .summary = "a program attached before the last one of its hook is freed is called",
	  .requirements = { "CGR-026" }, NEEDS(SCENE_HOOK))
{
	struct cgroup cgroup;
	struct voter v;

	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "one");
	v = vote(t, &cgroup, KRSI_CGROUP_MULTI, 0, 0);
	test__errno(t, -EPERM, cgroups__mkdir(t, &cgroup, "a"), "mkdir");
	stay(t);
	test__errno(t, 0, t->adapter->detach(v.link), "detach");
	test__errno(t, 0, t->adapter->attach_cgroup(v.prog, cgroup.fd, KRSI_CGROUP_MULTI, &v.link),
		    "attach again");
	/* the kernel takes up what it has put off, but may pause in the middle of it */
	for (int i = 0; i < 20; i++) {
		cgroups__settle();
		test__errno(t, -EPERM, cgroups__mkdir(t, &cgroup, "a"), "mkdir, attached again");
	}
	test__true(t, !exists("a"), "the denied directory is not made");
	test__equal(t, 21, v.io->calls, "calls");
	test__errno(t, 0, t->adapter->detach(v.link), "detach");
	test__errno(t, 0, cgroups__mkdir(t, &cgroup, "a"), "mkdir after detach");
	cgroups__remove(t, &cgroup);
}

/* Loads a program that always returns `ret`; 0 or -errno. */
static int load_fixed(struct krsi_run *t, const char *hook, int ret, bool sleepable,
		      struct krsi_prog **out)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = hook,
		.cgroup = true,
		.fixed = true,
		.fixed_ret = ret,
		.sleepable = sleepable,
	};
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (out)
		*out = prog;
	else if (!err)
		t->adapter->unload(prog);
	return err;
}

/* Attaches once a slot is free: those of programs that were detached before come back only when
 * the kernel, in the background, has freed what called them. */
static int attach_when_free(struct krsi_run *t, struct krsi_prog *prog, const struct cgroup *cgroup,
			    struct krsi_link **link)
{
	int err = attach(t, prog, cgroup, KRSI_CGROUP_LINK, link);

	for (int i = 0; err == -EINVAL && i < CGROUP_TICKS; i++) {
		cgroups__tick();
		err = attach(t, prog, cgroup, KRSI_CGROUP_LINK, link);
	}
	return err;
}

KRSI_TEST(cgroup_slots, .id = "cgroup/ten-hooks",
	  .summary = "programs of cgroups take ten distinct hooks, and a hook that becomes free is "
		     "taken again, by detaching or with its cgroup",
	  .requirements = { "CGR-011", "CGR-012", "CGR-014" }, NEEDS(SCENE_HOOK))
{
	/* none of them is called between attach and detach */
	static const char *const hooks[] = {
		"inode_mkdir",	  "inode_rmdir",  "inode_link",	  "inode_symlink",
		"inode_mknod",	  "inode_rename", "inode_unlink", "inode_setxattr",
		"inode_readlink", "sb_statfs",	  "task_setnice",
	};
	enum { SLOTS = 10 };
	struct krsi_prog *prog[SLOTS + 1], *other;
	struct krsi_link *link[SLOTS + 1], *again;
	struct cgroup cgroup;

	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "one");
	for (int i = 0; i <= SLOTS; i++)
		test__errno(t, 0, load_fixed(t, hooks[i], 1, false, &prog[i]), hooks[i]);
	for (int i = 0; i < SLOTS; i++)
		test__errno(t, 0, attach_when_free(t, prog[i], &cgroup, &link[i]), hooks[i]);
	test__errno(t, -EINVAL, attach(t, prog[SLOTS], &cgroup, KRSI_CGROUP_LINK, &link[SLOTS]),
		    "attach to the eleventh hook");
	test__errno(t, 0, t->adapter->detach(link[3]), "detach the fourth");
	test__errno(t, 0, attach_when_free(t, prog[SLOTS], &cgroup, &link[SLOTS]),
		    "attach the eleventh in its place");
	test__errno(t, -EINVAL, attach(t, prog[3], &cgroup, KRSI_CGROUP_LINK, &link[3]),
		    "attach the fourth again");
	/* its links stay, and hold no slot */
	cgroups__remove(t, &cgroup);
	cgroup = cgroups__make(t, NULL, "two");
	test__errno(t, 0, load_fixed(t, "task_setioprio", 1, false, &other), "load");
	test__errno(t, 0, attach_when_free(t, other, &cgroup, &again),
		    "attach to a twelfth hook, the cgroup of the ten removed");
	cgroups__remove(t, &cgroup);
}

/* Makes a socket, moves to another cgroup, and binds the socket there. */
static int bind_elsewhere(void *to)
{
	const struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = cgroups__join(to);
	if (!err)
		err = SYS(bind(fd, (const struct sockaddr *)&address, sizeof(address)));
	close(fd);
	return err;
}

KRSI_TEST(cgroup_socket, .id = "cgroup/socket",
	  .summary =
		  "on a socket hook the cgroup in which the socket was made counts, not the task's",
	  .requirements = { "CGR-013" }, NEEDS("socket_bind"))
{
	struct cgroup home, away;
	struct voter v;

	cgroups__begin(t);
	home = cgroups__make(t, NULL, "home");
	away = cgroups__make(t, NULL, "away");
	v = load(t, "cgroup:decide", "socket_bind");
	v.io->verdict = -EUCLEAN;
	test__errno(t, 0, attach(t, v.prog, &home, KRSI_CGROUP_LINK, &v.link), "attach");
	test__errno(t, -EUCLEAN, cgroups__run(t, &home, bind_elsewhere, &away),
		    "bind of a socket made at home");
	test__equal(t, 1, v.io->calls, "calls");
	test__errno(t, 0, cgroups__run(t, &away, bind_elsewhere, &home),
		    "bind at home of a socket made elsewhere");
	test__equal(t, 1, v.io->calls, "calls");
	cgroups__remove(t, &home);
	cgroups__remove(t, &away);
}

KRSI_TEST(cgroup_removal, .id = "cgroup/removal",
	  .summary = "removing a cgroup detaches its programs", .requirements = { "CGR-014" },
	  NEEDS(SCENE_HOOK))
{
	struct krsi_prog *prog;
	struct krsi_link *link;
	struct cgroup cgroup, again;
	int status = 0;
	uint32_t id;
	pid_t hold;

	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "one");
	test__errno(t, 0, load_fixed(t, SCENE_HOOK, 0, false, &prog), "load");
	id = t->adapter->prog_id(prog);
	hold = fork();
	if (!hold) /* the link ends with the child: the cgroup alone holds the program then */
		_exit(-attach(t, prog, &cgroup, KRSI_CGROUP_MULTI, &link));
	test__equal(t, hold, waitpid(hold, &status, 0), "waitpid");
	test__equal(t, 0, status, "status of attach");
	t->adapter->unload(prog);
	test__errno(t, 0, scene__find_program(id), "the program, held by the cgroup");
	test__errno(t, -EPERM, cgroups__mkdir(t, &cgroup, "a"), "mkdir in the cgroup");
	cgroups__remove(t, &cgroup);
	test__errno(t, -ENOENT, scene__await_program_end(id, 5),
		    "the program after the cgroup is removed");
	again = cgroups__make(t, NULL, "one");
	test__errno(t, 0, cgroups__mkdir(t, &again, "a"), "mkdir in a new cgroup of that name");
	cgroups__remove(t, &again);
}

static int exec_noop(void *data)
{
	return scene__exec();
}

KRSI_TEST(cgroup_void, .id = "cgroup/void-hook",
	  .summary = "on a void hook a program runs, must return 1, and may not set an error",
	  .requirements = { "CGR-008", "CGR-009" }, NEEDS(SCENE_VOID_HOOK))
{
	struct krsi_prog_spec spec = { .size = sizeof(spec), .named = "cgroup:void_sets" };
	struct krsi_prog *prog;
	struct cgroup cgroup;
	struct voter v;

	test__errno(t, -EINVAL, load_fixed(t, SCENE_VOID_HOOK, 0, false, NULL), "load, returns 0");
	test__errno(t, -EINVAL, t->adapter->load(t->inst, &spec, &prog), "load, sets an error");
	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "one");
	v = load(t, "cgroup:observe", NULL);
	/* the test before may have had every slot */
	test__errno(t, 0, attach_when_free(t, v.prog, &cgroup, &v.link), "attach");
	test__errno(t, 0, scene__exec(), "exec in the root");
	test__equal(t, 0, v.io->calls, "calls");
	test__errno(t, 0, cgroups__run(t, &cgroup, exec_noop, NULL), "exec in the cgroup");
	test__equal(t, 1, v.io->calls, "calls");
	cgroups__remove(t, &cgroup);
}

KRSI_TEST(cgroup_range, .id = "cgroup/return-range",
	  .summary = "a program of a cgroup that returns other than 0 or 1 is refused",
	  .requirements = { "CGR-023" }, NEEDS(SCENE_HOOK))
{
	test__errno(t, 0, load_fixed(t, SCENE_HOOK, 0, false, NULL), "load, returns 0");
	test__errno(t, 0, load_fixed(t, SCENE_HOOK, 1, false, NULL), "load, returns 1");
	test__errno(t, -EINVAL, load_fixed(t, SCENE_HOOK, 2, false, NULL), "load, returns 2");
	test__errno(t, -EINVAL, load_fixed(t, SCENE_HOOK, -1, false, NULL), "load, returns -1");
}

KRSI_TEST(cgroup_retval, .id = "cgroup/retval-range",
	  .summary = "a program that gives bpf_set_retval a positive value is refused",
	  .requirements = { "CGR-018" }, NEEDS(SCENE_HOOK))
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.named = "cgroup:sets_positive",
	};
	struct krsi_prog *prog = NULL;

	test__errno(t, -EINVAL, t->adapter->load(t->inst, &spec, &prog), "load");
}

KRSI_TEST(cgroup_sleepable, .id = "cgroup/sleepable-refused",
	  .summary = "a sleepable program cannot be bound to a cgroup",
	  .requirements = { "CGR-010" }, NEEDS("file_open"))
{
	test__errno(t, 0, load_fixed(t, "file_open", 1, false, NULL), "load");
	test__errno(t, -EINVAL, load_fixed(t, "file_open", 1, true, NULL), "load, sleepable");
}

static int make_socket(void *data)
{
	const int *priority = data;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), value = -1;
	socklen_t len = sizeof(value);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PRIORITY, &value, &len))
		return -errno;
	close(fd);
	return value == *priority ? 0 : -ERANGE;
}

KRSI_TEST(cgroup_sockopt, .id = "cgroup/sockopt",
	  .summary = "a program sets and gets options of a new socket, and may not on other hooks",
	  .requirements = { "CGR-016", "CGR-024" }, NEEDS("socket_post_create", "socket_bind"))
{
	const struct krsi_prog_spec outside = {
		.size = sizeof(outside),
		.named = "cgroup:sockopt_outside",
	};
	int priority = 5, none = 0;
	struct krsi_prog *prog = NULL;
	struct cgroup cgroup;
	struct voter v;

	test__errno(t, -EINVAL, t->adapter->load(t->inst, &outside, &prog), "load for socket_bind");
	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "one");
	v = load(t, "cgroup:sockopt", NULL);
	v.io->in[0] = priority;
	test__errno(t, 0, attach(t, v.prog, &cgroup, KRSI_CGROUP_LINK, &v.link), "attach");
	test__errno(t, 0, cgroups__run(t, &cgroup, make_socket, &priority), "priority of a socket");
	test__equal(t, 1, v.io->calls, "calls");
	test__errno(t, 0, (int)v.io->out[0], "bpf_setsockopt");
	test__errno(t, 0, (int)v.io->out[1], "bpf_getsockopt");
	test__equal(t, priority, v.io->out[2], "value of bpf_getsockopt");
	test__errno(t, -EINVAL, (int)v.io->out[3], "bpf_setsockopt of one byte");
	test__errno(t, -EINVAL, (int)v.io->out[4], "bpf_setsockopt of no option");
	test__errno(t, 0, make_socket(&none), "priority of a socket made outside");
	cgroups__remove(t, &cgroup);
}

static bool are(const uint32_t *ids, uint32_t a, uint32_t b)
{
	return (ids[0] == a && ids[1] == b) || (ids[0] == b && ids[1] == a);
}

/* A program that allows, attached to the cgroup; its id. */
static uint32_t attach_fixed(struct krsi_run *t, const struct cgroup *cgroup, const char *hook)
{
	struct krsi_prog *prog = NULL;
	struct krsi_link *link;

	test__errno(t, 0, load_fixed(t, hook, 1, false, &prog), "load");
	test__errno(t, 0, attach(t, prog, cgroup, KRSI_CGROUP_LINK, &link), "attach");
	return t->adapter->prog_id(prog);
}

KRSI_TEST(cgroup_only, .id = "cgroup/not-for-all-tasks",
	  .summary = "a program for a cgroup cannot be attached as one for all tasks",
	  .requirements = { "CGR-025" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_CGROUP | KRSI_CAP_NAMED | KRSI_CAP_FDS,
		     .filesystem = "cgroup2" })
{
	struct voter v = load(t, "cgroup:decide", NULL);
	struct cgroup cgroup;
	int fd = t->adapter->prog_fd(v.prog);

	cgroups__begin(t);
	v.io->verdict = -EUCLEAN;
	test__errno(t, -EINVAL, SYS(bpf_raw_tracepoint_open(NULL, fd)), "BPF_RAW_TRACEPOINT_OPEN");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 0, v.io->calls, "calls");
	cgroup = cgroups__make(t, NULL, "group");
	test__errno(t, 0, attach(t, v.prog, &cgroup, KRSI_CGROUP_LINK, &v.link),
		    "attach to a cgroup");
	test__errno(t, 0, t->adapter->detach(v.link), "detach");
	cgroups__remove(t, &cgroup);
}

KRSI_TEST(cgroup_query, .id = "cgroup/query",
	  .summary =
		  "a query lists a cgroup's programs on all hooks, or those that run for its tasks",
	  .requirements = { "CGR-017" }, NEEDS(SCENE_HOOK, "inode_rmdir"))
{
	struct cgroup upper, lower;
	uint32_t ids[4] = {}, made, removed;

	cgroups__begin(t);
	upper = cgroups__make(t, NULL, "upper");
	lower = cgroups__make(t, &upper, "lower");
	made = attach_fixed(t, &upper, SCENE_HOOK);
	removed = attach_fixed(t, &upper, "inode_rmdir");
	test__equal(t, 2, t->adapter->query_cgroup(t->inst, upper.fd, false, ids, 4), "programs");
	test__true(t, are(ids, made, removed), "the two programs are listed");
	memset(ids, 0, sizeof(ids));
	test__equal(t, 0, t->adapter->query_cgroup(t->inst, lower.fd, false, ids, 4),
		    "programs of the cgroup below");
	test__equal(t, 2, t->adapter->query_cgroup(t->inst, lower.fd, true, ids, 4),
		    "programs that run for the cgroup below");
	test__true(t, are(ids, made, removed), "the two programs are listed");
	cgroups__remove(t, &lower);
	cgroups__remove(t, &upper);
}
