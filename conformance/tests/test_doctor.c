// SPDX-License-Identifier: GPL-2.0-only
/* What the doctor does not do where it could hit others, and what it says then. */
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "conformance/doctor/doctor.h"

/* A machine on which all is well, as far as it was looked at. */
static const struct doctor well = { .root = true,
				    .capable = true,
				    .btf = true,
				    .built_in = true,
				    .lsm_known = true,
				    .place = 1,
				    .hooks.n = 1 };

Test(doctor, tries_nothing_in_a_pid_namespace)
{
	struct doctor d = well;

	d.own_pids = true;
	doctor__try(&d);
	cr_expect_eq(d.nr_trial, 0);
	doctor__judge(&d);
	cr_expect_eq(d.verdict, DOCTOR_UNKNOWN);
	cr_expect_str_eq(d.cause, "pid-namespace");
}

Test(doctor, says_there_what_it_knows_without_a_trial)
{
	struct doctor d = well;

	d.own_pids = true;
	d.place = 0;
	doctor__judge(&d);
	cr_expect_str_eq(d.cause, "lsm-order");
	d.built_in = false;
	doctor__judge(&d);
	cr_expect_str_eq(d.cause, "no-bpf-lsm");
	d.root = false;
	doctor__judge(&d);
	cr_expect_str_eq(d.cause, "not-root");
}

Test(doctor, sees_a_pid_namespace)
{
	int status = -1;
	pid_t pid;

	if (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID))
		cr_skip_test("no PID namespace may be made here");
	pid = fork();
	if (!pid)
		_exit(doctor__own_pids() ? 42 : 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(WEXITSTATUS(status), 42);
}
