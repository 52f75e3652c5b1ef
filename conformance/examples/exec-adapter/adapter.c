// SPDX-License-Identifier: GPL-2.0-only
/*
 * An implementation of KRSI that the suite knows nothing of, and the adapter for it: a program that
 * is asked in lines and answers in lines, as adapter(7) says. The implementation here is BPF LSM
 * with a BPF program of this directory's own; put yours in its place. `skewed` as option makes it
 * wrong on purpose (EACCES where EPERM was asked for), to see that the suite notices.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "monitor.h"

#define PROGS 2048
#define HOOKS 512

extern const char object[], object_end[];

struct hook {
	const char *name;
	__u32 id;	 /* in BTF, of the function that programs attach to */
	const char *ret; /* "int", "void", "bool" */
	bool attachable;
};

/* A program: number in the protocol is index + 1. A slot is free without descriptor. */
struct prog {
	struct bpf_object *object; /* NULL: a fixed one */
	int fd, rule_fd;
	struct rule rule;
};

static struct hook hooks[HOOKS];
static int nr_hooks;
static struct prog progs[PROGS];
static struct bpf_map *ring_map; /* of the first program; all later ones send there too */
static struct ring_buffer *ring;
static struct btf *btf;
static bool skewed;
static unsigned long long id; /* of the request that is answered */

/* ---- words ------------------------------------------------------------------------------------
 */

/* The value of key in the request, decoded, or "" (static, until the next call of as many). */
static const char *get(const char *line, const char *key)
{
	static char ring_of[4][4096];
	static int next;
	char *out = ring_of[next++ % 4], *to = out, *end = out + sizeof(ring_of[0]) - 1;
	size_t len = strlen(key);

	while ((line = strchr(line, ' '))) {
		if (strncmp(++line, key, len) || line[len] != '=')
			continue;
		for (line += len + 1; *line && *line != ' ' && to < end; line++) {
			unsigned int byte = (unsigned char)*line;

			if (*line == '%' && sscanf(line + 1, "%2x", &byte) == 1)
				line += 2;
			*to++ = (char)byte;
		}
		break;
	}
	*to = '\0';
	return out;
}

static long number(const char *line, const char *key)
{
	return strtol(get(line, key), NULL, 0);
}

static void ok(void)
{
	printf("%llu ok\n", id);
}

/* Only words and spaces in why. */
static void refuse(int err, const char *why)
{
	printf("%llu error %s why=", id, strerrorname_np(err < 0 ? -err : err) ?: "EIO");
	for (; *why; why++)
		printf(*why == ' ' ? "%%20" : "%c", *why);
	putchar('\n');
}

/* ---- the hooks of this kernel ------------------------------------------------------------------
 */

static int load_fixed(const struct hook *h, int ret, bool sleepable, const char *license)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = BPF_LSM_MAC,
		    .attach_btf_id = h->id, .prog_flags = sleepable ? BPF_F_SLEEPABLE : 0);
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = ret },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "fixed", license, code, 2, &o);

	return fd < 0 ? -errno : fd;
}

/* A function bpf_lsm_X is a hook if the kernel's table of hooks has a member X. */
static bool is_hook(const struct btf_type *t, const char *name)
{
	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return true;
	return false;
}

static const char *returns(const struct btf_type *function)
{
	const struct btf_type *proto = btf__type_by_id(btf, function->type);
	const struct btf_type *ret = btf__type_by_id(btf, proto->type);

	if (!proto->type)
		return "void";
	return strcmp(btf__name_by_offset(btf, ret->name_off), "_Bool") ? "int" : "bool";
}

static void find_hooks(void)
{
	int table = btf__find_by_name_kind(btf, "security_list_options", BTF_KIND_UNION);
	const struct btf_type *members = table < 0 ? NULL : btf__type_by_id(btf, (__u32)table);

	for (__u32 i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);
		struct hook *h = &hooks[nr_hooks];
		int fd;

		if (!btf_is_func(t) || strncmp(name, "bpf_lsm_", 8) ||
		    !is_hook(members, name + 8) || nr_hooks == HOOKS)
			continue;
		*h = (struct hook){ .name = name + 8, .id = i, .ret = returns(t) };
		fd = load_fixed(h, 0, false, "GPL");
		h->attachable = fd >= 0;
		if (fd >= 0)
			close(fd);
		nr_hooks++;
	}
}

/* ---- the requests ------------------------------------------------------------------------------
 */

static void do_open(const char *line)
{
	skewed = !strcmp(get(line, "option"), "skewed");
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		refuse(ENODATA, "no BTF");
		return;
	}
	printf("%llu ok abi=1 name=example version=1 "
	       "capabilities=steer,events,fixed,multi,lifo,process,target\n",
	       id);
}

static void do_hooks(const char *line)
{
	find_hooks();
	for (int i = 0; i < nr_hooks; i++)
		printf("%llu hook name=%s ret=%s attachable=%d sleepable=0\n", id, hooks[i].name,
		       hooks[i].ret, hooks[i].attachable);
	ok();
}

static const struct hook *hook_called(const char *name)
{
	for (int i = 0; i < nr_hooks; i++)
		if (!strcmp(hooks[i].name, name))
			return &hooks[i];
	return NULL;
}

static int take_event(void *ctx, void *data, size_t size)
{
	const struct event *e = data;

	printf("%llu event prog=%llu nsec=%llu tgid=%u pid=%u cpu=%u verdict=%d\n", id,
	       (unsigned long long)e->number, (unsigned long long)e->nsec, e->tgid, e->pid, e->cpu,
	       e->verdict);
	return 0;
}

/* One of the three programs of the object, on that hook. */
static int load_steered(struct prog *p, const struct hook *h)
{
	LIBBPF_OPTS(bpf_object_open_opts, o, .object_name = "monitor");
	struct bpf_program *program, *chosen = NULL;
	char wanted[16];
	int err;

	p->object = bpf_object__open_mem(object, (size_t)(object_end - object), &o);
	if (!p->object)
		return -errno;
	snprintf(wanted, sizeof(wanted), "on_%s", h->ret);
	bpf_object__for_each_program(program, p->object)
	{
		bool it = !strcmp(bpf_program__name(program), wanted);

		bpf_program__set_autoload(program, it);
		if (it)
			chosen = program;
	}
	bpf_program__set_attach_target(chosen, 0, h->name);
	if (ring_map)
		bpf_map__reuse_fd(bpf_object__find_map_by_name(p->object, "events"),
				  bpf_map__fd(ring_map));
	err = bpf_object__load(p->object);
	if (err)
		return err;
	if (!ring_map) {
		ring_map = bpf_object__find_map_by_name(p->object, "events");
		ring = ring_buffer__new(bpf_map__fd(ring_map), take_event, NULL, NULL);
	}
	p->fd = bpf_program__fd(chosen);
	p->rule_fd = bpf_map__fd(bpf_object__find_map_by_name(p->object, "rule"));
	return 0;
}

static void do_load(const char *line)
{
	const struct hook *h = hook_called(get(line, "hook"));
	const char *fixed = get(line, "fixed");
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	struct prog *p = progs;
	int err = 0;

	while (p < progs + PROGS && p->fd)
		p++;
	if (!h || p == progs + PROGS) {
		refuse(h ? ENOSPC : ENOENT, h ? "too many programs" : "no such hook");
		return;
	}
	*p = (struct prog){ .rule_fd = -1 };
	if (*fixed)
		p->fd = err =
			load_fixed(h, atoi(fixed), number(line, "sleepable"), get(line, "license"));
	else
		err = load_steered(p, h);
	if (err < 0) {
		bpf_object__close(p->object);
		*p = (struct prog){ 0 };
		refuse(err, "the kernel refuses it");
		return;
	}
	bpf_obj_get_info_by_fd(p->fd, &info, &size);
	printf("%llu ok prog=%d id=%u\n", id, (int)(p - progs) + 1, info.id);
}

static struct prog *prog_of(const char *line)
{
	long n = number(line, "prog");

	return n > 0 && n <= PROGS && progs[n - 1].fd ? &progs[n - 1] : NULL;
}

static void do_unload(const char *line, struct prog *p)
{
	/* the first object's ring is everybody's */
	if (p->object && bpf_object__find_map_by_name(p->object, "events") == ring_map)
		;
	else if (p->object)
		bpf_object__close(p->object);
	else
		close(p->fd);
	*p = (struct prog){ 0 };
	ok();
}

/* A link is a descriptor, and its number in the protocol is just that. */
static void do_attach(const char *line, struct prog *p)
{
	int link = bpf_raw_tracepoint_open(NULL, p->fd);

	if (link < 0)
		refuse(errno, "attach");
	else
		printf("%llu ok link=%d\n", id, link);
}

static void do_detach(const char *line)
{
	if (close((int)number(line, "link")))
		refuse(errno, "detach");
	else
		ok();
}

static void do_steer(const char *line, struct prog *p)
{
	const char *who = get(line, "who");
	struct rule *r = &p->rule;
	__u32 key = 0;

	if (p->rule_fd < 0 || *get(line, "arg")) {
		refuse(EOPNOTSUPP, "not steered or arguments are not described");
		return;
	}
	if (bpf_map_lookup_elem(p->rule_fd, &key, r))
		*r = (struct rule){ 0 };
	r->number = (__u64)(p - progs) + 1;
	r->who = !strcmp(who, "anyone") ? ANYONE : !strcmp(who, "subject") ? SUBJECT : NOBODY;
	r->session = (int)number(line, "session");
	r->verdict = (int)number(line, "verdict");
	r->record = number(line, "record") != 0;
	if (skewed && r->verdict == -EPERM)
		r->verdict = -EACCES;
	if (r->who != NOBODY)
		r->calls = r->lost = 0;
	if (bpf_map_update_elem(p->rule_fd, &key, r, BPF_ANY))
		refuse(errno, "map");
	else
		ok();
}

static void do_calls(const char *line, struct prog *p)
{
	struct rule r = { 0 };
	__u32 key = 0;

	if (p->rule_fd < 0 || bpf_map_lookup_elem(p->rule_fd, &key, &r))
		refuse(EOPNOTSUPP, "not steered");
	else
		printf("%llu ok calls=%llu lost=%llu\n", id, (unsigned long long)r.calls,
		       (unsigned long long)r.lost);
}

static void do_events(const char *line)
{
	if (ring && !ring_buffer__consume(ring) && number(line, "timeout") > 0)
		ring_buffer__poll(ring, (int)number(line, "timeout"));
	ok();
}

static void about_prog(const char *line, void (*what)(const char *line, struct prog *p))
{
	struct prog *p = prog_of(line);

	if (p)
		what(line, p);
	else
		refuse(EBADF, "no such program");
}

static void answer(const char *what, const char *line)
{
	if (!strcmp(what, "open"))
		do_open(line);
	else if (!strcmp(what, "hooks"))
		do_hooks(line);
	else if (!strcmp(what, "load"))
		do_load(line);
	else if (!strcmp(what, "unload"))
		about_prog(line, do_unload);
	else if (!strcmp(what, "attach"))
		about_prog(line, do_attach);
	else if (!strcmp(what, "detach"))
		do_detach(line);
	else if (!strcmp(what, "steer"))
		about_prog(line, do_steer);
	else if (!strcmp(what, "calls"))
		about_prog(line, do_calls);
	else if (!strcmp(what, "events"))
		do_events(line);
	else if (!strcmp(what, "close"))
		ok();
	else
		refuse(ENOSYS, "no such request");
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return 0;
}

int main(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	char *line = NULL, what[32];
	size_t size = 0;

	/* kernels before 5.11 account maps as locked memory */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(quiet);
	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llu %31s", &id, what) != 2)
			continue;
		answer(what, line);
		fflush(stdout);
		if (!strcmp(what, "close"))
			break;
	}
	return 0;
}
