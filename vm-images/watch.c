// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"
#include "vm-images/verdict.h"
#include "vm-images/watch.h"

#define TICK_MS	   250
#define ERRORS_MAX 2048
/* How long a guest that said its last word may take to be gone. */
#define LAST_SECONDS 4.0
/* How long QEMU may take to be gone once it has closed its pipes. */
#define LEAVE_MS 2000

/**
 * struct watcher - a boot being watched.
 * @verdict: what its console said.
 * @last_sign: when the guest last showed that it makes progress.
 * @last_byte: when anything came at all.
 * @keep: the guest's state is to be kept now; @kept: that has been tried.
 * @stop: a callback asked for the end.
 * @killed: how the boot ended, if it was ended from here.
 * @log, @logged: the console's file and how much it got.
 */
struct watcher {
	struct qemu *q;
	const struct watch_opts *o;
	struct watch_outcome *out;
	struct verdict verdict;
	struct lines *console;
	struct lines *events;
	double last_sign;
	double last_byte;
	bool keep;
	bool kept;
	bool stop;
	bool was_killed;
	enum watch_end killed;
	int log;
	size_t logged;
	char errors[ERRORS_MAX];
	size_t n_errors;
};

/* Once: a guest may say the word again. */
static bool is_to_keep(const struct watcher *w)
{
	return w->o->warm && !w->o->warm->found && !w->kept;
}

static void on_console(void *ctx, const char *text, size_t len, unsigned int flaws)
{
	struct watcher *w = ctx;
	bool before = w->verdict.reached_init;

	if (verdict_line(&w->verdict, text))
		w->last_sign = proc_seconds();
	if (!before && w->verdict.reached_init)
		w->out->init_seconds = proc_seconds() - w->q->started;
	if (is_to_keep(w) && strstr(text, WARM_LINE))
		w->keep = true;
	if (w->o->on_console && w->o->on_console(w->o->ctx, text))
		w->stop = true;
}

static void on_event(void *ctx, const char *text, size_t len, unsigned int flaws)
{
	struct watcher *w = ctx;

	w->out->event_lines++;
	w->last_sign = proc_seconds();
	if (w->o->on_event && w->o->on_event(w->o->ctx, text, len, flaws))
		w->stop = true;
}

static int log_console(struct watcher *w, const char *data, size_t len, struct krsi_err *err)
{
	size_t max = w->o->console_max ? w->o->console_max : WATCH_CONSOLE_MAX, room;
	char note[80];

	if (w->log < 0 || w->out->console_cut)
		return 0;
	room = max - w->logged;
	if (fs_write_all(w->log, data, len < room ? len : room))
		return krsi_err_sys(err, "cannot write %s", w->o->console_log);
	w->logged += len < room ? len : room;
	if (len <= room)
		return 0;
	w->out->console_cut = true;
	snprintf(note, sizeof(note), "\n[krsi: cut here, after %zu bytes of console]\n", max);
	if (fs_write_all(w->log, note, strlen(note)))
		return krsi_err_sys(err, "cannot write %s", w->o->console_log);
	return 0;
}

static void keep_errors(struct watcher *w, const char *data, size_t len)
{
	size_t room = sizeof(w->errors) - 1 - w->n_errors, n = len < room ? len : room;

	memcpy(w->errors + w->n_errors, data, n);
	w->n_errors += n;
}

/* What came out of a port (0: console, 1: events). */
static int take(struct watcher *w, int port, const char *data, size_t len, struct krsi_err *err)
{
	int rc = 0;

	if (port == 0)
		rc = log_console(w, data, len, err);
	lines_feed(port == 0 ? w->console : w->events, data, len);
	return rc;
}

/* Read what is there. Return: 1 if the stream goes on, 0 if it ended, -1 with @err. */
static int read_stream(struct watcher *w, int *fd, struct krsi_err *err)
{
	static __thread char buf[1 << 16];
	ssize_t n = read(*fd, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return 0;
	}
	w->last_byte = proc_seconds();
	if (fd == &w->q->errors) {
		keep_errors(w, buf, (size_t)n);
		return 1;
	}
	if (is_to_keep(w))
		warm_add(w->o->warm, fd == &w->q->events, buf, (size_t)n);
	return take(w, fd == &w->q->events, buf, (size_t)n, err) ? -1 : 1;
}

/* While the guest is held still its ports run dry. */
static int drain(struct watcher *w, struct krsi_err *err)
{
	int *fds[] = { &w->q->console, &w->q->events };

	for (int i = 0; i < 2; i++) {
		struct pollfd p = { .fd = *fds[i], .events = POLLIN };

		while (*fds[i] >= 0 && poll(&p, 1, 0) > 0)
			if (read_stream(w, fds[i], err) < 0)
				return -1;
	}
	return 0;
}

/* A state that cannot be kept is not missed: the next start is a cold one. */
static int keep_state(struct watcher *w, struct krsi_err *err)
{
	bool stopped = !qemu_stop(w->q), saved = stopped && !qemu_save(w->q);
	int rc = drain(w, err);

	w->keep = false;
	w->kept = true;
	if (saved && !rc)
		warm_keep(w->o->warm);
	if (stopped)
		qemu_continue(w->q);
	return rc;
}

static void end_guest(struct watcher *w, enum watch_end how)
{
	if (!w->was_killed)
		w->killed = how;
	w->was_killed = true;
	qemu_kill(w->q);
}

static void check_deadlines(struct watcher *w)
{
	const struct watch_opts *o = w->o;
	const struct verdict *v = &w->verdict;
	double now = proc_seconds(), age = now - w->q->started;

	if (w->was_killed)
		return;
	if (o->on_tick && o->on_tick(o->ctx, age))
		w->stop = true;
	if (w->stop)
		end_guest(w, WATCH_STOPPED);
	else if ((v->end_seen || v->panicked) && now - w->last_byte > LAST_SECONDS)
		end_guest(w, verdict_natural_end(v));
	else if (!v->reached_init && age > o->boot_seconds)
		end_guest(w, WATCH_NO_INIT);
	else if (age > o->total_seconds)
		end_guest(w, WATCH_DEADLINE);
	else if (v->reached_init && now - w->last_sign > o->silence_seconds)
		end_guest(w, WATCH_HANG);
}

static int follow(struct watcher *w, struct krsi_err *err)
{
	struct qemu *q = w->q;
	int *fds[] = { &q->console, &q->events, &q->errors };

	while (q->console >= 0 || q->events >= 0 || q->errors >= 0) {
		struct pollfd p[3];

		for (int i = 0; i < 3; i++)
			p[i] = (struct pollfd){ .fd = *fds[i], .events = POLLIN };
		if (poll(p, 3, TICK_MS) < 0 && errno != EINTR)
			return krsi_err_sys(err, "cannot watch QEMU");
		for (int i = 0; i < 3; i++)
			if (p[i].fd >= 0 && p[i].revents && read_stream(w, fds[i], err) < 0)
				return -1;
		if (w->keep && keep_state(w, err))
			return -1;
		check_deadlines(w);
	}
	return 0;
}

static int open_log(struct watcher *w, struct krsi_err *err)
{
	w->log = -1;
	if (!w->o->console_log)
		return 0;
	w->log = open(w->o->console_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (w->log < 0)
		return krsi_err_sys(err, "cannot write %s", w->o->console_log);
	return 0;
}

/* QEMU's messages in one printable line. */
static char *one_line(const char *text)
{
	char *out = xstrdup(text), *end = out + strlen(out);

	while (end > out && end[-1] == '\n')
		*--end = '\0';
	for (char *p = out; *p; p++)
		if (*p == '\n')
			*p = ';';
		else if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return out;
}

/* Somebody else ended QEMU, such as a host without memory: that says nothing about the kernel. */
static void blame_host(struct watcher *w, int status)
{
	char text[128];

	snprintf(text, sizeof(text), "it was killed by signal %d (%s)%s", WTERMSIG(status),
		 strsignal(WTERMSIG(status)),
		 WTERMSIG(status) == SIGKILL ? "; is the host out of memory?" : "");
	free(w->out->qemu_errors);
	w->out->qemu_errors = xstrdup(text);
	w->out->cause = CAUSE_QEMU;
}

/* Its pipes are closed: it is about to be gone, and how it ended must not become our doing. */
static void await_end(const struct qemu *q)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, q->pid, 0), .events = POLLIN };

	if (p.fd < 0)
		return;
	poll(&p, 1, LEAVE_MS);
	close(p.fd);
}

static void conclude(struct watcher *w)
{
	double ended = proc_seconds();
	struct watch_outcome *out = w->out;
	int status;

	lines_end(w->console);
	lines_end(w->events);
	if (!w->was_killed)
		await_end(w->q);
	status = qemu_reap(w->q);
	out->seconds = ended - w->q->started;
	if (w->n_errors)
		out->qemu_errors = one_line(w->errors);
	if (!w->was_killed && !w->verdict.end_seen && !w->verdict.panicked && WIFSIGNALED(status))
		blame_host(w, status);
	/* a deadline may pass while the last words are still in the pipe */
	if (w->was_killed && !(w->verdict.end_seen && w->killed != WATCH_STOPPED))
		out->ended = w->killed;
	else
		out->ended = verdict_natural_end(&w->verdict);
	verdict_end(&w->verdict);
	out->verdict_seconds = proc_seconds() - ended;
}

int watch_run(struct qemu *q, const struct watch_opts *o, struct watch_outcome *out,
	      struct krsi_err *err)
{
	struct watcher w = { .q = q, .o = o, .out = out };
	int rc;

	*out = (struct watch_outcome){ .init_seconds = -1 };
	w.verdict = (struct verdict){ .cmdline = o->cmdline, .out = out };
	w.last_sign = w.last_byte = proc_seconds();
	w.console = lines_new(WATCH_CONSOLE_LINE, on_console, &w);
	w.events = lines_new(WATCH_EVENT_LINE, on_event, &w);
	rc = open_log(&w, err);
	for (int i = 0; !rc && o->warm && o->warm->found && i < 2; i++)
		rc = take(&w, i, o->warm->bytes[i].data, o->warm->bytes[i].len, err);
	rc = rc ?: follow(&w, err);
	if (!rc)
		conclude(&w);
	else
		watch_outcome_free(out);
	qemu_reap(q);
	lines_free(w.console);
	lines_free(w.events);
	if (w.log >= 0)
		close(w.log);
	return rc;
}

static void replay_line(void *ctx, const char *text, size_t len, unsigned int flaws)
{
	verdict_line(ctx, text);
}

void watch_console(const char *text, size_t len, const char *cmdline, struct watch_outcome *out)
{
	struct verdict v = { .cmdline = cmdline, .out = out };
	struct lines *l = lines_new(WATCH_CONSOLE_LINE, replay_line, &v);

	*out = (struct watch_outcome){ .init_seconds = -1 };
	lines_feed(l, text, len);
	lines_end(l);
	lines_free(l);
	out->ended = verdict_natural_end(&v);
	verdict_end(&v);
}

void watch_outcome_free(struct watch_outcome *out)
{
	free(out->lsm);
	free(out->qemu_errors);
	splats_free(&out->splats);
	strs_free(&out->tail);
	*out = (struct watch_outcome){ 0 };
}
