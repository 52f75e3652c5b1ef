// SPDX-License-Identifier: GPL-2.0-only
/* The programs of a hook file: equal names, replacement, queries, life and number. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conformance/semantics/hook_file.h"

/* More than any hook takes. */
#define CROWD 1024

static const char *const versions[] = { "log__v1", "other", "log__v2", "log", "lo", "log_v3" };

HOOK_FILE_TEST(equal, "equal-name", "of equal names up to the first double underscore one attaches",
	       "REF-012")
{
	struct target to[6];

	hook_file__load_all(t, to, versions, 6);
	test__errno(t, 0, hook_file__attach(&to[0], 0), "attach of log__v1");
	test__errno(t, -EEXIST, hook_file__attach(&to[0], 0), "attach of the same");
	test__errno(t, -EEXIST, hook_file__attach(&to[2], 0), "attach of log__v2");
	test__errno(t, -EEXIST, hook_file__attach(&to[3], 0), "attach of log");
	test__errno(t, 0, hook_file__attach(&to[4], 0), "attach of lo");
	test__errno(t, 0, hook_file__attach(&to[5], 0), "attach of log_v3");
	hook_file__expect(t, to[0].file.path, "log__v1\nlo\nlog_v3\n", "those that attached");
}

HOOK_FILE_TEST(replace, "replace", "a program of equal name is replaced, and the new one runs last",
	       "REF-013", "REF-014", "REF-015")
{
	struct target to[3];
	uint32_t id;

	hook_file__load_all(t, to, versions, 3);
	test__errno(t, 0, hook_file__attach(&to[0], 0), "attach of log__v1");
	test__errno(t, 0, hook_file__attach(&to[1], 0), "attach of other");
	scene__arm(t, to[0].prog, -EPERM);
	scene__arm(t, to[2].prog, 0);
	test__errno(t, -EPERM, scene__mkdir("x"), "mkdir under the old program");
	test__errno(t, -EEXIST, hook_file__attach(&to[0], BPF_F_ALLOW_OVERRIDE),
		    "replacing itself");
	test__errno(t, 0, hook_file__attach(&to[2], BPF_F_ALLOW_OVERRIDE), "attach of log__v2");
	hook_file__expect(t, to[0].file.path, "other\nlog__v2\n", "after the replacement");
	test__errno(t, 0, scene__mkdir("x"), "mkdir under the new program");
	test__equal(t, 1, scene__calls(t, to[0].prog), "calls of the old program");
	test__equal(t, 1, scene__calls(t, to[2].prog), "calls of the new program");
	test__errno(t, -ENOENT, hook_file__detach(&to[0]), "detach of the old program");
	id = t->adapter->prog_id(to[0].prog);
	test__true(t, !scene__find_program(id), "the loader still holds the old program");
	t->adapter->unload(to[0].prog);
	hook_file__await_end(t, id);
}

HOOK_FILE_TEST(querying, "query", "a query gives the ids in the order in which the programs run",
	       "REF-025")
{
	uint32_t ids[4] = {}, n = 4, type;
	struct target to[3];

	hook_file__load_all(t, to, hook_file__names, 3);
	type = to[0].file.attach_type;
	test__errno(t, 0, hook_file__query(to[0].fd, type, ids, &n, 0),
		    "query before the first attach");
	test__equal(t, 0, n, "programs before the first attach");
	for (int i = 2; i >= 0; i--)
		test__errno(t, 0, hook_file__attach(&to[i], 0), "attach");
	for (uint32_t room = 0; room <= 4; room++) {
		memset(ids, 0, sizeof(ids));
		n = room;
		test__errno(t, room && room < 3 ? -ENOSPC : 0,
			    hook_file__query(to[0].fd, type, ids, &n, 0), "query");
		test__equal(t, 3, n, "programs");
		for (uint32_t i = 0; i < 4; i++)
			test__equal(t, i < room && i < 3 ? t->adapter->prog_id(to[2 - i].prog) : 0,
				    ids[i], "id of a program in running order");
	}
	test__errno(t, -EINVAL, hook_file__query(to[0].fd, type, ids, &n, 1), "query with a flag");
	test__errno(t, -EBADF, hook_file__query(999, type, ids, &n, 0),
		    "query of a bad descriptor");
	test__errno(t, -EINVAL, hook_file__query(open("/", O_RDONLY | O_CLOEXEC), type, ids, &n, 0),
		    "query of what is no hook file");
}

HOOK_FILE_TEST(stays, "outlives-loader", "an attached program stays when its loader is gone",
	       "REF-035")
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = SCENE_HOOK,
		.fixed = true,
		.fixed_ret = -EUCLEAN,
		.name = "stays",
	};
	struct krsi_hook_file file;
	struct krsi_prog *prog;
	uint32_t id;
	int fd;

	scene__begin(t);
	test__errno(t, 0, t->adapter->load(t->inst, &spec, &prog), "load");
	test__errno(t, 0, t->adapter->hook_file(prog, &file), "the hook's file");
	id = t->adapter->prog_id(prog);
	fd = open(file.path, O_RDWR | O_CLOEXEC);
	file.prog_fd = dup(file.prog_fd);
	test__errno(t, 0, hook_file__attach_fd(fd, file.prog_fd, file.attach_type, 0), "attach");
	t->adapter->unload(prog);
	close(file.prog_fd);
	test__errno(t, -EUCLEAN, scene__mkdir("x"), "mkdir when no descriptor is left");
	hook_file__expect(t, file.path, "stays\n", "the hook's file");
	file.prog_fd = hook_file__bpf(BPF_PROG_GET_FD_BY_ID, &(union bpf_attr){ .prog_id = id });
	test__errno(t, 0, hook_file__detach_fd(fd, file.prog_fd, file.attach_type), "detach by id");
	close(file.prog_fd);
	test__errno(t, 0, scene__mkdir("x"), "mkdir after detach");
	hook_file__await_end(t, id);
}

HOOK_FILE_TEST(crowd, "crowd", "of a thousand programs as many attach as may, and all are freed",
	       "ATT-007", "REF-015")
{
	struct krsi_link *link[CROWD];
	uint32_t id[CROWD];
	int n = 0;

	scene__begin(t);
	for (int i = 0; i < CROWD; i++) {
		/* without a name of its own: names are equal only where they are given */
		struct krsi_prog *prog = scene__load_fixed(t, SCENE_HOOK, 0);
		int err = t->adapter->attach(prog, KRSI_ATTACH_DEFAULT, &link[n]);

		id[i] = t->adapter->prog_id(prog);
		t->adapter->unload(prog);
		test__true(t, n == i || err, "nothing attaches after the first refusal");
		if (err)
			test__errno(t, -E2BIG, err, "attach beyond the limit");
		else
			n++;
	}
	test__true(t, n >= 2 && n < CROWD, "a hook takes several programs, and not all");
	test__errno(t, 0, scene__mkdir("x"), "mkdir");
	while (n)
		test__errno(t, 0, t->adapter->detach(link[--n]), "detach");
	for (int i = 0; i < CROWD; i++)
		hook_file__await_end(t, id[i]);
}
