// SPDX-License-Identifier: GPL-2.0-only
#include "ci/meter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ci/text.h"
#include "vm-images/proc.h"

/* A log gets a line at each tenth of the way, but not more often than this. */
#define LOG_SECONDS 5.0
/* A terminal is not redrawn for every one of thousands of short tests. */
#define DRAW_SECONDS 0.1
#define LINE_BYTES   300

struct meter {
	pthread_mutex_t lock;
	FILE *out;
	bool quiet;
	bool terminal;
	bool drawn; /* the last line on the terminal is ours to rewrite */
	size_t total, done, red;
	size_t tenth; /* the last one that a log was told */
	double last;  /* when something was last drawn or logged */
	char current[TEXT_ID_MAX + 1];
	char release[TEXT_ID_MAX + 1]; /* of the guest's kernel */
	const struct waivers *waivers;
	const char *impl;
	struct progress progress;
	struct fold_watch watch;
};

static int columns(FILE *out)
{
	struct winsize ws;

	return !ioctl(fileno(out), TIOCGWINSZ, &ws) && ws.ws_col > 20 ? ws.ws_col : 80;
}

static void erase(struct meter *m)
{
	if (m->drawn)
		fputs("\r\033[K", m->out);
	m->drawn = false;
}

/* Fits the line into the terminal: a wrapped one could not be rewritten. */
static void draw(struct meter *m, const char *text)
{
	fprintf(m->out, "\r\033[K%.*s", columns(m->out) - 1, text);
	fflush(m->out);
	m->drawn = true;
}

static size_t percent(const struct meter *m)
{
	return m->total ? m->done * 100 / m->total : 100;
}

static void show(struct meter *m)
{
	double now = proc_seconds();
	char *text;

	if (m->quiet)
		return;
	if (m->terminal) {
		if (now - m->last < DRAW_SECONDS && m->done < m->total)
			return;
		text = xasprintf("[%3zu %%] %zu of %zu, %zu red  %s", percent(m), m->done, m->total,
				 m->red, m->current);
		draw(m, text);
		free(text);
	} else {
		if (percent(m) / 10 <= m->tenth ||
		    (now - m->last < LOG_SECONDS && m->done < m->total))
			return;
		m->tenth = percent(m) / 10;
		fprintf(m->out, "krsi: %zu %%: %zu of %zu tests, %zu red\n", percent(m), m->done,
			m->total, m->red);
		fflush(m->out);
	}
	m->last = now;
}

static void say(struct meter *m, const char *raw)
{
	char *text;

	if (m->quiet)
		return;
	text = text_line(raw, LINE_BYTES);
	erase(m);
	fprintf(m->out, "krsi: %s\n", text);
	fflush(m->out);
	free(text);
}

void meter_say(struct meter *m, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = text_vprintf(fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&m->lock);
	say(m, text);
	pthread_mutex_unlock(&m->lock);
	free(text);
}

static void on_step(void *ctx, const char *text)
{
	meter_say(ctx, "%s", text);
}

static void on_bytes(void *ctx, uint64_t done, uint64_t total)
{
	struct meter *m = ctx;
	char *text;

	if (m->quiet || !m->terminal)
		return;
	text = total ? xasprintf("      %llu of %llu MB", (unsigned long long)done >> 20,
				 (unsigned long long)total >> 20)
		     : xasprintf("      %llu MB", (unsigned long long)done >> 20);
	pthread_mutex_lock(&m->lock);
	draw(m, text);
	pthread_mutex_unlock(&m->lock);
	free(text);
}

static void on_start(void *arg, const char *id)
{
	struct meter *m = arg;

	pthread_mutex_lock(&m->lock);
	snprintf(m->current, sizeof(m->current), "%s", id);
	show(m);
	pthread_mutex_unlock(&m->lock);
}

static void on_suite(void *arg, const struct event *ev)
{
	struct meter *m = arg;

	pthread_mutex_lock(&m->lock);
	snprintf(m->release, sizeof(m->release), "%s", ev->kernel_release);
	pthread_mutex_unlock(&m->lock);
}

static bool is_known(const struct meter *m, const struct run_test *t)
{
	return m->waivers && waivers_excuse(m->waivers, m->release, m->impl, t, time(NULL));
}

static void on_end(void *arg, const struct run_test *t)
{
	struct meter *m = arg;
	char *text;

	pthread_mutex_lock(&m->lock);
	m->done++;
	if (result_is_red(t->result) && !is_known(m, t)) {
		m->red++;
		text = xasprintf("%s: %s: %s", result_name(t->result), t->id,
				 t->reason ? t->reason : "no reason given");
		say(m, text);
		free(text);
	}
	show(m);
	pthread_mutex_unlock(&m->lock);
}

struct meter *meter_new(FILE *out, bool quiet)
{
	struct meter *m = xcalloc(1, sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	m->out = out;
	m->quiet = quiet;
	m->terminal = isatty(fileno(out));
	m->progress = (struct progress){ .step = on_step, .bytes = on_bytes, .ctx = m };
	m->watch = (struct fold_watch){
		.suite = on_suite, .start = on_start, .end = on_end, .arg = m
	};
	return m;
}

void meter_total(struct meter *m, size_t total)
{
	pthread_mutex_lock(&m->lock);
	m->total = total;
	m->done = m->red = m->tenth = 0;
	pthread_mutex_unlock(&m->lock);
}

void meter_waivers(struct meter *m, const struct waivers *ws, const char *impl)
{
	m->waivers = ws;
	m->impl = impl;
}

void meter_clear(struct meter *m)
{
	pthread_mutex_lock(&m->lock);
	erase(m);
	fflush(m->out);
	pthread_mutex_unlock(&m->lock);
}

const struct progress *meter_progress(struct meter *m)
{
	return &m->progress;
}

const struct fold_watch *meter_watch(struct meter *m)
{
	return &m->watch;
}

void meter_free(struct meter *m)
{
	meter_clear(m);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
