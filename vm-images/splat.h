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
 * struct splats - those of one boot, at most SPLATS_MAX.
 * @dropped: how many more there were.
 * The remaining fields belong to splats_line(). Zeroed: the start of a console.
 */
struct splats {
	struct splat *v;
	size_t n;
	size_t dropped;
	bool open;	   /* the last of @v (or a dropped one) still takes lines */
	size_t open_lines; /* lines that the open one has seen */
	bool rule;	   /* the last line was a rule of '=' that may open a report */
	size_t lines;	   /* lines seen */
};

#define SPLATS_MAX	 32
#define SPLAT_LINES_MAX	 120
#define SPLAT_LINE_BYTES 512

/** splat_classify - what a line without time stamp begins, or SPLAT_NONE. */
enum splat_kind splat_classify(const char *line);

/**
 * splat_strip - skip printk's prefix: "[    1.234567] ", with caller id "[  T12] " if present.
 * Return: a pointer into @line.
 */
const char *splat_strip(const char *line);

/**
 * splats_line - take the next console line (printable, without newline).
 * Return: the kind of accident that this line begins, else SPLAT_NONE.
 */
enum splat_kind splats_line(struct splats *s, const char *line, bool before_init);
/** splats_free - free the content and zero it. */
void splats_free(struct splats *s);

#endif
