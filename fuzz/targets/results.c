// SPDX-License-Identifier: GPL-2.0-only
/* results.json from anywhere: what is read, is written and read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "ci/results.h"
#include "ci/tests/sample.h"
#include "fuzz/target.h"

static char *format_again(const char *text, size_t len, size_t *len_again)
{
	struct krsi_err err = { 0 };
	struct run run = { 0 };
	char *again;

	if (results_parse(&run, text, len, "its own output", &err))
		fuzz_fail("does not read what it wrote: %s", err.text);
	again = results_format(&run, len_again);
	run_free(&run);
	return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct krsi_err err = { 0 };
	struct run run = { 0 };
	size_t len, len_again;
	char *text, *again;

	if (results_parse(&run, (const char *)data, size, "input", &err)) {
		if (err.code != KRSI_EXIT_USAGE || !err.text[0])
			fuzz_fail("refused with code %d: '%s'", err.code, err.text);
		return 0;
	}
	text = results_format(&run, &len);
	run_free(&run);
	again = format_again(text, len, &len_again);
	if (len != len_again || memcmp(text, again, len))
		fuzz_fail("another file after reading it back");
	free(text);
	free(again);
	return 0;
}

void fuzz_seeds(fuzz_emit_fn *emit)
{
	struct run run;
	size_t len;
	char *text;

	sample_run(&run);
	text = results_format(&run, &len);
	emit("sample", text, len);
	free(text);
	run_free(&run);
	sample_plan(&run, 2);
	run_close(&run, "not run");
	text = results_format(&run, &len);
	emit("plan", text, len);
	free(text);
	run_free(&run);
}
