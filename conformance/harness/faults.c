// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/adapters/builtin.h"
#include "conformance/harness/faults.h"

/* Every kind of test there is, on few hooks: one run takes seconds. Dear ones come last. */
static const char *const suspects[] = {
	"order/[dw]*,order/running-order,order/void*,audit/*,load/*,return/range-[ibv]*,"
	"return/default*,sleep/[ahp]*,sleep/refused,sleep/copy-from-user,lifecycle/l[ao]*,lifecycle/un*,lifecycle/program-i*,privilege/*,"
	"attach/[adrs]*,attach/link-create,"
	"hook/inode_mkdir/*,hook/inode_create/*,hook/inode_permission/*,hook/capable/*",
	"attach/limit",
};

#define RECORDING "recording"

/* Runs krsi-test, with its output in a file if one is named. Returns its exit code or -errno. */
static int run_self(const char *const *argv, const char *output)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	/* the guest is needed after that run: tests that would spoil it are not for there */
	if (!pid)
		unsetenv("KRSI_EVENTS");
	if (!pid && (!output || freopen(output, "w", stdout)))
		execv("/proc/self/exe", (char *const *)argv);
	if (!pid)
		_exit(127);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

/* Runs krsi-test on itself; its events go to `path`. Returns its exit code or -errno. */
static int run_suite(const char *impl, const char *tests, const char *path)
{
	const char *argv[] = { "krsi-test", "--impl",
			       impl,	    "--tests",
			       tests,	    "--events",
			       path,	    access(RECORDING, F_OK) ? NULL : "--recording",
			       RECORDING,   NULL };

	return run_self(argv, NULL);
}

/* The ids with a result other than pass and skip, comma-separated; *ended: the stream is whole. */
static char *red_ids(const char *path, bool *ended)
{
	char *ids = calloc(1, 1), *line = NULL;
	FILE *file = fopen(path, "re");
	size_t size = 0;

	*ended = false;
	while (ids && file && getline(&line, &size, file) > 0) {
		const char *event = "", *id = "", *result = "";
		json_t *json = json_loads(line, 0, NULL);
		char *more;

		json_unpack(json, "{s:s,s?s,s?s}", "event", &event, "id", &id, "result", &result);
		*ended |= !strcmp(event, "suite-end");
		if (!strcmp(event, "test-end") && strcmp(result, "pass") &&
		    strcmp(result, "skip") &&
		    asprintf(&more, "%s%s%s", ids, *ids ? "," : "", id) >= 0) {
			free(ids);
			ids = more;
		}
		json_decref(json);
	}
	free(line);
	if (file)
		fclose(file);
	return ids;
}

/* Those of `ids` that are not in `others`. */
static void subtract(char *ids, const char *others)
{
	char *save = NULL, *copy = strdup(ids), *out = ids;
	size_t len;

	if (!copy)
		abort();
	*ids = '\0';
	for (char *id = strtok_r(copy, ",", &save); id; id = strtok_r(NULL, ",", &save)) {
		const char *at = strstr(others, id);

		len = strlen(id);
		if (at && (at == others || at[-1] == ',') && (at[len] == ',' || !at[len]))
			continue;
		out += sprintf(out, "%s%s", out == ids ? "" : ",", id);
	}
	free(copy);
}

/* The ids that are red with an implementation. */
static char *red_with(struct krsi_run *t, const char *impl, const char *tests)
{
	bool ended;
	int ret;
	char *red;

	unlink("events");
	ret = run_suite(impl, tests, "events");
	red = red_ids("events", &ended);
	if (!ended || (ret != 0 && ret != 1))
		test__broken(t, "the run with %s did not end well: %d", impl, ret);
	test__equal(t, *red != 0, ret, "exit code of the run");
	return red;
}

static void record(struct krsi_run *t)
{
	const char *const argv[] = { "krsi-test", "--record", NULL };

	test__equal(t, 0, run_self(argv, RECORDING), "exit code of a recording");
}

/*
 * What only a comparison with a recording catches, here with one of this boot with no program. The
 * programs of a run stay attached for a while after it: the one that allows comes first.
 */
static char *caught_by_recording(struct krsi_run *t, const char *impl, const char *tests)
{
	char *real, *red;

	record(t);
	real = red_with(t, "bpf-lsm", tests);
	red = red_with(t, impl, tests);
	subtract(red, real);
	return red;
}

static void fault_body(struct krsi_run *t)
{
	const struct krsi_fault *fault = faulty__fault(t->test->variant);
	char impl[64], *red = NULL;

	if (fault->inherent && *red_with(t, "bpf-lsm", fault->inherent))
		test__skip(t, "bpf-lsm has this fault itself here: %s", fault->inherent);
	snprintf(impl, sizeof(impl), "faulty:%s", fault->name);
	if (fault->neutral)
		red = caught_by_recording(t, impl, fault->neutral);
	for (size_t i = 0; i < sizeof(suspects) / sizeof(suspects[0]) && (!red || !*red); i++) {
		red = red_with(t, impl, suspects[i]);
		if (*red)
			subtract(red, red_with(t, "bpf-lsm", red));
	}
	test__true(t, *red, "a test that passes on the real implementation catches the fault");
	snprintf(t->report->reason, sizeof(t->report->reason), "caught by %s", red);
}

/* The sound model passes everything, a faulty one does not; neither needs a kernel. */
static void model_body(struct krsi_run *t)
{
	const struct krsi_fault *fault = model__fault(t->test->variant);
	char impl[64], *red;

	snprintf(impl, sizeof(impl), "model%s%s", fault ? ":" : "", fault ? fault->name : "");
	red = red_with(t, impl, "env/*");
	test__equal(t, fault != NULL, *red != 0, red);
	/* whole ids only */
	if (strlen(red) > sizeof(t->report->reason) - 16) {
		red[sizeof(t->report->reason) - 16] = '\0';
		*strrchr(red, ',') = '\0';
	}
	if (fault)
		snprintf(t->report->reason, sizeof(t->report->reason), "caught by %s", red);
}

static void derive(const char *family, const char *name, int variant,
		   void (*body)(struct krsi_run *t),
		   void (*fn)(const struct krsi_test *test, void *data), void *data)
{
	struct krsi_test *test = calloc(1, sizeof(*test));
	char *id = NULL;

	if (!test || asprintf(&id, "selftest/%s/%s", family, name) < 0)
		abort();
	test->id = id;
	test->summary = "a wrong implementation does not pass";
	test->selftest = true;
	test->body = body;
	test->variant = variant;
	fn(test, data);
}

void faults__derive(void (*fn)(const struct krsi_test *test, void *data), void *data)
{
	int i;

	for (i = 0; faulty__fault(i); i++)
		derive("fault", faulty__fault(i)->name, i, fault_body, fn, data);
	for (i = 0; model__fault(i); i++)
		derive("model", model__fault(i)->name, i, model_body, fn, data);
	derive("model", "sound", i, model_body, fn, data);
}
