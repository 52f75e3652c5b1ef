// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boots guests that end well, badly and not at all, and holds what the watcher says of each
 * against what is true. One line a case; the last line counts them.
 *
 *   guest-check KERNEL [CASE...]
 */
#include <dirent.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/guest.h"
#include "vm-images/proc.h"

static struct kernel kernel;
static struct krsi_err err;
static char *payload, *init_path, *dir;
static int passed, failed, skipped;
static const char *current;
static int case_failures;

static void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void wrong(const char *fmt, ...)
{
	va_list ap;

	printf("    %s: ", current);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	case_failures++;
}

#define CHECK(cond, ...)                                                                           \
	do {                                                                                       \
		if (!(cond))                                                                       \
			wrong(__VA_ARGS__);                                                        \
	} while (0)

/**
 * struct shape - a boot, and what is to come of it.
 * @args: of the payload: what it does, and with what.
 * @lsm, @cmdline, @memory_mb, @module: of the boot; NULL or 0: the default.
 * @boot, @silence, @total: deadlines in seconds; 0: the default.
 * @ended, @cause, @exit: what is to come of it; @exit of the payload counts after a clean end.
 * @code: what krsi would exit with.
 * @splat: an accident of that kind must be there; SPLAT_NONE: there must be none.
 * @says: part of the text.
 */
struct shape {
	const char *name;
	const char *args[2];
	const char *lsm, *cmdline, *module;
	unsigned int memory_mb;
	double boot, silence, total;
	enum watch_end ended;
	enum watch_cause cause;
	int exit;
	int code;
	enum splat_kind splat;
	const char *says;
};

static const struct shape shapes[] = {
	{ .name = "clean", .args = { "look", "a b" }, .says = "exit code 0" },
	{ .name = "payload-fails", .args = { "exit", "7" }, .exit = 7, .says = "exit code 7" },
	{ .name = "payload-killed", .args = { "signal", "11" }, .exit = 139 },
	{ .name = "leaves-a-process", .args = { "leave" } },
	{ .name = "module", .args = { "loaded", "loop" }, .module = "loop" },
	{ .name = "panic",
	  .args = { "sysrq", "c" },
	  .ended = WATCH_PANIC,
	  .code = 3,
	  .splat = SPLAT_PANIC,
	  .says = "sysrq triggered crash" },
	{ .name = "out-of-memory",
	  .args = { "oom" },
	  .memory_mb = 256,
	  .ended = WATCH_PANIC,
	  .cause = CAUSE_NO_MEMORY,
	  .code = 3,
	  .splat = SPLAT_OOM,
	  .says = "too little memory" },
	{ .name = "hung-task",
	  .args = { "hung-task" },
	  .silence = 8,
	  .ended = WATCH_HANG,
	  .code = 3,
	  .splat = SPLAT_HUNG,
	  .says = "blocked for more than" },
	{ .name = "rcu-stall",
	  .args = { "rcu-stall" },
	  .silence = 15,
	  .ended = WATCH_HANG,
	  .code = 3,
	  .splat = SPLAT_STALL,
	  .says = "stall" },
	{ .name = "hang",
	  .args = { "hang" },
	  .silence = 4,
	  .ended = WATCH_HANG,
	  .code = 3,
	  .says = "no sign of life" },
	{ .name = "deadline",
	  .args = { "hang" },
	  .silence = 90,
	  .total = 15,
	  .ended = WATCH_DEADLINE,
	  .code = 3,
	  .says = "not done in time" },
	{ .name = "vanishes",
	  .args = { "vanish" },
	  .ended = WATCH_VANISHED,
	  .code = 3,
	  .says = "without its end marker" },
	/* reports that no program can cause at will: the kernel prints them in its own manner */
	{ .name = "warn",
	  .args = { "kmsg", "WARNING: CPU: 0 PID: 1 at fs/x.c:1 foo+0x1/0x2" },
	  .splat = SPLAT_WARN },
	{ .name = "oops",
	  .args = { "kmsg", "BUG: kernel NULL pointer dereference, address: 8" },
	  .ended = WATCH_CLEAN,
	  .splat = SPLAT_OOPS },
	{ .name = "kasan",
	  .args = { "kmsg", "BUG: KASAN: slab-use-after-free in foo+0x1/0x2" },
	  .splat = SPLAT_SANITIZER },
	{ .name = "soft-lockup",
	  .args = { "kmsg", "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [x:1]" },
	  .splat = SPLAT_LOCKUP },
	{ .name = "hard-lockup",
	  .args = { "kmsg", "NMI watchdog: Watchdog detected hard LOCKUP on cpu 0" },
	  .splat = SPLAT_LOCKUP },
	{ .name = "lockdep",
	  .args = { "kmsg", "WARNING: possible circular locking dependency detected" },
	  .splat = SPLAT_LOCKDEP },
	{ .name = "no-bpf-in-lsm",
	  .args = { "exit" },
	  .lsm = "lockdown,capability",
	  .cause = CAUSE_LSM_ORDER,
	  .code = 4,
	  .says = "`bpf` is not in lsm=" },
	{ .name = "no-root",
	  .args = { "exit" },
	  .cmdline = "rdinit=/nonexistent",
	  .ended = WATCH_NO_INIT,
	  .cause = CAUSE_NO_ROOT,
	  .code = 4,
	  .splat = SPLAT_PANIC,
	  .says = "CONFIG_BLK_DEV_INITRD=y" },
	{ .name = "no-init",
	  .args = { "exit" },
	  .cmdline = "rdinit=/krsi/args",
	  .ended = WATCH_NO_INIT,
	  .cause = CAUSE_NO_INIT,
	  .code = 4,
	  .splat = SPLAT_PANIC,
	  .says = "could not run /init" },
	{ .name = "boot-hangs",
	  .args = { "exit" },
	  .cmdline = "rdinit=/krsi/krsi-test -- hang",
	  .boot = 20,
	  .ended = WATCH_NO_INIT,
	  .code = 4,
	  .says = "init was not reached" },
	{ .name = "no-memory-to-boot",
	  .args = { "exit" },
	  .memory_mb = 48,
	  .ended = WATCH_NO_INIT,
	  .cause = CAUSE_NO_CONSOLE,
	  .code = 4,
	  .says = "enough memory" },
	{ .name = "qemu-fails",
	  .args = { "exit" },
	  .memory_mb = 1,
	  .ended = WATCH_NO_INIT,
	  .cause = CAUSE_QEMU,
	  .code = 5,
	  .says = "QEMU says: " },
};

static struct guest_opts opts_of(const struct shape *s)
{
	static char log[512];

	snprintf(log, sizeof(log), "%s/console.log", dir);
	return (struct guest_opts){
		.kernel = &kernel,
		.payload = payload,
		.init = init_path,
		.args = (const char *const *)s->args,
		.nargs = !!s->args[0] + !!s->args[1],
		.modules = (const char *const *)&s->module,
		.nmodules = !!s->module,
		.lsm = s->lsm,
		.cmdline = s->cmdline,
		.memory_mb = s->memory_mb,
		.boot_seconds = s->boot,
		.silence_seconds = s->silence,
		.total_seconds = s->total,
		.console_log = log,
		.no_retry = true,
	};
}

static bool has_splat(const struct splats *s, enum splat_kind kind)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == kind)
			return true;
	return false;
}

static void compare(const struct shape *s, const struct guest_outcome *out)
{
	const struct watch_outcome *w = &out->watch;

	CHECK(w->ended == s->ended, "ended %s, not %s: %s", watch_end_name(w->ended),
	      watch_end_name(s->ended), w->text);
	CHECK(w->cause == s->cause, "cause \"%s\", not \"%s\"", watch_cause_name(w->cause),
	      watch_cause_name(s->cause));
	CHECK(w->ended != WATCH_CLEAN || w->exit_code == s->exit, "exit code %d, not %d",
	      w->exit_code, s->exit);
	CHECK(guest_exit_code(out) == s->code, "krsi would exit with %d, not %d",
	      guest_exit_code(out), s->code);
	CHECK(strstr(w->text, s->says ?: ""), "\"%s\" is not in \"%s\"", s->says, w->text);
	CHECK(w->verdict_seconds < 5, "the verdict took %.1f s", w->verdict_seconds);
	CHECK(s->splat != SPLAT_NONE ? has_splat(&w->splats, s->splat) : !w->splats.n,
	      "%zu accidents, the first: %s", w->splats.n,
	      w->splats.n ? w->splats.v[0].title : "(none)");
	CHECK(!w->console_lines == !w->tail.n, "no tail of the console");
}

static double run_shape(const struct shape *s)
{
	struct guest_opts o = opts_of(s);
	struct guest_outcome out;
	double seconds;

	if (guest_run(&o, &out, &err)) {
		wrong("%s", err.text);
		return 0;
	}
	compare(s, &out);
	seconds = out.watch.seconds;
	if (case_failures)
		for (size_t i = 0; i < out.watch.tail.n; i++)
			printf("      | %s\n", out.watch.tail.v[i]);
	guest_outcome_free(&out);
	return seconds;
}

/** struct stream - what the event callback saw. */
struct stream {
	size_t lines;
	size_t out_of_order;
	unsigned int flaws;
	bool stop;
};

static int count_event(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	struct stream *s = ctx;
	const char *seq = strstr(line, "\"seq\":");

	if (!seq || (size_t)atol(seq + 6) != s->lines)
		s->out_of_order++;
	s->lines++;
	s->flaws |= flaws;
	return s->stop;
}

static double run_stream(const char *deed, const char *arg, struct stream *seen,
			 struct guest_outcome *out)
{
	struct shape s = { .args = { deed, arg } };
	struct guest_opts o = opts_of(&s);

	o.on_event = count_event;
	o.ctx = seen;
	if (guest_run(&o, out, &err)) {
		wrong("%s", err.text);
		return 0;
	}
	return out->watch.seconds;
}

/* Nothing of a long stream is lost, and it keeps its order. */
static double events(void)
{
	struct stream seen = { 0 };
	struct guest_outcome out = { 0 };
	double seconds = run_stream("events", "20000", &seen, &out);

	CHECK(out.watch.ended == WATCH_CLEAN, "%s", out.watch.text);
	CHECK(seen.lines == 20000 && !seen.out_of_order && !seen.flaws,
	      "%zu lines, %zu out of order, flaws %u", seen.lines, seen.out_of_order, seen.flaws);
	printf("    20000 events (2 MB) in %.1f s\n", seconds - out.watch.init_seconds);
	guest_outcome_free(&out);
	return seconds;
}

static double bad_events(void)
{
	struct stream seen = { 0 };
	struct guest_outcome out = { 0 };
	double seconds = run_stream("bad-events", NULL, &seen, &out);

	CHECK(seen.lines == 4, "%zu lines", seen.lines);
	CHECK(seen.flaws == (LINE_TOO_LONG | LINE_BINARY | LINE_CUT), "flaws %u", seen.flaws);
	guest_outcome_free(&out);
	return seconds;
}

static double stopped_by_callback(void)
{
	struct stream seen = { .stop = true };
	struct guest_outcome out = { 0 };
	double seconds = run_stream("events", "100000", &seen, &out);

	CHECK(out.watch.ended == WATCH_STOPPED, "%s", out.watch.text);
	guest_outcome_free(&out);
	return seconds;
}

/* The log is bounded and says so; the end is seen all the same. */
static double flood(void)
{
	struct shape s = { .args = { "flood", "12" } };
	struct guest_opts o = opts_of(&s);
	struct guest_outcome out;
	struct stat st;
	double seconds;

	if (guest_run(&o, &out, &err)) {
		wrong("%s", err.text);
		return 0;
	}
	CHECK(out.watch.ended == WATCH_CLEAN, "%s", out.watch.text);
	CHECK(out.watch.console_cut, "it does not say that the log was cut");
	CHECK(!stat(o.console_log, &st) && st.st_size < WATCH_CONSOLE_MAX + 4096,
	      "log of %lld bytes", (long long)st.st_size);
	seconds = out.watch.seconds;
	printf("    12 MB of console in %.1f s\n", seconds - out.watch.init_seconds);
	guest_outcome_free(&out);
	return seconds;
}

static double missing_module(void)
{
	struct shape s = { .args = { "exit" }, .module = "no_such_module" };
	struct guest_opts o = opts_of(&s);
	struct guest_outcome out;
	double seconds;

	if (guest_run(&o, &out, &err)) {
		wrong("%s", err.text);
		return 0;
	}
	CHECK(out.missing_modules.n == 1, "%zu missing modules", out.missing_modules.n);
	CHECK(out.watch.ended == WATCH_CLEAN, "%s", out.watch.text);
	seconds = out.watch.seconds;
	guest_outcome_free(&out);
	return seconds;
}

static char *script(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);

	if (fs_write_atomic(path, text, strlen(text), &err) || chmod(path, 0755))
		wrong("%s", err.text);
	return path;
}

/* A first boot that dies in silence is tried again, and the outcome says so. */
static double retry(void)
{
	struct shape s = { .args = { "exit" } };
	struct guest_opts o = opts_of(&s);
	char *text =
		xasprintf("#!/bin/sh\n[ -e %s/once ] || { : >%s/once; exit 0; }\nexec %s \"$@\"\n",
			  dir, dir, kernel.arch->qemu);
	char *qemu = script("qemu-flaky", text);
	struct guest_outcome out;
	double seconds = 0;

	o.qemu = qemu;
	o.no_retry = false;
	o.accel = ACCEL_TCG;
	if (guest_run(&o, &out, &err)) {
		wrong("%s", err.text);
	} else {
		CHECK(out.boots == 2, "%d boots", out.boots);
		CHECK(out.first_failure && strstr(out.first_failure, "did not boot"), "\"%s\"",
		      out.first_failure);
		CHECK(out.watch.ended == WATCH_CLEAN, "%s", out.watch.text);
		seconds = out.watch.seconds;
		guest_outcome_free(&out);
	}
	free(qemu);
	free(text);
	return seconds;
}

/* Processes that run @dir/qemu-*: named so that only those of this program are found. */
static int count_running(const char *name)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d))) {
		char *path = xasprintf("/proc/%s/cmdline", e->d_name);
		struct krsi_err ignored;
		size_t len;
		char *text = atoi(e->d_name) ? fs_read(path, 1 << 20, &len, &ignored) : NULL;

		n += text && memmem(text, len, name, strlen(name));
		free(text);
		free(path);
	}
	if (d)
		closedir(d);
	return n;
}

static bool becomes(int want, const char *name, double seconds)
{
	double end = proc_seconds() + seconds;

	while (proc_seconds() < end) {
		if (count_running(name) == want)
			return true;
		usleep(50000);
	}
	return false;
}

/* However krsi dies, its QEMU dies with it. */
static double no_orphan(void)
{
	static const int signals[] = { SIGKILL, SIGINT, SIGTERM };
	char *name = xasprintf("krsi.check=%d", getpid());
	struct shape s = { .args = { "hang" }, .cmdline = name };
	struct guest_opts o = opts_of(&s);
	double start = proc_seconds();

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct guest_outcome out;
		pid_t pid = fork();

		if (!pid)
			_exit(guest_run(&o, &out, &err) ? 1 : 0);
		CHECK(becomes(1, name, 20), "QEMU did not start");
		kill(pid, signals[i]);
		waitpid(pid, NULL, 0);
		CHECK(becomes(0, name, 5), "an orphan is left after signal %d", signals[i]);
	}
	free(name);
	return proc_seconds() - start;
}

static void shell_child(const struct guest_opts *o, int in, int out_fd)
{
	struct guest_outcome out;

	dup2(in, STDIN_FILENO);
	dup2(out_fd, STDOUT_FILENO);
	if (guest_shell(o, &out, &err))
		_exit(99);
	_exit(out.watch.ended == WATCH_CLEAN ? out.watch.exit_code : 98);
}

/* A shell on a pipe: it computes, finds the payload, and its exit code comes through. */
static double shell(void)
{
	static const char script_text[] =
		"echo answer=$((6*7)); krsi-test exit 5; echo code=$?; exit 9\n";
	struct shape s = { 0 };
	struct guest_opts o = opts_of(&s);
	int in[2], from[2], status = -1;
	double start = proc_seconds();
	char said[65536];
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (!fs_find_program("busybox")) {
		skipped++;
		return -1;
	}
	if (pipe(in) || pipe(from)) {
		wrong("pipe");
		return 0;
	}
	pid = fork();
	if (!pid) {
		close(in[1]);
		close(from[0]);
		shell_child(&o, in[0], from[1]);
	}
	close(in[0]);
	close(from[1]);
	/* typed ahead; the terminal keeps it until the shell reads */
	while (n < sizeof(said) - 1 && (got = read(from[0], said + n, sizeof(said) - 1 - n)) > 0) {
		said[n += (size_t)got] = '\0';
		if (strstr(said, "# ") && in[1] >= 0) {
			if (write(in[1], script_text, sizeof(script_text) - 1) < 0)
				wrong("cannot type");
			close(in[1]);
			in[1] = -1;
		}
	}
	waitpid(pid, &status, 0);
	close(from[0]);
	CHECK(strstr(said, "answer=42"), "the shell did not compute: %.400s", said);
	CHECK(strstr(said, "code=5"), "krsi-test is not at hand");
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9, "status %x", status);
	return proc_seconds() - start;
}

/** struct drawn - what the payload drew, as it said before and after it was ready. */
struct drawn {
	char before[24], after[24];
	int lines;
};

static int take_drawn(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	struct drawn *d = ctx;

	d->lines++;
	sscanf(line, "{\"drawn\":\"%16[0-9a-f]", d->before);
	sscanf(line, "{\"again\":\"%16[0-9a-f]", d->after);
	return 0;
}

/* Runs the payload from a slot; it is to go on from a state, or not. */
static double draw(struct drawn *d, const char *arg, bool warm)
{
	struct shape s = { .args = { "ready", arg } };
	struct guest_opts o = opts_of(&s);
	struct guest_outcome out;
	double seconds;

	*d = (struct drawn){ 0 };
	o.on_event = take_drawn;
	o.ctx = d;
	o.warm = "check";
	if (guest_run(&o, &out, &err)) {
		wrong("%s", err.text);
		return 0;
	}
	CHECK(out.warm == warm, "%s start", out.warm ? "a warm" : "a cold");
	CHECK(out.watch.ended == WATCH_CLEAN && !out.watch.exit_code, "%s", out.watch.text);
	CHECK(d->lines == 2 && d->before[0] && !strcmp(d->before, d->after), "%d lines, %s, %s",
	      d->lines, d->before, d->after);
	CHECK(out.watch.init_seconds >= 0 && out.watch.lsm, "the console before it is missing");
	seconds = out.watch.seconds;
	guest_outcome_free(&out);
	return seconds;
}

/* A guest goes on from an equal one's state; one that differs, or whose state is damaged, boots. */
static double warm_start(void)
{
	char *cache = xasprintf("%s/cache", dir), *state = xasprintf("%s/warm/check/state", cache);
	struct drawn first, second;
	double seconds;

	setenv("KRSI_CACHE", cache, 1);
	seconds = draw(&first, "a", false);
	seconds += draw(&second, "a", true);
	CHECK(!strcmp(first.before, second.before), "it is not the first one's state");
	seconds += draw(&second, "b", false);
	CHECK(strcmp(first.before, second.before), "two boots drew the same");
	seconds += draw(&first, "b", true);
	CHECK(!strcmp(first.before, second.before), "it is not the last one's state");
	if (truncate(state, 1 << 20))
		wrong("%s", state);
	seconds += draw(&first, "b", false);
	seconds += draw(&second, "b", true);
	CHECK(!strcmp(first.before, second.before), "a damaged state was not replaced");
	unsetenv("KRSI_CACHE");
	free(state);
	free(cache);
	return seconds;
}

static double unwritable_log(void)
{
	struct shape s = { .args = { "exit" } };
	struct guest_opts o = opts_of(&s);
	struct guest_outcome out;

	o.console_log = "/dev/full";
	CHECK(guest_run(&o, &out, &err) == -1 && err.code == KRSI_EXIT_INFRA, "no error");
	o.console_log = "/nonexistent/log";
	CHECK(guest_run(&o, &out, &err) == -1 && strstr(err.text, "/nonexistent/log"), "%s",
	      err.text);
	return 0;
}

static const struct {
	const char *name;
	double (*fn)(void);
} others[] = {
	{ "events", events },
	{ "bad-events", bad_events },
	{ "stopped-by-callback", stopped_by_callback },
	{ "console-flood", flood },
	{ "missing-module", missing_module },
	{ "boot-retried", retry },
	{ "no-orphan", no_orphan },
	{ "shell", shell },
	{ "warm-start", warm_start },
	{ "unwritable-log", unwritable_log },
};

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (!fnmatch(argv[i], name, 0))
			return true;
	return argc <= 2;
}

static void begin(const char *name)
{
	current = name;
	case_failures = 0;
}

static void end(double seconds)
{
	if (seconds < 0) {
		printf("skip %s\n", current);
		return;
	}
	printf("%s %-22s %5.1f s\n", case_failures ? "FAIL" : "ok  ", current, seconds);
	fflush(stdout);
	passed += !case_failures;
	failed += !!case_failures;
}

static void step(void *ctx, const char *text)
{
	printf("    %s\n", text);
}

int main(int argc, char **argv)
{
	const struct progress progress = { .step = step };
	const struct kernel_opts ko = { .progress = &progress };

	if (argc < 2) {
		fprintf(stderr, "usage: guest-check KERNEL [CASE...]\n");
		return KRSI_EXIT_USAGE;
	}
	payload = fs_beside_self("guest-payload");
	init_path = fs_beside_self("init");
	dir = fs_temp_dir(getenv("TMPDIR") ?: "/tmp", &err);
	if (!dir || kernel_resolve(&kernel, argv[1], &ko, &err)) {
		fprintf(stderr, "guest-check: %s\n", err.text);
		return err.code;
	}
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (wanted(shapes[i].name, argc, argv)) {
			begin(shapes[i].name);
			end(run_shape(&shapes[i]));
		}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (wanted(others[i].name, argc, argv)) {
			begin(others[i].name);
			end(others[i].fn());
		}
	fs_remove_tree(dir);
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed || !(passed + skipped) ? KRSI_EXIT_FAIL : KRSI_EXIT_OK;
}
