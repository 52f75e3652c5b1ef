// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequences of load, attach, replace, detach, close and call on hooks of the reference, against
 * lists that are searched the plain way. Programs note that they ran, and in which place.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "fuzz/guest/agent.h"
#include "fuzz/guest/job.h"
#include "fuzz/plain_names.h"
#include "reference/core/env.h"
#include "reference/linux/uapi.h"

#define LINK	     "/fuzz/link"
#define NAME_MAX_LEN (BPF_OBJ_NAME_LEN - 1)
/* How often it is looked whether programs are still there that should not be, and how long they
 * may take to go. */
#define LEAKS_EVERY 64
#define LEAKS_MS    20000

/* Of each program loaded, in memory that it writes. */
struct note {
	__u32 place; /* it was the so-manieth in this call, from 1 */
	__u32 times;
	__u64 result; /* of its helper */
};

static struct notes {
	__u32 armed; /* calls count */
	__u32 placed;
	struct note note[SEQUENCE_LOADS];
} * notes;
static int notes_fd;

/* A program of this input; it may live on when its slot is closed. */
struct prog {
	char name[NAME_MAX_LEN + 1];
	bool sleepable;
	int helper, verdict;
	__u32 id;
};

static struct prog progs[SEQUENCE_LOADS];
static int n_progs;
static struct slot {
	int fd; /* -1: empty */
	struct prog *prog;
} slots[SEQUENCE_SLOTS];

static struct hook {
	const char *file;
	bool sleepable;
	int fd;
	struct prog *list[SEQUENCE_LOADS];
	int n;
} hooks[SEQ_HOOKS] = {
	{ .file = KRSI_SECURITYFS "/process_execution", .sleepable = true },
	{ .file = KRSI_SECURITYFS "/inode_symlink", .sleepable = true },
	{ .file = KRSI_SECURITYFS "/task_getpgid" },
};

static const int verdicts[SEQ_VERDICTS] = { 0, 0, 0, 0, -1, -13, -4095, -117 };
static __u32 loaded_before; /* programs of others */

static __u32 count_programs(void)
{
	__u32 n = 0;

	for (__u32 id = 0; !bpf_prog_get_next_id(id, &id);)
		n++;
	return n;
}

static void set_up(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	job_set_up();
	notes_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "notes", 4, sizeof(*notes), 1, &opts);
	if (notes_fd < 0)
		agent_die("notes");
	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED, notes_fd, 0);
	if (notes == MAP_FAILED)
		agent_die("notes");
	for (int i = 0; i < SEQ_HOOKS; i++) {
		hooks[i].fd = open(hooks[i].file, O_RDWR | O_CLOEXEC);
		if (hooks[i].fd < 0)
			agent_die(hooks[i].file);
	}
	for (int i = 0; i < SEQUENCE_SLOTS; i++)
		slots[i].fd = -1;
	loaded_before = count_programs();
}

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define NOTE(i)	  (offsetof(struct notes, note) + (i) * sizeof(struct note))
#define MOV	  (BPF_ALU64 | BPF_MOV)
#define STORE(sz) (BPF_STX | BPF_MEM | (sz))

/* What calls the helper, with its result in r0. */
static int call_helper(struct bpf_insn *in, int helper)
{
	int n = 0;

	in[n++] = INSN(MOV | BPF_X, 1, 7, 0, 0);
	switch (helper) {
	case SEQ_ENVIRONMENT:
		in[n++] = INSN(MOV | BPF_K, 2, 0, 0, 0);
		in[n++] = INSN(MOV | BPF_K, 3, 0, 0, 0);
		in[n++] = INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_krsi_get_env_vars);
		break;
	case SEQ_SESSION:
		in[n++] = INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_krsi_get_session);
		break;
	case SEQ_FILE:
		in[n++] = INSN(MOV | BPF_X, 2, 10, 0, 0);
		in[n++] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -24);
		in[n++] = INSN(MOV | BPF_K, 3, 0, 0, sizeof(struct krsi_file_id));
		in[n++] = INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_krsi_get_file_id);
		break;
	default:
		in[0] = INSN(MOV | BPF_K, 0, 0, 0, 0);
		n = 1;
	}
	return n;
}

static int load(const struct prog *p, int number)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts,
		    .expected_attach_type = (enum bpf_attach_type)BPF_KRSI,
		    .prog_flags = p->sleepable ? BPF_F_SLEEPABLE : 0);
	struct bpf_insn in[48];
	int n = 0, skip;

	in[n++] = INSN(MOV | BPF_X, 7, 1, 0, 0);
	in[n++] = INSN(BPF_LD | BPF_IMM | BPF_DW, 6, BPF_PSEUDO_MAP_VALUE, 0, notes_fd);
	in[n++] = INSN(0, 0, 0, 0, 0);
	in[n++] = INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6, 0, 0);
	in[n++] = INSN(MOV | BPF_K, 0, 0, 0, 0);
	skip = n++;
	in[n++] = INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6, offsetof(struct notes, placed), 0);
	in[n++] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, 1);
	in[n++] = INSN(STORE(BPF_W), 6, 2, offsetof(struct notes, placed), 0);
	in[n++] = INSN(STORE(BPF_W), 6, 2, NOTE(number), 0);
	in[n++] = INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6, NOTE(number) + 4, 0);
	in[n++] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, 1);
	in[n++] = INSN(STORE(BPF_W), 6, 2, NOTE(number) + 4, 0);
	n += call_helper(in + n, p->helper);
	in[n++] = INSN(STORE(BPF_DW), 6, 0, NOTE(number) + 8, 0);
	in[n++] = INSN(MOV | BPF_K, 0, 0, 0, p->verdict);
	in[skip] = INSN(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, n - skip - 1, 0);
	in[n++] = INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return bpf_prog_load((enum bpf_prog_type)BPF_PROG_TYPE_KRSI, p->name, "GPL", in, n, &opts);
}

static void do_close(struct slot *s)
{
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct slot){ .fd = -1 };
}

static void do_load(uint8_t a, const char *name, int verdict)
{
	struct slot *s = &slots[a % SEQUENCE_SLOTS];
	struct prog *p = &progs[n_progs];
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (n_progs == SEQUENCE_LOADS)
		return;
	do_close(s);
	*p = (struct prog){ .sleepable = a & SEQ_SLEEPABLE,
			    .helper = SEQ_HELPER(a),
			    .verdict = verdict };
	strcpy(p->name, name);
	s->fd = load(p, n_progs);
	if (s->fd < 0 || bpf_obj_get_info_by_fd(s->fd, &info, &size)) {
		agent_say("a program called \"%s\" does not load: %s", name, strerror(errno));
		return;
	}
	p->id = info.id;
	s->prog = p;
	n_progs++;
}

static void drop(struct hook *h, int i)
{
	h->n--;
	memmove(&h->list[i], &h->list[i + 1], (h->n - i) * sizeof(h->list[0]));
}

static int model_attach(struct hook *h, const struct slot *s, bool replace)
{
	int equal = -1;

	if (!s->prog)
		return -EBADF;
	if (s->prog->sleepable && !h->sleepable)
		return -EINVAL;
	for (int i = 0; i < h->n; i++) {
		if (h->list[i] == s->prog)
			return -EEXIST;
		if (plain_name_equal(h->list[i]->name, s->prog->name))
			equal = i;
	}
	if (equal >= 0 && !replace)
		return -EEXIST;
	if (equal >= 0)
		drop(h, equal);
	h->list[h->n++] = s->prog;
	return 0;
}

static int model_detach(struct hook *h, const struct slot *s)
{
	if (!s->prog)
		return -EBADF;
	for (int i = 0; i < h->n; i++)
		if (h->list[i] == s->prog) {
			drop(h, i);
			return 0;
		}
	return -ENOENT;
}

static void hold(const char *what, const struct hook *h, int got, int expected)
{
	if (got != expected)
		agent_say("%s on %s: %d instead of %d", what, h->file, got, expected);
}

static void do_attach(struct hook *h, const struct slot *s, bool replace)
{
	int got = bpf_prog_attach(s->fd, h->fd, (enum bpf_attach_type)BPF_KRSI,
				  replace ? BPF_F_ALLOW_OVERRIDE : 0);

	hold(replace ? "replace" : "attach", h, got ? -errno : 0, model_attach(h, s, replace));
}

static void do_detach(struct hook *h, const struct slot *s)
{
	int got = bpf_prog_detach2(s->fd, h->fd, (enum bpf_attach_type)BPF_KRSI);

	hold("detach", h, got ? -errno : 0, model_detach(h, s));
}

/* The environment of an execution: so many strings. */
static char *strings[] = { (char *)"A=b", (char *)"LD_PRELOAD=/x", (char *)"B=", (char *)"c" };

static int call_exec(int n)
{
	static char *argv[] = { (char *)"target", NULL };
	char *env[5] = { NULL };
	int err;

	memcpy(env, strings, n * sizeof(env[0]));
	agent_kcov(false);
	err = job_execute(JOB_TARGET, -1, argv, env);
	agent_kcov(true);
	return -err;
}

/* The call that the hook is on: 0, or -errno. What it would have done is looked at. */
static int call(int which, int n)
{
	struct stat st;
	int ret;

	switch (which) {
	case SEQ_EXEC:
		return call_exec(n);
	case SEQ_SYMLINK:
		ret = syscall(SYS_symlink, "target", LINK) ? -errno : 0;
		notes->armed = 0;
		if (!lstat(LINK, &st) == !!ret)
			agent_say("symlink says %d, and the link is %s", ret,
				  ret ? "there" : "not there");
		unlink(LINK);
		return ret;
	default:
		ret = syscall(SYS_getpgid, getpid());
		return ret < 0 ? -errno : 0;
	}
}

static __u64 helper_result(const struct prog *p, int which, int n)
{
	switch (p->helper) {
	case SEQ_ENVIRONMENT:
		/* a buffer of nothing asks for the count; what is left out is said so */
		return which != SEQ_EXEC ? (__u32)-EINVAL : n ? (__u64)n << 32 | (__u32)-E2BIG : 0;
	case SEQ_SESSION:
		return getsid(0);
	case SEQ_FILE:
		return which == SEQ_EXEC ? 0 : (__u64)(__s64)-EINVAL;
	default:
		return 0;
	}
}

static void check_note(const struct prog *p, int which, int place, int n)
{
	const struct note *note = &notes->note[p - progs];
	__u64 result = place ? helper_result(p, which, n) : 0;

	if (note->times != !!place || note->place != (__u32)place)
		agent_say("program %d, \"%s\", ran %u times on %s and in place %u instead of %d",
			  (int)(p - progs), p->name, note->times, hooks[which].file, note->place,
			  place);
	else if (note->result != result)
		agent_say("helper %d in program %d told %llx on %s instead of %llx", p->helper,
			  (int)(p - progs), note->result, hooks[which].file, result);
}

static void do_run(int which, int n)
{
	const struct hook *h = &hooks[which];
	int places[SEQUENCE_LOADS] = { 0 }, expected = 0, got;

	for (int i = 0; i < h->n && !expected; i++) {
		places[h->list[i] - progs] = i + 1;
		expected = h->list[i]->verdict;
	}
	memset(notes, 0, sizeof(*notes));
	notes->armed = 1;
	got = call(which, n);
	notes->armed = 0;
	hold("the call", h, got, expected);
	for (int i = 0; i < n_progs; i++)
		check_note(&progs[i], which, places[i], n);
}

/* Raw, since libbpf does not tell the count where it fails. */
static void do_query(const struct hook *h, __u32 room)
{
	__u32 ids[SEQUENCE_LOADS + 4];
	union bpf_attr attr = { 0 };
	int expected = room && (__u32)h->n > room ? -ENOSPC : 0, got;

	room = room > SEQUENCE_LOADS ? SEQUENCE_LOADS : room;
	memset(ids, 0xff, sizeof(ids));
	attr.query.target_fd = h->fd;
	attr.query.attach_type = BPF_KRSI;
	attr.query.prog_ids = (__u64)ids;
	attr.query.prog_cnt = room;
	got = syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) ? -errno : 0;
	hold("query", h, got, expected);
	if (attr.query.prog_cnt != (__u32)h->n)
		agent_say("query tells %u programs on %s instead of %d", attr.query.prog_cnt,
			  h->file, h->n);
	for (__u32 i = 0; i < SEQUENCE_LOADS + 4; i++) {
		__u32 id = i < room && i < (__u32)h->n ? h->list[i]->id : ~0u;

		if (ids[i] != id)
			agent_say("query tells id %u on %s in place %u instead of %u", ids[i],
				  h->file, i, id);
	}
}

static void do_read(const struct hook *h)
{
	char got[1024], expected[1024] = "";
	ssize_t n = pread(h->fd, got, sizeof(got) - 1, 0);

	for (int i = 0; i < h->n; i++) {
		strcat(expected, h->list[i]->name);
		strcat(expected, "\n");
	}
	if (n != (ssize_t)strlen(expected) || memcmp(got, expected, n))
		agent_say("%s reads otherwise: %zd bytes instead of %zu", h->file, n,
			  strlen(expected));
}

static void operate(uint8_t op, uint8_t a, uint8_t b, char names[][NAME_MAX_LEN + 1])
{
	struct slot *s = &slots[a % SEQUENCE_SLOTS];

	switch (op % SEQ_KINDS) {
	case SEQ_LOAD:
		do_load(a, names[b % SEQUENCE_NAMES], verdicts[SEQ_VERDICT(b)]);
		break;
	case SEQ_ATTACH:
	case SEQ_REPLACE:
		do_attach(&hooks[b % SEQ_HOOKS], s, op % SEQ_KINDS == SEQ_REPLACE);
		break;
	case SEQ_DETACH:
		do_detach(&hooks[b % SEQ_HOOKS], s);
		break;
	case SEQ_CLOSE:
		do_close(s);
		break;
	case SEQ_RUN:
		do_run(a % SEQ_HOOKS, b % 5);
		break;
	case SEQ_QUERY:
		do_query(&hooks[a % SEQ_HOOKS], b % (SEQUENCE_LOADS + 1));
		break;
	default:
		do_read(&hooks[a % SEQ_HOOKS]);
	}
}

/* Nothing stays attached, not even what nobody has open any more. */
static void leave_nothing(void)
{
	for (int i = 0; i < SEQ_HOOKS; i++) {
		struct hook *h = &hooks[i];

		while (h->n) {
			int fd = bpf_prog_get_fd_by_id(h->list[0]->id);
			struct slot s = { fd, h->list[0] };

			if (fd < 0) {
				agent_say("an attached program is gone: %s", strerror(errno));
				break;
			}
			do_detach(h, &s);
			close(fd);
		}
		do_read(h);
		h->n = 0;
	}
	for (int i = 0; i < SEQUENCE_SLOTS; i++)
		do_close(&slots[i]);
}

/* Programs go some time after their last reference. */
static void check_leaks(void)
{
	for (int ms = 0; count_programs() != loaded_before; ms += 10) {
		if (ms >= LEAKS_MS) {
			agent_say(
				"%u programs are loaded, and %u were: the last inputs left some behind",
				count_programs(), loaded_before);
			loaded_before = count_programs();
			return;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
}

/* Programs' names: letters, digits, and two more characters. */
static size_t take_names(char names[][NAME_MAX_LEN + 1], size_t size)
{
	static const char letters[] =
		"_abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
	const uint8_t *in = agent_shared->input;
	size_t at = 0;

	memset(names, 0, SEQUENCE_NAMES * (NAME_MAX_LEN + 1));
	for (int i = 0; i < SEQUENCE_NAMES; i++) {
		for (size_t n = 0; at < size && in[at]; at++)
			if (n < NAME_MAX_LEN)
				names[i][n++] = strchr(letters, in[at]) ? (char)in[at]
									: letters[in[at] % 65];
		at += at < size;
	}
	return at;
}

static void run(void)
{
	char names[SEQUENCE_NAMES][NAME_MAX_LEN + 1];
	size_t size = agent_shared->size < INPUT_MAX ? agent_shared->size : INPUT_MAX;
	size_t at = take_names(names, size);
	const uint8_t *in = agent_shared->input;

	n_progs = 0;
	agent_kcov(true);
	for (int i = 0; i < SEQUENCE_OPS && at + 3 <= size; i++, at += 3) {
		agent_edge(100 + in[at] % SEQ_KINDS, agent_shared->verdict);
		operate(in[at], in[at + 1], in[at + 2], names);
	}
	leave_nothing();
	agent_kcov(false);
	if (agent_shared->strict || agent_shared->runs % LEAKS_EVERY == 0)
		check_leaks();
}

const struct agent_target target_sequence = { "sequence", set_up, run };
