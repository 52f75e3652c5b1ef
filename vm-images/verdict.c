// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/verdict.h"

#define MARK "krsi-init: "

static const char *const end_names[] = {
	[WATCH_CLEAN] = "clean",     [WATCH_NO_INIT] = "no-init",   [WATCH_PANIC] = "panic",
	[WATCH_HANG] = "hang",	     [WATCH_DEADLINE] = "deadline", [WATCH_VANISHED] = "vanished",
	[WATCH_STOPPED] = "stopped",
};

/* Each cause with its name for programs, and what to do about it for people. */
static const struct {
	const char *name;
	const char *text;
} causes[] = {
	[CAUSE_NONE] = { "", "" },
	[CAUSE_NO_BTF] = { "no-btf",
			   "the kernel has no BTF: build it with CONFIG_DEBUG_INFO_BTF=y" },
	[CAUSE_NO_BPF_LSM] = { "no-bpf-lsm",
			       "BPF LSM is not built in: build the kernel with CONFIG_BPF_LSM=y" },
	[CAUSE_LSM_ORDER] = { "lsm-order",
			      "`bpf` is not in lsm= on the kernel command line, so programs attach "
			      "and never run: add it" },
	[CAUSE_NO_ROOT] = { "no-root",
			    "the kernel looked for a root device instead of the initramfs: build it "
			    "with CONFIG_BLK_DEV_INITRD=y" },
	[CAUSE_NO_INIT] = { "no-init",
			    "the kernel could not run /init: is it built with CONFIG_BINFMT_ELF=y?" },
	[CAUSE_WRONG_ARCH] = { "wrong-arch",
			       "/init is for another architecture than the kernel: use a 64-bit one" },
	[CAUSE_NO_MEMORY] = { "no-memory", "the guest has too little memory: give it more" },
	[CAUSE_NO_CONSOLE] = { "no-console",
			       "nothing came on the serial console: the kernel needs "
			       "CONFIG_SERIAL_8250_CONSOLE=y, and enough memory to start" },
	[CAUSE_QEMU] = { "qemu", "QEMU failed" },
};

/* What kernels say that tells a cause. The first that fits stays: what follows comes from it. */
static const struct {
	const char *needle;
	enum watch_cause cause;
} clues[] = {
	{ "Initramfs unpacking failed: write error", CAUSE_NO_MEMORY },
	{ "unable to mount root fs: not enough memory", CAUSE_NO_MEMORY },
	{ "System is deadlocked on memory", CAUSE_NO_MEMORY },
	{ "panic_on_oom is enabled", CAUSE_NO_MEMORY },
	{ "Kernel panic - not syncing: Out of memory", CAUSE_NO_MEMORY },
	{ "Failed to execute /init (error -8)", CAUSE_WRONG_ARCH },
	{ "Failed to execute /init (error -12)", CAUSE_NO_MEMORY },
	{ "Failed to execute /", CAUSE_NO_INIT },
	{ "No working init found", CAUSE_NO_INIT },
	{ "Requested init ", CAUSE_NO_INIT },
	{ "VFS: Cannot open root device", CAUSE_NO_ROOT },
	{ "VFS: Unable to mount root fs", CAUSE_NO_ROOT },
};

const char *watch_end_name(enum watch_end e)
{
	return end_names[e];
}

const char *watch_cause_name(enum watch_cause c)
{
	return causes[c].name;
}

/* A ring until the end, so that a flood costs no more than its last lines. */
static void keep_tail(struct verdict *v, const char *line)
{
	struct strs *tail = &v->out->tail;

	if (tail->n < WATCH_TAIL_LINES) {
		strs_take(tail, xstrndup(line, SPLAT_LINE_BYTES));
		return;
	}
	free(tail->v[v->tail_at]);
	tail->v[v->tail_at] = xstrndup(line, SPLAT_LINE_BYTES);
	v->tail_at = (v->tail_at + 1) % WATCH_TAIL_LINES;
}

static void straighten_tail(struct verdict *v)
{
	struct strs *tail = &v->out->tail, straight = { 0 };

	for (size_t i = 0; i < tail->n; i++)
		strs_take(&straight, tail->v[(v->tail_at + i) % tail->n]);
	free(tail->v);
	*tail = straight;
	v->tail_at = 0;
}

/* The part of a line behind init's mark and @word, or NULL. */
static const char *mark(const char *line, const char *word)
{
	const char *p = strstr(line, MARK);
	size_t n = strlen(word);

	if (!p || strncmp(p + strlen(MARK), word, n))
		return NULL;
	return p + strlen(MARK) + n;
}

static void read_exit(struct verdict *v, const char *text)
{
	char *end;
	long code;

	errno = 0;
	code = strtol(text, &end, 10);
	if (errno || end == text || *end || code < 0 || code > 255)
		return;
	v->end_seen = true;
	v->out->exit_code = (int)code;
}

static void read_marks(struct verdict *v, const char *line)
{
	const char *p;

	if (!strcmp(mark(line, "up") ?: "-", ""))
		v->reached_init = true;
	if (!v->reached_init)
		return;
	p = mark(line, "lsm ");
	if (p && !v->out->lsm)
		v->out->lsm = xstrndup(p, 255);
	p = mark(line, "btf ");
	if (p && !strcmp(p, "no"))
		v->no_btf = true;
	p = mark(line, "exit ");
	if (p)
		read_exit(v, p);
}

static void read_clues(struct verdict *v, const char *line)
{
	double at;
	const char *text = splat_strip(line, &at);

	if (!text || v->out->cause != CAUSE_NONE)
		return;
	for (size_t i = 0; i < sizeof(clues) / sizeof(clues[0]); i++)
		if (strstr(text, clues[i].needle)) {
			v->out->cause = clues[i].cause;
			snprintf(v->cause_line, sizeof(v->cause_line), "%s", text);
			return;
		}
}

bool verdict_line(struct verdict *v, const char *line)
{
	struct splats *s = &v->out->splats;
	enum splat_kind kind = splats_line(s, line, !v->reached_init);

	v->out->console_lines++;
	keep_tail(v, line);
	read_marks(v, line);
	read_clues(v, line);
	if (strstr(line, "Kernel panic - not syncing"))
		v->panicked = true;
	/* the machine cannot have ended well if it goes on to die */
	if (v->panicked || kind == SPLAT_OOPS)
		v->end_seen = false;
	return !s->open || s->open_kind == SPLAT_WARN || s->open_kind == SPLAT_OOM;
}

enum watch_end verdict_natural_end(const struct verdict *v)
{
	const struct splats *s = &v->out->splats;

	if (v->end_seen)
		return WATCH_CLEAN;
	if (!v->reached_init)
		return WATCH_NO_INIT;
	if (v->panicked)
		return WATCH_PANIC;
	/* an oops may be the last that a machine says */
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == SPLAT_OOPS)
			return WATCH_PANIC;
	return WATCH_VANISHED;
}

static bool word_in_list(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *p = list; *p;) {
		size_t len = strcspn(p, ",");

		if (len == n && !memcmp(p, word, n))
			return true;
		p += len + !!p[len];
	}
	return false;
}

/* Whether the last lsm= of the command line asks for bpf: then the kernel does not have it. */
static bool asked_for_bpf(const char *cmdline)
{
	bool asked = false;
	char *copy = xstrdup(cmdline ?: ""), *save = NULL;

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		if (!strncmp(w, "lsm=", 4))
			asked = word_in_list("bpf", w + 4);
	free(copy);
	return asked;
}

static void settle_cause(struct verdict *v)
{
	struct watch_outcome *o = v->out;

	if (o->cause != CAUSE_NONE)
		return;
	if (o->ended == WATCH_NO_INIT && !o->console_lines)
		o->cause = o->qemu_errors ? CAUSE_QEMU : CAUSE_NO_CONSOLE;
	else if (v->no_btf)
		o->cause = CAUSE_NO_BTF;
	else if (o->lsm && !word_in_list("bpf", o->lsm))
		o->cause = asked_for_bpf(v->cmdline) ? CAUSE_NO_BPF_LSM : CAUSE_LSM_ORDER;
}

/* The splat that says most about why a guest died. */
static const char *headline(const struct splats *s)
{
	const char *panic = NULL;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].kind == SPLAT_PANIC)
			panic = panic ?: s->v[i].title;
		else if (s->v[i].kind <= SPLAT_SANITIZER)
			return s->v[i].title;
	}
	return panic;
}

/* The last trouble before a guest stood still. */
static const char *last_trouble(const struct splats *s)
{
	return s->n ? s->v[s->n - 1].title : NULL;
}

static int put(char *text, size_t room, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int put(char *text, size_t room, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text + used, room - used, fmt, ap);
	va_end(ap);
	return n;
}

static void write_text(struct verdict *v)
{
	struct watch_outcome *o = v->out;
	const char *trouble = o->ended == WATCH_PANIC || o->ended == WATCH_NO_INIT
				      ? headline(&o->splats)
				      : last_trouble(&o->splats);
	char *t = o->text;
	size_t room = sizeof(o->text);

	*t = '\0';
	switch (o->ended) {
	case WATCH_CLEAN:
		put(t, room, "the guest ended cleanly, its program with exit code %d",
		    o->exit_code);
		trouble = NULL;
		break;
	case WATCH_NO_INIT:
		put(t, room, "the kernel did not boot: init was not reached in %.1f s", o->seconds);
		break;
	case WATCH_PANIC:
		put(t, room, "the guest crashed after %.1f s", o->seconds);
		break;
	case WATCH_HANG:
		put(t, room, "the guest hung: no sign of life; killed after %.1f s", o->seconds);
		break;
	case WATCH_DEADLINE:
		put(t, room, "the guest was not done in time; killed after %.1f s", o->seconds);
		break;
	case WATCH_VANISHED:
		put(t, room, "the guest ended after %.1f s without its end marker", o->seconds);
		break;
	case WATCH_STOPPED:
		put(t, room, "the guest was stopped after %.1f s", o->seconds);
		break;
	}
	if (trouble)
		put(t, room, ": %.120s", trouble);
	if (o->cause != CAUSE_NONE)
		put(t, room, "; %s", causes[o->cause].text);
	if (v->cause_line[0] && (!trouble || !strstr(trouble, v->cause_line)))
		put(t, room, " (%s)", v->cause_line);
	if (o->qemu_errors && o->ended != WATCH_CLEAN)
		put(t, room, "; QEMU says: %.160s", o->qemu_errors);
}

void verdict_end(struct verdict *v)
{
	straighten_tail(v);
	settle_cause(v);
	write_text(v);
}
