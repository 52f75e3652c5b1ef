// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/findings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ci/array.h"
#include "fuzz/campaign.h"
#include "vm-images/proc.h"

/* An input that takes longer hangs; in a guest, which is booted for it. */
#define DEADLINE       20
#define GUEST_DEADLINE 600

/* The line of @text that begins with or holds @what, up to its end; NULL if there is none. */
static char *line_with(const char *text, const char *what)
{
	const char *at = strstr(text, what);

	return at ? xstrndup(at, strcspn(at, "\n")) : NULL;
}

/* Addresses differ from run to run: a cause is told by words and places. */
static char *cause(const struct proc_result *r)
{
	char *line = line_with(r->errors, "FINDING: ");

	if (r->timed_out)
		return xstrdup("hangs");
	if (!line)
		line = line_with(r->errors, "SUMMARY: ");
	if (!line)
		line = line_with(r->errors, "runtime error: ");
	return line ? line : xasprintf("ended with status %d", r->status);
}

char *finding_of(const char *build, const char *dir, const char *target, const char *file,
		 struct krsi_err *err)
{
	char *program = campaign_program(build, target, "replay"), *what = NULL;
	const char *const argv[] = { program, file, NULL };
	struct proc_opts o = { .argv = argv, .deadline = DEADLINE };
	struct proc_result r = { 0 };
	struct strs env = { 0 };

	campaign_environment(target, "replay", dir, "replay", &env);
	if (campaign_in_guest(target)) {
		o.deadline = GUEST_DEADLINE;
		o.env = (const char *const *)env.v;
	}
	if (!proc_run(&r, &o, err))
		what = r.status ? cause(&r) : xstrdup("");
	proc_result_free(&r);
	strs_free(&env);
	free(program);
	return what;
}

static size_t size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) ? 0 : (size_t)st.st_size;
}

static void add(struct findings *f, char *what, const char *file)
{
	size_t size = size_of(file);
	struct finding *item = NULL;

	if (!*what) {
		f->fixed++;
		free(what);
		return;
	}
	for (size_t i = 0; i < f->n_item && !item; i++)
		if (!strcmp(f->item[i].what, what))
			item = &f->item[i];
	if (!item) {
		item = ARRAY_PUSH(f, item);
		*item = (struct finding){ what, xstrdup(file), size, 1 };
		return;
	}
	free(what);
	item->n++;
	if (size < item->size) {
		free(item->file);
		item->file = xstrdup(file);
		item->size = size;
	}
}

int findings_triage(struct findings *f, const char *build, const char *dir, const char *target,
		    struct krsi_err *err)
{
	struct strs files = { 0 };
	int rc = 0;

	campaign_files(dir, target, "crashes", &files);
	campaign_files(dir, target, "hangs", &files);
	for (size_t i = 0; i < files.n && !rc; i++) {
		char *what = finding_of(build, dir, target, files.v[i], err);

		if (what)
			add(f, what, files.v[i]);
		else
			rc = -1;
	}
	strs_free(&files);
	return rc;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n_item; i++) {
		free(f->item[i].what);
		free(f->item[i].file);
	}
	free(f->item);
	*f = (struct findings){ 0 };
}
