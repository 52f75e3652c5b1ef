// SPDX-License-Identifier: GPL-2.0-only
/* Unusual chains: mixed, re-attached, behind another LSM, and with hostile programs in them. */
#include <fcntl.h>
#include <grp.h>
#include <linux/types.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conformance/bpf/io.h"
#include "conformance/harness/case.h"
#include "conformance/semantics/scene.h"

#define NEEDS_MULTI                                                                                \
	.hook = { SCENE_HOOK },                                                                    \
	.needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_MULTI }
#define NEEDS_NAMED .hook = { SCENE_HOOK }, .needs = { .capabilities = KRSI_CAP_NAMED }

/* Attaches n programs so that p[0] runs first. */
static void attach_chain(struct krsi_run *t, struct scene_prog *p, int n)
{
	struct krsi_description desc = {};

	scene__begin(t);
	t->adapter->describe(t->inst, &desc);
	for (int i = 0; i < n; i++) {
		int at = desc.capabilities & KRSI_CAP_LIFO ? n - 1 - i : i;

		p[at] = scene__attach(t, SCENE_HOOK);
	}
}

KRSI_TEST(
	order_two, .id = "order/two-programs",
	.summary = "of two programs either can deny, and the verdict is that of the first to do so",
	.requirements = { "ORD-001", "ORD-002", "ORD-003" }, NEEDS_MULTI)
{
	/* what the two return, what mkdir gives, and whether the second runs */
	static const struct {
		int first, second, result, calls;
	} cases[] = {
		{ 0, 0, 0, 1 },
		{ -EUCLEAN, 0, -EUCLEAN, 0 },
		{ 0, -EXDEV, -EXDEV, 1 },
		{ -EUCLEAN, -EXDEV, -EUCLEAN, 0 },
		{ -EXDEV, -EUCLEAN, -EXDEV, 0 },
	};
	struct scene_prog p[2];

	attach_chain(t, p, 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scene__arm(t, p[0].prog, cases[i].first);
		scene__arm(t, p[1].prog, cases[i].second);
		test__errno(t, cases[i].result, scene__mkdir("x"), "mkdir");
		test__equal(t, !cases[i].result, exists("x"), "directories made");
		test__equal(t, 1, scene__calls(t, p[0].prog), "calls of the first");
		test__equal(t, cases[i].calls, scene__calls(t, p[1].prog), "calls of the second");
		rmdir("x");
	}
}

KRSI_TEST(order_mixed, .id = "order/audit-and-deny",
	  .summary = "programs that audit and one that denies each record what they returned",
	  .requirements = { "AUD-003", "AUD-009", "ORD-002" }, NEEDS_MULTI)
{
	static const int verdict[] = { 0, -EUCLEAN, 0 };
	struct krsi_event event[3] = {};
	struct scene_prog p[3];

	attach_chain(t, p, 3);
	for (int i = 0; i < 3; i++)
		scene__arm(t, p[i].prog, verdict[i]);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir");
	test__true(t, !exists("x"), "the directory is not made");
	test__equal(t, 2, scene__events(t, event, 3), "events up to the denial");
	for (int i = 0; i < 2; i++) {
		test__true(t, event[i].prog == p[i].prog, "events come in running order");
		test__equal(t, verdict[i], event[i].verdict, "verdict in the event");
		test__equal(t, getpid(), event[i].tgid, "tgid in the event");
	}
	scene__arm(t, p[1].prog, 0);
	test__errno(t, 0, scene__mkdir("x"), "mkdir, audited three times");
	test__equal(t, 3, scene__events(t, event, 3), "events of three programs");
}

KRSI_TEST(order_again, .id = "order/attached-again-is-newest",
	  .summary = "a program that is attached again takes the place of the newest",
	  .requirements = { "ORD-009" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_MULTI |
				     KRSI_CAP_AGAIN })
{
	struct krsi_description desc = {};
	struct krsi_event event[2] = {};
	struct scene_prog older, newer;
	bool lifo;

	scene__begin(t);
	t->adapter->describe(t->inst, &desc);
	lifo = desc.capabilities & KRSI_CAP_LIFO;
	older = scene__attach(t, SCENE_HOOK);
	newer = scene__attach(t, SCENE_HOOK);
	scene__detach(t, &older);
	older.link = scene__link(t, older.prog);
	scene__arm(t, older.prog, 0);
	scene__arm(t, newer.prog, 0);
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 2, scene__events(t, event, 2), "events of both");
	test__true(t, event[lifo ? 0 : 1].prog == older.prog, "the one attached again is newest");
	test__true(t, event[lifo ? 1 : 0].prog == newer.prog, "the other has become the older");
}

static int open_f(void)
{
	int fd = open("f", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

KRSI_TEST(
	order_sleepable, .id = "order/sleepable-between-plain",
	.summary = "a sleepable program takes its place in the order, and its denial counts there",
	.requirements = { "ORD-010" }, .hook = { "file_open" },
	.needs = { .capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_MULTI |
				   KRSI_CAP_SLEEPABLE })
{
	struct krsi_event event[3] = {};
	struct scene_prog p[3];

	if (!test__hook(t, "file_open")->sleepable)
		test__skip(t, "file_open is not in the sleepable set here");
	scene__begin(t);
	test__errno(t, 0, put_file("f", "krsi"), "write a file");
	for (int i = 0; i < 3; i++) {
		const struct krsi_prog_spec spec = { .size = sizeof(spec),
						     .hook = "file_open",
						     .sleepable = i == 1 };

		test__errno(t, 0, t->adapter->load(t->inst, &spec, &p[i].prog), "load");
		p[i].link = scene__link(t, p[i].prog);
	}
	for (int i = 0; i < 3; i++)
		scene__arm(t, p[i].prog, 0);
	test__errno(t, 0, open_f(), "open");
	test__equal(t, 3, scene__events(t, event, 3), "events of three programs");
	test__true(t, event[1].prog == p[1].prog, "the sleepable one runs in the middle");
	test__true(t, event[0].prog != event[2].prog, "the plain ones before and after it");
	scene__arm(t, p[1].prog, -EUCLEAN);
	test__errno(t, -EUCLEAN, open_f(), "open, denied");
	test__equal(t, 2, scene__events(t, NULL, 0), "events up to the denial");
}

KRSI_TEST(
	order_behind, .id = "order/behind-another-lsm",
	.summary =
		"a program does not run for a call that an LSM before it has denied, nor allow it",
	.requirements = { "ORD-008", "RET-016" }, .hook = { "settime" },
	.needs = { .capabilities = KRSI_CAP_STEER })
{
	struct timespec now;
	struct scene_prog p;

	scene__begin(t);
	p = scene__attach(t, "settime");
	scene__arm(t, p.prog, -EUCLEAN);
	clock_gettime(CLOCK_REALTIME, &now);
	test__errno(t, -EUCLEAN, SYS(clock_settime(CLOCK_REALTIME, &now)), "clock_settime as root");
	test__equal(t, 1, scene__calls(t, p.prog), "calls");
	scene__arm(t, p.prog, 0);
	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		test__broken(t, "becoming nobody: %s", strerror(errno));
	/* the capability LSM comes before all others whatever lsm= says */
	test__errno(t, -EPERM, SYS(clock_settime(CLOCK_REALTIME, &now)), "clock_settime as nobody");
	test__equal(t, 0, scene__calls(t, p.prog), "calls, once nobody");
}

/* Loads "chain:function" for inode_mkdir; 0, or the errno of the load. */
static int load_named(struct krsi_run *t, const char *named, struct scene_prog *p, struct io **io)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = named };
	void *mem = NULL;
	size_t size = 0;
	int err = t->adapter->load(t->inst, &spec, &p->prog);

	if (err)
		return err;
	test__errno(t, 0, t->adapter->data(p->prog, &mem, &size), "the program's memory");
	test__true(t, size >= sizeof(struct io), "the program shares a struct io");
	*io = mem;
	return 0;
}

static void start_named(struct krsi_run *t, const char *named, struct scene_prog *p, struct io **io)
{
	int err = load_named(t, named, p, io);

	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	p->link = scene__link(t, p->prog);
	(*io)->session = getpid();
}

KRSI_TEST(order_tamper, .id = "order/arguments-kept",
	  .summary = "a program cannot change the arguments that later programs see",
	  .requirements = { "ORD-006" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_STEER | KRSI_CAP_EVENTS |
				     KRSI_CAP_ARGS | KRSI_CAP_LIFO })
{
	int mode = case__param(test__hook(t, SCENE_HOOK), "mode")->arg;
	struct scene_prog later, tamperer;
	struct krsi_event event = {};
	struct io *io;
	int err;

	scene__begin(t);
	err = load_named(t, "chain:tamper", &tamperer, &io);
	if (err) {
		test__errno(t, -EACCES, err, "load of a program that writes to its arguments");
		return;
	}
	later = scene__attach(t, SCENE_HOOK);
	tamperer.link = scene__link(t, tamperer.prog);
	scene__arm(t, later.prog, 0);
	io->in[0] = 0123;
	io->session = getpid();
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 1, io->calls, "calls of the program that writes to its arguments");
	test__equal(t, 1, scene__events(t, &event, 1), "events of the later program");
	test__equal(t, 0700, event.arg[mode].raw & 07777, "mode that the later program sees");
}

KRSI_TEST(order_previous, .id = "order/result-so-far",
	  .summary = "a program reads 0 as what the programs before it returned",
	  .requirements = { "ORD-007" }, NEEDS_NAMED)
{
	struct scene_prog p;
	struct io *io;

	scene__begin(t);
	start_named(t, "chain:previous", &p, &io);
	io->out[0] = ~0ULL;
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	test__equal(t, 1, io->calls, "calls");
	test__equal(t, 0, io->out[0], "the result so far");
}

KRSI_TEST(return_unknown, .id = "return/unknown-refused",
	  .summary = "a program on an int hook whose return value is unknown is refused",
	  .requirements = { "RET-009" }, NEEDS_NAMED)
{
	struct scene_prog p;
	struct io *io;

	test__errno(t, -EINVAL, load_named(t, "chain:unknown", &p, &io), "load");
}

KRSI_TEST(return_pointer, .id = "return/pointer-refused",
	  .summary = "a program on an int hook that returns a kernel pointer is refused",
	  .requirements = { "RET-010" }, NEEDS_NAMED)
{
	struct scene_prog p;
	struct io *io;

	test__errno(t, -EINVAL, load_named(t, "chain:pointer", &p, &io), "load");
}

KRSI_TEST(return_positive, .id = "return/positive-stays-inside",
	  .summary = "a positive return is refused at load, or else never reaches userspace",
	  .requirements = { "RET-008", "RET-015" }, NEEDS_NAMED)
{
	struct scene_prog p;
	struct io *io;
	int err;

	scene__begin(t);
	err = load_named(t, "chain:positive", &p, &io);
	if (err) {
		test__errno(t, -EINVAL, err, "load of a program that returns 1");
		return;
	}
	/* mkdir takes any result for its own. Not file_alloc_security: a positive return there
	 * becomes a pointer, and the kernel follows it. */
	p.link = scene__link(t, p.prog);
	io->session = getpid();
	err = scene__mkdir("x");
	io->session = 0;
	test__equal(t, 1, io->calls, "calls");
	test__errno(t, 0, err, "mkdir");
	test__equal(t, 0, err, "what mkdir returned");
	test__true(t, exists("x"), "the directory is made");
}

KRSI_TEST(return_narrow, .id = "return/errno-in-32-bits",
	  .summary = "an errno in the low 32 bits alone loads and denies",
	  .requirements = { "RET-011" }, NEEDS_NAMED)
{
	struct scene_prog p;
	struct io *io;

	scene__begin(t);
	start_named(t, "chain:narrow", &p, &io);
	test__errno(t, -EPERM, scene__mkdir("x"), "mkdir");
	test__equal(t, 1, io->calls, "calls");
	test__true(t, !exists("x"), "the directory is not made");
}

KRSI_TEST(return_wide, .id = "return/zero-in-32-bits",
	  .summary = "a return whose low 32 bits are 0 is refused at load, or allows like 0",
	  .requirements = { "RET-012" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_STEER | KRSI_CAP_LIFO })
{
	struct scene_prog denier, p;
	struct io *io;
	int err;

	scene__begin(t);
	err = load_named(t, "chain:wide", &p, &io);
	if (err) {
		test__errno(t, -EINVAL, err, "load of a program that returns 1 << 32");
		return;
	}
	denier = scene__attach(t, SCENE_HOOK);
	p.link = scene__link(t, p.prog);
	scene__arm(t, denier.prog, -EUCLEAN);
	io->session = getpid();
	/* as an int the return is 0: the older program must be asked */
	err = scene__mkdir("x");
	test__equal(t, 1, io->calls, "calls of the newer program");
	test__errno(t, -EUCLEAN, err, "mkdir that an older program denies");
	test__equal(t, 1, scene__calls(t, denier.prog), "calls of the older program");
}
