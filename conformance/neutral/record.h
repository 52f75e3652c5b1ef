/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the workload and tells its outcomes, for tests in another boot to compare theirs with. */
#ifndef KRSI_NEUTRAL_RECORD_H
#define KRSI_NEUTRAL_RECORD_H

#include "conformance/harness/runner.h"

/* Needs no implementation. Exit code: 0, or 4 if the workload cannot be run here. */
int record__run(const struct runner_options *options, struct stream *stream);

#endif
