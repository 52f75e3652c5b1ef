/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel prints when something went wrong inside it, recognised line by line. The console
 * is written by the guest: lines are bounded, and what is kept is printable text.
 */
#ifndef KRSI_SPLAT_H
#define KRSI_SPLAT_H

#include <stdbool.h>
#include <stddef.h>
#include "vm-images/mem.h"

/** enum splat_kind - sorted by how much they say when several come from one accident. */
enum splat_kind {
	SPLAT_NONE,
	SPLAT_PANIC,	 /* Kernel panic - not syncing */
	SPLAT_OOPS,	 /* BUG:, Oops:, general protection fault, kernel BUG at */
	SPLAT_SANITIZER, /* KASAN, KMSAN, KCSAN, KFENCE, UBSAN */
	SPLAT_LOCKUP,	 /* soft and hard lockup, workqueue lockup */
	SPLAT_STALL,	 /* RCU stall */
	SPLAT_HUNG,	 /* hung task */
	SPLAT_LOCKDEP,	 /* lockdep's reports */
	SPLAT_WARN,	 /* WARN() */
	SPLAT_OOM,	 /* the OOM killer */
};

/** splat_kind_name - "panic", "oops", "sanitizer", "lockup", "rcu-stall", "hung-task", ... */
const char *splat_kind_name(enum splat_kind k);

/**
 * struct splat - one accident.
 * @kind: of its first line.
 * @title: the first line without time stamp.
 * @text: all its lines, joined by newlines, without time stamps; bounded.
 * @line: number of its first line on the console, from 1.
 * @before_init: it came before the guest's init was reached.
 */
struct splat {
	enum splat_kind kind;
	char *title;
	char *text;
	size_t line;
	bool before_init;
};

/**
 * struct splats - those of one boot, at most SPLATS_MAX. Zeroed: the start of a console.
 * @v, @n: the accidents, in order.
 * @dropped: how many more there were.
 * @lines: console lines seen.
 * The remaining fields belong to splats_line():
 * @open: the last one still takes lines.
 * @open_dropped: it is not kept.
 * @open_kind: its kind.
 * @open_lines: how many lines it has seen.
 * @last: the guest's time stamp of the last kernel line, in seconds.
 */
struct splats {
	struct splat *v;
	size_t n;
	size_t dropped;
	size_t lines;
	bool open;
	bool open_dropped;
	enum splat_kind open_kind;
	size_t open_lines;
	double last;
};

#define SPLATS_MAX	 32
#define SPLAT_LINES_MAX	 120
#define SPLAT_LINE_BYTES 512

/** splat_classify - what a line without time stamp begins, or SPLAT_NONE. */
enum splat_kind splat_classify(const char *line);

/**
 * splat_strip - find printk's prefix: "[    1.234567] ", with caller id "[  T12] " if present. It
 * may stand behind what a process printed without a newline.
 * @seconds: its time stamp.
 * Return: the kernel's text (a pointer into @line), or NULL if the line is not the kernel's.
 */
const char *splat_strip(const char *line, double *seconds);

/**
 * splats_line - take the next console line (printable, without newline). Only lines with printk's
 * prefix count: guests are booted with printk.time=1.
 * Return: the kind of accident that this line begins, else SPLAT_NONE.
 */
enum splat_kind splats_line(struct splats *s, const char *line, bool before_init);
/** splats_free - free the content and zero it. */
void splats_free(struct splats *s);

#endif
