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

#define LINE_MAX_BYTES 4096
#define TESTS	       1

static void on_line(void *ctx, const char *text, size_t len, unsigned int flaws)
{
	struct fold **f = ctx;

	fold_line(*f, text, len, flaws);
}

static void feed(struct fold *f, const uint8_t *data, size_t size)
{
	static struct lines *l;
	static struct fold *to;

	if (!l)
		l = lines_new(LINE_MAX_BYTES, on_line, &to);
	to = f;
	/* in two pieces, as a port may give them */
	lines_feed(l, data, size / 2);
	lines_feed(l, data + size / 2, size - size / 2);
	lines_end(l);
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
/* with no more than it has to say: the shorter an input, the more of them are judged */
#define START                                                                                      \
	E(0, "\"suite-start\",\"suite\":{\"version\":\"1\"},\"implementation\":\"i\","             \
	     "\"kernel\":{\"release\":\"6\"},\"capabilities\":[],\"planned\":1,\"seed\":1")
#define ID		"\"id\":\"hook/file_open/deny\""
#define BEGIN		E(1, "\"test-start\"," ID)
#define DONE(rest)	E(2, "\"test-end\"," ID ",\"seconds\":1,\"requirements\":[]" rest)
#define END(seq, total) E(seq, "\"suite-end\",\"seconds\":1,\"totals\":{" total "}")

void fuzz_seeds(fuzz_emit_fn *emit)
{
	static const char *const streams[] = {
		START BEGIN DONE(",\"result\":\"pass\"") END(3, "\"pass\":1"),
		START BEGIN DONE(",\"result\":\"fail\",\"expected\":\"-EPERM\",\"got\":0"),
		START DONE(",\"result\":\"skip\",\"reason\":\"because\"") "\x80{}\n",
		START END(1, "\"fail\":1"),
		E(0,
		  "\"suite-start\",\"suite\":{\"version\":\"1\",\"commit\":\"c\",\"dirty\":true},"
		  "\"implementation\":\"i\",\"impl_version\":\"1\",\"lsm\":\"bpf\",\"kernel\":{"
		  "\"release\":\"6\",\"version\":\"#1\",\"machine\":\"m\",\"cmdline\":\"c\"},"
		  "\"capabilities\":[\"attach\"],\"planned\":1,\"seed\":1"),
		START E(1, "\"hook\",\"name\":\"file_open\",\"ret\":\"int\",\"attachable\":true,"
			   "\"sleepable\":true,\"covered\":true"),
		START E(1, "\"program\",\"hook\":\"file_open\",\"verified\":1,\"xlated\":8,"
			   "\"jited\":9"),
		START E(1, "\"note\",\"id\":null,\"text\":\"caf\xc3\xa9 \\u0000\""),
		E(0, "\"outcome\",\"name\":\"open/one\",\"value\":\"0\""),
		E(0, "\"fatal\",\"cause\":\"no-btf\",\"text\":\"none\""),
	};
	char name[] = "stream-0";

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++, name[7]++)
		emit(name, streams[i], strlen(streams[i]));
}
