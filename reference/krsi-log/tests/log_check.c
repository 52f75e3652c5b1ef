// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boots a kernel with krsi-log in the initramfs, runs payload.c there and counts what it says.
 *
 *   log-check KERNEL krsi|bpf-lsm [LSM-LIST]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/fs.h"
#include "vm-images/guest.h"

static int passed, failed;

static int on_console(void *ctx, const char *line)
{
	if (!strncmp(line, "ok ", 3)) {
		passed++;
		printf("  %s\n", line);
	} else if (!strncmp(line, "not ok ", 7)) {
		failed++;
		printf("  %s\n", line);
	}
	return 0;
}

static int boot(const struct kernel *k, const char *way, const char *lsm, struct krsi_err *err)
{
	char *logger = fs_beside_self("krsi-log"), *payload = fs_beside_self("log-payload");
	/* the payload is what is executed, too: in a directory where path_find() looks */
	const struct guest_file files[] = {
		{ .guest = "krsi/krsi-log", .host = logger, .mode = 0755 },
		{ .guest = "bin/subject", .host = payload, .mode = 0755 },
	};
	struct guest_opts o = {
		.kernel = k,
		.payload = payload,
		.args = &way,
		.nargs = 1,
		.files = files,
		.nfiles = 2,
		.lsm = lsm,
		.on_console = on_console,
	};
	struct guest_outcome out;
	int rc = guest_run(&o, &out, err);

	if (!rc && out.watch.ended != WATCH_CLEAN) {
		printf("  not ok guest: %s\n", out.watch.text);
		failed++;
	} else if (!rc && out.watch.exit_code != !!failed) {
		printf("  not ok payload: exit code %d\n", out.watch.exit_code);
		failed++;
	}
	if (!rc && failed)
		for (size_t i = 0; i < out.watch.tail.n; i++)
			printf("    | %s\n", out.watch.tail.v[i]);
	if (!rc)
		guest_outcome_free(&out);
	free(logger);
	free(payload);
	return rc;
}

int main(int argc, char **argv)
{
	struct krsi_err err = { 0 };
	struct kernel k = { 0 };
	int rc;

	if (argc < 3) {
		fprintf(stderr, "usage: log-check KERNEL krsi|bpf-lsm [LSM-LIST]\n");
		return KRSI_EXIT_USAGE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	rc = kernel_resolve(&k, argv[1], NULL, &err);
	rc = rc ?: boot(&k, argv[2], argv[3], &err);
	if (rc) {
		fprintf(stderr, "log-check: %s\n", err.text);
		failed++;
	}
	kernel_free(&k);
	printf("log-check: %d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
