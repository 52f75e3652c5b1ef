// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conformance/neutral/crowd.h"

/* Loading or attaching all takes many seconds: a silent machine would count as dead. */
#define TOLD_EACH 32

/* What the holder works with: the i-th program is for the i-th hook, if that is to have one. */
struct holder {
	const struct krsi_run *run;
	struct krsi_prog **prog;
	int report;
	struct crowd crowd;
};

static void tell(const struct holder *h)
{
	if (write(h->report, &h->crowd, sizeof(h->crowd)) != sizeof(h->crowd))
		_exit(1);
}

static int load_one(struct holder *h, size_t i)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = h->run->hooks[i].name,
		.sleepable = h->crowd.sleepable,
		.fixed = true,
	};

	return h->run->adapter->load(h->run->inst, &spec, &h->prog[i]);
}

static int attach_one(struct holder *h, size_t i)
{
	struct krsi_link *link = NULL;
	int err = h->run->adapter->attach(h->prog[i], KRSI_ATTACH_DEFAULT, &link);

	/* the link keeps it */
	h->run->adapter->unload(h->prog[i]);
	return err;
}

static void do_all(struct holder *h, enum crowd_stage stage)
{
	struct crowd *crowd = &h->crowd;
	size_t *n = stage == CROWD_LOADED ? &crowd->loaded : &crowd->attached;

	for (size_t i = 0; !crowd->error && i < h->run->nr_hooks; i++) {
		const struct krsi_hook *hook = &h->run->hooks[i];

		if (!(crowd->sleepable ? hook->sleepable : hook->attachable))
			continue;
		snprintf(crowd->hook, sizeof(crowd->hook), "%s", hook->name);
		crowd->error = stage == CROWD_LOADED ? load_one(h, i) : attach_one(h, i);
		*n += !crowd->error;
		if (!crowd->error && *n % TOLD_EACH == 0)
			tell(h);
	}
	crowd->stage = stage;
	tell(h);
}

static _Noreturn void hold(const struct krsi_run *run, bool sleepable, int command, int report)
{
	struct holder h = { .run = run, .report = report, .crowd.sleepable = sleepable };
	char go;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	h.prog = calloc(run->nr_hooks + 1, sizeof(*h.prog));
	if (!h.prog)
		h.crowd.error = -ENOMEM;
	do_all(&h, CROWD_LOADED);
	if (read(command, &go, 1) != 1)
		_exit(1);
	do_all(&h, CROWD_ATTACHED);
	close(command);
	close(report);
	for (;;)
		pause();
}

static int start_holder(struct crowd *crowd, const struct krsi_run *run)
{
	int command[2], report[2];

	if (pipe2(command, O_CLOEXEC))
		return -errno;
	if (pipe2(report, O_CLOEXEC)) {
		close(command[0]);
		close(command[1]);
		return -errno;
	}
	crowd->holder = fork();
	if (!crowd->holder) {
		close(command[1]);
		close(report[0]);
		hold(run, crowd->sleepable, command[0], report[1]);
	}
	close(command[0]);
	close(report[1]);
	crowd->command = command[1];
	crowd->report = report[0];
	return crowd->holder < 0 ? -errno : 0;
}

void crowd__start(struct crowd *crowd, const struct krsi_run *run, bool sleepable)
{
	*crowd = (struct crowd){ .command = -1, .report = -1, .sleepable = sleepable };
	crowd->error = start_holder(crowd, run);
}

void crowd__attach(struct crowd *crowd)
{
	if (!crowd->error && write(crowd->command, "", 1) != 1)
		crowd->error = -errno;
}

bool crowd__wait(struct crowd *crowd, enum crowd_stage stage)
{
	struct crowd told;

	if (crowd->error || crowd->stage >= stage)
		return false;
	if (read(crowd->report, &told, sizeof(told)) != sizeof(told)) {
		crowd->error = -ECHILD; /* it died */
		return false;
	}
	told.holder = crowd->holder;
	told.command = crowd->command;
	told.report = crowd->report;
	*crowd = told;
	return !crowd->error && crowd->stage < stage;
}

void crowd__stop(struct crowd *crowd)
{
	if (crowd->holder <= 0)
		return;
	kill(crowd->holder, SIGKILL);
	close(crowd->command);
	close(crowd->report);
	crowd->holder = 0;
}
