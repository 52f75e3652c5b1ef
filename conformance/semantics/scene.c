// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "conformance/semantics/scene.h"

struct sink {
	struct krsi_event *events;
	size_t n, max;
};

static void take(const struct krsi_event *event, void *data)
{
	struct sink *sink = data;

	if (sink->n < sink->max)
		sink->events[sink->n] = *event;
	sink->n++;
}

size_t scene__events(struct krsi_run *t, struct krsi_event *events, size_t max)
{
	struct sink sink = { .events = events, .max = max };

	t->adapter->read_events(t->inst, 0, take, &sink);
	return sink.n;
}

void scene__begin(struct krsi_run *t)
{
	if (setsid() < 0)
		test__broken(t, "setsid: %s", strerror(errno));
	scene__events(t, NULL, 0);
}

static struct krsi_prog *load(struct krsi_run *t, const struct krsi_prog_spec *spec)
{
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, spec, &prog);

	if (err)
		test__fail(t, "success", errno__name(err), "load for %s: %s", spec->hook,
			   t->adapter->last_error(t->inst));
	return prog;
}

struct krsi_prog *scene__load(struct krsi_run *t, const char *hook)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .hook = hook };

	return load(t, &spec);
}

struct krsi_prog *scene__load_fixed(struct krsi_run *t, const char *hook, int ret)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec), .hook = hook, .fixed = true, .fixed_ret = ret
	};

	return load(t, &spec);
}

struct krsi_link *scene__link(struct krsi_run *t, struct krsi_prog *prog)
{
	struct krsi_link *link = NULL;
	int err = t->adapter->attach(prog, KRSI_ATTACH_DEFAULT, &link);

	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	return link;
}

struct scene_prog scene__attach(struct krsi_run *t, const char *hook)
{
	struct scene_prog p = { .prog = scene__load(t, hook) };

	p.link = scene__link(t, p.prog);
	return p;
}

void scene__detach(struct krsi_run *t, struct scene_prog *p)
{
	int err = t->adapter->detach(p->link);

	p->link = NULL;
	test__errno(t, 0, err, "detach");
}

void scene__arm(struct krsi_run *t, struct krsi_prog *prog, int verdict)
{
	const struct krsi_rule rule = {
		.size = sizeof(rule),
		.who = KRSI_SUBJECT,
		.session = getpid(),
		.verdict = verdict,
		.record = true,
		.filter_arg = -1,
	};

	test__errno(t, 0, t->adapter->steer(prog, &rule), "steer");
}

void scene__disarm(struct krsi_run *t, struct krsi_prog *prog)
{
	const struct krsi_rule rule = { .size = sizeof(rule), .filter_arg = -1 };

	test__errno(t, 0, t->adapter->steer(prog, &rule), "steer");
}

long scene__calls(struct krsi_run *t, struct krsi_prog *prog)
{
	return t->adapter->calls(prog, NULL);
}

int scene__find_program(uint32_t id)
{
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int scene__await_program_end(uint32_t id, int seconds)
{
	const struct timespec tick = { .tv_nsec = 10000000 };
	int err = scene__find_program(id);

	for (int i = 0; !err && i < seconds * 100; i++) {
		nanosleep(&tick, NULL);
		err = scene__find_program(id);
	}
	return err;
}

void scene__touch(const char *path)
{
	close(open(path, O_RDONLY | O_CLOEXEC));
}

int scene__mkdir(const char *name)
{
	return SYS(mkdir(name, 0700));
}

int scene__exec(void)
{
	char *argv[] = { "noop", NULL }, *envp[] = { NULL };
	int err = exists("noop") ? 0 : put_noop("noop");

	return err ?: run_program("./noop", argv, envp);
}
