// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "conformance/harness/clock.h"
#include "conformance/neutral/record.h"
#include "conformance/neutral/workload.h"

/* As a test is run: in an empty directory of its own. */
static int record_group(const struct workload *group, struct stream *stream, char *why, size_t size)
{
	char dir[] = "/tmp/krsi.XXXXXX";
	struct outcomes outcomes = { .max = workload__count(group) };
	int err = -ENOMEM;

	outcomes.item = calloc(outcomes.max, sizeof(*outcomes.item));
	if (!outcomes.item || !mkdtemp(dir) || chdir(dir)) {
		snprintf(why, size, "%s: %s", dir, strerror(errno));
		goto out;
	}
	err = workload__run(group, &outcomes, why, size);
	for (size_t i = 0; !err && i < outcomes.n; i++)
		stream__outcome(stream, outcomes.item[i].name, outcomes.item[i].value);
	if (chdir("/") || rmdir(dir))
		stream__note(stream, "%s: %s", dir, strerror(errno));
out:
	free(outcomes.item);
	return err;
}

int record__run(const struct runner_options *options, struct stream *stream)
{
	struct krsi_description nothing = { .name = "none" };
	unsigned int totals[RESULTS] = {};
	double start = clock__seconds();
	const struct workload *const *groups;
	struct utsname uts;
	char why[256] = "";
	size_t n;

	uname(&uts);
	nothing.version = uts.release;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	stream__suite_start(stream, &nothing, 0, options->seed);
	groups = workload__groups(&n);
	for (size_t i = 0; i < n; i++)
		if (record_group(groups[i], stream, why, sizeof(why))) {
			stream__fatal(stream, "workload", why);
			return 4;
		}
	/* what others are held against is an input, like the kernel: nothing is tested by it */
	stream__ready(stream);
	stream__suite_end(stream, totals, clock__seconds() - start);
	return 0;
}
