// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/harness/await.h"
#include "conformance/harness/subject.h"
#include "conformance/harness/test.h"
#include "conformance/neutral/workload.h"

#define NOBODY 65534
/* No call waits; one that does must not keep the machine. */
#define GROUP_SECONDS 60
/* More bytes than this are shown by their number and a hash. */
#define SHOWN_BYTES 96

char out[4096];
uint32_t out_length;
long slot[SLOTS];

extern const struct workload *__start_krsi_workload[], *__stop_krsi_workload[];

static const struct {
	enum identity bit;
	const char *name;
} identities[] = {
	{ AS_ROOT, "root" },
	{ AS_NOBODY, "nobody" },
	{ AS_USERNS, "userns" },
};

#define IDENTITIES (sizeof(identities) / sizeof(identities[0]))

/* What the process that runs the calls and the one that waits for it share. */
struct running {
	size_t n; /* outcomes so far */
	int error;
	char step[64]; /* of the preparation that failed */
	struct outcome outcome[GROUP_CALLS];
};

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct workload *const *)a)->name,
		      (*(const struct workload *const *)b)->name);
}

const struct workload *const *workload__groups(size_t *n)
{
	static bool sorted;

	*n = __stop_krsi_workload - __start_krsi_workload;
	if (!sorted)
		qsort(__start_krsi_workload, *n, sizeof(struct workload *), by_name);
	sorted = true;
	return __start_krsi_workload;
}

size_t workload__count(const struct workload *group)
{
	return group->n * __builtin_popcount(group->as);
}

static void outcome_name(const struct workload *group, size_t identity, size_t i,
			 char name[OUTCOME_NAME])
{
	snprintf(name, OUTCOME_NAME, "%s:%s/%s", identities[identity].name, group->name,
		 group->call[i].name);
}

void workload__name(const struct workload *group, size_t i, char name[OUTCOME_NAME])
{
	size_t identity = 0;

	for (size_t skip = i / group->n;; identity++)
		if (group->as & identities[identity].bit && !skip--)
			break;
	outcome_name(group, identity, i % group->n, name);
}

/* Appends bytes as text without spaces at its ends, quotes that are not its own, or newlines. */
static void show_bytes(char *value, size_t n)
{
	size_t len = strlen(value);
	uint64_t hash = 0xcbf29ce484222325;
	char *at = value + len, *end = value + OUTCOME_VALUE - 8;

	n = n < sizeof(out) ? n : sizeof(out);
	if (n > SHOWN_BYTES) {
		for (size_t i = 0; i < n; i++)
			hash = (hash ^ (unsigned char)out[i]) * 0x100000001b3;
		snprintf(at, end - at, " %zu bytes, hash %016lx", n, hash);
		return;
	}
	at += sprintf(at, " \"");
	for (size_t i = 0; i < n && at < end; i++) {
		unsigned char c = out[i];

		at += sprintf(at, c < ' ' || c > '~' || c == '"' || c == '\\' ? "\\%02x" : "%c", c);
	}
	sprintf(at, "\"");
}

static void show(const struct call *call, long ret, char *value)
{
	if (ret < 0) {
		snprintf(value, OUTCOME_VALUE, "%s", errno__name((int)ret));
		return;
	}
	switch (call->show) {
	case SHOW_OK:
	case SHOW_SLOT:
		strcpy(value, "ok");
		break;
	case SHOW_LENGTH:
		snprintf(value, OUTCOME_VALUE, "%ld, length %u", ret, out_length);
		show_bytes(value, out_length < 64 ? out_length : 64);
		break;
	default:
		snprintf(value, OUTCOME_VALUE, "%ld", ret);
		if (call->show != SHOW_NUMBER)
			show_bytes(value, call->show == SHOW_BYTES ? (size_t)ret : call->size);
	}
}

static long argument(long arg)
{
	return (arg & ~(SLOTS - 1L)) == SLOT_MAGIC ? slot[arg & (SLOTS - 1)] : arg;
}

static long make_call(const struct call *call)
{
	long ret;

	memset(out, 0, sizeof(out));
	out_length = 64;
	if (call->fn) {
		ret = call->fn();
	} else {
		ret = syscall(call->nr, argument(call->arg[0]), argument(call->arg[1]),
			      argument(call->arg[2]), argument(call->arg[3]),
			      argument(call->arg[4]), argument(call->arg[5]));
		ret = ret == -1 ? -errno : ret;
	}
	if (call->show == SHOW_SLOT)
		slot[call->size] = ret < 0 ? -1 : ret;
	return ret;
}

static int write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int become_nobody(void)
{
	TRY(setgroups(0, NULL));
	TRY(setresgid(NOBODY, NOBODY, NOBODY));
	TRY(setresuid(NOBODY, NOBODY, NOBODY));
	/* else its own files in /proc would be root's */
	TRY(prctl(PR_SET_DUMPABLE, 1));
	return 0;
}

static int enter_userns(void)
{
	int err;

	TRY(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS));
	err = write_map("/proc/self/setgroups", "deny");
	err = err ?: write_map("/proc/self/uid_map", "0 65534 1");
	return err ?: write_map("/proc/self/gid_map", "0 65534 1");
}

static int become(enum identity who)
{
	int err = who == AS_ROOT ? 0 : become_nobody();

	return err ?: who == AS_USERNS ? enter_userns() : 0;
}

/* The same for every boot and every caller: what this process inherited does not count. */
static int leave_all_behind(void)
{
	static const struct {
		int what;
		rlim_t value;
	} limits[] = {
		{ RLIMIT_NOFILE, 1024 }, { RLIMIT_MEMLOCK, 65536 },  { RLIMIT_CORE, 0 },
		{ RLIMIT_NPROC, 1000 },	 { RLIMIT_SIGPENDING, 100 }, { RLIMIT_MSGQUEUE, 819200 },
		{ RLIMIT_NICE, 0 },	 { RLIMIT_RTPRIO, 0 },
	};

	for (int i = 1; i < _NSIG; i++)
		signal(i, SIG_DFL);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit r = { limits[i].value, limits[i].value };

		TRY(setrlimit(limits[i].what, &r));
	}
	TRY(setsid());
	closefrom(3);
	TRY(prctl(PR_SET_NAME, "workload"));
	umask(022);
	clearenv();
	return 0;
}

/* An empty directory of this identity's own, in namespaces of its own. */
static int enter_directory(const struct workload *group, enum identity who)
{
	TRY(unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | group->apart));
	TRY(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	TRY(mkdir("work", 0755));
	TRY(mount("work", "work", "tmpfs", 0, "mode=0755"));
	TRY(chdir("work"));
	if (group->prepare) {
		int err = group->prepare();

		if (err)
			return err;
	}
	if (who != AS_ROOT)
		TRY(chown(".", NOBODY, NOBODY));
	return 0;
}

static _Noreturn void run_calls(const struct workload *group, size_t identity,
				struct running *running)
{
	enum identity who = identities[identity].bit;
	const char *step = "a clean process";
	int err = leave_all_behind();

	memset(slot, -1, sizeof(slot));
	if (!err) {
		step = "its directory";
		err = enter_directory(group, who);
	}
	if (!err) {
		step = identities[identity].name;
		err = become(who);
	}
	running->error = err;
	snprintf(running->step, sizeof(running->step), "%s", step);
	for (size_t i = 0; !err && i < group->n; i++) {
		struct outcome *outcome = &running->outcome[i];

		outcome_name(group, identity, i, outcome->name);
		show(&group->call[i], make_call(&group->call[i]), outcome->value);
		running->n = i + 1;
	}
	_exit(0);
}

static int run_as(const struct workload *group, size_t identity, struct running *running)
{
	int status = 0;
	bool late;
	pid_t pid;

	memset(running, 0, sizeof(*running));
	fflush(NULL);
	pid = fork();
	if (!pid)
		run_calls(group, identity, running);
	if (pid < 0)
		return -errno;
	late = !await__end(pid, GROUP_SECONDS);
	if (late)
		kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	if (late)
		return -ETIMEDOUT;
	return running->error ?: status || running->n != group->n ? -ECHILD : 0;
}

static void explain(const struct workload *group, size_t identity, const struct running *running,
		    int err, char *why, size_t size)
{
	if (running->error)
		snprintf(why, size, "%s as %s: %s: %s", group->name, identities[identity].name,
			 running->step, strerror(-running->error));
	else
		snprintf(why, size, "%s as %s: its process %s at call %zu, %s", group->name,
			 identities[identity].name, err == -ETIMEDOUT ? "hangs" : "died",
			 running->n + 1,
			 running->n < group->n ? group->call[running->n].name : "the last");
}

int workload__run(const struct workload *group, struct outcomes *outcomes, char *why, size_t size)
{
	struct running *running = mmap(NULL, sizeof(*running), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int err = running == MAP_FAILED ? -errno : 0;

	for (size_t i = 0; !err && i < IDENTITIES; i++) {
		if (!(group->as & identities[i].bit))
			continue;
		err = run_as(group, i, running);
		rmdir("work");
		if (err)
			explain(group, i, running, err, why, size);
		for (size_t j = 0; !err && j < group->n && outcomes->n < outcomes->max; j++)
			outcomes->item[outcomes->n++] = running->outcome[j];
	}
	if (running != MAP_FAILED)
		munmap(running, sizeof(*running));
	return err;
}
