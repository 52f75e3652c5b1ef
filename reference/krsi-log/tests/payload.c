// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: runs krsi-log beside executions of its own and holds what it says, and what came
 * of the executions, against what is true. One line a check, `ok NAME` or `not ok NAME: WHY`.
 *
 *   payload krsi|bpf-lsm    what the kernel is expected to offer
 *   payload touch FILE      the program that is executed
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOGGER	  "/krsi/krsi-log"
#define SUBJECT	  "/bin/subject"
#define SCRIPT	  "/bin/script"
#define HOOK_FILE "/sys/kernel/security/krsi/process_execution"
/* Executions that overrun the smallest buffer. */
#define MANY 200

static bool lsm;
static int failures;

/* A logger under way, and all that it said when it has ended. */
static struct {
	pid_t pid;
	FILE *said;
	char out[1 << 20], err[4096];
	int status;
} logger;

static void check(bool good, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void check(bool good, const char *name, const char *fmt, ...)
{
	va_list args;

	if (good) {
		printf("ok %s\n", name);
		return;
	}
	failures++;
	printf("not ok %s: ", name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

static void slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = 0, got;

	while (fd >= 0 && (got = read(fd, text + n, size - 1 - n)) > 0)
		n += got;
	text[n] = '\0';
	if (fd >= 0)
		close(fd);
}

/* Starts a logger with these arguments, and waits until it is attached or has ended. */
static void start_logger(const char *const *args)
{
	const char *argv[16] = { "krsi-log" };
	char line[512];
	int end[2];

	for (int i = 0; i < 14 && args[i]; i++)
		argv[i + 1] = args[i];
	if (pipe(end))
		exit(99);
	logger.pid = fork();
	if (!logger.pid) {
		int out = open("/tmp/out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

		dup2(out, STDOUT_FILENO);
		dup2(end[1], STDERR_FILENO);
		close(end[0]);
		execv(LOGGER, (char **)argv);
		_exit(127);
	}
	close(end[1]);
	logger.said = fdopen(end[0], "r");
	logger.err[0] = '\0';
	while (fgets(line, sizeof(line), logger.said)) {
		strncat(logger.err, line, sizeof(logger.err) - strlen(logger.err) - 1);
		if (strstr(line, "logging "))
			break;
	}
}

static void end_logger(int sig)
{
	char line[512];

	if (sig)
		kill(logger.pid, sig);
	while (fgets(line, sizeof(line), logger.said))
		strncat(logger.err, line, sizeof(logger.err) - strlen(logger.err) - 1);
	fclose(logger.said);
	waitpid(logger.pid, &logger.status, 0);
	slurp("/tmp/out", logger.out, sizeof(logger.out));
}

#define START(...) start_logger((const char *const[]){ __VA_ARGS__, NULL })

/* What came of an execution. */
struct outcome {
	pid_t pid;
	int err;     /* errno of execve, 0: the new program ran or was killed */
	int sig;     /* that killed it */
	bool effect; /* what the program does was done */
};

static struct outcome execute(uid_t uid, const char *const env[])
{
	char *const argv[] = { (char *)"subject", (char *)"touch", (char *)"/tmp/effect", NULL };
	struct outcome o = { 0 };
	int status;

	unlink("/tmp/effect");
	fflush(stdout);
	o.pid = fork();
	if (!o.pid) {
		if (uid && setuid(uid))
			_exit(255);
		execve(SUBJECT, argv, (char *const *)env);
		_exit(errno);
	}
	waitpid(o.pid, &status, 0);
	o.err = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	o.sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	o.effect = !access("/tmp/effect", F_OK);
	return o;
}

#define EXECUTE(...) execute(0, (const char *const[]){ __VA_ARGS__, NULL })

static int count(const char *text, const char *what)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

/* The line of process @pid, "" if there is none. */
static const char *line_of(const char *key, pid_t pid)
{
	static char line[16384];
	char want[64];
	const char *at, *begin;

	snprintf(want, sizeof(want), "%s%d%s", key, (int)pid, key[0] == '"' ? "," : " ");
	at = strstr(logger.out, want);
	if (!at)
		return "";
	for (begin = at; begin > logger.out && begin[-1] != '\n'; begin--)
		;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(begin, "\n"), begin);
	return line;
}

static bool ended_well(void)
{
	return WIFEXITED(logger.status) && !WEXITSTATUS(logger.status);
}

static void check_text(void)
{
	struct outcome with, without, nobody;
	const char *line;

	START("--env", "LD_PRELOAD");
	check(strstr(logger.err, lsm ? "by BPF LSM" : "by KRSI"), "way", "says %s", logger.err);
	without = EXECUTE("LD_PRELOAD_X=/tmp/no.so", "PATH=LD_PRELOAD=/no");
	with = EXECUTE("HOME=/", "LD_PRELOAD=/tmp/a.so", "LD_PRELOAD=");
	nobody = execute(65534, (const char *const[]){ "LD_PRELOAD=\x1b\xff\\", NULL });
	end_logger(SIGTERM);
	check(with.effect && without.effect && nobody.effect, "log-allows", "errno %d, %d, %d",
	      with.err, without.err, nobody.err);
	line = line_of("pid ", with.pid);
	check(strstr(line, " uid 0 ") &&
		      strstr(line, ": " SUBJECT " LD_PRELOAD=/tmp/a.so LD_PRELOAD="),
	      "text", "'%s'", line);
	line = line_of("pid ", nobody.pid);
	check(strstr(line, " uid 65534 ") && strstr(line, "LD_PRELOAD=\\x1b\\xff\\x5c"),
	      "text-unprintable", "'%s'", line);
	check(count(logger.out, "\n") == 2, "only-with-the-variable", "%s", logger.out);
	check(ended_well() && strstr(logger.err, "2 executions, 0 "), "ends-by-sigterm",
	      "status %#x, says %s", logger.status, logger.err);
}

static void check_json(void)
{
	struct outcome with, without;
	const char *line;

	START("--env", "X", "--all", "--format", "json");
	without = EXECUTE("Y=1");
	with = EXECUTE("X=\"\xc3\xa9", "X=", "X=\\");
	end_logger(SIGINT);
	line = line_of("\"pid\":", with.pid);
	check(strstr(line, "\"uid\":0,\"gid\":0,") && strstr(line, "\"path\":\"" SUBJECT "\"") &&
		      strstr(line, "\"name\":\"X\",\"count\":3,"
				   "\"values\":[\"\\\"\xc3\xa9\",\"\",\"\\\\x5c\"],"
				   "\"complete\":true,\"verdict\":\"allowed\"}"),
	      "json", "'%s'", line);
	line = line_of("\"pid\":", without.pid);
	check(strstr(line, "\"count\":0,\"values\":[],\"complete\":true"), "json-all", "'%s'",
	      line);
	check(ended_well(), "ends-by-sigint", "status %#x", logger.status);
}

/* The denied program did nothing; on mainline, where it cannot be denied, it was killed. */
static bool is_denied(const struct outcome *o)
{
	return !o->effect && (lsm ? o->sig == SIGKILL : o->err == EPERM);
}

static void check_deny(void)
{
	const char *word = lsm ? "\"verdict\":\"killed\"" : "\"verdict\":\"denied\"";
	char huge[6000];
	struct outcome bad, good, second, cut, after;

	snprintf(huge, sizeof(huge), "X=%05990d", 0);
	START("--env", "X", "--deny", "*/[a-e]vil?", "--format", "json");
	good = EXECUTE("X=/evil", "Y=/evil1");
	bad = EXECUTE("X=/lib:/evil1");
	second = EXECUTE("A=", "X=", "X=/dvil2", "X=/ok");
	cut = EXECUTE(huge);
	end_logger(SIGTERM);
	after = EXECUTE("X=/evil1");
	check(good.effect, "deny-others-pass", "errno %d, signal %d", good.err, good.sig);
	check(strstr(line_of("\"pid\":", good.pid), "allowed"), "deny-others-logged", "%s",
	      logger.out);
	check(is_denied(&bad), "deny", "effect %d, errno %d, signal %d", bad.effect, bad.err,
	      bad.sig);
	check(strstr(line_of("\"pid\":", bad.pid), word), "deny-logged", "%s", logger.out);
	check(is_denied(&second), "deny-any-value", "effect %d, errno %d", second.effect,
	      second.err);
	check(is_denied(&cut), "deny-what-is-cut", "effect %d, errno %d", cut.effect, cut.err);
	check(strstr(line_of("\"pid\":", cut.pid), "\"complete\":false,\"why\":\"cut\""), "cut",
	      "%.300s", line_of("\"pid\":", cut.pid));
	check(after.effect, "nothing-stays", "errno %d, signal %d", after.err, after.sig);
	check(!lsm == !!strstr(logger.err, " 3 denied") &&
		      !!lsm == !!strstr(logger.err, " 3 killed"),
	      "deny-counted", "%s", logger.err);
	check(!lsm == !strstr(logger.err, "cannot deny"), "deny-says-what-it-can", "%s",
	      logger.err);
}

/* A reader that stands still: what had no room is counted, no more and no less. */
static void check_lost(void)
{
	unsigned long long executions = 0, ignored, lost = 0, told = 0;
	int denied = 0, status;

	START("--env", "X", "--deny", "no", "--buffer", "4");
	kill(logger.pid, SIGSTOP);
	waitpid(logger.pid, &status, WUNTRACED);
	for (int i = 0; i < MANY; i++) {
		struct outcome o = EXECUTE("X=no");

		denied += is_denied(&o);
	}
	kill(logger.pid, SIGCONT);
	end_logger(SIGTERM);
	sscanf(strstr(logger.err, "krsi-log: ") ? strrchr(logger.err, ':') : "",
	       ": %llu executions, %llu %*[a-z], %llu events lost", &executions, &ignored, &lost);
	for (const char *p = logger.out; (p = strstr(p, "lost ")); p++)
		told += strtoull(p + 5, NULL, 10);
	check(lost > 0 && executions + lost == MANY, "lost", "%llu and %llu of %d", executions,
	      lost, MANY);
	check(told == lost && count(logger.out, " X=no") == (int)executions, "lost-told",
	      "%llu of %llu", told, lost);
	check(denied == MANY, "lost-but-denied", "%d of %d", denied, MANY);
}

/* The strings of 3000 arguments and variables before it, and one of 32 pages. */
static void check_hidden(void)
{
	static const char *env[3002];
	static char page[100000];
	struct outcome o;

	memset(page, 'p', sizeof(page) - 1);
	for (int i = 0; i < 3000; i++)
		env[i] = "X_=no";
	env[1500] = page;
	env[3000] = "X=no";
	START("--env", "X", "--deny", "no");
	o = execute(0, env);
	end_logger(SIGTERM);
	check(is_denied(&o), "deny-far-away", "effect %d, errno %d, signal %d", o.effect, o.err,
	      o.sig);
}

/* A script is what the caller ran, and is denied before its interpreter comes. */
static void check_script(void)
{
	char *const argv[] = { (char *)"s", NULL };
	char *const env[] = { (char *)"X=no", NULL };
	int fd = open(SCRIPT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755), status;
	pid_t pid;

	dprintf(fd, "#!%s touch\n", SUBJECT);
	close(fd);
	unlink("/tmp/effect");
	START("--env", "X", "--format", "json");
	pid = fork();
	if (!pid) {
		execve(SCRIPT, argv, env);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	end_logger(SIGTERM);
	check(strstr(logger.out, "\"path\":\"" SCRIPT "\""), "script", "%s", logger.out);
	check(count(logger.out, "\n") == (lsm ? 1 : 2), "script-lines", "%s", logger.out);
}

static void check_replace(void)
{
	char names[256];
	struct outcome o;

	if (lsm)
		return;
	START("--env", "X", "--deny", "no");
	kill(logger.pid, SIGKILL);
	end_logger(0);
	slurp(HOOK_FILE, names, sizeof(names));
	check(!strcmp(names, "log_exec\n"), "killed-stays", "'%s'", names);
	START("--env", "X");
	end_logger(0);
	check(WEXITSTATUS(logger.status) == 5 && strstr(logger.err, "--replace"), "second",
	      "status %#x, says %s", logger.status, logger.err);
	START("--env", "X", "--replace");
	o = EXECUTE("X=no");
	end_logger(SIGTERM);
	check(o.effect && count(logger.out, "\n") == 1, "replace", "errno %d, %s", o.err,
	      logger.out);
	slurp(HOOK_FILE, names, sizeof(names));
	check(!names[0], "detached", "'%s'", names);
}

static void expect(int code, const char *text, const char *name, const char *const *args)
{
	start_logger(args);
	end_logger(0);
	check(WEXITSTATUS(logger.status) == code && strstr(logger.err, text) && !logger.out[0],
	      name, "status %#x, says %s", logger.status, logger.err);
}

#define EXPECT(code, text, name, ...)                                                              \
	expect(code, text, name, (const char *const[]){ __VA_ARGS__, NULL })

static void check_errors(void)
{
	EXPECT(2, "which variable", "usage-none", "--format", "text");
	EXPECT(2, "is no name", "usage-name", "--env", "A=B");
	EXPECT(2, "is no shell pattern", "usage-pattern", "--env", "A", "--deny", "[z-a]");
	EXPECT(2, "neither text nor json", "usage-format", "--env", "A", "--format", "xml");
	EXPECT(2, "no power of two", "usage-buffer", "--env", "A", "--buffer", "5");
	if (lsm)
		EXPECT(4, "has no KRSI", "no-krsi", "--env", "A", "--with", "krsi");
	fflush(stdout);
	if (!fork()) {
		if (setuid(65534))
			_exit(1);
		execl(LOGGER, "krsi-log", "--env", "A", NULL);
		_exit(1);
	}
	wait(&logger.status);
	check(WEXITSTATUS(logger.status) == 5, "no-root", "status %#x", logger.status);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "touch"))
		return creat(argv[2], 0600) < 0;
	lsm = argc > 1 && !strcmp(argv[1], "bpf-lsm");
	umask(0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	check_text();
	check_json();
	check_deny();
	check_lost();
	check_hidden();
	check_script();
	check_replace();
	check_errors();
	return failures != 0;
}
