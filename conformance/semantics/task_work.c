// SPDX-License-Identifier: GPL-2.0-only
/* A function that a program hands to a task. */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/kernel_btf.h"
#include "conformance/semantics/program.h"

static const char *no_task_work(void)
{
	return kernel_btf__has("bpf_task_work_schedule_resume") ||
			       kernel_btf__has("bpf_task_work_schedule_resume_impl")
		       ? NULL
		       : "the kernel has no bpf_task_work_schedule_resume";
}

/* A child that has stopped: it is in the kernel, and stays there until it is told to go on. */
static pid_t stopped_child(struct krsi_run *t)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		test__broken(t, "a child does not stop");
	return pid;
}

KRSI_TEST(task_work, .id = "helper/task-work",
	  .summary = "a function given to bpf_task_work_schedule_resume runs once, in the task "
		     "asked for when that goes on, and cannot be given again meanwhile",
	  .requirements = { "HLP-035" }, .hook = { "task_setscheduler" },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = no_task_work })
{
	const bool renamed = kernel_btf__has("bpf_task_work_schedule_resume");
	const struct sched_param param = {};
	pid_t child;
	int status;
	struct io *io;

	scene__begin(t);
	child = stopped_child(t);
	io = program__start(t, renamed ? "task_work:resume" : "task_work_impl:resume", NULL);
	test__errno(t, 0, SYS(sched_setscheduler(child, SCHED_BATCH, &param)),
		    "sched_setscheduler");
	test__errno(t, 0, (int)io->out[0], "bpf_task_work_schedule_resume");
	test__errno(t, 0, SYS(sched_setscheduler(child, SCHED_OTHER, &param)),
		    "sched_setscheduler");
	test__errno(t, -EBUSY, (int)io->out[0], "bpf_task_work_schedule_resume, a second time");
	test__equal(t, 2, io->calls, "calls");
	test__equal(t, 0, io->out[1], "runs of the function while the task is stopped");
	kill(child, SIGCONT);
	if (waitpid(child, &status, 0) != child || status)
		test__broken(t, "the child ended with status %d", status);
	test__equal(t, 1, io->out[1], "runs of the function");
	test__equal(t, child, io->out[2], "task of the function");
}
