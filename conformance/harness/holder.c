// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conformance/harness/holder.h"

int holder__start(struct holder *holder, void (*fn)(void *arg, int command, int report), void *arg)
{
	int command[2], report[2];

	if (pipe2(command, O_CLOEXEC))
		return -errno;
	if (pipe2(report, O_CLOEXEC)) {
		close(command[0]);
		close(command[1]);
		return -errno;
	}
	holder->pid = fork();
	if (!holder->pid) {
		close(command[1]);
		close(report[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn(arg, command[0], report[1]);
		_exit(0);
	}
	close(command[0]);
	close(report[1]);
	holder->command = command[1];
	holder->report = report[0];
	return holder->pid < 0 ? -errno : 0;
}
