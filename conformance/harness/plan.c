// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/harness/plan.h"
#include "conformance/harness/registry.h"

/* 0 with the whole file, which may be empty, or a negative error. */
static int read_list(const char *path, char **text)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	int err = 0;

	if (!file)
		return -errno;
	if (getdelim(text, &size, '\0', file) < 0) {
		err = feof(file) ? 0 : -errno;
		if (*text)
			(*text)[0] = '\0';
	}
	fclose(file);
	return err;
}

static bool listed(const char *list, const char *id)
{
	size_t len = strlen(id);

	for (const char *at = list; at && (at = strstr(at, id)); at += len)
		if ((at == list || at[-1] == '\n') && (at[len] == '\n' || !at[len]))
			return true;
	return false;
}

int plan__make(struct plan *plan, const struct runner_options *options)
{
	char *skip = NULL;
	int err = 0;
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);

	memset(plan, 0, sizeof(*plan));
	if (options->skip_list)
		err = read_list(options->skip_list, &skip);
	if (err) {
		free(skip);
		return err;
	}
	plan->item = calloc(n + 1, sizeof(*plan->item));
	for (size_t i = 0; plan->item && i < n; i++)
		if (all[i]->selftest == options->selftests &&
		    (!options->tests || registry__match(options->tests, all[i]->id)) &&
		    !listed(skip, all[i]->id))
			plan->item[plan->n++].test = all[i];
	free(skip);
	return plan->item ? 0 : -ENOMEM;
}

static const char *unmet(const struct krsi_test *test, const struct krsi_run *run,
			 uint32_t capabilities, char *buf, size_t size)
{
	for (int i = 0; i < 4 && test->hook[i]; i++) {
		const struct krsi_hook *hook = test__hook(run, test->hook[i]);

		if (hook && hook->attachable)
			continue;
		snprintf(buf, size, hook ? "the kernel refuses programs on %s" : "no hook %s here",
			 test->hook[i]);
		return buf;
	}
	if (test->spoils && !getenv("KRSI_EVENTS"))
		return "it would change this machine until that boots again";
	if (test->boot && !test->spoils && !test->needs.parameter && !run->recording)
		return "no recording of a boot without bpf to compare with (--recording)";
	return needs__unmet(&test->needs, capabilities, buf, size);
}

void plan__check(struct plan *plan, const struct krsi_run *run, uint32_t capabilities)
{
	char reason[256];

	for (size_t i = 0; i < plan->n; i++) {
		struct planned *item = &plan->item[i];

		memset(item->hook, -1, sizeof(item->hook));
		if (unmet(item->test, run, capabilities, reason, sizeof(reason))) {
			item->unmet = strdup(reason);
			if (!item->unmet)
				abort();
			continue;
		}
		for (int j = 0; j < 4 && item->test->hook[j]; j++)
			item->hook[j] = test__hook(run, item->test->hook[j]) - run->hooks;
	}
}

void plan__count_users(const struct plan *plan, enum krsi_phase phase, unsigned int *users)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct planned *item = &plan->item[i];

		for (int j = 0; item->test->phase == phase && j < 4 && item->hook[j] >= 0; j++)
			users[item->hook[j]]++;
	}
}

void plan__free(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		free((char *)plan->item[i].unmet);
	free(plan->item);
	memset(plan, 0, sizeof(*plan));
}
