// SPDX-License-Identifier: GPL-2.0-only
/*
 * The payload of `krsi defects`: runs the reproducers that its arguments name, each in a process of
 * its own with an empty directory, and writes a line for each to the port that the guest's init
 * names: "NAME STATUS WHAT". Run by hand it writes to standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 20

/* All reproducers, as the build lists them; ended by an entry without a name. */
struct defect {
	const char *name;
	int (*main)(void);
};
extern const struct defect defects[];

static void reproduce(int (*function)(void), int out)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	alarm(SECONDS);
	dup2(out, STDOUT_FILENO);
	setrlimit(RLIMIT_MEMLOCK, &all);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/tmp", "tmpfs", 0, "mode=0777") || chdir("/tmp")) {
		printf("a directory for it: %s\n", strerror(errno));
		exit(2);
	}
	exit(function());
}

static void run(FILE *port, const char *name, int (*function)(void))
{
	char text[256] = "";
	int out[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		exit(127);
	fflush(NULL);
	pid = fork();
	if (!pid)
		reproduce(function, out[1]);
	close(out[1]);
	n = read(out[0], text, sizeof(text) - 1);
	close(out[0]);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	waitpid(pid, &status, 0);
	fprintf(port, "%s %d %s\n", name, WIFEXITED(status) ? WEXITSTATUS(status) : 2, text);
	fflush(port);
}

int main(int argc, char **argv)
{
	const char *path = getenv("KRSI_EVENTS");
	FILE *port = path ? fopen(path, "we") : stdout;
	int ret = 0;

	if (!port)
		return 127;
	for (int i = 1; i < argc; i++) {
		int d = 0;

		while (defects[d].name && strcmp(defects[d].name, argv[i]))
			d++;
		if (defects[d].name)
			run(port, argv[i], defects[d].main);
		else
			ret = 2;
	}
	for (int d = 0; argc == 1 && defects[d].name; d++)
		puts(defects[d].name);
	return fclose(port) ? 127 : ret;
}
