/* SPDX-License-Identifier: GPL-2.0-only */
/* What a campaign found: judged again without the fuzzer, and each cause told once. */
#ifndef FUZZ_FINDINGS_H
#define FUZZ_FINDINGS_H

#include <stdbool.h>

#include "vm-images/err.h"
#include "vm-images/mem.h"

/**
 * struct finding - one cause.
 * @what: the line that says it; "" if the input is judged to be well now.
 * @file: the smallest input that shows it.
 * @size: its size.
 * @n: how many inputs show it.
 */
struct finding {
	char *what;
	char *file;
	size_t size;
	size_t n;
};

/** struct findings - the causes, and those inputs that show none (@fixed). */
struct findings {
	struct finding *item;
	size_t n_item, cap_item;
	size_t fixed;
};

/**
 * finding_of - judge one input with the sanitized replay of @target; @dir is the campaigns'.
 * Return: what is wrong (free() it), "" if nothing is, NULL with @err.
 */
char *finding_of(const char *build, const char *dir, const char *target, const char *file,
		 struct krsi_err *err);

/** findings_triage - all crashes and hangs below @dir. Returns 0, or -1 with @err. */
int findings_triage(struct findings *f, const char *build, const char *dir, const char *target,
		    struct krsi_err *err);

/** findings_free - free the content. */
void findings_free(struct findings *f);

#endif
