// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conformance/neutral/crowd.h"

/* What the holder works with: the i-th program is for the i-th hook, if that is to have one. */
struct holding {
	const struct krsi_run *run;
	struct krsi_prog **prog;
	int report;
	struct crowd crowd;
};

static void tell(const struct holding *h)
{
	if (write(h->report, &h->crowd, sizeof(h->crowd)) != sizeof(h->crowd))
		_exit(1);
}

static int load_one(struct holding *h, size_t i)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = h->run->hooks[i].name,
		.sleepable = h->crowd.sleepable,
		.fixed = true,
	};

	return h->run->adapter->load(h->run->inst, &spec, &h->prog[i]);
}

static int attach_one(struct holding *h, size_t i)
{
	struct krsi_link *link = NULL;
	int err = h->run->adapter->attach(h->prog[i], KRSI_ATTACH_DEFAULT, &link);

	/* the link keeps it */
	h->run->adapter->unload(h->prog[i]);
	return err;
}

static void do_all(struct holding *h, enum crowd_stage stage)
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
		if (!crowd->error && *n % HOLDER_TOLD_EACH == 0)
			tell(h);
	}
	crowd->stage = stage;
	tell(h);
}

static void hold(void *arg, int command, int report)
{
	struct holding *h = arg;
	char go;

	h->report = report;
	h->prog = calloc(h->run->nr_hooks + 1, sizeof(*h->prog));
	if (!h->prog)
		h->crowd.error = -ENOMEM;
	do_all(h, CROWD_LOADED);
	if (read(command, &go, 1) != 1)
		_exit(1);
	do_all(h, CROWD_ATTACHED);
	close(command);
	close(report);
	for (;;)
		pause();
}

void crowd__start(struct crowd *crowd, const struct krsi_run *run, bool sleepable)
{
	struct holding h = { .run = run, .crowd.sleepable = sleepable };

	*crowd = h.crowd;
	crowd->error = holder__start(&crowd->holder, hold, &h);
}

void crowd__attach(struct crowd *crowd)
{
	if (!crowd->error && write(crowd->holder.command, "", 1) != 1)
		crowd->error = -errno;
}

bool crowd__wait(struct crowd *crowd, enum crowd_stage stage)
{
	struct crowd told;

	if (crowd->error || crowd->stage >= stage)
		return false;
	if (read(crowd->holder.report, &told, sizeof(told)) != sizeof(told)) {
		crowd->error = -ECHILD; /* it died */
		return false;
	}
	told.holder = crowd->holder;
	*crowd = told;
	return !crowd->error && crowd->stage < stage;
}

void crowd__stop(struct crowd *crowd)
{
	if (crowd->holder.pid <= 0)
		return;
	kill(crowd->holder.pid, SIGKILL);
	close(crowd->holder.command);
	close(crowd->holder.report);
	crowd->holder.pid = 0;
}
