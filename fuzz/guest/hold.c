// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/guest/hold.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/guest/proxy.h"
#include "vm-images/fs.h"
#include "vm-images/guest.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"

#define BOOT_SECONDS  300
#define INPUT_SECONDS 60
/* A guest that has done this much is replaced. */
#define RUNS 200000
/* What is wrong ends the guest, and so is noticed at once. */
#define STRICT_KERNEL "panic_on_warn=1 kasan.fault=panic"
/* What the process that holds a guest ends with. */
#define GUEST_FELL 1

static struct shared *shared;
static char *shared_path;
static const char *dir, *target, *kernel_name;
static pid_t guest = -1;
/* The last guest ended by a panic or the like; else nothing is known against its input. */
static bool fell;

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

const volatile struct shared *hold_open(const char *to, const char *kernel, const char *name)
{
	int fd;

	dir = to;
	kernel_name = kernel;
	target = name;
	shared_path = xasprintf("%s/shared", dir);
	fd = open(shared_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, SHARED_SIZE))
		proxy_die(shared_path);
	/* held to the end: of two at work in one directory each would get the other's answers */
	if (flock(fd, LOCK_EX | LOCK_NB))
		proxy_die("FUZZ_DIR is in use: choose another");
	shared = mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		proxy_die(shared_path);
	return shared;
}

/* In a child: one guest from its boot to its end. What it said goes to DIR/splat. */
__attribute__((noreturn)) static void run_guest(void)
{
	char *agent = fs_beside_self("../guest-agent"), *init = fs_beside_self("../../init");
	char *report = fs_beside_self("../../obj/conformance/harness/report");
	char *log = xasprintf("%s/console.log", dir), *splat = xasprintf("%s/splat", dir);
	const struct guest_file file = { .guest = "fuzz/target", .host = report, .mode = 0755 };
	struct krsi_err err = { 0 };
	struct guest_outcome out;
	struct strs extra = { 0 };
	struct kernel k = { 0 };
	FILE *f;

	strs_add(&extra, "-object");
	strs_take(&extra, xasprintf("memory-backend-file,id=fuzz,share=on,mem-path=%s,size=%d",
				    shared_path, SHARED_SIZE));
	strs_add(&extra, "-device");
	strs_add(&extra, "ivshmem-plain,memdev=fuzz");
	if (kernel_resolve(&k, kernel_name, NULL, &err))
		proxy_die(err.text);
	const struct guest_opts o = {
		.kernel = &k,
		.payload = agent,
		.init = init,
		.args = &target,
		.nargs = 1,
		.cmdline = STRICT_KERNEL,
		.files = &file,
		.nfiles = 1,
		.cpus = 1,
		.boot_seconds = BOOT_SECONDS,
		.silence_seconds = 1e6,
		.total_seconds = 1e6,
		.console_log = log,
		.qemu_args = &extra,
	};

	if (guest_run(&o, &out, &err))
		proxy_die(err.text);
	f = fopen(splat, "w");
	if (f) {
		fprintf(f, "%s\n", out.watch.text);
		for (size_t i = 0; i < out.watch.splats.n; i++)
			fprintf(f, "%s\n", out.watch.splats.v[i].text);
		for (size_t i = 0; i < out.watch.tail.n && !out.watch.splats.n; i++)
			fprintf(f, "%s\n", out.watch.tail.v[i]);
		fclose(f);
	}
	/* the emulator may have been killed */
	exit(out.watch.ended == WATCH_VANISHED ? 0 : GUEST_FELL);
}

void hold_end(void)
{
	if (guest > 0) {
		kill(guest, SIGKILL);
		waitpid(guest, NULL, 0);
	}
	guest = -1;
}

static bool guest_is_gone(void)
{
	int status;

	if (guest > 0 && waitpid(guest, &status, WNOHANG) == guest) {
		guest = -1;
		fell = WIFEXITED(status) && WEXITSTATUS(status) == GUEST_FELL;
	}
	return guest < 0;
}

static bool wait_idle(double seconds)
{
	double end = proc_seconds() + seconds;

	while (__atomic_load_n(&shared->state, __ATOMIC_SEQ_CST) != STATE_IDLE) {
		if (guest_is_gone() || proc_seconds() > end)
			return false;
		nap();
	}
	return true;
}

static bool boot_once(void)
{
	pid_t self = getpid();
	char *splat = xasprintf("%s/splat", dir);

	hold_end();
	unlink(splat);
	free(splat);
	fell = false;
	memset(shared, 0, sizeof(*shared));
	guest = fork();
	if (!guest) {
		/* those of afl-fuzz are not the guest's */
		closefrom(STDERR_FILENO + 1);
		proc_die_with(self);
		run_guest();
	}
	return guest > 0 && wait_idle(BOOT_SECONDS);
}

/* A campaign does not end with one guest that somebody killed. */
void hold_boot(void)
{
	if (!boot_once() && !boot_once())
		proxy_die("the guest did not boot, or its agent did not start: see console.log");
}

/* Whether the guest came back; else *@wrong says why not. */
static bool run_input(const void *data, size_t size, bool strict, const char **wrong)
{
	memcpy(shared->input, data, size);
	shared->size = size;
	shared->strict = strict;
	__atomic_store_n(&shared->state, STATE_INPUT, __ATOMIC_SEQ_CST);
	if (wait_idle(INPUT_SECONDS))
		return true;
	*wrong = guest < 0 ? "the guest went down" : "the guest hangs";
	return false;
}

const char *hold_judge(const void *data, size_t size, bool strict)
{
	static char text[TEXT_MAX + 1];
	const char *wrong = NULL;

	/* of what a kernel does later, an earlier input is the cause */
	if (guest_is_gone() && fell)
		wrong = "the guest went down after its last input";
	else if (guest < 0 || shared->runs >= RUNS)
		hold_boot();
	if (!wrong && !run_input(data, size, strict, &wrong) && guest < 0 && !fell) {
		/* a guest that somebody killed says nothing; that the next one ends, too, does */
		wrong = NULL;
		hold_boot();
		run_input(data, size, strict, &wrong);
	}
	fell = false;
	if (wrong) {
		hold_end();
	} else if (shared->verdict) {
		snprintf(text, sizeof(text), "%.*s", TEXT_MAX, shared->text);
		wrong = text;
	}
	return wrong;
}
