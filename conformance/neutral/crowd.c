// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conformance/neutral/crowd.h"

static int attach_one(const struct krsi_run *run, const struct krsi_hook *hook, bool sleepable)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = hook->name,
		.sleepable = sleepable,
		.fixed = true,
	};
	struct krsi_prog *prog = NULL;
	struct krsi_link *link = NULL;
	int err = run->adapter->load(run->inst, &spec, &prog);

	if (!err)
		err = run->adapter->attach(prog, KRSI_ATTACH_DEFAULT, &link);
	/* the link keeps it */
	run->adapter->unload(prog);
	return err;
}

/* Attaching all takes many seconds: a silent machine would count as dead. */
#define TOLD_EACH 32

static bool tell(int report, const struct crowd *crowd)
{
	return write(report, crowd, sizeof(*crowd)) == sizeof(*crowd);
}

static _Noreturn void hold(const struct krsi_run *run, bool sleepable, int report)
{
	struct crowd crowd = {};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; !crowd.error && i < run->nr_hooks; i++) {
		const struct krsi_hook *hook = &run->hooks[i];

		if (!(sleepable ? hook->sleepable : hook->attachable))
			continue;
		snprintf(crowd.hook, sizeof(crowd.hook), "%s", hook->name);
		crowd.error = attach_one(run, hook, sleepable);
		crowd.attached += !crowd.error;
		if (!crowd.error && crowd.attached % TOLD_EACH == 0 && !tell(report, &crowd))
			_exit(1);
	}
	crowd.done = true;
	if (!tell(report, &crowd))
		_exit(1);
	close(report);
	for (;;)
		pause();
}

void crowd__start(struct crowd *crowd, const struct krsi_run *run, bool sleepable)
{
	int fds[2];

	*crowd = (struct crowd){ .report = -1 };
	if (pipe2(fds, O_CLOEXEC)) {
		crowd->error = -errno;
		return;
	}
	crowd->holder = fork();
	if (!crowd->holder) {
		close(fds[0]);
		hold(run, sleepable, fds[1]);
	}
	close(fds[1]);
	if (crowd->holder < 0)
		*crowd = (struct crowd){ .error = -errno };
	crowd->report = fds[0];
}

bool crowd__wait(struct crowd *crowd)
{
	struct crowd told;

	if (crowd->error || crowd->done)
		return false;
	if (read(crowd->report, &told, sizeof(told)) != sizeof(told)) {
		crowd->error = -ECHILD; /* it died */
		return false;
	}
	told.holder = crowd->holder;
	told.report = crowd->report;
	*crowd = told;
	return !crowd->done;
}

void crowd__stop(struct crowd *crowd)
{
	if (!crowd->holder)
		return;
	kill(crowd->holder, SIGKILL);
	close(crowd->report);
	crowd->holder = 0;
}
