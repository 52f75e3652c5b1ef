// SPDX-License-Identifier: GPL-2.0-only
#include "ci/catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ci/text.h"
#include "vm-images/fs.h"

/* The real one is well under 1 MB. */
#define MOST_BYTES (32u << 20)
#define TEXT_BYTES 4000

extern char **environ;

/* Reading one document: what to call it, and where to put the first complaint. */
struct reading {
	const char *what;
	struct krsi_err *err;
	bool bad;
};

__attribute__((format(printf, 2, 3))) static void bad(struct reading *r, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (r->bad)
		return;
	r->bad = true;
	va_start(ap, fmt);
	text = text_vprintf(fmt, ap);
	va_end(ap);
	krsi_err_set(r->err, KRSI_EXIT_INFRA, "%s: %s; build krsi and krsi-test from one tree",
		     r->what, text);
	free(text);
}

static char *get_text(struct reading *r, const json_t *obj, const char *key, bool must)
{
	const json_t *v = json_object_get(obj, key);

	if (!v || json_is_null(v)) {
		if (must)
			bad(r, "\"%s\" is missing", key);
		return NULL;
	}
	/* A kernel version may well be written as a number. */
	if (json_is_real(v) || json_is_integer(v))
		return json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	if (!json_is_string(v)) {
		bad(r, "\"%s\" is no string", key);
		return NULL;
	}
	return text_clean(json_string_value(v), json_string_length(v), TEXT_BYTES);
}

static char *get_name(struct reading *r, const json_t *obj, const char *key)
{
	char *name = get_text(r, obj, key, true);

	if (name && text_id_ok(name))
		return name;
	bad(r, "\"%s\" holds no well-formed name: %.40s", key, name ? name : "");
	free(name);
	return xstrdup("");
}

static void get_list(struct reading *r, const json_t *obj, const char *key, bool must,
		     struct strs *out)
{
	const json_t *list = json_object_get(obj, key), *v;
	size_t i;

	if (!list && !must)
		return;
	if (!json_is_array(list)) {
		bad(r, "\"%s\" is no list", key);
		return;
	}
	json_array_foreach(list, i, v) {
		if (!json_is_string(v)) {
			bad(r, "\"%s\" holds something that is no string", key);
			return;
		}
		strs_add(out, json_string_value(v));
	}
}

static void read_test(struct reading *r, struct catalogue *c, const json_t *obj)
{
	struct cat_test *t = ARRAY_PUSH(c, tests);

	t->id = get_name(r, obj, "id");
	t->summary = get_text(r, obj, "summary", true);
	get_list(r, obj, "requirements", true, &t->requirements);
	get_list(r, obj, "modules", false, &t->modules);
	t->lsm = get_text(r, obj, "lsm", false);
	t->selftest = json_is_true(json_object_get(obj, "selftest"));
	t->boot = get_text(r, obj, "boot", false);
}

static void read_hook(struct reading *r, struct catalogue *c, const json_t *obj)
{
	struct cat_hook *h = ARRAY_PUSH(c, hooks);

	h->name = get_name(r, obj, "name");
	h->family = get_text(r, obj, "family", true);
	get_list(r, obj, "modules", false, &h->modules);
	get_list(r, obj, "routes", false, &h->routes);
	h->unreachable = get_text(r, obj, "unreachable", false);
	h->untriggered = get_text(r, obj, "untriggered", false);
}

static void read_requirement(struct reading *r, struct catalogue *c, const json_t *obj)
{
	struct cat_requirement *q = ARRAY_PUSH(c, requirements);

	q->id = get_name(r, obj, "id");
	q->level = get_text(r, obj, "level", true);
	q->text = get_text(r, obj, "text", true);
	q->source = get_text(r, obj, "source", false);
	q->since = get_text(r, obj, "since", false);
	q->until = get_text(r, obj, "until", false);
	q->untested = get_text(r, obj, "untested", false);
}

static void read_each(struct reading *r, struct catalogue *c, const json_t *doc, const char *key,
		      void (*read)(struct reading *, struct catalogue *, const json_t *))
{
	const json_t *list = json_object_get(doc, key), *v;
	size_t i;

	if (!json_is_array(list)) {
		bad(r, "\"%s\" is no list", key);
		return;
	}
	json_array_foreach(list, i, v)
		read(r, c, v);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct reading *r, void *rows, size_t n, size_t size, const char *what)
{
	if (!n)
		return;
	qsort(rows, n, size, by_name);
	for (size_t i = 1; i < n; i++) {
		const char *name = *(char **)((char *)rows + i * size);

		if (!strcmp(name, *(char **)((char *)rows + (i - 1) * size)))
			bad(r, "%s %s is there twice", what, name);
	}
}

int catalogue_parse(struct catalogue *c, const char *text, size_t len, const char *what,
		    struct krsi_err *err)
{
	struct reading r = { .what = what, .err = err };
	const json_t *suite, *lsm;
	json_error_t why;
	json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	*c = (struct catalogue){ 0 };
	if (!json_is_object(doc)) {
		bad(&r, "no JSON object (line %d: %s)", why.line, doc ? "another type" : why.text);
		json_decref(doc);
		return -1;
	}
	suite = json_object_get(doc, "suite");
	c->version = get_text(&r, suite, "version", true);
	c->commit = get_text(&r, suite, "commit", false);
	c->dirty = json_is_true(json_object_get(suite, "dirty"));
	lsm = json_object_get(doc, "lsm");
	c->lsm = get_text(&r, lsm, "name", false) ?: xstrdup("bpf");
	c->lsm_off = get_text(&r, lsm, "off", false);
	read_each(&r, c, doc, "tests", read_test);
	read_each(&r, c, doc, "hooks", read_hook);
	read_each(&r, c, doc, "requirements", read_requirement);
	json_decref(doc);
	sort_unique(&r, c->tests, c->n_tests, sizeof(*c->tests), "test");
	sort_unique(&r, c->hooks, c->n_hooks, sizeof(*c->hooks), "hook");
	sort_unique(&r, c->requirements, c->n_requirements, sizeof(*c->requirements),
		    "requirement");
	if (!r.bad)
		return 0;
	catalogue_free(c);
	return -1;
}

char *catalogue_program(const char *name, struct krsi_err *err)
{
	const char *dir = getenv("KRSI_LIBDIR");
	char *path = dir && *dir ? xasprintf("%s/%s", dir, name) : fs_beside_self(name);

	if (access(path, X_OK) && !(dir && *dir)) {
		/* installed: bin/krsi has its parts in lib/krsi */
		char *in_lib = xasprintf("../lib/krsi/%s", name);

		free(path);
		path = fs_beside_self(in_lib);
		free(in_lib);
	}
	if (!access(path, X_OK))
		return path;
	krsi_err_sys(err,
		     "%s: cannot be run: build it with `make`, or say in KRSI_LIBDIR where it is",
		     path);
	free(path);
	return NULL;
}

/* Everything that @fd gives until its end, at most MOST_BYTES. NULL if it is more. */
static char *read_all(int fd, size_t *len)
{
	size_t cap = 1 << 16;
	char *buf = xcalloc(cap, 1);

	*len = 0;
	for (;;) {
		ssize_t n = read(fd, buf + *len, cap - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return buf;
		*len += (size_t)n;
		if (*len > MOST_BYTES) {
			free(buf);
			return NULL;
		}
		if (*len == cap)
			buf = xreallocarray(buf, cap *= 2, 1);
	}
}

/* A program under way, and what it says. */
struct child {
	const char *program;
	pid_t pid;
	int out, err;
};

static int start(struct child *ch, const char *impl, struct krsi_err *err)
{
	char *const argv[] = { (char *)ch->program, (char *)"--describe",
			       impl ? (char *)"--impl" : NULL, (char *)impl, NULL };
	posix_spawn_file_actions_t fa;
	int out[2], failed;

	/* Not a pipe for the complaints: no one reads it until the program has ended. */
	ch->err = memfd_create("complaints", MFD_CLOEXEC);
	if (ch->err < 0)
		return krsi_err_sys(err, "memfd_create");
	if (pipe2(out, O_CLOEXEC)) {
		krsi_err_sys(err, "pipe");
		close(ch->err);
		return -1;
	}
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&fa, ch->err, STDERR_FILENO);
	failed = posix_spawn(&ch->pid, ch->program, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(out[1]);
	ch->out = out[0];
	if (!failed)
		return 0;
	errno = failed;
	krsi_err_sys(err, "%s", ch->program);
	close(ch->out);
	close(ch->err);
	return -1;
}

/* Its exit status, and the first line of its complaints (free()) without its name. */
static int finish(struct child *ch, char **complaint)
{
	char line[500] = "", *text = line;
	int status;
	ssize_t n;

	close(ch->out);
	while (waitpid(ch->pid, &status, 0) < 0 && errno == EINTR)
		;
	n = pread(ch->err, line, sizeof(line) - 1, 0);
	close(ch->err);
	line[n > 0 ? strcspn(line, "\n") : 0] = '\0';
	if (!strncmp(text, ch->program, strlen(ch->program)))
		text += strlen(ch->program) + strspn(text + strlen(ch->program), ": ");
	*complaint = text_line(text, sizeof(line));
	return status;
}

static int describe(struct catalogue *c, const char *program, const char *impl,
		    struct krsi_err *err)
{
	struct child ch = { .program = program };
	char *text, *complaint;
	int status, rc;
	size_t len;

	if (start(&ch, impl, err))
		return -1;
	text = read_all(ch.out, &len);
	status = finish(&ch, &complaint);
	if (!text)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s --describe: says more than %u MB",
				  program, MOST_BYTES >> 20);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == KRSI_EXIT_USAGE && impl)
		rc = krsi_err_set(err, KRSI_EXIT_USAGE, "%s",
				  *complaint ? complaint : "--impl: no such implementation");
	else if (!WIFEXITED(status) || WEXITSTATUS(status))
		rc = krsi_err_set(err, KRSI_EXIT_INFRA,
				  "%s --describe: ended with %s %d (%s); build it again", program,
				  WIFEXITED(status) ? "exit code" : "signal",
				  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
				  complaint);
	else
		rc = catalogue_parse(c, text, len, program, err);
	free(complaint);
	free(text);
	return rc;
}

int catalogue_load(struct catalogue *c, const char *impl, struct krsi_err *err)
{
	char *program = catalogue_program("krsi-test", err);

	if (!program)
		return -1;
	if (describe(c, program, impl, err)) {
		free(program);
		return -1;
	}
	c->program = program;
	return 0;
}

const struct cat_test *catalogue_test(const struct catalogue *c, const char *id)
{
	return c->n_tests ? bsearch(&id, c->tests, c->n_tests, sizeof(*c->tests), by_name) : NULL;
}

const struct cat_hook *catalogue_hook(const struct catalogue *c, const char *name)
{
	return c->n_hooks ? bsearch(&name, c->hooks, c->n_hooks, sizeof(*c->hooks), by_name) : NULL;
}

const struct cat_requirement *catalogue_requirement(const struct catalogue *c, const char *id)
{
	return c->n_requirements ? bsearch(&id, c->requirements, c->n_requirements,
					   sizeof(*c->requirements), by_name)
				 : NULL;
}

void catalogue_free(struct catalogue *c)
{
	for (size_t i = 0; i < c->n_tests; i++) {
		free(c->tests[i].id);
		free(c->tests[i].summary);
		free(c->tests[i].boot);
		strs_free(&c->tests[i].requirements);
		strs_free(&c->tests[i].modules);
		free(c->tests[i].lsm);
	}
	for (size_t i = 0; i < c->n_hooks; i++) {
		free(c->hooks[i].name);
		free(c->hooks[i].family);
		free(c->hooks[i].unreachable);
		free(c->hooks[i].untriggered);
		strs_free(&c->hooks[i].modules);
		strs_free(&c->hooks[i].routes);
	}
	for (size_t i = 0; i < c->n_requirements; i++) {
		struct cat_requirement *q = &c->requirements[i];
		char *const own[] = { q->id,	q->level, q->text,    q->source,
				      q->since, q->until, q->untested };

		for (size_t j = 0; j < ARRAY_SIZE(own); j++)
			free(own[j]);
	}
	free(c->tests);
	free(c->hooks);
	free(c->requirements);
	free(c->program);
	free(c->version);
	free(c->lsm);
	free(c->lsm_off);
	free(c->commit);
	*c = (struct catalogue){ 0 };
}
