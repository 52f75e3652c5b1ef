// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/late.h"

#define PAGE ((size_t)sysconf(_SC_PAGESIZE))
/* How long a task may take to reach the page; one that never does has not slept. */
#define PATIENCE_MS 10000

static struct late_shared *shared;

static void on_signal(int signal)
{
	__atomic_add_fetch(&shared->signals, 1, __ATOMIC_SEQ_CST);
}

static void name_of(char *name, size_t size, int i)
{
	snprintf(name, size, "late.%d", i);
}

static void *open_one(void *data)
{
	int *result = data, fd;
	char name[32];

	name_of(name, sizeof(name), result - shared->result);
	fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	__atomic_store_n(result, fd < 0 ? -errno : 0, __ATOMIC_SEQ_CST);
	return NULL;
}

/* A userfaultfd that owns the page; its number, or -errno. */
static int own_page(void *page)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_THREAD_ID };
	struct uffdio_register range = {
		.range = { (unsigned long)page, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	/* a blocking one does not poll */
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	TRY(fd);
	TRY(ioctl(fd, UFFDIO_API, &api));
	TRY(ioctl(fd, UFFDIO_REGISTER, &range));
	return fd;
}

static _Noreturn void sleeper(struct late *l)
{
	pthread_t thread[LATE_TASKS];
	char c = 0;

	setsid();
	signal(SIGUSR1, on_signal);
	shared->uffd = own_page(l->page);
	if (write(l->ready[1], &c, 1) != 1 || read(l->go[0], &c, 1) != 1)
		_exit(1);
	if (l->tasks == 1) {
		open_one(&shared->result[0]);
		_exit(0);
	}
	for (int i = 0; i < l->tasks; i++)
		if (pthread_create(&thread[i], NULL, open_one, &shared->result[i]))
			_exit(1);
	for (int i = 0; i < l->tasks; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

static void start_sleeper_task(struct krsi_run *t, struct late *l)
{
	char name[32], c;

	for (int i = 0; i < l->tasks; i++) {
		name_of(name, sizeof(name), i);
		test__errno(t, 0, put_file(name, "intact"), "write a file");
	}
	l->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	l->shared = mmap(NULL, sizeof(*l->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->page == MAP_FAILED || l->shared == MAP_FAILED || pipe2(l->go, O_CLOEXEC) ||
	    pipe2(l->ready, O_CLOEXEC))
		test__broken(t, "set-up: %s", strerror(errno));
	shared = l->shared;
	for (int i = 0; i < l->tasks; i++)
		shared->result[i] = 1;
	l->pid = fork();
	if (!l->pid)
		sleeper(l);
	if (l->pid < 0 || read(l->ready[0], &c, 1) != 1 || shared->uffd < 0)
		test__broken(t, "userfaultfd: %s", errno__name(shared->uffd));
	l->pidfd = syscall(SYS_pidfd_open, l->pid, 0);
	l->uffd = syscall(SYS_pidfd_getfd, l->pidfd, shared->uffd, 0);
	if (l->uffd < 0)
		test__broken(t, "pidfd_getfd: %s", strerror(errno));
}

void late__begin(struct krsi_run *t, struct late *l, int tasks, const char *named, int verdict)
{
	const struct krsi_prog_spec spec = { .size = sizeof(spec), .named = named };
	void *mem = NULL;
	size_t size = 0;
	int err;

	*l = (struct late){ .tasks = tasks };
	start_sleeper_task(t, l);
	err = t->adapter->load(t->inst, &spec, &l->prog);
	if (err)
		test__fail(t, "success", errno__name(err), "%s", t->adapter->last_error(t->inst));
	l->link = scene__link(t, l->prog);
	test__errno(t, 0, t->adapter->data(l->prog, &mem, &size), "the program's memory");
	test__true(t, size >= sizeof(struct io), "the program shares a struct io");
	l->io = mem;
	l->io->in[0] = (unsigned long)l->page;
	l->io->in[1] = sizeof(LATE_TEXT);
	l->io->verdict = verdict;
	l->io->session = l->pid;
}

void late__go(struct krsi_run *t, struct late *l)
{
	if (write(l->go[1], "g", 1) != 1)
		test__broken(t, "the sleeper: %s", strerror(errno));
}

/* The state letter of /proc/PID/task/TID/stat. */
static char state_of(pid_t pid, pid_t tid)
{
	char path[64], line[256] = "", *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	file = fopen(path, "re");
	if (file && !fgets(line, sizeof(line), file))
		line[0] = '\0';
	if (file)
		fclose(file);
	at = strrchr(line, ')');
	return at ? at[2] : '?';
}

void late__await(struct krsi_run *t, struct late *l, int tasks)
{
	struct pollfd fault[] = {
		{ .fd = l->uffd, .events = POLLIN },
		{ .fd = l->pidfd, .events = POLLIN }, /* the end of a sleeper that did not sleep */
	};
	pid_t seen[LATE_TASKS];
	struct uffd_msg msg;

	for (int i = 0; i < tasks; i++) {
		pid_t tid;
		char state;

		poll(fault, 2, PATIENCE_MS);
		if (!(fault[0].revents & POLLIN) || read(l->uffd, &msg, sizeof(msg)) < 0)
			test__fail(t, "a wait", "none", "task %d waits for the page", i + 1);
		test__equal(t, UFFD_EVENT_PAGEFAULT, msg.event, "event of the page");
		test__equal(t, (unsigned long)l->page,
			    msg.arg.pagefault.address & -(unsigned long)PAGE, "page");
		tid = seen[i] = msg.arg.pagefault.feat.ptid;
		for (int j = 0; j < i; j++)
			test__true(t, seen[j] != tid, "each task waits once");
		/* set before the fault can be read: a task that waits never shows as running */
		state = state_of(l->pid, tid);
		if (!strchr("SD", state))
			test__fail(t, "S or D", (char[]){ state, '\0' }, "state of the task");
	}
	test__equal(t, tasks, l->io->out[1], "tasks that have entered the program");
	test__equal(t, 0, l->io->out[2], "tasks that have left it");
}

void late__serve(struct krsi_run *t, struct late *l)
{
	static _Alignas(4096) char content[65536] = LATE_TEXT;
	struct uffdio_copy copy = {
		.dst = (unsigned long)l->page,
		.src = (unsigned long)content,
		.len = PAGE,
	};

	if (ioctl(l->uffd, UFFDIO_COPY, &copy))
		test__broken(t, "UFFDIO_COPY: %s", strerror(errno));
}

bool late__wanted(const struct late *l)
{
	struct pollfd fault = { .fd = l->uffd, .events = POLLIN };

	return poll(&fault, 1, 0) == 1 && fault.revents & POLLIN;
}

int late__end(struct krsi_run *t, struct late *l)
{
	int status = 0;

	if (waitpid(l->pid, &status, 0) != l->pid)
		test__broken(t, "waitpid: %s", strerror(errno));
	return status;
}

bool late__intact(int i)
{
	char name[32];

	name_of(name, sizeof(name), i);
	return file_is(name, "intact");
}
