// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build/version.h"
#include "ci/array.h"
#include "ci/cli.h"
#include "vm-images/suggest.h"

const struct command commands[] = {
	{ "test", "boot a kernel, hold it against the promises, judge", cmd_test },
	{ "list", "the tests", cmd_list },
	{ "hooks", "the hooks of the catalogue, or one of them", cmd_hooks },
	{ "spec", "the requirements, and which tests hold anyone to them", cmd_spec },
	{ "report", "turn a results.json into HTML, JUnit, KTAP or text", cmd_report },
	{ "compare", "what differs between two results.json", cmd_compare },
	{ "merge", "one run out of the parts of several machines", cmd_merge },
	{ "waivers", "the known defects, and whether each is still of use", cmd_waivers },
	{ "submit", "make a package of a run that others can check", cmd_submit },
	{ "verify", "check such a package", cmd_verify },
	{ "doctor", "does BPF LSM enforce on this very machine, and if not why", cmd_doctor },
	{ "bench", "measure what hooks, programs and their alternatives cost", cmd_bench },
	{ "vm", "a shell in the guest", cmd_vm },
	{ "defects", "run the reproducers of known defects on a kernel", cmd_defects },
	{ "kernels", "the kernels that have names", cmd_kernels },
	{ "fuzz", "look for inputs that break what reads them", cmd_fuzz },
	{ NULL, NULL, NULL },
};

static int help(void)
{
	printf("Usage: krsi COMMAND [OPTION...]\n"
	       "Does this kernel do what BPF LSM promises, on every hook? Boots it and finds out.\n\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  krsi %-9s %s\n", c->name, c->summary);
	printf("\n`krsi COMMAND --help` tells more, with examples. `krsi --version` says which this is.\n"
	       "\nExit codes: 0 all as expected, 1 a test failed, 2 usage or bad input, 3 the guest\n"
	       "crashed or hung, 4 the kernel did not boot or lacks what is tested, 5 infrastructure\n"
	       "(no QEMU, no disk, fetch failed), 6 worse than the baseline.\n");
	return cli_flush(KRSI_EXIT_OK);
}

static int version(void)
{
	printf("krsi %s (%s%s)\n", KRSI_VERSION, KRSI_COMMIT, KRSI_DIRTY ? ", changed" : "");
	return cli_flush(KRSI_EXIT_OK);
}

static int unknown(const char *word)
{
	const char *names[ARRAY_SIZE(commands)];
	const char *near;
	size_t n = 0;

	for (const struct command *c = commands; c->name; c++)
		names[n++] = c->name;
	near = suggest_nearest(word, names, n);
	fprintf(stderr, "krsi: '%s' is no command%s%s%s (see `krsi --help`)\n", word,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return KRSI_EXIT_USAGE;
}

static int dispatch(const struct command *c, int argc, char **argv)
{
	char *name = xasprintf("krsi %s", c->name);
	int rc;

	argv[0] = name;
	rc = c->run(argc, argv);
	free(name);
	return rc;
}

int main(int argc, char **argv)
{
	/* a limit on the size of files is told as a full disk is: by the write that fails */
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		fprintf(stderr, "krsi: which command? (see `krsi --help`)\n");
		return KRSI_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return version();
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help();
	if (!strcmp(argv[1], "help")) {
		static char flag[] = "--help";

		if (argc < 3)
			return help();
		argv[1] = argv[2];
		argv[2] = flag;
		argc = 3;
	}
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, argv[1]))
			return dispatch(c, argc - 1, argv + 1);
	return unknown(argv[1]);
}
