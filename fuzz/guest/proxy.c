// SPDX-License-Identifier: GPL-2.0-only
/*
 * afl-fuzz on the host, the target in a guest: this program is the forkserver, and hands inputs to
 * the agent through memory that both share. So corpus, findings and the input that a panic came
 * from are on the host, whatever becomes of the guest, which is booted again.
 *
 *   TARGET FILE|DIRECTORY...  judge these inputs; the last line says how many
 *   TARGET --seeds DIRECTORY  write the seed corpus there
 *   TARGET                    under afl-fuzz
 *
 * The target is what the program is called. FUZZ_KERNEL names the kernel (reference-fuzz), FUZZ_DIR
 * the directory for the guest's console and for findings with what the guest said.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/guest/seeds.h"
#include "fuzz/guest/shared.h"
#include "vm-images/fs.h"
#include "vm-images/guest.h"
#include "vm-images/proc.h"

/* afl-fuzz looks for this word in the file. */
static const char *volatile words[] = { "__AFL_SHM_ID" };

#define FROM_FUZZER    198
#define TO_FUZZER      199
#define OPTIONS	       0x80000001u
#define OPTION_MAPSIZE 0x40000000u
#define OPTION_SHARED  0x01000000u

#define BOOT_SECONDS  300
#define INPUT_SECONDS 60
/* A guest that has done this much is replaced. */
#define RUNS 200000
/* What is wrong ends the guest, and so is noticed at once. */
#define STRICT_KERNEL "panic_on_warn=1 kasan.fault=panic"
/* What a kernel does later may come of an earlier input: so many are kept. */
#define LAST	  8
#define SPLAT_MAX (1 << 20)
/* What the process that holds a guest ends with. */
#define GUEST_FELL 1

struct fuzz_input {
	uint32_t size;
	uint8_t data[];
};

static struct shared *shared;
static char *shared_path;
static const char *dir, *kernel_name, *target, *seed_dir, *flavour;
static char *kernel_dir;
static pid_t guest = -1;
/* The last guest ended by a panic or the like; else nothing is known against its input. */
static bool fell;
static unsigned int findings;
/* The inputs of this guest, the last one before `last_at`. */
static struct last {
	uint8_t *data;
	size_t size;
} last[LAST];
static unsigned int last_at;

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "fuzz-proxy: %s\n", what);
	exit(2);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

static void map_shared(void)
{
	int fd;

	shared_path = xasprintf("%s/shared", dir);
	fd = open(shared_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, SHARED_SIZE))
		die(shared_path);
	shared = mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		die(shared_path);
	close(fd);
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
		die(err.text);
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
		die(err.text);
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

static void end_guest(void)
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

	end_guest();
	fell = false;
	memset(shared, 0, sizeof(*shared));
	guest = fork();
	if (!guest) {
		/* not those of afl-fuzz */
		close(FROM_FUZZER);
		close(TO_FUZZER);
		proc_die_with(self);
		run_guest();
	}
	return guest > 0 && wait_idle(BOOT_SECONDS);
}

/* A campaign does not end with one guest that somebody killed. */
static void boot(void)
{
	if (!boot_once() && !boot_once())
		die("the guest did not boot, or its agent did not start: see console.log");
}

/* Of a kernel that was built here: with files and lines. NULL: not to be had. */
static char *decoded(const char *splat)
{
	char *vmlinux = xasprintf("%s/../build-%s/vmlinux", kernel_dir, flavour);
	char *decoder = xasprintf("%s/../linux/scripts/decode_stacktrace.sh", kernel_dir),
	     *out = NULL;
	const char *const argv[] = { "sh",  "-c", "bash \"$0\" \"$1\" <\"$2\"", decoder, vmlinux,
				     splat, NULL };
	const struct proc_opts o = { .argv = argv, .deadline = 120 };
	struct proc_result r = { 0 };
	struct krsi_err err = { 0 };

	if (fs_exists(vmlinux) && fs_exists(decoder) && !proc_run(&r, &o, &err) && !r.status)
		out = xstrdup(r.out);
	proc_result_free(&r);
	free(decoder);
	free(vmlinux);
	return out;
}

/* What the guest said when it went down. */
static char *last_words(void)
{
	char *splat = xasprintf("%s/splat", dir), *said;
	struct krsi_err err = { 0 };

	said = decoded(splat);
	if (!said)
		said = fs_read(splat, SPLAT_MAX, NULL, &err);
	free(splat);
	return said;
}

static void keep_last(const char *finding)
{
	struct krsi_err err = { 0 };

	for (unsigned int i = 0; i < LAST; i++) {
		const struct last *l = &last[(last_at + i) % LAST];
		char *path = xasprintf("%s.last-%u", finding, i);

		if (l->data)
			fs_write_atomic(path, l->data, l->size, &err);
		free(path);
	}
}

/* The input and what is known of it: DIR/finding-N, and .txt beside it. */
static void keep(const char *what)
{
	char *input = xasprintf("%s/finding-%u", dir, findings);
	char *text = xasprintf("%s.txt", input), *self = fs_beside_self(target), *said = NULL;
	struct krsi_err err = { 0 };
	FILE *f;

	findings++;
	fs_write_atomic(input, shared->input, shared->size, &err);
	if (guest < 0) {
		said = last_words();
		keep_last(input);
	}
	f = fopen(text, "w");
	if (f) {
		fprintf(f, "%s\nreplay: FUZZ_KERNEL=%s %s %s\n\n%s", what, kernel_name, self, input,
			said ? said : "");
		fclose(f);
	}
	free(said);
	free(self);
	free(text);
	free(input);
}

/* Another guest, with the input that lies in the shared memory. */
static void boot_again(void)
{
	static uint8_t saved[INPUT_MAX];
	uint32_t size = shared->size, strict = shared->strict;

	memcpy(saved, shared->input, size);
	boot();
	memcpy(shared->input, saved, size);
	shared->size = size;
	shared->strict = strict;
}

/* Whether the guest came back; else *@wrong says why not. */
static bool run_input(const char **wrong)
{
	__atomic_store_n(&shared->state, STATE_INPUT, __ATOMIC_SEQ_CST);
	if (wait_idle(INPUT_SECONDS))
		return true;
	*wrong = guest < 0 ? "the guest went down" : "the guest hangs";
	return false;
}

/* Runs the input that lies in the shared memory. Returns NULL, or what is wrong. */
static const char *judge(void)
{
	static char text[TEXT_MAX + 1];
	const char *wrong = NULL;

	/* of what a kernel does later, an earlier input is the cause */
	if (guest_is_gone() && fell)
		wrong = "the guest went down after its last input";
	else if (guest < 0 || shared->runs >= RUNS)
		boot_again();
	if (!wrong && !run_input(&wrong) && guest < 0 && !fell) {
		/* a guest that somebody killed says nothing; that the next one ends, too, does */
		wrong = NULL;
		boot_again();
		run_input(&wrong);
	}
	if (wrong) {
		end_guest();
	} else if (shared->verdict) {
		snprintf(text, sizeof(text), "%.*s", TEXT_MAX, shared->text);
		wrong = text;
	}
	if (wrong)
		keep(wrong);
	fell = false;
	return wrong;
}

static void put_input(const uint8_t *data, size_t size)
{
	struct last *l = &last[last_at++ % LAST];

	if (size > INPUT_MAX)
		size = INPUT_MAX;
	memcpy(shared->input, data, size);
	shared->size = size;
	l->data = xreallocarray(l->data, size + 1, 1);
	memcpy(l->data, data, size);
	l->size = size;
}

static bool say(uint32_t word)
{
	return write(TO_FUZZER, &word, sizeof(word)) == sizeof(word);
}

static bool hear(void)
{
	uint32_t word;

	return read(FROM_FUZZER, &word, sizeof(word)) == sizeof(word);
}

/* afl-fuzz kills what it believes to be the target when time is up: not this process. */
static pid_t scapegoat(void)
{
	pid_t self = getpid(), pid = fork();

	if (!pid) {
		proc_die_with(self);
		for (;;)
			pause();
	}
	return pid;
}

static int serve(void)
{
	const char *map_id = getenv("__AFL_SHM_ID"), *input_id = getenv("__AFL_SHM_FUZZ_ID");
	uint8_t *map = map_id ? shmat(atoi(map_id), NULL, 0) : (void *)-1;
	struct fuzz_input *input = input_id ? shmat(atoi(input_id), NULL, 0) : (void *)-1;
	pid_t victim;

	if (!words[0] || map == (void *)-1 || input == (void *)-1)
		die("not under afl-fuzz: see the head of fuzz/guest/proxy.c");
	boot();
	if (!say(OPTIONS | OPTION_MAPSIZE | OPTION_SHARED | (MAP_SIZE - 1) << 1) || !hear())
		return 2;
	victim = scapegoat();
	while (hear() && say(victim)) {
		const char *wrong;

		put_input(input->data, input->size);
		wrong = judge();
		memcpy(map, shared->map, MAP_SIZE);
		if (waitpid(victim, NULL, WNOHANG) == victim)
			victim = scapegoat();
		if (!say(wrong ? SIGABRT : 0))
			break;
	}
	end_guest();
	return 0;
}

static void take_files(struct strs *files, const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);

	if (n < 0)
		strs_add(files, path);
	for (int i = 0; i < n; i++) {
		/* files of fuzzers themselves begin with a dot */
		if (entries[i]->d_name[0] != '.' && strncmp(entries[i]->d_name, "README", 6))
			strs_take(files, xasprintf("%s/%s", path, entries[i]->d_name));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static int replay(char **paths)
{
	struct strs files = { 0 };
	double begin;
	int rc = 0;

	for (; *paths; paths++)
		take_files(&files, *paths);
	boot();
	begin = proc_seconds();
	for (size_t i = 0; i < files.n; i++) {
		struct krsi_err err = { 0 };
		size_t size;
		char *data = fs_read(files.v[i], INPUT_MAX, &size, &err);
		const char *wrong;

		if (!data)
			die(err.text);
		put_input((uint8_t *)data, size);
		free(data);
		shared->strict = 1;
		wrong = judge();
		if (wrong)
			fprintf(stderr, "FINDING: %s\n    %s\n", wrong, files.v[i]);
		rc |= !!wrong;
	}
	printf("%zu inputs judged, %.0f a second, %s\n", files.n,
	       files.n / (proc_seconds() - begin),
	       shared->kcov ? "with edges of the kernel" : "without KCOV");
	end_guest();
	strs_free(&files);
	return rc;
}

static void write_seed(const char *name, const void *data, size_t size)
{
	char *path = xasprintf("%s/%s", seed_dir, name);
	struct krsi_err err = { 0 };

	if (fs_write_atomic(path, data, size, &err))
		die(err.text);
	free(path);
}

/* The directory of the kernel, and which flavour it is, where it was built here. */
static void find_kernel(void)
{
	struct kernel k = { 0 };
	struct krsi_err err = { 0 };
	char *slash;

	kernel_name = getenv("FUZZ_KERNEL");
	if (!kernel_name)
		kernel_name = "reference-fuzz";
	if (kernel_resolve(&k, kernel_name, NULL, &err))
		die(err.text);
	kernel_dir = xstrdup(k.image);
	slash = strrchr(kernel_dir, '/');
	*(slash ? slash : kernel_dir) = '\0';
	slash = strrchr(kernel_dir, '/');
	flavour = slash ? slash + 1 : "";
	kernel_free(&k);
}

/* Findings of earlier runs stay. */
static void open_dir(void)
{
	struct krsi_err err = { 0 };

	dir = getenv("FUZZ_DIR");
	if (!dir)
		dir = fs_beside_self(target[0] ? xasprintf("../out/%s/guest", target) : "../out");
	if (fs_mkdirs(dir, &err))
		die(err.text);
	for (char *path; (path = xasprintf("%s/finding-%u", dir, findings)); findings++) {
		bool there = fs_exists(path);

		free(path);
		if (!there)
			break;
	}
}

int main(int argc, char **argv)
{
	target = strrchr(argv[0], '/');
	target = target ? target + 1 : argv[0];
	if (argc == 3 && !strcmp(argv[1], "--seeds")) {
		seed_dir = argv[2];
		if (seeds_write(target, write_seed))
			die("there is no such target");
		return 0;
	}
	if (argc < 2 && !getenv("__AFL_SHM_ID"))
		die("which inputs? see the head of fuzz/guest/proxy.c");
	find_kernel();
	open_dir();
	map_shared();
	return argc > 1 ? replay(argv + 1) : serve();
}
