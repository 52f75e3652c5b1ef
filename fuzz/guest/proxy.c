// SPDX-License-Identifier: GPL-2.0-only
/*
 * afl-fuzz on the host, the target in a guest: this program is the forkserver, and hands inputs to
 * the agent through memory that both share. So corpus, findings and the input that a panic came
 * from are on the host, whatever becomes of the guest, which is booted again.
 *
 *   fuzz-proxy DIR [KERNEL]          under afl-fuzz; findings with their console go to DIR
 *   fuzz-proxy DIR KERNEL FILE...    without it: judge these inputs, say what came of each
 *   fuzz-proxy --seeds DIR           write the seed corpus
 */
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

#include "fuzz/guest/shared.h"
#include "reference/tests/asks.h"
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

#define BOOT_SECONDS  120
#define INPUT_SECONDS 60
/* A guest that has done this much is replaced. */
#define RUNS 200000

struct fuzz_input {
	uint32_t size;
	uint8_t data[];
};

static struct shared *shared;
static char *shared_path;
static const char *dir, *kernel_name = "reference";
static pid_t guest = -1;
static unsigned int findings;

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
	char *agent = fs_beside_self("fuzz/guest-agent");
	char *target = fs_beside_self("obj/conformance/harness/report");
	char *log = xasprintf("%s/console.log", dir), *splat = xasprintf("%s/splat", dir);
	const struct guest_file file = { .guest = "fuzz/target", .host = target, .mode = 0755 };
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
	exit(0);
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
	if (guest > 0 && waitpid(guest, NULL, WNOHANG) == guest)
		guest = -1;
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

static void boot(void)
{
	pid_t self = getpid();

	end_guest();
	memset(shared, 0, sizeof(*shared));
	guest = fork();
	if (!guest) {
		/* not those of afl-fuzz */
		close(FROM_FUZZER);
		close(TO_FUZZER);
		proc_die_with(self);
		run_guest();
	}
	if (guest < 0 || !wait_idle(BOOT_SECONDS))
		die("the guest did not boot, or its agent did not start: see console.log");
}

/* The input and what is known of it: DIR/finding-N, and .txt beside it. */
static void keep(const char *what)
{
	char *input = xasprintf("%s/finding-%u", dir, findings);
	char *text = xasprintf("%s.txt", input), *splat = xasprintf("%s/splat", dir), *said;
	struct krsi_err err = { 0 };
	FILE *f;

	findings++;
	fs_write_atomic(input, shared->input, shared->size, &err);
	said = guest < 0 ? fs_read(splat, 1 << 20, NULL, &err) : NULL;
	f = fopen(text, "w");
	if (f) {
		fprintf(f, "%s\nreplay: fuzz-proxy %s %s %s\n\n%s", what, dir, kernel_name, input,
			said ? said : "");
		fclose(f);
	}
	free(said);
	free(splat);
	free(text);
	free(input);
}

/* Runs the input that lies in the shared memory. Returns NULL, or what is wrong. */
static const char *judge(void)
{
	static char text[TEXT_MAX + 1];

	if (guest_is_gone() || shared->runs >= RUNS) {
		static uint8_t saved[INPUT_MAX];
		uint32_t size = shared->size;

		memcpy(saved, shared->input, size);
		boot();
		memcpy(shared->input, saved, size);
		shared->size = size;
	}
	__atomic_store_n(&shared->state, STATE_INPUT, __ATOMIC_SEQ_CST);
	if (!wait_idle(INPUT_SECONDS)) {
		snprintf(text, sizeof(text), "%s",
			 guest < 0 ? "the guest went down" : "the guest hangs");
		end_guest();
		keep(text);
		return text;
	}
	if (shared->verdict == VERDICT_WELL)
		return NULL;
	snprintf(text, sizeof(text), "%.*s", TEXT_MAX, shared->text);
	keep(text);
	return text;
}

static void put_input(const uint8_t *data, size_t size)
{
	if (size > INPUT_MAX)
		size = INPUT_MAX;
	memcpy(shared->input, data, size);
	shared->size = size;
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

static int replay(char **files)
{
	double begin;
	size_t n = 0;
	int rc = 0;

	boot();
	begin = proc_seconds();
	for (; *files; files++, n++) {
		struct krsi_err err = { 0 };
		size_t size;
		char *data = fs_read(*files, INPUT_MAX, &size, &err);
		const char *wrong;

		if (!data)
			die(err.text);
		put_input((uint8_t *)data, size);
		free(data);
		wrong = judge();
		if (wrong)
			printf("%s: FINDING: %s\n", *files, wrong);
		rc |= !!wrong;
	}
	printf("%zu inputs judged, %.0f a second, %s\n", n, n / (proc_seconds() - begin),
	       shared->kcov ? "with edges of the kernel" : "without KCOV");
	end_guest();
	return rc;
}

/* The cases of the unit tests, each executed in another way. */
static int write_seeds(const char *to)
{
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		const struct ask *a = &asks[i];
		size_t name = a->name ? a->name_len ?: strlen(a->name) + 1 : 0;
		struct exec_head h = { .way = i % EXEC_WAYS,
				       .argc = a->argc,
				       .buf_len = a->buf_len,
				       .name_len = name,
				       .all = !a->name };
		char *path = xasprintf("%s/case-%02zu", to, i);
		FILE *f = fopen(path, "w");

		if (!f)
			die(path);
		fwrite(&h, sizeof(h), 1, f);
		fwrite(a->name ?: "", 1, name, f);
		fwrite(a->bytes, 1, a->len, f);
		if (fclose(f))
			die(path);
		free(path);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct krsi_err err = { 0 };

	if (argc == 3 && !strcmp(argv[1], "--seeds"))
		return write_seeds(argv[2]);
	if (argc < 2)
		die("usage: see the head of fuzz/guest/proxy.c");
	dir = argv[1];
	if (argc > 2)
		kernel_name = argv[2];
	if (fs_mkdirs(dir, &err))
		die(err.text);
	for (char *path; (path = xasprintf("%s/finding-%u", dir, findings)); findings++) {
		bool there = fs_exists(path);

		free(path);
		if (!there)
			break;
	}
	map_shared();
	return argc > 3 ? replay(argv + 3) : serve();
}
