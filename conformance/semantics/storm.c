// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executions on two processors while programs are attached, detached and replaced: no call is lost,
 * a replacement leaves no gap, and nothing stays behind. A change is made for every execution: a
 * runner hands one word to each of those who change something, and waits where they lag behind.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/semantics/hook_file.h"
#include "conformance/semantics/slab.h"

#define EXEC_HOOK "bprm_check_security"
/* At effort 1, by each runner. */
#define EXECS	500
#define RUNNERS 2
/* Who is given words: each has a pipe of its own. */
enum { COMES_AND_GOES, REPLACES, MAKES, CHANGERS };

/* Shared by all processes. */
struct counts {
	unsigned long ran;     /* by the runners, in all */
	unsigned long changed; /* programs attached, detached or replaced */
	unsigned long made;    /* attempts to make a directory */
	unsigned long gaps;    /* ... that succeeded, or failed otherwise */
	int err;	       /* of a change */
};

struct storm {
	struct counts *counts;
	struct target witness;	/* on exec throughout; asked once for each execution */
	struct target guest[2]; /* on exec now and then: a plain and a sleepable program */
	struct target wall[2];	/* on mkdir by turns, and deny it */
	int word[CHANGERS][2];	/* pipes: packets, so that few fit */
};

/* A word for each of those who change something. */
static bool tell(const struct storm *s)
{
	for (int i = 0; i < CHANGERS; i++)
		if (write(s->word[i][1], "x", 1) != 1)
			return false;
	return true;
}

static bool told(const struct storm *s, int who)
{
	char word;

	return read(s->word[who][0], &word, 1) == 1;
}

static void pin(int runner)
{
	cpu_set_t allowed;
	int cpu = 0;

	/* where there is one processor only, all share it */
	if (sched_getaffinity(0, sizeof(allowed), &allowed) || CPU_COUNT(&allowed) < RUNNERS)
		return;
	for (int i = 0; i <= runner; cpu++)
		i += CPU_ISSET(cpu, &allowed) != 0;
	pin_to_cpu(cpu - 1);
}

static int execute(void)
{
	char *argv[] = { "noop", NULL }, *envp[] = { "NAME=value", NULL };
	int status = -1;
	pid_t pid = vfork();

	if (!pid) {
		execve("./noop", argv, envp);
		_exit(255);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
									       : -1;
}

static bool run(const struct storm *s, int runner, long n)
{
	pin(runner);
	for (long i = 0; i < n; i++) {
		if (execute() != NOOP_STATUS || !tell(s))
			return false;
		__atomic_add_fetch(&s->counts->ran, 1, __ATOMIC_RELAXED);
	}
	return true;
}

/* One comes, the other comes, one goes, the other goes. */
static bool come_and_go(const struct storm *s)
{
	struct counts *c = s->counts;
	int step = 0;

	for (; !c->err && told(s, COMES_AND_GOES); step = (step + 1) % 4) {
		const struct target *guest = &s->guest[step & 1];

		c->err = step < 2 ? hook_file__attach(guest, 0) : hook_file__detach(guest);
		__atomic_add_fetch(&c->changed, 1, __ATOMIC_RELAXED);
	}
	/* both are gone at the end */
	for (; !c->err && step; step = (step + 1) % 4)
		c->err = step < 2 ? hook_file__attach(&s->guest[step & 1], 0)
				  : hook_file__detach(&s->guest[step & 1]);
	return !c->err;
}

static bool replace(const struct storm *s)
{
	struct counts *c = s->counts;

	for (int next = 1; !c->err && told(s, REPLACES); next = !next) {
		c->err = hook_file__attach(&s->wall[next], BPF_F_ALLOW_OVERRIDE);
		__atomic_add_fetch(&c->changed, 1, __ATOMIC_RELAXED);
	}
	return !c->err;
}

static bool make(const struct storm *s)
{
	while (told(s, MAKES)) {
		s->counts->made++;
		s->counts->gaps += scene__mkdir("gap") != -EUCLEAN;
	}
	return true;
}

/* What one of the processes does; the pipes' other ends belong to the others. */
static bool part(const struct storm *s, int who, long n)
{
	for (int i = 0; i < CHANGERS; i++) {
		if (who >= CHANGERS || i != who)
			close(s->word[i][0]);
		if (who < CHANGERS)
			close(s->word[i][1]);
	}
	switch (who) {
	case COMES_AND_GOES:
		return come_and_go(s);
	case REPLACES:
		return replace(s);
	case MAKES:
		return make(s);
	default:
		return run(s, who - CHANGERS, n);
	}
}

static void blow(struct krsi_run *t, const struct storm *s, long n)
{
	int status, bad = 0;

	for (int who = 0; who < CHANGERS + RUNNERS; who++) {
		pid_t pid = fork();

		if (pid < 0)
			test__broken(t, "fork: %s", strerror(errno));
		if (!pid)
			_exit(!part(s, who, n));
	}
	for (int i = 0; i < CHANGERS; i++) {
		close(s->word[i][0]);
		close(s->word[i][1]);
	}
	while (wait(&status) > 0)
		bad += status != 0;
	test__errno(t, 0, s->counts->err, "a change");
	test__equal(t, 0, bad, "processes that could not do their part");
}

/* A program that answers this session and records nothing. */
static void arm(struct krsi_run *t, const struct target *to, int verdict)
{
	const struct krsi_rule rule = {
		.size = sizeof(rule),
		.who = KRSI_SUBJECT,
		.session = getpid(),
		.verdict = verdict,
		.filter_arg = -1,
	};

	test__errno(t, 0, t->adapter->steer(to->prog, &rule), "steer");
}

static void prepare(struct krsi_run *t, struct storm *s)
{
	struct target *all[] = { &s->witness, &s->guest[0], &s->guest[1], &s->wall[0],
				 &s->wall[1] };

	s->counts = mmap(NULL, sizeof(*s->counts), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->counts == MAP_FAILED || put_noop("noop"))
		test__broken(t, "no memory, or no executable");
	for (int i = 0; i < CHANGERS; i++)
		/* a packet takes a page: few words are under way */
		if (pipe2(s->word[i], O_CLOEXEC | O_DIRECT) ||
		    fcntl(s->word[i][1], F_SETPIPE_SZ, 2 * sysconf(_SC_PAGESIZE)) < 0)
			test__broken(t, "pipe2: %s", strerror(errno));
	s->witness = hook_file__load(t, EXEC_HOOK, "witness", false);
	s->guest[0] = hook_file__load(t, EXEC_HOOK, "plain", false);
	s->guest[1] = hook_file__load(t, EXEC_HOOK, "sleepable", true);
	s->wall[0] = hook_file__load(t, SCENE_HOOK, "wall__0", false);
	s->wall[1] = hook_file__load(t, SCENE_HOOK, "wall__1", false);
	for (int i = 0; i < 5; i++)
		arm(t, all[i], i < 3 ? 0 : -EUCLEAN);
	test__errno(t, 0, hook_file__attach(&s->witness, 0), "attach of the witness");
	test__errno(t, 0, hook_file__attach(&s->wall[0], 0), "attach of the wall");
}

/* Unloads all, and waits until the kernel has let go. */
static void let_go(struct krsi_run *t, struct storm *s)
{
	struct target *all[] = { &s->witness, &s->guest[0], &s->guest[1], &s->wall[0],
				 &s->wall[1] };

	for (int i = 0; i < 5; i++) {
		uint32_t id = t->adapter->prog_id(all[i]->prog);

		if (all[i]->fd >= 0)
			close(all[i]->fd);
		t->adapter->unload(all[i]->prog);
		hook_file__await_end(t, id);
	}
}

/* Returns how many changes there were. */
static unsigned long storm(struct krsi_run *t, long n)
{
	struct storm s = {};
	const struct counts *c;
	int err;

	prepare(t, &s);
	c = s.counts;
	blow(t, &s, n);
	test__equal(t, RUNNERS * n, c->ran, "executions");
	test__equal(t, c->ran, scene__calls(t, s.witness.prog), "calls of a program that stays");
	test__equal(t, c->ran, c->made, "attempts to make a directory");
	test__equal(t, 0, c->gaps, "attempts that no program denied");
	test__equal(t, c->made, scene__calls(t, s.wall[0].prog) + scene__calls(t, s.wall[1].prog),
		    "calls of the programs that replace each other");
	test__equal(t, 2 * c->ran, c->changed, "changes");
	test__errno(t, 0, hook_file__detach(&s.witness), "detach of the witness");
	/* which of the two is there depends on how many replacements there were */
	err = hook_file__detach(&s.wall[0]);
	test__errno(t, 0, err == -ENOENT ? hook_file__detach(&s.wall[1]) : err,
		    "detach of the wall");
	hook_file__expect(t, s.witness.file.path, "", "the hook of exec at last");
	hook_file__expect(t, s.wall[0].file.path, "", "the hook of mkdir at last");
	let_go(t, &s);
	return c->changed;
}

HOOK_FILE_TEST(storm_holds, "storm",
	       "while programs come, go and replace each other no call is lost, and all are freed",
	       "REF-006", "REF-013", "REF-015", "REF-024")
{
	struct slab before;
	unsigned long changes;
	const char *more;

	scene__begin(t);
	/* what is made once and kept is there already */
	storm(t, 10);
	slab__count(&before);
	changes = storm(t, EXECS * (long)t->effort);
	/* a change that left something left it each time */
	more = slab__outgrown(&before, changes / 8);
	if (more)
		test__fail(t, "about as many as before", more,
			   "objects in a cache of the kernel after %lu changes", changes);
}

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
/* kmemleak says nothing of what is younger. */
#define KMEMLEAK_AGE_US 6000000

static void tell_kmemleak(struct krsi_run *t, const char *what)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, what, strlen(what)) == (ssize_t)strlen(what);

	close(fd);
	if (!done)
		test__broken(t, "%s: %s: %s", KMEMLEAK, what, strerror(errno));
}

/* One record of kmemleak: where it was allocated, if that was for a program or a hook. */
static const char *allocated_for_us(char *record)
{
	static const char *const ours[] = { "krsi_", "bpf_prog_" };

	for (int i = 0; i < 2; i++) {
		char *at = strstr(record, ours[i]);

		if (!at)
			continue;
		at[strcspn(at, "+ \n")] = '\0';
		return at;
	}
	return NULL;
}

KRSI_TEST(storm_leaks, .id = "attach/hook-file/storm-leaks",
	  .summary = "after programs came, went and replaced each other kmemleak finds nothing",
	  .requirements = { "REF-015", "REF-024" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_HOOK_FILE | KRSI_CAP_STEER | KRSI_CAP_REPLACE,
		     .path = { KMEMLEAK } })
{
	static char line[256], record[4096];
	FILE *file;

	scene__begin(t);
	tell_kmemleak(t, "clear");
	storm(t, 50 * (long)t->effort);
	usleep(KMEMLEAK_AGE_US);
	/* the first look only finds what does not change any more */
	tell_kmemleak(t, "scan");
	tell_kmemleak(t, "scan");
	file = fopen(KMEMLEAK, "re");
	test__true(t, file != NULL, "kmemleak's report");
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "unreferenced object", 19))
			record[0] = '\0';
		if (strlen(record) + strlen(line) < sizeof(record))
			strcat(record, line);
		if (allocated_for_us(record))
			test__fail(t, "nothing", allocated_for_us(record), "memory that leaked");
	}
	fclose(file);
}
