// SPDX-License-Identifier: GPL-2.0-only
/* What a campaign's instances wrote about themselves, together. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ci/array.h"
#include "ci/tests/sample.h"
#include "fuzz/campaign.h"
#include "vm-images/fs.h"

static void wrote(const char *out, const char *instance, const char *text)
{
	char *dir = xasprintf("%s/chain/%s", out, instance);
	char *path = xasprintf("%s/fuzzer_stats", dir);
	struct krsi_err err = { 0 };

	cr_assert(!fs_mkdirs(dir, &err) && !fs_write_atomic(path, text, strlen(text), &err), "%s",
		  err.text);
	free(path);
	free(dir);
}

Test(campaign, stats_are_summed_or_the_best)
{
	const char *out = sample_dir();
	struct campaign_stats s;

	wrote(out, "main",
	      "run_time          : 40\nexecs_done        : 4000\nexecs_per_sec     : 100.50\n"
	      "corpus_count      : 7\nedges_found       : 20\ntotal_edges       : 300\n"
	      "stability         : 97.50%\n");
	wrote(out, "san",
	      "run_time          : 40\nexecs_done        : 1000\nexecs_per_sec     : 25.00\n"
	      "corpus_count      : 9\nedges_found       : 30\ntotal_edges       : 400\n"
	      "stability         : 96.00%\n");
	campaign_stats(out, "chain", &s);
	cr_expect_eq(s.execs, 5000);
	cr_expect_float_eq(s.execs_per_sec, 125.5, 1e-9);
	cr_expect_eq(s.corpus, 9);
	cr_expect_eq(s.edges, 30);
	cr_expect_eq(s.total_edges, 400);
	cr_expect_float_eq(s.stability, 97.5, 1e-9);
}

/* In its first second AFL++ divides by next to nothing. */
Test(campaign, no_rate_before_the_first_second)
{
	const char *out = sample_dir();
	struct campaign_stats s;

	wrote(out, "main",
	      "run_time          : 0\nexecs_done        : 633\nexecs_per_sec     : 372429.00\n");
	wrote(out, "san",
	      "run_time          : 2\nexecs_done        : 50\nexecs_per_sec     : 25.00\n");
	campaign_stats(out, "chain", &s);
	cr_expect_eq(s.execs, 683);
	cr_expect_float_eq(s.execs_per_sec, 25, 1e-9);
}

static void file(const char *dir, const char *below, const char *name)
{
	char *in = xasprintf("%s/%s", dir, below), *path = xasprintf("%s/%s", in, name);
	struct krsi_err err = { 0 };

	cr_assert(!fs_mkdirs(in, &err) && !fs_write_atomic(path, "", 0, &err), "%s", err.text);
	free(path);
	free(in);
}

Test(campaign, a_target_has_its_name_before_it_is_built)
{
	const char *dir = sample_dir();
	struct strs names = { 0 };
	char *all;

	file(dir, "replay", "chain");
	file(dir, "replay", "host.a");
	file(dir, "replay/obj", "o");
	file(dir, "targets", "chain.c");
	file(dir, "targets", "frame.c");
	file(dir, "targets", ".c");
	campaign_names(dir, dir, &names);
	all = strs_join(&names, " ");
	cr_expect_str_eq(all, "chain exec faulty frame mainline sequence");
	free(all);
	strs_free(&names);
}

Test(campaign, begun_is_what_has_a_first_instance)
{
	const char *dir = sample_dir();

	file(dir, "chain/main", "fuzzer_stats");
	file(dir, "frame/plot", "index.html");
	cr_expect(campaign_begun(dir, "chain"));
	cr_expect_not(campaign_begun(dir, "frame"));
	cr_expect_not(campaign_begun(dir, "env_var"));
}

Test(campaign, nothing_written_is_nothing)
{
	struct campaign_stats s;

	campaign_stats(sample_dir(), "chain", &s);
	cr_expect_eq(s.execs, 0);
	cr_expect_eq(s.total_edges, 0);
}
