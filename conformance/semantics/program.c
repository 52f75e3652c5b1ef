// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "conformance/semantics/program.h"

struct io *program__start(struct krsi_run *t, const char *name, struct krsi_prog **out)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = name };
	struct krsi_prog *prog = NULL;
	void *mem = NULL;
	size_t size = 0;
	struct io *io;
	int err = t->adapter->load(t->inst, &spec, &prog);

	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	scene__link(t, prog);
	test__errno(t, 0, t->adapter->data(prog, &mem, &size), "the program's memory");
	test__true(t, size >= sizeof(struct io), "the program shares a struct io");
	io = mem;
	io->session = getpid();
	if (out)
		*out = prog;
	return io;
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
