/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scene of the tests env/...: programs that read the environment of a new process are attached,
 * this process executes something with strings of its choice, and what each program found is held
 * against what a plain loop over those strings says. Every function ends the test (as a failure of
 * the implementation) where it does not succeed.
 */
#ifndef KRSI_SEMANTICS_ENV_SCENE_H
#define KRSI_SEMANTICS_ENV_SCENE_H

#include "conformance/bpf/env_io.h"
#include "conformance/harness/subject.h"
#include "conformance/harness/test.h"

#define ENV_HOOK "bprm_check_security"

/* Which programs are attached. */
enum env_programs { ENV_PLAIN, ENV_SLEEPABLE, ENV_BOTH };

struct env_scene {
	struct krsi_run *t;
	struct env_io *io[2]; /* one for each program */
	int n;
};

/* A program that reads the environment, attached. */
struct env_asked {
	struct krsi_link *link;
	struct env_io *io; /* what it shares */
};

/* What a program is asked. */
struct env_query {
	const char *title; /* for the reader of a failure */
	const char *name;  /* NULL: the whole environment */
	uint32_t name_len; /* bytes of name; 0: all of it and its NUL */
	bool no_name_len;  /* name_len really is 0 */
	uint32_t buf_len;
	int err;	    /* 0, or what the low half must be instead of what the loop says */
	int denies;	    /* the verdict where something is found */
	unsigned int calls; /* of the program in one exec; 0 means 1 */
};

/* One line of a table: a query, and the strings of the exec. */
struct env_case {
	struct env_query query;
	const char *env[9];
	const char *argv[4]; /* none given: "report" */
	bool no_argv;	     /* argc 0 */
};

/* One way to execute; see env__run. */
struct env_exec {
	int (*act)(const struct env_exec *e); /* executes; returns only with errno set */
	const char *path;
	char *const *argv, *const *envp;
	int fd; /* by act */
};

/* What the new process says it got. */
struct env_report {
	unsigned long addr; /* of its first environment string */
	char *strings;	    /* with their NULs; allocated */
	size_t len;
};

/* Begins a session, loads and attaches, and puts the reporting executable at ./report. */
struct env_scene env__begin(struct krsi_run *t, enum env_programs which);
/* Loads and attaches a program: env:plain or env:sleepable. */
struct env_asked env__attach(struct krsi_run *t, const char *named);
/* Tells the programs what to look for, arms them, and fills their buffers with noise. */
void env__ask(struct env_scene *s, const struct env_query *query);
/* Executes in a child by the calling process's own hand; 0 where it ran, else -errno. `report` may
 * be NULL; else free its strings. Needs KRSI_CAP_PROCESS. */
int env__run(const struct env_exec *e, struct env_report *report);
/* Executes ./report, for real or by the implementation. */
int env__exec(struct env_scene *s, char *const argv[], char *const envp[]);
/* What each program found must be what a loop over `envp` finds. */
void env__expect(struct env_scene *s, const struct env_query *query, char *const envp[]);
/* ask, exec, expect. */
void env__check(struct env_scene *s, const struct env_query *query, char *const argv[],
		char *const envp[]);
/* The lines of a table. */
void env__table(struct env_scene *s, const struct env_case *cases, size_t n);
/* Writes the reporting executable, or the one for the compat ABI; 0 or -errno. */
int env__put_report(const char *path, bool compat);

/*
 * A test in three: with a plain program, with a sleepable one, and with both at once.
 * ENV_TEST(function, "name", "what holds", capabilities, requirements...) { body on `s` }
 */
#define ENV_TEST_AS(fn, how, which, name, text, caps, ...)                                         \
	KRSI_TEST(fn##_##how, .id = "env/" #how "/" name, .summary = text,                         \
		  .requirements = { __VA_ARGS__ }, .hook = { ENV_HOOK },                           \
		  .needs = { .capabilities = KRSI_CAP_ENV | (caps) })                              \
	{                                                                                          \
		struct env_scene s = env__begin(t, which);                                         \
                                                                                                   \
		fn(&s);                                                                            \
	}
#define ENV_TEST(fn, name, text, caps, ...)                                                        \
	static void fn(struct env_scene *s);                                                       \
	ENV_TEST_AS(fn, plain, ENV_PLAIN, name, text, caps, __VA_ARGS__)                           \
	ENV_TEST_AS(fn, sleepable, ENV_SLEEPABLE, name, text, (caps) | KRSI_CAP_SLEEPABLE,         \
		    __VA_ARGS__)                                                                   \
	ENV_TEST_AS(fn, both, ENV_BOTH, name, text, (caps) | KRSI_CAP_SLEEPABLE | KRSI_CAP_MULTI,  \
		    "ENV-033", __VA_ARGS__)                                                        \
	static void fn(struct env_scene *s)

#endif
