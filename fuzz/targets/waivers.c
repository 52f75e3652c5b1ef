// SPDX-License-Identifier: GPL-2.0-only
/* Files of waivers: refused with a line number, or each is complete, and expires. */
#include <stdlib.h>
#include <string.h>

#include "ci/waivers.h"
#include "fuzz/target.h"

/* 2500-01-01: nothing that people write still holds then. */
#define FAR_AWAY 16725225600

static void check_waiver(const struct waivers *ws, const struct waiver *w)
{
	const struct waiver *expired = NULL;

	if (!w->name || !w->tests || !w->kernels || !w->reason || !w->evidence || !w->expires)
		fuzz_fail("an incomplete waiver");
	if (strlen(w->expires) != 10 || w->expires[4] != '-' || w->expires[7] != '-')
		fuzz_fail("the date '%s'", w->expires);
	if (w->expires[0] <= '2' && w->expires[1] < '5' &&
	    waivers_find(ws, "6.1.0", "bpf-lsm", "a/one", FAR_AWAY, &expired) == w)
		fuzz_fail("'%s' does not end on %s", w->name, w->expires);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct krsi_err err = { 0 };
	struct waivers ws = { 0 };
	/* the parser takes text with an end */
	char *text = strndup((const char *)data, size);

	if (waivers_parse(&ws, text, "input", &err)) {
		if (err.code != KRSI_EXIT_USAGE || !err.text[0])
			fuzz_fail("refused with code %d: '%s'", err.code, err.text);
	} else {
		for (size_t i = 0; i < ws.n_item; i++)
			check_waiver(&ws, &ws.item[i]);
	}
	waivers_free(&ws);
	free(text);
	return 0;
}

void fuzz_seeds(fuzz_emit_fn *emit)
{
	static const char *const files[] = {
		"[w]\ntests = a/*, b/x\nkernels = 6.1.*\nreason = r\nevidence = e\n"
		"expires = 2026-12-31\n",
		"[w]\ntests = a/*\noutcomes = u:x/set, u:x/get*\nkernels = *\nimpl = krsi\n"
		"reason = r\n  more\nevidence = e\nexpires = 2024-02-29\n",
		"[w]\ntests = a\n[w]\n",
	};
	char name[] = "file-0";

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++, name[5]++)
		emit(name, files[i], strlen(files[i]));
}
