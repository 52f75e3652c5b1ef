// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/splat.h"

/* Reports without an end mark end where the kernel fell silent for that long. */
#define SILENCE_SECONDS 0.5

static const char *const kind_names[] = {
	[SPLAT_NONE] = "none",	    [SPLAT_PANIC] = "panic",
	[SPLAT_OOPS] = "oops",	    [SPLAT_SANITIZER] = "sanitizer",
	[SPLAT_LOCKUP] = "lockup",  [SPLAT_STALL] = "rcu-stall",
	[SPLAT_HUNG] = "hung-task", [SPLAT_LOCKDEP] = "lockdep",
	[SPLAT_WARN] = "warn",	    [SPLAT_OOM] = "oom",
};

/*
 * First lines of reports, the special ones before the general ones. A line must begin with
 * @start; with @also it must hold that too. The function named prints it.
 */
static const struct {
	const char *start;
	const char *also;
	enum splat_kind kind;
} firsts[] = {
	{ "Kernel panic - not syncing", NULL, SPLAT_PANIC },  /* panic */
	{ "BUG: KASAN:", NULL, SPLAT_SANITIZER },	      /* kasan print_error_description */
	{ "BUG: KMSAN:", NULL, SPLAT_SANITIZER },	      /* kmsan_report */
	{ "BUG: KCSAN:", NULL, SPLAT_SANITIZER },	      /* kcsan print_report */
	{ "BUG: KFENCE:", NULL, SPLAT_SANITIZER },	      /* kfence_report_error */
	{ "UBSAN: ", NULL, SPLAT_SANITIZER },		      /* ubsan_prologue */
	{ "BUG ", "): ", SPLAT_SANITIZER },		      /* slab_bug */
	{ "watchdog: BUG: soft lockup", NULL, SPLAT_LOCKUP }, /* watchdog_timer_fn */
	{ "BUG: soft lockup", NULL, SPLAT_LOCKUP },	      /* the same, older */
	{ "NMI watchdog: ", "hard LOCKUP", SPLAT_LOCKUP },    /* watchdog_overflow_callback */
	{ "watchdog: ", "hard LOCKUP", SPLAT_LOCKUP },	      /* watchdog_hardlockup_check */
	{ "BUG: workqueue lockup", NULL, SPLAT_LOCKUP },      /* wq_watchdog_timer_fn */
	{ "workqueue: BUG: workqueue lockup", NULL, SPLAT_LOCKUP }, /* the same with its prefix */
	{ "rcu: INFO: ", "stall", SPLAT_STALL },		    /* print_cpu_stall and others */
	{ "INFO: rcu", "stall", SPLAT_STALL },			    /* rcu_tasks */
	{ "INFO: task ", "blocked", SPLAT_HUNG },		    /* check_hung_task */
	{ "WARNING: possible ", "lock", SPLAT_LOCKDEP },	    /* lockdep print_*_bug */
	{ "WARNING: inconsistent lock state", NULL, SPLAT_LOCKDEP }, /* print_usage_bug */
	{ "WARNING: suspicious RCU usage", NULL, SPLAT_LOCKDEP },    /* lockdep_rcu_suspicious */
	{ "WARNING: bad unlock balance", NULL, SPLAT_LOCKDEP }, /* print_unlock_imbalance_bug */
	{ "WARNING: held lock freed", NULL, SPLAT_LOCKDEP },	/* print_freed_lock_bug */
	{ "WARNING: lock held when returning", NULL, SPLAT_LOCKDEP }, /* lockdep_sys_exit */
	{ "BUG: lockdep turned itself off", NULL, SPLAT_LOCKDEP },    /* the guest's init */
	{ "[ BUG: Invalid wait context ]", NULL,
	  SPLAT_LOCKDEP },				  /* print_lock_invalid_wait_context */
	{ "WARNING: ", "CPU", SPLAT_WARN },		  /* __warn */
	{ "WARNING: at ", NULL, SPLAT_WARN },		  /* __warn, without debug info */
	{ "BUG: ", NULL, SPLAT_OOPS },			  /* show_fault_oops, __schedule_bug, ... */
	{ "Oops: ", NULL, SPLAT_OOPS },			  /* __die_header */
	{ "kernel BUG at ", NULL, SPLAT_OOPS },		  /* __report_bug */
	{ "general protection fault", NULL, SPLAT_OOPS }, /* exc_general_protection */
	{ "double fault: ", NULL, SPLAT_OOPS },		  /* exc_double_fault */
	{ "invalid opcode: ", NULL, SPLAT_OOPS },
	{ "divide error: ", NULL, SPLAT_OOPS },
	{ "int3: ", NULL, SPLAT_OOPS },
	{ "stack segment: ", NULL, SPLAT_OOPS },
	{ "stack guard page: ", NULL, SPLAT_OOPS },
	{ "Unable to handle kernel ", NULL, SPLAT_OOPS },     /* arm64 die_kernel_fault */
	{ "Internal error: ", NULL, SPLAT_OOPS },	      /* arm64 die */
	{ "", " invoked oom-killer: ", SPLAT_OOM },	      /* dump_header */
	{ "Out of memory: ", NULL, SPLAT_OOM },		      /* __oom_kill_process */
	{ "Out of memory and no killable", NULL, SPLAT_OOM }, /* out_of_memory */
};

const char *splat_kind_name(enum splat_kind k)
{
	return kind_names[k];
}

enum splat_kind splat_classify(const char *line)
{
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
		if (!strncmp(line, firsts[i].start, strlen(firsts[i].start)) &&
		    (!firsts[i].also || strstr(line, firsts[i].also)))
			return firsts[i].kind;
	return SPLAT_NONE;
}

/* "[    1.234567]" at @p: its end, and the seconds; NULL if there is none. */
static const char *parse_stamp(const char *p, double *seconds)
{
	const char *q = p + 1;
	char *end;
	double s;

	if (*p != '[')
		return NULL;
	while (*q == ' ')
		q++;
	if (!isdigit((unsigned char)*q) || strspn(q, "0123456789") > 9)
		return NULL;
	s = strtod(q, &end);
	/* always six digits after the point; "[12]" is something else */
	if (end - q < 8 || end[-7] != '.' || *end != ']' ||
	    strspn(q, "0123456789.") != (size_t)(end - q))
		return NULL;
	*seconds = s;
	return end + 1;
}

/* "[  T123]" or "[    C0]": the task or CPU that printed, with CONFIG_PRINTK_CALLER. */
static const char *skip_caller(const char *p)
{
	const char *q = p + strspn(p, "[ ");

	if (*p != '[' || (*q != 'T' && *q != 'C') || !isdigit((unsigned char)q[1]))
		return p;
	q += 1 + strspn(q + 1, "0123456789");
	return *q == ']' ? q + 1 : p;
}

const char *splat_strip(const char *line, double *seconds)
{
	for (const char *p = strchr(line, '['); p; p = strchr(p + 1, '[')) {
		const char *q = parse_stamp(p, seconds);

		if (q)
			return (q = skip_caller(q)), q + (*q == ' ');
	}
	return NULL;
}

static void append(struct splat *s, const char *line)
{
	size_t have = s->text ? strlen(s->text) : 0, n = strnlen(line, SPLAT_LINE_BYTES);

	s->text = xreallocarray(s->text, have + n + 2, 1);
	if (have)
		s->text[have++] = '\n';
	memcpy(s->text + have, line, n);
	s->text[have + n] = '\0';
}

static void begin(struct splats *s, enum splat_kind kind, const char *line, bool before_init)
{
	s->open = true;
	s->open_kind = kind;
	s->open_lines = 1;
	if (s->n == SPLATS_MAX) {
		s->dropped++;
		s->open_dropped = true;
		return;
	}
	s->open_dropped = false;
	s->v = xreallocarray(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = (struct splat){ .kind = kind,
				       .title = xstrndup(line, SPLAT_LINE_BYTES),
				       .line = s->lines,
				       .before_init = before_init };
	append(&s->v[s->n - 1], line);
}

static void go_on(struct splats *s, const char *line)
{
	if (!s->open_dropped)
		append(&s->v[s->n - 1], line);
	if (++s->open_lines >= SPLAT_LINES_MAX || strstr(line, "---[ end "))
		s->open = false;
	/* a sanitizer's report stands between two rules */
	if (s->open_kind == SPLAT_SANITIZER && !strncmp(line, "==========", 10))
		s->open = false;
}

/* One oops has several lines that could begin one. */
static bool same_accident(const struct splats *s, enum splat_kind kind, const char *line)
{
	if (!s->open)
		return false;
	if (s->open_kind == SPLAT_OOPS && kind == SPLAT_OOPS && strncmp(line, "BUG: ", 5))
		return true;
	return s->open_kind == SPLAT_STALL && kind == SPLAT_STALL;
}

enum splat_kind splats_line(struct splats *s, const char *line, bool before_init)
{
	double at = s->last;
	const char *text = splat_strip(line, &at);
	enum splat_kind kind;

	s->lines++;
	/* what processes print on the console is no kernel's report */
	if (!text)
		return SPLAT_NONE;
	if (at > s->last + SILENCE_SECONDS)
		s->open = false;
	s->last = at;
	kind = splat_classify(text);
	if (kind != SPLAT_NONE && !same_accident(s, kind, text)) {
		begin(s, kind, text, before_init);
		return kind;
	}
	if (s->open)
		go_on(s, text);
	return SPLAT_NONE;
}

void splats_free(struct splats *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].title);
		free(s->v[i].text);
	}
	free(s->v);
	*s = (struct splats){ 0 };
}
