// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/catalogue.h"
#include "ci/cli.h"
#include "ci/defects.h"
#include "ci/guest_args.h"
#include "ci/meter.h"
#include "ci/text.h"
#include "ci/waivers.h"

struct defects_args {
	struct guest_args guest;
	const char *which;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct defects_args *a = state->input;

	switch (key) {
	case 'd':
		a->which = arg;
		return 0;
	default:
		return guest_args_rest(key, arg, state, &a->guest);
	}
}

static const struct argp_option options[] = {
	{ "defects", 'd', "GLOB[,GLOB]", 0, "only these", 1 },
	{ 0 },
};

static const struct argp_child children[] = { { &guest_argp, 0, "The guest:", 2 }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Runs the reproducers of known defects on a kernel, and says which of them it has."
	       "\vconformance/defects/defects.conf says which kernels have which. Exit codes: 0 this "
	       "kernel has those that it should have and no other, 1 not so, others as with `krsi "
	       "test`. What it need not have and could not be tried on it, for want of a module, is "
	       "untried and not red.\n\n"
	       "Examples:\n"
	       "  krsi defects --kernel debian-6.1\n"
	       "  krsi defects --kernel ./bzImage --defects 'cgroup-*'\n",
	.children = children,
};

/* As the reproducers exit; what became of one that said nothing, or lacked a module. */
enum seen { ABSENT, PRESENT, UNCLEAR, SILENT, UNTRIED };

static const char *const seen_names[] = { "absent", "present", "unclear", "unclear", "untried" };

/* What is known of a defect so far. */
struct finding {
	const struct defect *defect;
	enum seen seen;
	bool done;
	char *text; /* the reproducer's words, NULL: it had none */
};

struct hunt {
	struct finding *finding;
	size_t n;
	struct guest_opts guest;
};

/* "NAME STATUS WHAT" */
static int on_event(void *ctx, const char *line, size_t len, unsigned int flaws)
{
	struct hunt *h = ctx;

	for (size_t i = 0; i < h->n; i++) {
		struct finding *f = &h->finding[i];
		size_t name = strlen(f->defect->name);

		if (len < name + 4 || strncmp(line, f->defect->name, name) || line[name] != ' ' ||
		    line[name + 1] < '0' || line[name + 1] > '2')
			continue;
		f->seen = (enum seen)(line[name + 1] - '0');
		free(f->text);
		f->text = text_clean(line + name + 3, len - name - 3, 200);
	}
	return 0;
}

/* The kernel's first complaint since the reproducers run; NULL: none. */
static const struct splat *complaint(const struct splats *splats)
{
	for (size_t i = 0; i < splats->n; i++)
		if (!splats->v[i].before_init)
			return &splats->v[i];
	return NULL;
}

/* A defect that is seen in what becomes of the kernel. */
static void look_at_end(struct finding *f, const struct watch_outcome *w)
{
	const struct splat *splat = complaint(&w->splats);

	if (f->defect->shows == SHOWS_PANIC && w->ended == WATCH_PANIC) {
		f->seen = PRESENT;
		free(f->text);
		f->text = xstrdup(w->text);
	} else if (f->defect->shows == SHOWS_SPLAT && splat) {
		f->seen = PRESENT;
		free(f->text);
		f->text = text_line(splat->title, 200);
	}
}

/* What is unclear for want of a module says nothing of the kernel. */
static void look_at_modules(struct finding *f, const struct strs *missing)
{
	const struct strs *modules = &f->defect->modules;

	for (size_t i = 0; i < modules->n; i++)
		if (f->seen == UNCLEAR && strs_has(missing, modules->v[i])) {
			f->seen = UNTRIED;
			free(f->text);
			f->text = xasprintf("there is no module %s", modules->v[i]);
		}
}

/* What can share a boot: the same LSMs, and nothing that takes the kernel down or makes it warn. */
static bool together(const struct defect *a, const struct defect *b)
{
	return a == b || (a->shows == SHOWS_STATUS && b->shows == SHOWS_STATUS &&
			  !strcmp(a->lsm ? a->lsm : "", b->lsm ? b->lsm : ""));
}

/* One boot: for the first that is left, and all that can share it. */
static int boot(struct hunt *h, size_t first, struct krsi_err *err)
{
	const struct defect *defect = h->finding[first].defect;
	struct guest_opts o = h->guest;
	struct guest_outcome out = { 0 };
	struct strs names = { 0 }, modules = { 0 };
	int rc;

	for (size_t i = first; i < h->n; i++)
		if (!h->finding[i].done && together(defect, h->finding[i].defect)) {
			strs_add(&names, h->finding[i].defect->name);
			strs_copy(&modules, &h->finding[i].defect->modules);
			h->finding[i].done = true;
		}
	o.args = (const char *const *)names.v;
	o.nargs = names.n;
	o.modules = (const char *const *)modules.v;
	o.nmodules = modules.n;
	o.lsm = defect->lsm ? defect->lsm : o.lsm;
	o.on_event = on_event;
	o.ctx = h;
	rc = guest_run(&o, &out, err);
	if (!rc)
		look_at_end(&h->finding[first], &out.watch);
	for (size_t i = first; i < h->n && !rc; i++)
		look_at_modules(&h->finding[i], &out.missing_modules);
	if (!rc && out.watch.ended != WATCH_CLEAN && h->finding[first].seen == SILENT)
		rc = krsi_err_set(err, guest_exit_code(&out), "%s", out.watch.text);
	guest_outcome_free(&out);
	strs_free(&names);
	strs_free(&modules);
	return rc;
}

/* Prints what was found; 0: it is as it should be, and that is not for want of a try. */
static int tell(const struct hunt *h, const struct kernel *k)
{
	size_t surprises = 0, untried = 0;
	bool failed;

	for (size_t i = 0; i < h->n; i++) {
		const struct finding *f = &h->finding[i];
		enum seen expected = k->release && waivers_match(f->defect->kernels, k->release);
		/* one that it must have is not excused */
		bool surprise = f->seen != expected && !(f->seen == UNTRIED && !expected);

		printf("%s %-26s %-8s %s\n", surprise ? "!" : " ", f->defect->name,
		       seen_names[f->seen], f->text ? f->text : "");
		surprises += surprise;
		untried += f->seen == UNTRIED;
	}
	failed = surprises || untried == h->n;
	printf("%s: %s: %zu defects looked for, ", failed ? "FAIL" : "PASS",
	       k->release ? k->release : k->name, h->n - untried);
	if (untried)
		printf("%zu untried, ", untried);
	printf("%zu not as defects.conf has it\n", surprises);
	return failed ? KRSI_EXIT_FAIL : KRSI_EXIT_OK;
}

static int choose(struct hunt *h, const struct defects *ds, const char *which, struct krsi_err *err)
{
	h->finding = xcalloc(ds->n_item, sizeof(*h->finding));
	for (size_t i = 0; i < ds->n_item; i++)
		if (waivers_match(which, ds->item[i].name))
			h->finding[h->n++] =
				(struct finding){ .defect = &ds->item[i], .seen = SILENT };
	return h->n ? 0 : krsi_err_set(err, KRSI_EXIT_USAGE, "no defect matches '%s'", which);
}

static int hunt(struct hunt *h, const struct defects_args *a, const struct kernel *k,
		struct krsi_err *err)
{
	int rc = 0;

	guest_args_opts(&h->guest, &a->guest, k);
	for (size_t i = 0; i < h->n && !rc; i++)
		if (!h->finding[i].done)
			rc = boot(h, i, err);
	return rc;
}

int cmd_defects(int argc, char **argv)
{
	struct defects_args a = { .which = "*" };
	struct defects ds = { 0 };
	struct hunt h = { 0 };
	struct krsi_err err = { 0 };
	struct kernel k = { 0 };
	char *program = NULL, *init = NULL;
	struct meter *m;
	int code = -1;

	cli_parse(&argp, argc, argv, &a);
	m = meter_new(stderr, false);
	if (!defects_load(&ds, &err) && !choose(&h, &ds, a.which, &err) &&
	    (program = catalogue_program("krsi-defects", &err)) &&
	    (init = catalogue_program("init", &err)) &&
	    !guest_args_kernel(&k, &a.guest, meter_progress(m), &err)) {
		h.guest.payload = program;
		h.guest.init = init;
		h.guest.progress = meter_progress(m);
		code = hunt(&h, &a, &k, &err) ? -1 : tell(&h, &k);
	}
	meter_free(m);
	for (size_t i = 0; i < h.n; i++)
		free(h.finding[i].text);
	free(h.finding);
	defects_free(&ds);
	kernel_free(&k);
	free(program);
	free(init);
	return code < 0 ? cli_error(&err) : cli_flush(code);
}
