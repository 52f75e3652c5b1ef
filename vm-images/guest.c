// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "vm-images/fs.h"
#include "vm-images/guest.h"
#include "vm-images/guestfs.h"
#include "vm-images/proc.h"
#include "vm-images/qemu.h"
#include "vm-images/tsc.h"

/*
 * loglevel=5: warnings and stack traces are printed, boot messages are not. printk.time: the
 * watcher tells the kernel's lines from those of processes by the stamp. printk.devkmsg: init's
 * marks must not be rate-limited. cryptomgr.notests: the self-tests of the kernel's ciphers take a
 * second under emulation.
 */
#define BASE_CMDLINE                                                                               \
	"loglevel=5 printk.time=1 printk.devkmsg=on panic=-1 oops=panic "                          \
	"sysctl.vm.panic_on_oom=1 cryptomgr.notests"

/** struct boot - what a boot needs besides the caller's wishes. */
struct boot {
	const struct guest_opts *o;
	struct guest_outcome *out;
	char initramfs[32];
	int fd;
};

const char *guest_lsm(const struct guest_opts *o)
{
	return o->lsm ? o->lsm : o->kernel->lsm ? o->kernel->lsm : GUEST_LSM;
}

/* One whose time is counted in instructions has another clock than the host. */
static bool has_hosts_clock(const struct guest_opts *o, enum accel accel)
{
	return accel == ACCEL_TCG && o->kernel->arch->rate &&
	       !(o->qemu_args && strs_has(o->qemu_args, "-icount"));
}

char *guest_cmdline(const struct guest_opts *o, enum accel accel)
{
	const struct kernel *k = o->kernel;
	const char *lsm = guest_lsm(o);
	struct strs words = { 0 };
	char *text;

	strs_add(&words, k->arch->cmdline);
	strs_add(&words, BASE_CMDLINE);
	if (has_hosts_clock(o, accel) && tsc_khz())
		strs_take(&words, xasprintf("%s=%u", k->arch->rate, tsc_khz()));
	if (*lsm)
		strs_take(&words, xasprintf("lsm=%s", lsm));
	if (k->cmdline)
		strs_add(&words, k->cmdline);
	if (o->cmdline && *o->cmdline)
		strs_add(&words, o->cmdline);
	text = strs_join(&words, " ");
	strs_free(&words);
	return text;
}

/* A kernel that is to drive USB disks gets one; without modules it may have the driver built in. */
static bool wants_usb_disk(const struct boot *b)
{
	for (size_t i = 0; i < b->o->nmodules; i++)
		if (!strcmp(b->o->modules[i], GUEST_USB_MODULE))
			return !b->o->kernel->modules ||
			       !strs_has(&b->out->missing_modules, GUEST_USB_MODULE);
	return false;
}

/* A kernel without ACPI finds its CPUs in a table that has one a socket. */
static bool lacks_acpi(const struct kernel *k)
{
	char *acpi = kernel_config_get(k, "CONFIG_ACPI");
	bool lacks = acpi && !strcmp(acpi, "n");

	free(acpi);
	return lacks;
}

static struct qemu_opts qemu_opts_of(const struct boot *b)
{
	const struct guest_opts *o = b->o;

	return (struct qemu_opts){
		.program = o->qemu,
		.arch = o->kernel->arch,
		.accel = b->out->accel.accel,
		.image = o->kernel->direct ?: o->kernel->image,
		.initramfs = b->initramfs,
		.cmdline = b->out->cmdline,
		.memory_mb = o->memory_mb	    ? o->memory_mb
			     : o->kernel->memory_mb ? o->kernel->memory_mb
						    : GUEST_MEMORY_MB,
		.cpus = o->cpus ? o->cpus : GUEST_CPUS,
		.extra = o->qemu_args,
		.usb_disk = wants_usb_disk(b),
		.sockets = lacks_acpi(o->kernel),
	};
}

/* The cheapest checks come first: a missing QEMU should not wait for anything. */
static int choose(struct accel_choice *accel, const struct guest_opts *o, struct krsi_err *err)
{
	char *program = qemu_program(o->kernel->arch, o->qemu, err);

	if (!program)
		return -1;
	free(program);
	return accel_choose(accel, o->accel, o->kernel->arch, o->qemu, err);
}

int guest_ready(const struct guest_opts *o, struct krsi_err *err)
{
	struct accel_choice ignored;

	return choose(&ignored, o, err);
}

static int prepare(struct boot *b, bool shell, struct krsi_err *err)
{
	const struct guest_opts *o = b->o;
	struct guest_outcome *out = b->out;
	double start = proc_seconds();

	if (choose(&out->accel, o, err))
		return -1;
	b->fd = guestfs_build(o, shell, &out->missing_modules, &out->initramfs_bytes, err);
	if (b->fd < 0)
		return -1;
	snprintf(b->initramfs, sizeof(b->initramfs), "/proc/self/fd/%d", b->fd);
	out->cmdline = guest_cmdline(o, out->accel.accel);
	out->prepare_seconds = proc_seconds() - start;
	return 0;
}

static double or_default(double seconds, double otherwise)
{
	return seconds > 0 ? seconds : otherwise;
}

/* The slot for this boot: it is told by all that the guest is made from. */
static int open_warm(struct boot *b, struct qemu_opts qo, struct warm *warm, struct krsi_err *err)
{
	char *program = qemu_program(qo.arch, qo.program, err);
	struct strs argv = { 0 };
	int rc = -1;

	if (program) {
		qo.image = qo.initramfs = "";
		qemu_command(&argv, &qo, program, 0, 0, -1);
		rc = warm_open(warm, b->o->warm, &argv, b->o->kernel->sha256, b->fd, err);
	}
	strs_free(&argv);
	free(program);
	return rc;
}

/* Starts QEMU from the state in the slot, or else from nothing. */
static int start(struct boot *b, struct qemu_opts *qo, struct warm *warm, struct qemu *q,
		 struct krsi_err *err)
{
	char *state = b->o->warm ? warm_state(warm) : NULL;
	int rc;

	qo->state = state;
	qo->restore = b->o->warm && warm->found;
	rc = qemu_start(q, qo, err);
	if (!rc && qo->restore && qemu_restored(q)) {
		qemu_reap(q);
		warm_drop(warm);
		free(state);
		return start(b, qo, warm, q, err);
	}
	b->out->warm = qo->restore;
	warm_release(warm);
	free(state);
	return rc;
}

static int boot_once(struct boot *b, struct krsi_err *err)
{
	const struct guest_opts *o = b->o;
	struct qemu_opts qo = qemu_opts_of(b);
	struct warm warm = { .lock = -1 };
	struct watch_opts wo = {
		.boot_seconds =
			or_default(o->boot_seconds, GUEST_BOOT_SECONDS * (o->kernel->slower ?: 1)),
		.silence_seconds = or_default(o->silence_seconds, GUEST_SILENCE_SECONDS),
		.total_seconds = or_default(o->total_seconds, GUEST_TOTAL_SECONDS),
		.console_log = o->console_log,
		.on_event = o->on_event,
		.on_console = o->on_console,
		.on_tick = o->on_tick,
		.ctx = o->ctx,
		.warm = o->warm ? &warm : NULL,
		.cmdline = b->out->cmdline,
	};
	struct qemu q;
	int rc;

	b->out->boots++;
	rc = o->warm ? open_warm(b, qo, &warm, err) : 0;
	rc = rc ?: start(b, &qo, &warm, &q, err);
	rc = rc ?: watch_run(&q, &wo, &b->out->watch, err);
	warm_free(&warm);
	return rc;
}

/*
 * Under emulation one boot in some hundred dies before init. A cause that can be named will be
 * there the second time as well.
 */
static bool worth_a_retry(const struct boot *b)
{
	const struct watch_outcome *w = &b->out->watch;

	return !b->o->no_retry && w->ended == WATCH_NO_INIT &&
	       (w->cause == CAUSE_NONE || w->cause == CAUSE_NO_CONSOLE);
}

static int boot(struct boot *b, struct krsi_err *err)
{
	const struct guest_opts *o = b->o;

	if (o->console_log && fs_make_empty(o->console_log, err))
		return -1;
	progress_step(o->progress, "booting %s (%s)", o->kernel->release, b->out->accel.why);
	if (boot_once(b, err))
		return -1;
	if (!worth_a_retry(b))
		return 0;
	b->out->first_failure = xstrdup(b->out->watch.text);
	progress_step(o->progress, "%s; trying once more", b->out->first_failure);
	watch_outcome_free(&b->out->watch);
	return boot_once(b, err);
}

int guest_run(const struct guest_opts *o, struct guest_outcome *out, struct krsi_err *err)
{
	struct boot b = { .o = o, .out = out, .fd = -1 };
	int rc;

	*out = (struct guest_outcome){ 0 };
	rc = prepare(&b, false, err);
	rc = rc ?: boot(&b, err);
	if (b.fd >= 0)
		close(b.fd);
	if (rc)
		guest_outcome_free(out);
	return rc;
}

/* The kernel's log of a shell's console, to be read when the guest is gone. */
static int shell_log(const struct guest_opts *o, char path[32], struct krsi_err *err)
{
	int fd;

	if (o->console_log)
		return fs_make_empty(o->console_log, err) ? -1 : 0;
	fd = memfd_create("krsi-console", 0);
	if (fd < 0)
		return krsi_err_sys(err, "cannot keep the console");
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static char *read_errors(int fd)
{
	char buf[2048];
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	while (n > 0 && buf[n - 1] == '\n')
		n--;
	for (ssize_t i = 0; i < n; i++)
		buf[i] = (unsigned char)buf[i] < ' ' ? ';' : buf[i];
	return n > 0 ? xstrndup(buf, (size_t)n) : NULL;
}

/* The terminal belongs to QEMU meanwhile; it may die without putting it back. */
static void wait_for_shell(struct qemu *q)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct termios t;
	int tty = !tcgetattr(STDIN_FILENO, &t), status;

	sigaction(SIGINT, &ignore, &old);
	while (waitpid(q->pid, &status, 0) < 0 && errno == EINTR)
		;
	q->pid = 0;
	if (tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &t);
	sigaction(SIGINT, &old, NULL);
}

static int shell(struct boot *b, const char *log, struct krsi_err *err)
{
	struct qemu_opts qo = qemu_opts_of(b);
	struct watch_outcome *w = &b->out->watch;
	char *errors, *text;
	struct qemu q;
	size_t len;

	qo.terminal = true;
	qo.console_log = log;
	b->out->boots = 1;
	if (qemu_start(&q, &qo, err))
		return -1;
	wait_for_shell(&q);
	errors = read_errors(q.errors);
	text = fs_read(log, WATCH_CONSOLE_MAX, &len, err);
	if (text)
		watch_console(text, len, b->out->cmdline, w);
	w->seconds = proc_seconds() - q.started;
	w->qemu_errors = errors;
	qemu_reap(&q);
	free(text);
	return text ? 0 : -1;
}

int guest_shell(const struct guest_opts *o, struct guest_outcome *out, struct krsi_err *err)
{
	struct boot b = { .o = o, .out = out, .fd = -1 };
	char path[32] = "";
	int log, rc;

	*out = (struct guest_outcome){ 0 };
	log = shell_log(o, path, err);
	rc = log < 0 ? -1 : prepare(&b, true, err);
	rc = rc ?: shell(&b, o->console_log ? o->console_log : path, err);
	if (b.fd >= 0)
		close(b.fd);
	if (log > 0)
		close(log);
	if (rc)
		guest_outcome_free(out);
	return rc;
}

int guest_exit_code(const struct guest_outcome *out)
{
	const struct watch_outcome *w = &out->watch;

	if (w->ended == WATCH_NO_INIT)
		return w->cause == CAUSE_QEMU ? KRSI_EXIT_INFRA : KRSI_EXIT_NOBOOT;
	if (w->ended != WATCH_CLEAN)
		return KRSI_EXIT_CRASH;
	return w->cause == CAUSE_NONE ? KRSI_EXIT_OK : KRSI_EXIT_NOBOOT;
}

void guest_outcome_free(struct guest_outcome *out)
{
	watch_outcome_free(&out->watch);
	free(out->first_failure);
	free(out->cmdline);
	strs_free(&out->missing_modules);
	*out = (struct guest_outcome){ 0 };
}
