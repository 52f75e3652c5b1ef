// SPDX-License-Identifier: GPL-2.0-only
/* krsi-log: who executes what with a certain environment variable, and may they? */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reference/krsi-log/path.h"
#include "reference/krsi-log/pattern.h"
#include "reference/krsi-log/print.h"
#include "reference/krsi-log/program.h"

#define CODE_USAGE 2
#define CODE_INFRA 5
/* How long a lost event may wait for being told. */
#define TICK_MS 250

struct args {
	struct log_policy policy;
	struct printer printer;
	enum log_way way;
	size_t buffer;
	bool replace;
};

struct session {
	struct printer printer;
	struct program *program;
	uint64_t lost, executions, denied, broken;
};

static volatile sig_atomic_t ending;

static void on_signal(int sig)
{
	ending = 1;
}

enum { OPT_WITH = 0x100, OPT_BUFFER, OPT_REPLACE };

static const struct argp_option options[] = {
	{ "env", 'e', "NAME", 0, "the variable; must be given", 0 },
	{ "deny", 'd', "PATTERN", 0,
	  "deny an execution with a value that is as this shell pattern says (*, ?, [a-z], "
	  "backslash), or that cannot be read whole",
	  0 },
	{ "format", 'f', "text|json", 0, "of a line; default text", 0 },
	{ "all", 'a', NULL, 0, "log executions without the variable too", 0 },
	{ "with", OPT_WITH, "krsi|bpf-lsm", 0, "by what; default what the kernel has, KRSI first",
	  0 },
	{ "buffer", OPT_BUFFER, "KIB", 0, "size of the ring buffer, a power of two; default 256",
	  0 },
	{ "replace", OPT_REPLACE, NULL, 0,
	  "take the place of a krsi-log that is attached (KRSI: programs outlive their loader)",
	  0 },
	{ 0 },
};

static void parse_name(struct args *a, const char *name, struct argp_state *state)
{
	size_t n = strlen(name);

	if (!n || strchr(name, '='))
		argp_error(state, "--env: '%s' is no name of a variable", name);
	if (n >= LOG_NAME_MAX)
		argp_error(state, "--env: the name is longer than %d bytes", LOG_NAME_MAX - 1);
	memcpy(a->policy.name, name, n + 1);
	a->policy.name_len = n + 1;
	a->printer.name = name;
}

static void parse_buffer(struct args *a, const char *text, struct argp_state *state)
{
	char *end;
	unsigned long kib = strtoul(text, &end, 10);

	if (*end || kib < 4 || kib > 1 << 20 || kib & (kib - 1))
		argp_error(state, "--buffer: '%s' is no power of two from 4 to 1048576", text);
	a->buffer = kib << 10;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;
	const char *why;

	switch (key) {
	case 'e':
		parse_name(a, arg, state);
		return 0;
	case 'd':
		a->policy.deny = 1;
		if (pattern_compile(&a->policy.pattern, arg, &why))
			argp_error(state, "--deny: '%s' %s", arg, why);
		return 0;
	case 'f':
		a->printer.json = !strcmp(arg, "json");
		if (!a->printer.json && strcmp(arg, "text"))
			argp_error(state, "--format: '%s' is neither text nor json", arg);
		return 0;
	case 'a':
		a->policy.all = 1;
		return 0;
	case OPT_WITH:
		a->way = !strcmp(arg, "krsi")	   ? LOG_WAY_KRSI
			 : !strcmp(arg, "bpf-lsm") ? LOG_WAY_LSM
						   : LOG_WAY_ANY;
		if (a->way == LOG_WAY_ANY)
			argp_error(state, "--with: '%s' is neither krsi nor bpf-lsm", arg);
		return 0;
	case OPT_BUFFER:
		parse_buffer(a, arg, state);
		return 0;
	case OPT_REPLACE:
		a->replace = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is too much", arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->printer.name)
			argp_error(state, "which variable? (--env NAME)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Logs executions with an environment variable: time since boot, process, user, "
	       "caller, file, values. Needs root. Ends by SIGINT or SIGTERM."
	       "\vOn the reference KRSI a denied execve() fails with EPERM, and a script is two "
	       "lines: its own, then its interpreter's. Mainline's BPF LSM can log, or kill the new "
	       "program before its first instruction: no hook of it can both read the variable and "
	       "deny.\n\nBytes that cannot be printed are written as \\xNN. Events that had no room "
	       "in the buffer are counted in a line of their own; their verdicts are not lost.\n\n"
	       "Exit codes: 0 ended by a signal, 2 usage, 4 this kernel cannot do it, 5 anything "
	       "else (no root, output closed).\n\n"
	       "Examples:\n"
	       "  krsi-log --env LD_PRELOAD\n"
	       "  krsi-log --env LD_PRELOAD --deny '*/tmp/*' --format json\n",
};

static void on_record(void *ctx, const void *record, size_t size)
{
	struct session *s = ctx;
	struct krsi_frame f;
	const char *data;
	u32 bytes;

	if (krsi_frame_check(record, size, &f, &data, &bytes)) {
		s->broken++;
		return;
	}
	s->executions++;
	s->denied += f.verdict < 0;
	print_event(&s->printer, stdout, &f, data, bytes,
		    path_find(f.pid_tgid >> 32, f.dev, f.ino, krsi_frame_path(&f, data, bytes)));
}

static void tell_lost(struct session *s)
{
	uint64_t lost = program_lost(s->program);

	if (lost == s->lost)
		return;
	print_lost(&s->printer, stdout, lost - s->lost);
	s->lost = lost;
}

static const char *denied_word(const struct program *p)
{
	if (program_way(p) == LOG_WAY_LSM)
		return "killed";
	return program_enforced(p) ? "denied" : "would be denied";
}

static void announce(const struct session *s, const struct args *a)
{
	bool lsm = program_way(s->program) == LOG_WAY_LSM;

	fprintf(stderr, "krsi-log: logging %s by %s\n", a->policy.name, lsm ? "BPF LSM" : "KRSI");
	if (!a->policy.deny)
		return;
	if (lsm)
		fprintf(stderr, "krsi-log: BPF LSM cannot deny for a variable: the new program "
				"is killed before it runs\n");
	else if (!program_enforced(s->program))
		fprintf(stderr, "krsi-log: krsi.enforce=0: nothing will be denied\n");
}

static int follow(struct session *s)
{
	int err = 0;

	while (!ending && !err) {
		err = program_read(s->program, TICK_MS, on_record, s);
		tell_lost(s);
		if (fflush(stdout))
			err = -errno;
	}
	program_detach(s->program);
	if (!err)
		err = program_read(s->program, 0, on_record, s);
	tell_lost(s);
	if (!err && fflush(stdout))
		err = -errno;
	return err;
}

static void catch_signals(void)
{
	/* no SA_RESTART: the wait must end */
	const struct sigaction end = { .sa_handler = on_signal };

	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct args a = { .buffer = 256 << 10 };
	struct session s = { 0 };
	const char *why;
	int code, err;

	argp_err_exit_status = CODE_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	catch_signals();
	if (geteuid()) {
		fprintf(stderr, "krsi-log: attaching to a security hook needs root\n");
		return CODE_INFRA;
	}
	s.printer = a.printer;
	s.program = program_open(a.way, &a.policy, a.buffer, a.replace, &why, &code);
	if (!s.program) {
		fprintf(stderr, "krsi-log: %s\n", why);
		return code;
	}
	s.printer.denied = denied_word(s.program);
	announce(&s, &a);
	err = follow(&s);
	program_close(s.program);
	fprintf(stderr, "krsi-log: %llu executions, %llu %s, %llu events lost\n",
		(unsigned long long)s.executions, (unsigned long long)s.denied, s.printer.denied,
		(unsigned long long)s.lost);
	if (s.broken)
		fprintf(stderr, "krsi-log: %llu records that are no events\n",
			(unsigned long long)s.broken);
	if (err)
		fprintf(stderr, "krsi-log: %s\n", strerror(-err));
	return err || s.broken ? CODE_INFRA : 0;
}
