/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all commands share: one-line errors with exit code 2 for wrong usage, the same --help
 * everywhere. argp on its own prints two lines and exits with 64.
 */
#ifndef CI_CLI_H
#define CI_CLI_H

#include <argp.h>
#include <stdio.h>

#include "vm-images/err.h"

/** A subcommand. */
struct command {
	const char *name;    /**< the word after krsi */
	const char *summary; /**< half a line for the list of commands */
	/** Does it; @argv[0] is "krsi NAME". Returns the exit code. */
	int (*run)(int argc, char **argv);
};

/** All subcommands; the last has a NULL name. */
extern const struct command commands[];

int cmd_test(int argc, char **argv);	/**< krsi test */
int cmd_list(int argc, char **argv);	/**< krsi list */
int cmd_hooks(int argc, char **argv);	/**< krsi hooks */
int cmd_spec(int argc, char **argv);	/**< krsi spec */
int cmd_report(int argc, char **argv);	/**< krsi report */
int cmd_compare(int argc, char **argv); /**< krsi compare */
int cmd_waivers(int argc, char **argv); /**< krsi waivers */
int cmd_merge(int argc, char **argv);	/**< krsi merge */
int cmd_submit(int argc, char **argv);	/**< krsi submit */
int cmd_verify(int argc, char **argv);	/**< krsi verify */
int cmd_doctor(int argc, char **argv);	/**< krsi doctor */
int cmd_vm(int argc, char **argv);	/**< krsi vm */
int cmd_bench(int argc, char **argv);	/**< krsi bench */
int cmd_defects(int argc, char **argv); /**< krsi defects */
int cmd_kernels(int argc, char **argv); /**< krsi kernels */
int cmd_fuzz(int argc, char **argv);	/**< krsi fuzz */

/**
 * argp_parse() with this project's manners: --help, one-line errors, exit code 2. The parser of
 * @argp need not handle ARGP_KEY_ERROR. Does not return after --help or an error.
 */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/** The exit code for wrong words from now on, in place of 2. */
void cli_usage_code(int code);

/** From a parser: an argument is wrong. Prints one line and exits with 2. */
void cli_fail(const struct argp_state *state, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/** From a parser: @arg of --@name as a whole number from @least to @most; else cli_fail(). */
long long cli_number(const struct argp_state *state, const char *name, const char *arg,
		     long long least, long long most);

/** From a parser: @arg of --@name, a percentage, as a part (5: 0.05); else cli_fail(). */
double cli_percent(const struct argp_state *state, const char *name, const char *arg);

/** Prints @err as one line on standard error. Returns its exit code. */
int cli_error(const struct krsi_err *err);

/**
 * Flushes standard output. Returns @code, or 5 after one line if what was printed did not arrive
 * (disk full, closed pipe).
 */
int cli_flush(int code);

/** The escape sequence if standard output is a terminal (and NO_COLOR is not set), else "". */
const char *cli_colour(const char *sequence);

#endif
