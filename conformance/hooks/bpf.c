// SPDX-License-Identifier: GPL-2.0-only
/* bpf(2): commands, maps and programs. */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "conformance/hooks/bpf.h"

/* Indices in s->val: what singles out the test's objects, and the ids of those made by set-up. */
enum { NUMBER, MAP, PROG, MAP_ID, PROG_ID };

/* Kept in s->fd. */
enum { FD_MAP, FD_PROG };

static int make_map(struct subject *s)
{
	return bpf_make_map(s->val[NUMBER], -1);
}

/* A socket filter ignores its expected attach type: it can carry a number too. */
static int make_prog(struct subject *s)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = sizeof(insns) / sizeof(insns[0]),
		.insns = (uintptr_t)insns,
		.license = (uintptr_t) "GPL",
		.prog_name = BPF_NAME,
		.expected_attach_type = s->val[NUMBER],
	};

	return bpf_call(BPF_PROG_LOAD, &attr, sizeof(attr));
}

static int make_btf(struct subject *s)
{
	return bpf_make_btf(-1);
}

/* A number that nothing else has, nor had a moment ago. */
static void number(struct subject *s)
{
	s->val[NUMBER] = 0x10000 + getpid();
	s->val[MAP] = WIRE_BPF_ID(BPF_MAP_TYPE_LPM_TRIE, s->val[NUMBER]);
	s->val[PROG] = WIRE_BPF_ID(BPF_PROG_TYPE_SOCKET_FILTER, s->val[NUMBER]);
}

static int nothing(struct subject *s)
{
	number(s);
	return expect_fd(s);
}

static long id_of(int fd)
{
	char path[32], line[128];
	long id = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "map_id: %ld", &id) == 1 || sscanf(line, "prog_id: %ld", &id) == 1)
			break;
	if (file)
		fclose(file);
	return id;
}

static int pin(int fd, const char *path)
{
	const union bpf_attr attr = { .pathname = (uintptr_t)path, .bpf_fd = fd };

	return bpf_call(BPF_OBJ_PIN, &attr, sizeof(attr));
}

/* A map and a program, pinned in a file system of the subject's own. */
static int objects(struct subject *s)
{
	int err;

	number(s);
	s->fd[FD_MAP] = make_map(s);
	s->fd[FD_PROG] = make_prog(s);
	if (s->fd[FD_MAP] < 0 || s->fd[FD_PROG] < 0)
		return s->fd[FD_MAP] < 0 ? s->fd[FD_MAP] : s->fd[FD_PROG];
	s->val[MAP_ID] = id_of(s->fd[FD_MAP]);
	s->val[PROG_ID] = id_of(s->fd[FD_PROG]);
	if (s->val[MAP_ID] < 0 || s->val[PROG_ID] < 0)
		return -ENODATA;
	err = private_mounts();
	if (err)
		return err;
	TRY(mkdir("bpf", 0700));
	TRY(mount("none", "bpf", "bpf", 0, NULL));
	err = pin(s->fd[FD_MAP], "bpf/map");
	if (!err)
		err = pin(s->fd[FD_PROG], "bpf/prog");
	return err ?: expect_fd(s);
}

static int by_id(int command, long id)
{
	const union bpf_attr attr = { .map_id = id };

	return bpf_call(command, &attr, sizeof(attr));
}

static int map_by_id(struct subject *s)
{
	return by_id(BPF_MAP_GET_FD_BY_ID, s->val[MAP_ID]);
}

static int prog_by_id(struct subject *s)
{
	return by_id(BPF_PROG_GET_FD_BY_ID, s->val[PROG_ID]);
}

static int by_path(const char *path)
{
	const union bpf_attr attr = { .pathname = (uintptr_t)path };

	return bpf_call(BPF_OBJ_GET, &attr, sizeof(attr));
}

static int map_by_path(struct subject *s)
{
	return by_path("bpf/map");
}

static int prog_by_path(struct subject *s)
{
	return by_path("bpf/prog");
}

HOOK(bpf, FAMILY_BPF, .setup = objects,
     .route = { { "bpf_map_create", make_map },
		{ "bpf_prog_load", make_prog },
		{ "bpf_btf_load", make_btf },
		{ "bpf_map_get_fd_by_id", map_by_id },
		{ "bpf_obj_get", map_by_path } },
     .effect = fd_came,
     .args = { WANT_NUM("cmd", BPF_MAP_CREATE), WANT_NUM("size", sizeof(struct bpf_map_attr)),
	       WANT_WORD("attr", KRSI_A, BPF_MAP_TYPE_LPM_TRIE | 8ULL << 32) });

HOOK(bpf_map, FAMILY_BPF, .setup = objects,
     .route = { { "bpf_map_create", make_map },
		{ "bpf_map_get_fd_by_id", map_by_id },
		{ "bpf_obj_get", map_by_path } },
     .effect = fd_came,
     .args = { WANT_VAL("map", KRSI_B, MAP), WANT_TEXT("map", BPF_NAME), WANT_NUM("fmode", 3) });

HOOK(bpf_prog, FAMILY_BPF, .setup = objects,
     .route = { { "bpf_prog_load", make_prog },
		{ "bpf_prog_get_fd_by_id", prog_by_id },
		{ "bpf_obj_get", prog_by_path } },
     .effect = fd_came, .args = { WANT_VAL("prog", KRSI_B, PROG), WANT_TEXT("prog", BPF_NAME) });

/* Until 6.8 the hooks of creation are called bpf_map_alloc_security and bpf_prog_alloc_security. */
HOOK(bpf_map_alloc_security, FAMILY_BPF, .setup = nothing,
     .route = { { "bpf_map_create", make_map } }, .effect = fd_came,
     .args = { WANT_VAL("map", KRSI_B, MAP), WANT_TEXT("map", BPF_NAME) });

HOOK(bpf_map_create, FAMILY_BPF, .setup = nothing, .route = { { "bpf_map_create", make_map } },
     .effect = fd_came,
     .args = { WANT_VAL("map", KRSI_B, MAP), WANT_TEXT("map", BPF_NAME),
	       WANT_WORD("attr", KRSI_A, BPF_MAP_TYPE_LPM_TRIE | 8ULL << 32) });

/* The program has neither its type nor its name yet: find_prog_type() comes later. */
HOOK(bpf_prog_alloc_security, FAMILY_BPF, .setup = nothing,
     .route = { { "bpf_prog_load", make_prog } }, .effect = fd_came,
     .args = { WANT_VAL("aux", KRSI_B, NUMBER) });

HOOK(bpf_prog_load, FAMILY_BPF, .setup = nothing, .route = { { "bpf_prog_load", make_prog } },
     .effect = fd_came,
     .args = { WANT_VAL("prog", KRSI_B, PROG), WANT_TEXT("prog", BPF_NAME),
	       WANT_WORD("attr", KRSI_A, BPF_PROG_TYPE_SOCKET_FILTER | 2ULL << 32) });

/* Freed by a worker (map) or after a grace period (program), when they have no id any more. The
 * process ends while the program still listens: the effect tells that act freed them, not the end.
 */
static int map_only(struct subject *s)
{
	number(s);
	s->fd[FD_MAP] = make_map(s);
	if (s->fd[FD_MAP] < 0)
		return s->fd[FD_MAP];
	s->val[MAP_ID] = id_of(s->fd[FD_MAP]);
	return s->val[MAP_ID] < 0 ? -ENODATA : 0;
}

static int prog_only(struct subject *s)
{
	number(s);
	s->fd[FD_PROG] = make_prog(s);
	if (s->fd[FD_PROG] < 0)
		return s->fd[FD_PROG];
	s->val[PROG_ID] = id_of(s->fd[FD_PROG]);
	return s->val[PROG_ID] < 0 ? -ENODATA : 0;
}

static int close_map(struct subject *s)
{
	return SYS(close(s->fd[FD_MAP]));
}

static int close_prog(struct subject *s)
{
	return SYS(close(s->fd[FD_PROG]));
}

static bool no_map(struct subject *s)
{
	return map_by_id(s) == -ENOENT;
}

static bool no_prog(struct subject *s)
{
	return prog_by_id(s) == -ENOENT;
}

#define FREED(object, param, value)                                                                \
	.setup = object##_only, .route = { { "close", close_##object } }, .effect = no_##object,   \
	.anyone = true, .async = true, .only = WANT_VAL(param, KRSI_B, value),                     \
	.args = { WANT_TEXT(param, BPF_NAME) }

VOID_HOOK(bpf_map_free_security, FAMILY_BPF, FREED(map, "map", MAP));
VOID_HOOK(bpf_map_free, FAMILY_BPF, FREED(map, "map", MAP));
VOID_HOOK(bpf_prog_free_security, FAMILY_BPF, FREED(prog, "aux", PROG));
VOID_HOOK(bpf_prog_free, FAMILY_BPF, FREED(prog, "prog", PROG));
