// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "conformance/semantics/program.h"

struct krsi_prog *program__load_on(struct krsi_run *t, const char *hook, const char *name)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .hook = hook, .named = name };
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	return prog;
}

struct krsi_prog *program__load(struct krsi_run *t, const char *name)
{
	return program__load_on(t, NULL, name);
}

void *program__shared(struct krsi_run *t, struct krsi_prog *prog, size_t size)
{
	void *mem = NULL;
	size_t shared = 0;

	test__errno(t, 0, t->adapter->data(prog, &mem, &shared), "the program's memory");
	test__true(t, shared >= size, "the program shares what its test knows of");
	return mem;
}

struct io *program__memory(struct krsi_run *t, struct krsi_prog *prog)
{
	struct io *io = program__shared(t, prog, sizeof(*io));

	io->session = getpid();
	return io;
}

struct io *program__start(struct krsi_run *t, const char *name, struct krsi_prog **out)
{
	return program__start_on(t, NULL, name, out);
}

struct io *program__start_on(struct krsi_run *t, const char *hook, const char *name,
			     struct krsi_prog **out)
{
	struct krsi_prog *prog = program__load_on(t, hook, name);

	scene__link(t, prog);
	if (out)
		*out = prog;
	return program__memory(t, prog);
}

int program__try(struct krsi_run *t, const char *name)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = name };
	struct krsi_prog *prog = NULL;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (!err)
		t->adapter->unload(prog);
	return err;
}
