// SPDX-License-Identifier: GPL-2.0-only
/*
 * readlink(2) of /proc/PID/ns/uts of a process that may not be looked at succeeds with nothing,
 * instead of failing with EACCES.
 */
#include <signal.h>
#include <unistd.h>

#include "defect.h"

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(-EUCLEAN) };
	char path[64], name[64];
	pid_t child = fork();
	ssize_t n;

	if (!child)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", child);
	if (readlink(path, name, sizeof(name)) <= 0)
		return defect__unclear("readlink without a program");
	if (ATTACH("ptrace_access_check", deny) < 0)
		return defect__unclear("load and attach");
	n = readlink(path, name, sizeof(name));
	kill(child, SIGKILL);
	if (n > 0)
		return defect__says(UNCLEAR, "the program does not deny");
	return n ? defect__says(ABSENT, "readlink fails: %s", strerror(errno))
		 : defect__says(PRESENT, "readlink returns 0");
}
