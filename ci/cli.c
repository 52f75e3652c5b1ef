// SPDX-License-Identifier: GPL-2.0-only
#include "ci/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Groups of options that commands share, in one command. */
#define MOST_CHILDREN 4

/* What the parsers below need to know: which command, and the user's own argument. */
struct parsing {
	const struct argp *argp;
	void *input;
};

static int usage_code = KRSI_EXIT_USAGE;

void cli_usage_code(int code)
{
	usage_code = code;
}

static void vfail(const char *command, const char *fmt, va_list ap)
{
	fprintf(stderr, "%s: ", command);
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, " (see `%s --help`)\n", command);
	exit(usage_code);
}

void cli_fail(const struct argp_state *state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfail(state->name, fmt, ap);
	va_end(ap);
	abort();
}

long long cli_number(const struct argp_state *state, const char *name, const char *arg,
		     long long least, long long most)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(arg, &end, 10);
	if (errno || end == arg || *end || n < least || n > most)
		cli_fail(state, "--%s: '%s' is no whole number from %lld to %lld", name, arg, least,
			 most);
	return n;
}

double cli_percent(const struct argp_state *state, const char *name, const char *arg)
{
	char *end;
	double v = strtod(arg, &end);

	if (end == arg || *end || !(v >= 0 && v <= 1000))
		cli_fail(state, "--%s: '%s' is no percentage", name, arg);
	return v / 100;
}

/*
 * getopt has nothing more to say with its own messages off; what it choked on is the word before
 * the one it would read next.
 */
static _Noreturn void bad_option(const struct argp_state *state)
{
	const char *word =
		state->next > 0 && state->next <= state->argc ? state->argv[state->next - 1] : "";

	cli_fail(state, "'%s' is no option, or lacks its value", word);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = p->input;
		return 0;
	case 'h':
		argp_help(p->argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK, state->name);
		exit(cli_flush(KRSI_EXIT_OK));
	case ARGP_KEY_ERROR:
		bad_option(state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	static const struct argp_option options[] = {
		{ "help", 'h', NULL, 0, "show this and do nothing else", -1 },
		{ 0 },
	};
	const struct argp_child children[] = { { argp, 0, NULL, 0 }, { 0 } };
	struct argp whole = { .options = options,
			      .parser = parse,
			      .args_doc = argp->args_doc,
			      .doc = argp->doc,
			      .children = children };
	struct argp shown = *argp;
	struct argp_child shared[MOST_CHILDREN + 2] = { { &(struct argp){ .options = options }, 0,
							  NULL, 0 } };
	struct parsing p = { .argp = &shown, .input = input };
	error_t err;

	for (size_t i = 0; argp->children && argp->children[i].argp && i < MOST_CHILDREN; i++)
		shared[i + 1] = argp->children[i];
	shown.children = shared;
	err = argp_parse(&whole, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT, NULL, &p);
	if (err) {
		fprintf(stderr, "%s: %s (see `%s --help`)\n", argv[0],
			err == EINVAL ? "too many arguments" : strerror(err), argv[0]);
		exit(usage_code);
	}
}

int cli_error(const struct krsi_err *err)
{
	fprintf(stderr, "krsi: %s\n", err->text);
	return err->code ? err->code : KRSI_EXIT_INFRA;
}

int cli_flush(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "krsi: standard output: %s; what was printed is not complete\n",
		strerror(errno));
	return KRSI_EXIT_INFRA;
}

const char *cli_colour(const char *sequence)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no) ? sequence : "";
}
