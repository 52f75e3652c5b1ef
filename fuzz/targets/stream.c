// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest sends on its event port, from bytes to the verdict. Besides not crashing: silence
 * is never green, and a green stream is one that is whole.
 */
#include <stdlib.h>
#include <string.h>

#include "ci/fold.h"
#include "ci/tests/sample.h"
#include "ci/verdict.h"
#include "fuzz/target.h"
#include "vm-images/lines.h"

#define LINE_MAX_BYTES 65536
#define TESTS	       2

static void on_line(void *ctx, const char *text, size_t len, unsigned int flaws)
{
	fold_line(ctx, text, len, flaws);
}

static void feed(struct fold *f, const uint8_t *data, size_t size)
{
	struct lines *l = lines_new(LINE_MAX_BYTES, on_line, f);

	/* in two pieces, as a port may give them */
	lines_feed(l, data, size / 2);
	lines_feed(l, data + size / 2, size - size / 2);
	lines_end(l);
	lines_free(l);
}

static size_t occurrences(const uint8_t *data, size_t size, const char *what)
{
	size_t n = strlen(what), found = 0;

	for (size_t i = 0; i + n <= size; i++)
		found += !memcmp(data + i, what, n);
	return found;
}

/* Text escapes may hide words: then nothing is claimed. */
static void check_green(const uint8_t *data, size_t size)
{
	if (memchr(data, '\\', size))
		return;
	if (occurrences(data, size, "\"suite-start\"") < 1 ||
	    occurrences(data, size, "\"suite-end\"") < 1 ||
	    occurrences(data, size, "\"test-start\"") < TESTS ||
	    occurrences(data, size, "\"test-end\"") < TESTS)
		fuzz_fail("green without a whole stream");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict v;
	struct run run;
	struct fold *f;

	sample_plan(&run, TESTS);
	f = fold_new(&run, 0, TESTS, NULL);
	feed(f, data, size);
	fold_finish(f, FOLD_ORDERLY, "the end");
	fold_free(f);
	run_close(&run, "not run");
	verdict_of(&v, &run);
	if (!v.code)
		check_green(data, size);
	verdict_free(&v);
	run_free(&run);
	return 0;
}

#define E(seq, rest) "{\"v\":1,\"seq\":" #seq ",\"event\":" rest "}\n"
#define START                                                                                      \
	E(0, "\"suite-start\",\"suite\":{\"version\":\"1\"},\"implementation\":\"bpf-lsm\","       \
	     "\"kernel\":{\"release\":\"6.1\"},\"capabilities\":[],\"planned\":2,\"seed\":1")
#define BEGIN(seq, id) E(seq, "\"test-start\",\"id\":\"hook/file_open/" id "\"")
#define DONE(seq, id, result)                                                                      \
	E(seq, "\"test-end\",\"id\":\"hook/file_open/" id "\",\"result\":\"" result                \
	       "\",\"seconds\":0.1,\"requirements\":[\"R-1\"],\"reason\":\"because\"")
#define END(seq, totals) E(seq, "\"suite-end\",\"seconds\":1,\"totals\":{" totals "}")

void fuzz_seeds(fuzz_emit_fn *emit)
{
	static const char *const streams[] = {
		START BEGIN(1, "deny") DONE(2, "deny", "pass") BEGIN(3, "fires")
			DONE(4, "fires", "pass") END(5, "\"pass\":2"),
		START BEGIN(1, "deny") DONE(2, "deny", "fail") END(3, "\"fail\":1"),
		START E(1, "\"hook\",\"name\":\"file_open\",\"ret\":\"int\",\"attachable\":true,"
			   "\"sleepable\":true,\"covered\":true")
			E(2, "\"note\",\"id\":null,\"text\":\"caf\xc3\xa9 \\u0000\""),
		START E(1, "\"fatal\",\"cause\":\"no-btf\",\"reason\":\"none\""),
		START BEGIN(1, "deny") DONE(2, "deny", "skip") "\x80{}\n",
	};
	char name[] = "stream-0";

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++, name[7]++)
		emit(name, streams[i], strlen(streams[i]));
}
