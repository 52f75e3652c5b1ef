// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/proc.h"
#include "vm-images/qemu.h"
#include "vm-images/qmp.h"

/* A burst of console or events must not make the guest wait for the host. */
#define PIPE_BYTES (1 << 20)

/* How long QEMU may take for an answer, and for reading or writing a state. */
#define ANSWER_SECONDS 30
#define STATE_SECONDS  120

/* Where the child of QEMU that reads or writes a state finds its name: no shell has to quote it. */
#define STATE_ENV   "KRSI_STATE"
#define STATE_WRITE "exec:exec cat >\"$" STATE_ENV "\""
#define STATE_READ  "exec:exec cat <\"$" STATE_ENV "\""

/*
 * With a thread for each CPU, QEMU may run a block that it translated from code which another CPU
 * was changing: kernels patch themselves when a program is attached, and died of the int3 that was
 * there in between, some times in a hundred. (QEMU 8.1 locks the pages it translates.) One thread
 * costs nothing here: the other cores run other guests.
 */
static const char *const accel_args[] = {
	[ACCEL_KVM] = "kvm",
	[ACCEL_TCG] = "tcg,thread=single",
};

/* What every guest is started with. */
static const char *const fixed_args[] = { "-nodefaults", "-no-user-config", "-display", "none",
					  "-no-reboot" };

static void add_pair(struct strs *argv, const char *option, char *value)
{
	strs_add(argv, option);
	strs_take(argv, value);
}

/* QEMU takes a comma for the end of a value; a doubled one is a comma. */
static char *escape_commas(const char *s)
{
	char *out = xcalloc(2 * strlen(s) + 1, 1), *p = out;

	for (; *s; s++) {
		*p++ = *s;
		if (*s == ',')
			*p++ = ',';
	}
	return out;
}

static void add_console(struct strs *argv, const struct qemu_opts *o, int console)
{
	char *log;

	if (!o->terminal) {
		add_pair(argv, "-chardev", xasprintf("file,id=console,path=/dev/fd/%d", console));
	} else if (o->console_log) {
		log = escape_commas(o->console_log);
		add_pair(argv, "-chardev",
			 xasprintf("stdio,id=console,signal=off,logappend=on,logfile=%s", log));
		free(log);
	} else {
		add_pair(argv, "-chardev", xstrdup("stdio,id=console,signal=off"));
	}
	add_pair(argv, "-serial", xstrdup("chardev:console"));
}

/* What is written to the disk goes to a file that QEMU deletes as soon as it has made it. */
static const char *const usb_disk_args[] = {
	"-device",
	"qemu-xhci",
	"-drive",
	"if=none,id=usb,format=raw,file.driver=null-co,file.size=1M,"
	"file.read-zeroes=on,snapshot=on",
	"-device",
	"usb-storage,drive=usb,serial=" QEMU_USB_SERIAL,
};

#define N_USB_DISK_ARGS (sizeof(usb_disk_args) / sizeof(usb_disk_args[0]))

static void add_control(struct strs *argv, const struct qemu_opts *o, int control)
{
	add_pair(argv, "-chardev", xasprintf("socket,id=control,fd=%d", control));
	add_pair(argv, "-mon", xstrdup("chardev=control,mode=control"));
	if (o->restore)
		add_pair(argv, "-incoming", xstrdup(STATE_READ));
}

void qemu_command(struct strs *argv, const struct qemu_opts *o, const char *program, int console,
		  int events, int control)
{
	strs_add(argv, program);
	add_pair(argv, "-machine", xstrdup(o->arch->machine));
	add_pair(argv, "-accel", xstrdup(accel_args[o->accel]));
	add_pair(argv, "-cpu",
		 xasprintf("%s%s", o->arch->cpu,
			   o->accel == ACCEL_TCG && o->arch->emulated ? o->arch->emulated : ""));
	add_pair(argv, "-m", xasprintf("%u", o->memory_mb));
	add_pair(argv, "-smp",
		 o->sockets ? xasprintf("%u,sockets=%u", o->cpus, o->cpus)
			    : xasprintf("%u", o->cpus));
	for (size_t i = 0; i < sizeof(fixed_args) / sizeof(fixed_args[0]); i++)
		strs_add(argv, fixed_args[i]);
	add_pair(argv, "-kernel", xstrdup(o->image));
	add_pair(argv, "-initrd", xstrdup(o->initramfs));
	add_pair(argv, "-append", xstrdup(o->cmdline));
	add_console(argv, o, console);
	if (events >= 0) {
		add_pair(argv, "-chardev", xasprintf("file,id=events,path=/dev/fd/%d", events));
		add_pair(argv, "-serial", xstrdup("chardev:events"));
	} else {
		add_pair(argv, "-serial", xstrdup("null"));
	}
	if (control >= 0)
		add_control(argv, o, control);
	for (size_t i = 0; o->usb_disk && i < N_USB_DISK_ARGS; i++)
		strs_add(argv, usb_disk_args[i]);
	for (size_t i = 0; o->extra && i < o->extra->n; i++)
		strs_add(argv, o->extra->v[i]);
}

char *qemu_program(const struct arch *arch, const char *program, struct krsi_err *err)
{
	char *path = fs_find_program(program ? program : arch->qemu);

	if (!path)
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s not found: apt-get install %s",
			     program ? program : arch->qemu, arch->qemu_package);
	return path;
}

/* The child's side of a pipe keeps its number over exec; the others do not survive it. */
static int open_pipe(int *read_end, int *write_end)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC))
		return -1;
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	fcntl(p[1], F_SETPIPE_SZ, PIPE_BYTES);
	*read_end = p[0];
	*write_end = p[1];
	return 0;
}

static void keep_over_exec(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

static int open_control(int *ours, int *theirs)
{
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s))
		return -1;
	*ours = s[0];
	*theirs = s[1];
	return 0;
}

/* What the child gets: console, events, errors, control. */
#define N_ENDS 4

static void child(const struct qemu_opts *o, char *const *argv, int parent, const int *ends)
{
	int null;
	sigset_t none;

	proc_die_with(parent);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (!o->terminal) {
		setpgid(0, 0);
		null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	dup2(ends[2], STDERR_FILENO);
	keep_over_exec(ends[0]);
	keep_over_exec(ends[1]);
	keep_over_exec(ends[3]);
	if (o->state)
		setenv(STATE_ENV, o->state, 1);
	execv(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int spawn(struct qemu *q, const struct qemu_opts *o, const char *program,
		 struct krsi_err *err)
{
	int ends[N_ENDS] = { -1, -1, -1, -1 }, parent = getpid();
	struct strs argv = { 0 };

	if ((!o->terminal &&
	     (open_pipe(&q->console, &ends[0]) || open_pipe(&q->events, &ends[1]))) ||
	    open_pipe(&q->errors, &ends[2]) || (o->state && open_control(&q->control, &ends[3]))) {
		krsi_err_sys(err, "cannot make pipes for QEMU");
		goto fail;
	}
	qemu_command(&argv, o, program, ends[0], ends[1], ends[3]);
	q->started = proc_seconds();
	q->pid = fork();
	if (q->pid < 0) {
		krsi_err_sys(err, "cannot start %s", program);
		q->pid = 0;
		goto fail;
	}
	if (!q->pid)
		child(o, argv.v, parent, ends);
	close_all(ends, N_ENDS);
	strs_free(&argv);
	return 0;
fail:
	close_all(ends, N_ENDS);
	qemu_reap(q);
	strs_free(&argv);
	return -1;
}

int qemu_start(struct qemu *q, const struct qemu_opts *o, struct krsi_err *err)
{
	char *program = qemu_program(o->arch, o->program, err);
	int rc;

	*q = (struct qemu){ .console = -1, .events = -1, .errors = -1, .control = -1 };
	if (!program)
		return -1;
	rc = spawn(q, o, program, err);
	free(program);
	return rc;
}

int qemu_restored(struct qemu *q)
{
	if (qmp_hello(q->control, ANSWER_SECONDS))
		return -1;
	/* it stands as it stood when it was saved */
	if (qmp_await(q->control, "query-status", "paused", "internal-error", STATE_SECONDS))
		return -1;
	return qemu_continue(q);
}

int qemu_stop(struct qemu *q)
{
	if (qmp_hello(q->control, ANSWER_SECONDS))
		return -1;
	return qmp_command(q->control, "stop", NULL, NULL);
}

int qemu_save(struct qemu *q)
{
	if (qmp_command(q->control, "migrate", "uri", STATE_WRITE))
		return -1;
	return qmp_await(q->control, "query-migrate", "completed", "failed", STATE_SECONDS);
}

int qemu_continue(struct qemu *q)
{
	return qmp_command(q->control, "cont", NULL, NULL);
}

void qemu_kill(struct qemu *q)
{
	if (q->pid > 0)
		/* with whatever it started, which would hold its pipes */
		if (kill(-q->pid, SIGKILL))
			kill(q->pid, SIGKILL);
}

int qemu_reap(struct qemu *q)
{
	int fds[] = { q->console, q->events, q->errors, q->control }, status = 0;

	close_all(fds, 4);
	q->console = q->events = q->errors = q->control = -1;
	if (q->pid > 0) {
		qemu_kill(q);
		while (waitpid(q->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	q->pid = 0;
	return status;
}
