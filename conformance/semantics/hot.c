// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaching and detaching while the hook is busy, and several loaders on one hook. On each of two
 * CPUs a process does nothing but call the hook; the test's own process changes what is attached,
 * and after each change waits until so many further calls have come back.
 */
#include <linux/types.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/bpf/io.h"
#include "conformance/semantics/scene.h"

#define HAMMERS 2
/* Times that the program is attached and detached, and calls of each process in between. */
#define ROUNDS 2
#define CALLS  100

/* Verdict of the program that comes and goes, and of the one that stays. */
#define GUEST_SAYS -EPERM
#define HOST_SAYS  -EUCLEAN

/* Odd: attaching or detaching is under way. 2 mod 4: attached; 0 mod 4: detached. */
#define IS_ATTACHED(phase) ((phase) % 4 == 2)
#define IS_CHANGING(phase) ((phase) % 2)

struct hammer {
	unsigned long calls;	/* that have returned */
	unsigned long wanted;	/* post `reached` when calls comes to this; 0: no more */
	unsigned long by_guest; /* of those: denied by the program that comes and goes */
	unsigned long by_host;	/* ... by the one that stays */
	unsigned long undenied; /* ... by neither */
	unsigned long stale;	/* denied by the guest, and began and ended while it was detached */
	unsigned long missed;	/* not denied by it, and began and ended while it was attached */
	unsigned long other;	/* of any other result */
	sem_t reached;
};

struct arena {
	unsigned int phase;
	bool stop;
	sem_t begin;
	struct hammer hammer[HAMMERS];
};

static struct arena *make_arena(struct krsi_run *t)
{
	struct arena *arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (arena == MAP_FAILED)
		test__broken(t, "mmap: %s", strerror(errno));
	sem_init(&arena->begin, 1, 0);
	for (int i = 0; i < HAMMERS; i++)
		sem_init(&arena->hammer[i].reached, 1, 0);
	return arena;
}

static void strike(struct arena *arena, struct hammer *h, const char *name)
{
	unsigned int before = __atomic_load_n(&arena->phase, __ATOMIC_SEQ_CST), after;
	unsigned long wanted;
	int ret = scene__mkdir(name);

	after = __atomic_load_n(&arena->phase, __ATOMIC_SEQ_CST);
	if (!ret)
		rmdir(name);
	h->by_guest += ret == GUEST_SAYS;
	h->by_host += ret == HOST_SAYS;
	h->undenied += !ret;
	h->other += ret && ret != GUEST_SAYS && ret != HOST_SAYS;
	if (before == after && !IS_CHANGING(before)) {
		h->stale += ret == GUEST_SAYS && !IS_ATTACHED(before);
		h->missed += ret != GUEST_SAYS && IS_ATTACHED(before);
	}
	wanted = __atomic_load_n(&h->wanted, __ATOMIC_SEQ_CST);
	if (__atomic_add_fetch(&h->calls, 1, __ATOMIC_SEQ_CST) >= wanted && wanted) {
		__atomic_store_n(&h->wanted, 0, __ATOMIC_SEQ_CST);
		sem_post(&h->reached);
	}
}

static pid_t start_hammer(struct krsi_run *t, struct arena *arena, int i)
{
	pid_t pid = fork();
	cpu_set_t all;
	char name[2] = { 'a' + i };
	int cpu = -1;

	if (pid < 0)
		test__broken(t, "fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sched_getaffinity(0, sizeof(all), &all);
	/* the i-th CPU, counted round where there are fewer */
	for (int n = i % CPU_COUNT(&all); n >= 0; n--)
		while (!CPU_ISSET(++cpu, &all))
			;
	if (pin_to_cpu(cpu))
		_exit(1);
	while (sem_wait(&arena->begin))
		;
	while (!__atomic_load_n(&arena->stop, __ATOMIC_SEQ_CST))
		strike(arena, &arena->hammer[i], name);
	_exit(0);
}

/* Waits until each process has made so many calls from now on. */
static void await_calls(struct arena *arena, unsigned long calls)
{
	for (int i = 0; i < HAMMERS; i++) {
		struct hammer *h = &arena->hammer[i];
		unsigned long now = __atomic_load_n(&h->calls, __ATOMIC_SEQ_CST);

		__atomic_store_n(&h->wanted, now + calls, __ATOMIC_SEQ_CST);
	}
	for (int i = 0; i < HAMMERS; i++)
		while (sem_wait(&arena->hammer[i].reached))
			;
}

static void set_phase(struct arena *arena, unsigned int phase)
{
	__atomic_store_n(&arena->phase, phase, __ATOMIC_SEQ_CST);
}

/* As scene__arm, but calls are only counted: there are more than a buffer holds. */
static void arm_quietly(struct krsi_run *t, struct krsi_prog *prog, int verdict)
{
	const struct krsi_rule rule = { .size = sizeof(rule),
					.who = KRSI_SUBJECT,
					.session = getpid(),
					.verdict = verdict,
					.filter_arg = -1 };

	test__errno(t, 0, t->adapter->steer(prog, &rule), "steer");
}

/* Attaches a program, lets calls come, detaches it, lets calls come; returns how often it ran. */
static long one_round(struct krsi_run *t, struct arena *arena, int round)
{
	struct scene_prog guest = { .prog = scene__load(t, SCENE_HOOK) };
	unsigned int phase = 4 * round;
	long calls;

	arm_quietly(t, guest.prog, GUEST_SAYS);
	set_phase(arena, phase + 1);
	guest.link = scene__link(t, guest.prog);
	set_phase(arena, phase + 2);
	await_calls(arena, CALLS);
	set_phase(arena, phase + 3);
	scene__detach(t, &guest);
	set_phase(arena, phase + 4);
	/* a call that began before detach returned may be inside still: past two more it is not */
	await_calls(arena, 2);
	calls = scene__calls(t, guest.prog);
	await_calls(arena, CALLS);
	test__equal(t, calls, scene__calls(t, guest.prog), "calls of the program once detached");
	t->adapter->unload(guest.prog);
	return calls;
}

static void finish(struct krsi_run *t, struct arena *arena, const pid_t *pid)
{
	int status;

	arena->stop = true;
	for (int i = 0; i < HAMMERS; i++)
		if (waitpid(pid[i], &status, 0) != pid[i] || status)
			test__broken(t, "a process that calls the hook ended early");
}

/* What all processes saw must add up to what the programs counted. */
static void settle(struct krsi_run *t, const struct arena *arena, long by_guest, long by_host)
{
	struct hammer sum = {};

	for (int i = 0; i < HAMMERS; i++) {
		const struct hammer *h = &arena->hammer[i];

		sum.by_guest += h->by_guest;
		sum.by_host += h->by_host;
		sum.undenied += h->undenied;
		sum.stale += h->stale;
		sum.missed += h->missed;
		sum.other += h->other;
		test__true(t, h->by_guest && h->calls > h->by_guest, "each process saw both");
	}
	test__equal(t, 0, sum.stale, "calls denied after detach had returned");
	test__equal(t, 0, sum.missed, "calls not denied after attach had returned");
	test__equal(t, 0, sum.other, "calls with another result");
	test__equal(t, sum.by_guest, by_guest, "calls of the program that came and went");
	if (by_host >= 0) {
		test__equal(t, 0, sum.undenied, "calls that no program denied");
		test__equal(t, sum.by_host, by_host, "calls of the program that stayed");
	}
}

static void hammer_hook(struct krsi_run *t, bool with_host)
{
	struct arena *arena = make_arena(t);
	struct scene_prog host = {};
	pid_t pid[HAMMERS];
	long calls = 0;

	scene__begin(t);
	/* before anything is attached: they must not hold it by a descriptor */
	for (int i = 0; i < HAMMERS; i++)
		pid[i] = start_hammer(t, arena, i);
	if (with_host) {
		host = scene__attach(t, SCENE_HOOK);
		arm_quietly(t, host.prog, HOST_SAYS);
	}
	for (int i = 0; i < HAMMERS; i++)
		sem_post(&arena->begin);
	await_calls(arena, CALLS);
	for (int round = 0; round < ROUNDS; round++)
		calls += one_round(t, arena, round);
	finish(t, arena, pid);
	settle(t, arena, calls, with_host ? scene__calls(t, host.prog) : -1);
}

KRSI_TEST(attach_hot, .id = "attach/hot-alone",
	  .summary =
		  "on a busy hook a program runs for each call between attach and detach, and for "
		  "none after",
	  .requirements = { "ATT-005", "HOOK-005", "HOOK-008" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER })
{
	hammer_hook(t, false);
}

KRSI_TEST(attach_hot_beside, .id = "attach/hot-beside-another",
	  .summary =
		  "a program that stays on a busy hook misses no call while another comes and goes",
	  .requirements = { "ATT-010", "ATT-005", "HOOK-005" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_MULTI | KRSI_CAP_LIFO })
{
	hammer_hook(t, true);
}

/*
 * The other loader: a program, and the map that holds its verdict, that no other process has, until
 * it is told to end. It answers its parent's session.
 */
static _Noreturn void other_loader(struct krsi_run *t, int ready, int go)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = "chain:answer" };
	struct krsi_prog *prog = NULL;
	void *mem = NULL;
	struct io *io;
	size_t size;
	char c;

	test__errno(t, 0, t->adapter->load(t->inst, &spec, &prog), "load");
	test__errno(t, 0, t->adapter->data(prog, &mem, &size), "the program's memory");
	scene__link(t, prog);
	io = mem;
	io->verdict = GUEST_SAYS;
	io->session = getppid();
	if (write(ready, "r", 1) != 1)
		_exit(1);
	_exit(read(go, &c, 1));
}

/* Two loaders on one hook: the other one ends, and its program with it, but no other. */
static void with_other_loader(struct krsi_run *t, bool killed)
{
	int ready[2], go[2], status;
	struct scene_prog own;
	pid_t pid;
	char c;

	scene__begin(t);
	own = scene__attach(t, SCENE_HOOK);
	arm_quietly(t, own.prog, HOST_SAYS);
	if (pipe(ready) || pipe(go))
		test__broken(t, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		close(go[1]);
		other_loader(t, ready[1], go[0]);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		_exit(0); /* the other loader has reported why */
	test__errno(t, GUEST_SAYS, scene__mkdir("x"), "mkdir that both deny");
	test__equal(t, 0, scene__calls(t, own.prog), "calls of the older program");
	if (killed)
		kill(pid, SIGKILL);
	close(go[1]);
	waitpid(pid, &status, 0);
	test__true(t, killed == !!WIFSIGNALED(status), "the other loader ended as it was told");
	test__errno(t, HOST_SAYS, scene__mkdir("x"), "mkdir that one denies");
	test__equal(t, 1, scene__calls(t, own.prog), "calls of the program that stays");
	test__true(t, !exists("x"), "the directory is not made");
	scene__detach(t, &own);
	test__errno(t, 0, scene__mkdir("x"), "mkdir that none denies");
}

#define NEEDS_TWO_LOADERS                                                                          \
	.hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_MULTI |       \
							   KRSI_CAP_LIFO | KRSI_CAP_NAMED }

KRSI_TEST(loaders_exit, .id = "attach/two-loaders-one-exits",
	  .summary = "programs of two loaders on one hook both run, and the exit of one leaves the "
		     "other's",
	  .requirements = { "ATT-016", "LIF-001" }, NEEDS_TWO_LOADERS)
{
	with_other_loader(t, false);
}

KRSI_TEST(loaders_killed, .id = "attach/two-loaders-one-killed",
	  .summary = "when one of two loaders on a hook is killed, the other's program stays",
	  .requirements = { "ATT-016", "LIF-007" }, NEEDS_TWO_LOADERS)
{
	with_other_loader(t, true);
}
