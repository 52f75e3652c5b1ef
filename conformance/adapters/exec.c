// SPDX-License-Identifier: GPL-2.0-only
/*
 * An implementation behind a program of its own, `exec:PROGRAM[,OPTION]`: it is started once, and
 * asked in lines on its standard input, which it answers on its standard output. adapter(7) has
 * the protocol. All processes of the suite share the one conversation, so it is locked, and what
 * was loaded and attached is written down in shared memory with the process that did it: what such
 * a process leaves behind is undone in reap().
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/adapters/builtin.h"
#include "conformance/adapters/words.h"

#define EXEC_PROGS  1200
#define EXEC_HOOKS  512
#define REPLY_MAX   8192
#define DEADLINE_MS 30000
#define STRAYS_MAX  1000

/* What needs descriptors or memory of the implementation in the suite's own processes is not for a
 * program beside it. */
#define EXEC_CAPS                                                                                  \
	(KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_ARGS | KRSI_CAP_SLEEPABLE | KRSI_CAP_FIXED |  \
	 KRSI_CAP_MULTI | KRSI_CAP_LIFO | KRSI_CAP_LINK_CREATE | KRSI_CAP_QUERY | KRSI_CAP_AGAIN | \
	 KRSI_CAP_PROCESS | KRSI_CAP_REPLACE | KRSI_CAP_TARGET)

struct krsi_prog {
	struct krsi_instance *inst;
	bool used;
	pid_t owner;
	uint64_t number; /* the program's name for it */
	uint32_t id;
};

struct krsi_link {
	struct krsi_instance *inst;
	bool used;
	pid_t owner;
	uint64_t number;
};

struct krsi_instance {
	pthread_mutex_t lock;
	uint64_t last; /* number of the last request */
	int fd;
	char name[64], version[64];
	uint32_t capabilities;
	struct krsi_hook hook[EXEC_HOOKS];
	size_t nr_hooks;
	struct krsi_prog prog[EXEC_PROGS];
	struct krsi_link link[EXEC_PROGS];
};

static char error[256];

__attribute__((format(printf, 2, 3))) static int fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, sizeof(error), fmt, ap);
	va_end(ap);
	return err;
}

/* ---- one request, and its answer --------------------------------------------------------------
 */

/* Takes the next line of the conversation, byte by byte: what follows it belongs to another. */
static int read_line(int fd, char *line, size_t size)
{
	size_t n = 0;
	char c;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (poll(&p, 1, DEADLINE_MS) <= 0)
			return fail(-ETIMEDOUT, "no answer after %d s", DEADLINE_MS / 1000);
		got = recv(fd, &c, 1, 0);
		if (got <= 0)
			return fail(-EPIPE, "the program has ended");
		if (c == '\n')
			break;
		if (n + 1 < size)
			line[n++] = c;
	}
	line[n] = '\0';
	return 0;
}

static int errno_of(const char *name)
{
	for (int i = 1; i < 134; i++)
		if (strerrorname_np(i) && !strcmp(strerrorname_np(i), name))
			return -i;
	return -EPROTO;
}

typedef void (*line_fn)(struct krsi_instance *inst, const char *line, void *data);

/* Lines until the one that ends the answer, which is left in @line. Others' answers, of requests
 * that nobody waits for any more, are passed over. */
static int answer(struct krsi_instance *inst, uint64_t id, char *line, line_fn fn, void *data)
{
	for (int strays = 0; strays < STRAYS_MAX;) {
		unsigned long long got;
		int at = 0, err = read_line(inst->fd, line, REPLY_MAX);
		char word[32];

		if (err)
			return err;
		if (sscanf(line, "%llu %31s%n", &got, word, &at) != 2 || got != id) {
			strays++;
			continue;
		}
		if (!strcmp(word, "ok"))
			return 0;
		if (!strcmp(word, "error")) {
			if (sscanf(line + at, " %31s%n", word, &at) != 1)
				return fail(-EPROTO, "an error without a name: %.100s", line);
			words__get(line, "why", error, sizeof(error));
			return errno_of(word);
		}
		if (fn)
			fn(inst, line, data);
	}
	return fail(-EPROTO, "no answer among %d lines", STRAYS_MAX);
}

static void lock(struct krsi_instance *inst)
{
	/* its holder was killed in the middle: numbers tell his answers from ours */
	if (pthread_mutex_lock(&inst->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&inst->lock);
}

/* A request under way, to which words are added. */
struct request {
	FILE *f;
	char *text;
	size_t len;
};

static void request(struct request *r, const char *what)
{
	*r = (struct request){ 0 };
	r->f = open_memstream(&r->text, &r->len);
	if (!r->f)
		abort();
	fprintf(r->f, " %s", what);
}

static int send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return fail(-EPIPE, "the program has ended");
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int ask(struct krsi_instance *inst, struct request *r, char *reply, line_fn fn, void *data)
{
	char own[REPLY_MAX], head[32];
	int err;

	fputc('\n', r->f);
	fclose(r->f);
	error[0] = '\0';
	lock(inst);
	snprintf(head, sizeof(head), "%llu", (unsigned long long)++inst->last);
	err = send_all(inst->fd, head, strlen(head));
	err = err ?: send_all(inst->fd, r->text, r->len);
	err = err ?: answer(inst, inst->last, reply ?: own, fn, data);
	pthread_mutex_unlock(&inst->lock);
	free(r->text);
	return err;
}

/* ---- opening ----------------------------------------------------------------------------------
 */

/* The program is no child of ours: the harness ends all children that a test leaves. */
static int start(const char *program, int fd)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		if (fork())
			_exit(0);
		setsid();
		dup2(fd, STDIN_FILENO);
		dup2(fd, STDOUT_FILENO);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid ? 0 : -errno;
}

static void add_param(struct krsi_hook *hook, char *text)
{
	struct krsi_param *p = &hook->param[hook->nr_params];
	char *save = NULL, *name = strtok_r(text, ":", &save), *type = strtok_r(NULL, ":", &save);
	char *arg = strtok_r(NULL, ":", &save);

	if (hook->nr_params == KRSI_MAX_PARAMS || !name || !type)
		return;
	words__decode(name);
	words__decode(type);
	p->name = strdup(name);
	p->type = strdup(type);
	p->arg = arg ? atoi(arg) : -1;
	if (p->arg >= KRSI_MAX_ARGS)
		p->arg = -1;
	hook->nr_params++;
}

static void add_hook(struct krsi_instance *inst, const char *line, void *data)
{
	struct krsi_hook *hook = &inst->hook[inst->nr_hooks];
	char text[128];

	if (inst->nr_hooks == EXEC_HOOKS || !words__get(line, "name", text, sizeof(text)))
		return;
	*hook = (struct krsi_hook){ .name = strdup(text) };
	if (words__get(line, "ret", text, sizeof(text)))
		hook->ret = !strcmp(text, "void")   ? KRSI_RET_VOID
			    : !strcmp(text, "bool") ? KRSI_RET_BOOL
						    : KRSI_RET_INT;
	hook->attachable = words__number(line, "attachable", 0);
	hook->sleepable = words__number(line, "sleepable", 0);
	for (const char *at = line; words__next(&at, "param", text, sizeof(text));)
		add_param(hook, text);
	inst->nr_hooks++;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct krsi_hook *)a)->name, ((const struct krsi_hook *)b)->name);
}

static int take_capabilities(struct krsi_instance *inst, char *list)
{
	char *save = NULL;

	for (char *w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		const char *name;
		unsigned int bit = 0;

		while ((name = adapter__capability(bit)) && strcmp(name, w))
			bit++;
		if (!name || !(EXEC_CAPS & (1u << bit)))
			return fail(-EINVAL, "no program can have the capability '%.40s'", w);
		inst->capabilities |= 1u << bit;
	}
	return 0;
}

static int introduce(struct krsi_instance *inst, const char *option)
{
	struct request r;
	char reply[REPLY_MAX], list[1024] = "";
	int err;

	request(&r, "open");
	fprintf(r.f, " abi=%d", KRSI_ADAPTER_ABI);
	if (option)
		words__put(r.f, "option", option);
	err = ask(inst, &r, reply, NULL, NULL);
	if (err)
		return err;
	if (words__number(reply, "abi", 0) != KRSI_ADAPTER_ABI)
		return fail(-EPROTO, "the program does not speak version %d", KRSI_ADAPTER_ABI);
	if (!words__get(reply, "name", inst->name, sizeof(inst->name)))
		return fail(-EPROTO, "the program does not tell its name");
	words__get(reply, "version", inst->version, sizeof(inst->version));
	words__get(reply, "capabilities", list, sizeof(list));
	err = take_capabilities(inst, list);
	if (err)
		return err;
	request(&r, "hooks");
	err = ask(inst, &r, NULL, add_hook, NULL);
	if (!err && !inst->nr_hooks)
		err = fail(-EPROTO, "the program tells no hook");
	qsort(inst->hook, inst->nr_hooks, sizeof(*inst->hook), by_name);
	return err;
}

static void exec_close(struct krsi_instance *inst)
{
	struct request r;

	if (!inst)
		return;
	request(&r, "close");
	ask(inst, &r, NULL, NULL, NULL);
	close(inst->fd);
	munmap(inst, sizeof(*inst));
}

static struct krsi_instance *new_instance(int fd)
{
	struct krsi_instance *inst = mmap(NULL, sizeof(*inst), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;

	if (inst == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&inst->lock, &attr);
	inst->fd = fd;
	return inst;
}

static int exec_open(const char *option, struct krsi_instance **out, const char **why)
{
	char *program = strdup(option ?: ""), *comma = strchr(program, ',');
	struct krsi_instance *inst = NULL;
	int fd[2], err;

	*why = error;
	if (comma)
		*comma++ = '\0';
	if (!*program || access(program, X_OK)) {
		err = fail(-EINVAL, "exec:PROGRAM[,OPTION]: '%.100s' is no program", program);
		goto out;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd)) {
		err = fail(-errno, "socketpair: %s", strerror(errno));
		goto out;
	}
	err = start(program, fd[1]);
	close(fd[1]);
	inst = err ? NULL : new_instance(fd[0]);
	if (!inst)
		err = err ?: fail(-ENOMEM, "no memory");
	else
		err = introduce(inst, comma);
	if (!err)
		*out = inst;
	else
		close(fd[0]);
	if (err && inst)
		munmap(inst, sizeof(*inst));
out:
	free(program);
	return err;
}

static void exec_describe(struct krsi_instance *inst, struct krsi_description *desc)
{
	desc->name = inst->name;
	desc->version = inst->version;
	desc->capabilities = inst->capabilities;
}

static int exec_hooks(struct krsi_instance *inst, const struct krsi_hook **hooks, size_t *n)
{
	*hooks = inst->hook;
	*n = inst->nr_hooks;
	return 0;
}

/* ---- programs and links -----------------------------------------------------------------------
 */

static struct krsi_prog *new_prog(struct krsi_instance *inst)
{
	for (size_t i = 0; i < EXEC_PROGS; i++) {
		bool unused = false;

		if (__atomic_compare_exchange_n(&inst->prog[i].used, &unused, true, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
			inst->prog[i].inst = inst;
			inst->prog[i].owner = getpid();
			return &inst->prog[i];
		}
	}
	return NULL;
}

static struct krsi_link *new_link(struct krsi_instance *inst)
{
	for (size_t i = 0; i < EXEC_PROGS; i++) {
		bool unused = false;

		if (__atomic_compare_exchange_n(&inst->link[i].used, &unused, true, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
			inst->link[i].inst = inst;
			inst->link[i].owner = getpid();
			return &inst->link[i];
		}
	}
	return NULL;
}

static int exec_load(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		     struct krsi_prog **out)
{
	struct krsi_prog *prog;
	struct request r;
	char reply[REPLY_MAX];
	int err;

	if (spec->named || spec->cgroup || spec->token_fd)
		return fail(-EOPNOTSUPP, "not for an implementation behind a program");
	prog = new_prog(inst);
	if (!prog)
		return fail(-ENOSPC, "too many programs");
	request(&r, "load");
	words__put(r.f, "hook", spec->hook ?: "");
	fprintf(r.f, " sleepable=%d", spec->sleepable);
	if (spec->fixed)
		fprintf(r.f, " fixed=%d", spec->fixed_ret);
	words__put(r.f, "license", spec->license ?: "GPL");
	if (spec->name)
		words__put(r.f, "name", spec->name);
	err = ask(inst, &r, reply, NULL, NULL);
	if (!err) {
		prog->number = (uint64_t)words__number(reply, "prog", 0);
		prog->id = (uint32_t)words__number(reply, "id", 0);
		*out = prog;
	} else {
		prog->used = false;
	}
	return err;
}

static int about(struct krsi_instance *inst, const char *what, const char *key, uint64_t n,
		 char *reply)
{
	struct request r;

	request(&r, what);
	fprintf(r.f, " %s=%llu", key, (unsigned long long)n);
	return ask(inst, &r, reply, NULL, NULL);
}

static void exec_unload(struct krsi_prog *prog)
{
	if (!prog || !prog->used)
		return;
	about(prog->inst, "unload", "prog", prog->number, NULL);
	prog->used = false;
}

static int exec_attach(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link **out)
{
	static const char *const names[] = { "default", "raw-tracepoint", "link-create",
					     "replace" };
	struct krsi_link *link = new_link(prog->inst);
	struct request r;
	char reply[REPLY_MAX];
	int err;

	if (!link)
		return fail(-ENOSPC, "too many links");
	request(&r, "attach");
	fprintf(r.f, " prog=%llu", (unsigned long long)prog->number);
	words__put(r.f, "by", names[by]);
	err = ask(prog->inst, &r, reply, NULL, NULL);
	if (!err) {
		link->number = (uint64_t)words__number(reply, "link", 0);
		*out = link;
	} else {
		link->used = false;
	}
	return err;
}

static int exec_detach(struct krsi_link *link)
{
	int err = about(link->inst, "detach", "link", link->number, NULL);

	link->used = false;
	return err;
}

static int exec_steer(struct krsi_prog *prog, const struct krsi_rule *rule)
{
	static const char *const whose[] = { "nobody", "subject", "anyone" };
	static const char *const fields[] = { "raw", "a", "b", "s" };
	struct request r;

	request(&r, "steer");
	fprintf(r.f, " prog=%llu who=%s session=%d verdict=%d record=%d",
		(unsigned long long)prog->number, whose[rule->who], rule->session, rule->verdict,
		rule->record);
	if (rule->filter_arg >= 0)
		fprintf(r.f, " arg=%d field=%s value=%llu", rule->filter_arg,
			fields[rule->filter_field], (unsigned long long)rule->filter_value);
	return ask(prog->inst, &r, NULL, NULL, NULL);
}

static uint64_t exec_calls(struct krsi_prog *prog, uint64_t *lost)
{
	char reply[REPLY_MAX];
	int err = about(prog->inst, "calls", "prog", prog->number, reply);

	if (lost)
		*lost = err ? 0 : (uint64_t)words__number(reply, "lost", 0);
	/* no number can be trusted: one that no test expects */
	return err ? UINT64_MAX : (uint64_t)words__number(reply, "calls", -1);
}

static int exec_query(struct krsi_instance *inst, const char *hook, uint32_t *ids, size_t n)
{
	struct request r;
	char reply[REPLY_MAX], text[32];
	int err, found = 0;

	request(&r, "query");
	words__put(r.f, "hook", hook);
	err = ask(inst, &r, reply, NULL, NULL);
	if (err)
		return err;
	for (const char *at = reply; words__next(&at, "id", text, sizeof(text)); found++)
		if ((size_t)found < n)
			ids[found] = (uint32_t)strtoul(text, NULL, 0);
	return found;
}

static uint32_t exec_prog_id(struct krsi_prog *prog)
{
	return prog->id;
}

/* ---- events -----------------------------------------------------------------------------------
 */

struct listener {
	krsi_event_fn fn;
	void *data;
	int n;
	struct krsi_event *event; /* kept until the answer is whole: fn may ask in its turn */
};

static void take_arg(struct krsi_event *e, const char *line, unsigned int i)
{
	char key[8], text[256], *save = NULL, *word;

	snprintf(key, sizeof(key), "arg%u", i);
	for (const char *at = line; words__next(&at, key, text, sizeof(text));) {
		word = strtok_r(text, ":", &save);
		e->arg[i].raw = word ? strtoull(word, NULL, 0) : 0;
		word = strtok_r(NULL, ":", &save);
		e->arg[i].a = word ? strtoull(word, NULL, 0) : 0;
		word = strtok_r(NULL, ":", &save);
		e->arg[i].b = word ? strtoull(word, NULL, 0) : 0;
		word = strtok_r(NULL, ":", &save);
		if (word) {
			words__decode(word);
			snprintf(e->arg[i].s, sizeof(e->arg[i].s), "%s", word);
		}
		e->nr_args = i + 1;
	}
}

static void take_event(struct krsi_instance *inst, const char *line, void *data)
{
	struct listener *l = data;
	struct krsi_event *e;
	uint64_t prog = (uint64_t)words__number(line, "prog", -1);

	l->event = realloc(l->event, (size_t)(l->n + 1) * sizeof(*l->event));
	if (!l->event)
		abort();
	e = &l->event[l->n++];
	*e = (struct krsi_event){ .size = sizeof(*e) };
	for (size_t i = 0; i < EXEC_PROGS; i++)
		if (inst->prog[i].used && inst->prog[i].number == prog)
			e->prog = &inst->prog[i];
	e->nsec = (uint64_t)words__number(line, "nsec", 0);
	e->tgid = (pid_t)words__number(line, "tgid", 0);
	e->pid = (pid_t)words__number(line, "pid", 0);
	e->cpu = (unsigned int)words__number(line, "cpu", 0);
	e->verdict = (int32_t)words__number(line, "verdict", 0);
	for (unsigned int i = 0; i < KRSI_MAX_ARGS; i++)
		take_arg(e, line, i);
}

static int exec_read_events(struct krsi_instance *inst, int timeout_ms, krsi_event_fn fn,
			    void *data)
{
	struct request r;
	struct listener l = { .fn = fn, .data = data };
	int err;

	request(&r, "events");
	fprintf(r.f, " timeout=%d", timeout_ms);
	err = ask(inst, &r, NULL, take_event, &l);
	for (int i = 0; i < l.n; i++)
		fn(&l.event[i], data);
	free(l.event);
	return err ?: l.n;
}

static const char *exec_last_error(struct krsi_instance *inst)
{
	return error;
}

/* What processes that are gone have left attached or loaded. */
static void exec_reap(struct krsi_instance *inst)
{
	for (size_t i = 0; i < EXEC_PROGS; i++) {
		struct krsi_link *link = &inst->link[i];

		if (link->used && kill(link->owner, 0))
			exec_detach(link);
	}
	for (size_t i = 0; i < EXEC_PROGS; i++) {
		struct krsi_prog *prog = &inst->prog[i];

		if (prog->used && kill(prog->owner, 0))
			exec_unload(prog);
	}
}

const struct krsi_adapter exec_adapter = {
	.abi = KRSI_ADAPTER_ABI,
	.size = sizeof(struct krsi_adapter),
	.name = "exec",
	.open = exec_open,
	.close = exec_close,
	.describe = exec_describe,
	.hooks = exec_hooks,
	.load = exec_load,
	.unload = exec_unload,
	.attach = exec_attach,
	.detach = exec_detach,
	.steer = exec_steer,
	.calls = exec_calls,
	.query = exec_query,
	.prog_id = exec_prog_id,
	.read_events = exec_read_events,
	.last_error = exec_last_error,
	.reap = exec_reap,
};
