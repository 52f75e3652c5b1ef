// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <ini.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/arch.h"
#include "vm-images/fs.h"
#include "vm-images/kernels.h"
#include "vm-images/mem.h"
#include "vm-images/suggest.h"

/* The file is part of the program: a krsi that was copied elsewhere still knows its names. */
__asm__(".pushsection .rodata\n"
	".global kernels_conf, kernels_conf_end\n"
	"kernels_conf: .incbin \"vm-images/kernels.conf\"\n"
	"kernels_conf_end: .byte 0\n"
	".popsection\n");
extern const char kernels_conf[], kernels_conf_end[];

#define CONF_MAX (1u << 20)

/* The keys, and where each goes. */
static const struct {
	const char *key;
	size_t offset;
	const char *chars; /* what its value may hold besides letters and digits; NULL: anything */
} keys[] = {
	{ "description", offsetof(struct kernel_def, description), NULL },
	{ "arch", offsetof(struct kernel_def, arch), "_" },
	{ "suite", offsetof(struct kernel_def, suite), "-_. " },
	{ "package", offsetof(struct kernel_def, package), "-+.*?[]!" },
	{ "version", offsetof(struct kernel_def, version), "-+.~:*?[]!" },
	{ "lsm", offsetof(struct kernel_def, lsm), ",_-" },
	{ "cmdline", offsetof(struct kernel_def, cmdline), NULL },
	{ "slower", offsetof(struct kernel_def, slower), NULL },
	{ "memory", offsetof(struct kernel_def, memory), NULL },
	{ "image", offsetof(struct kernel_def, image), NULL },
	{ "modules", offsetof(struct kernel_def, modules), NULL },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/**
 * struct conf - a file being parsed.
 * @next, @end: what inih has not read yet.
 * @line: number of the line that it read last.
 * @section_line: where the current section began; 0 before the first.
 * @section_used: it has had a key.
 */
struct conf {
	struct kernels found;
	const char *origin;
	struct krsi_err *err;
	const char *next, *end;
	int line;
	int section_line;
	bool section_used;
	bool failed;
};

static char **field(struct kernel_def *d, size_t key)
{
	return (char **)((char *)d + keys[key].offset);
}

static void def_free(struct kernel_def *d)
{
	free(d->name);
	free(d->origin);
	for (size_t i = 0; i < N_KEYS; i++)
		free(*field(d, i));
}

void kernels_free(struct kernels *ks)
{
	for (size_t i = 0; i < ks->n; i++)
		def_free(&ks->v[i]);
	free(ks->v);
	*ks = (struct kernels){ 0 };
}

const struct kernel_def *kernels_find(const struct kernels *ks, const char *name)
{
	for (size_t i = 0; i < ks->n; i++)
		if (!strcmp(ks->v[i].name, name))
			return &ks->v[i];
	return NULL;
}

static bool only(const char *s, const char *also)
{
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(also, *s))
			return false;
	return true;
}

static bool is_number(size_t offset)
{
	return offset == offsetof(struct kernel_def, slower) ||
	       offset == offsetof(struct kernel_def, memory);
}

unsigned int kernels_number(const char *value)
{
	size_t digits = value ? strspn(value, "0123456789") : 0;

	return !digits || value[digits] || digits > 6 ? 0 : (unsigned int)strtoul(value, NULL, 10);
}

static int fail_at(struct conf *c, int line, const char *fmt, const char *arg)
{
	char reason[256];

	/* inih goes on after an error; the first one is the one to show */
	if (!c->failed) {
		snprintf(reason, sizeof(reason), fmt, arg);
		krsi_err_set(c->err, KRSI_EXIT_USAGE, "%s:%d: %s", c->origin, line, reason);
	}
	c->failed = true;
	return 0;
}

static int fail(struct conf *c, const char *fmt, const char *arg)
{
	return fail_at(c, c->line, fmt, arg);
}

/* `~/`, `$cache/` (left as it is if there is none) and paths relative to the file. */
static char *absolute(const char *value, const char *origin)
{
	const char *home = getenv("HOME"), *slash = strrchr(origin, '/');
	struct krsi_err ignored;
	char *cache, *path;

	if (!strncmp(value, "$cache/", 7)) {
		cache = fs_cache_dir(&ignored);
		path = xasprintf("%s/%s", cache ?: "$cache", value + 7);
		free(cache);
		return path;
	}
	if (*value == '/')
		return xstrdup(value);
	if (!strncmp(value, "~/", 2) && home)
		return xasprintf("%s/%s", home, value + 2);
	return xasprintf("%.*s%s", slash ? (int)(slash + 1 - origin) : 0, origin, value);
}

static struct kernel_def *section(struct conf *c, const char *name)
{
	struct kernels *ks = &c->found;
	struct kernel_def *d;

	if (c->section_used)
		return &ks->v[ks->n - 1];
	if (!*name || !only(name, ".-_+") || *name == '.' || *name == '-') {
		fail_at(c, c->section_line, "bad name [%.64s]: use letters, digits and . - _ +",
			name);
		return NULL;
	}
	if (kernels_find(ks, name)) {
		fail_at(c, c->section_line, "[%.64s] is there twice", name);
		return NULL;
	}
	ks->v = xreallocarray(ks->v, ks->n + 1, sizeof(*ks->v));
	d = &ks->v[ks->n++];
	*d = (struct kernel_def){ .name = xstrdup(name),
				  .origin = xasprintf("%s:%d", c->origin, c->section_line) };
	c->section_used = true;
	return d;
}

static int unknown_key(struct conf *c, const char *key)
{
	const char *names[N_KEYS], *near;
	char text[200];

	for (size_t i = 0; i < N_KEYS; i++)
		names[i] = keys[i].key;
	near = suggest_nearest(key, names, N_KEYS);
	snprintf(text, sizeof(text), "unknown key \"%.64s\"%s%s%s", key,
		 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return fail(c, "%s", text);
}

static int set(struct conf *c, struct kernel_def *d, size_t key, const char *value)
{
	char **to = field(d, key), *old = *to;
	const char *name = keys[key].key;

	if (!strcmp(name, "image") || !strcmp(name, "modules"))
		*to = absolute(value, c->origin);
	else if (old)
		*to = xasprintf("%s %s", old, value);
	else
		*to = xstrdup(value);
	free(old);
	return 1;
}

/* Called by inih for each key. */
static int take(void *ctx, const char *sect, const char *key, const char *value)
{
	struct conf *c = ctx;
	struct kernel_def *d;
	size_t i = 0;

	if (c->failed)
		return 0;
	if (!c->section_line)
		return fail(c, "\"%.64s\" comes before the first [name]", key);
	d = section(c, sect);
	if (!d)
		return 0;
	while (i < N_KEYS && strcmp(keys[i].key, key))
		i++;
	if (i == N_KEYS)
		return unknown_key(c, key);
	/* lines are short: a long command line is written as several */
	if (*field(d, i) && strcmp(key, "cmdline"))
		return fail(c, "\"%s\" is there twice", key);
	/* that of the kernel's own configuration */
	if (!*value && strcmp(key, "lsm"))
		return fail(c, "\"%s\" has no value", key);
	if (keys[i].chars && !only(value, keys[i].chars))
		return fail(c, "\"%s\" holds a character that does not belong there", key);
	if (is_number(keys[i].offset) && !kernels_number(value))
		return fail(c, "\"%s\" is no number from 1 to 999999", key);
	return set(c, d, i, value);
}

static bool section_ends(struct conf *c)
{
	if (c->section_line && !c->section_used)
		fail_at(c, c->section_line, "%s", "a section without keys");
	return !c->failed;
}

/* See that a line may be given to inih, which would cut a long one and stop at a NUL silently. */
static bool line_is_sound(struct conf *c, const char *p, const char *end, int room)
{
	for (const char *q = p; q < end; q++)
		if (((unsigned char)*q < ' ' && *q != '\t' && *q != '\r') || *q == 0x7f)
			return fail(c, "%s", "a control character; is this a text file?");
	if (end - p > room)
		return fail(c, "%s", "the line is too long (cmdline may be given in several)");
	if (p == end || *p != '[')
		return true;
	if (!memchr(p, ']', (size_t)(end - p)))
		return fail(c, "%s", "a section without its \"]\"");
	if (!section_ends(c))
		return false;
	c->section_line = c->line;
	c->section_used = false;
	return true;
}

/*
 * Called by inih for the next line. It has no line numbers to give, and would take an indented
 * line for a continuation, so that is settled here.
 */
static char *next_line(char *buf, int size, void *ctx)
{
	struct conf *c = ctx;
	const char *p = c->next, *nl;

	if (c->failed || p == c->end) {
		section_ends(c);
		return NULL;
	}
	c->line++;
	nl = memchr(p, '\n', (size_t)(c->end - p));
	c->next = nl ? nl + 1 : c->end;
	nl = nl ? nl : c->end;
	while (p < nl && (*p == ' ' || *p == '\t'))
		p++;
	if (!line_is_sound(c, p, nl, size - 2))
		return NULL;
	memcpy(buf, p, (size_t)(nl - p));
	buf[nl - p] = '\n';
	buf[nl - p + 1] = '\0';
	return buf;
}

/* What a section must have, once it is whole. */
static int check(struct kernel_def *d, struct krsi_err *err)
{
	const char *lacks = !d->suite ? "suite" : !d->package ? "package" : "version";

	if (!d->description)
		d->description = xstrdup("");
	if (!d->arch)
		d->arch = xstrdup("x86_64");
	if (!arch_find(d->arch))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: [%s] arch \"%.64s\" is not supported; there is: %s",
				    d->origin, d->name, d->arch, arch_names());
	if (d->image && (d->suite || d->package || d->version))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: [%s] has both an image and a package; keep one", d->origin,
				    d->name);
	if (d->image)
		return 0;
	if (d->modules)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: [%s] has \"modules\" without \"image\"", d->origin,
				    d->name);
	if (!d->suite || !d->package || !d->version)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: [%s] lacks \"%s\" (or give \"image\")", d->origin, d->name,
				    lacks);
	return 0;
}

static void adopt(struct kernels *ks, struct kernels *found)
{
	for (size_t i = 0; i < found->n; i++) {
		struct kernel_def *old = (void *)kernels_find(ks, found->v[i].name);

		if (old) {
			def_free(old);
			*old = found->v[i];
			continue;
		}
		ks->v = xreallocarray(ks->v, ks->n + 1, sizeof(*ks->v));
		ks->v[ks->n++] = found->v[i];
	}
	free(found->v);
	*found = (struct kernels){ 0 };
}

int kernels_parse(struct kernels *ks, const char *text, size_t len, const char *origin,
		  struct krsi_err *err)
{
	struct conf c = { .origin = origin, .err = err, .next = text, .end = text + len };
	int line = ini_parse_stream(next_line, &c, take, &c), rc = -1;

	if (line && !c.failed)
		fail_at(&c, line < 0 ? 0 : line, "%s",
			"neither [name], key = value, nor a comment");
	if (c.failed)
		goto out;
	for (size_t i = 0; i < c.found.n; i++)
		if (check(&c.found.v[i], err))
			goto out;
	adopt(ks, &c.found);
	rc = 0;
out:
	kernels_free(&c.found);
	return rc;
}

int kernels_load(struct kernels *ks, const char *path, struct krsi_err *err)
{
	size_t len;
	char *text = fs_read(path, CONF_MAX, &len, err), *abs;
	int rc;

	if (!text)
		return -1;
	abs = realpath(path, NULL);
	rc = kernels_parse(ks, text, len, abs ? abs : path, err);
	free(abs);
	free(text);
	return rc;
}

int kernels_load_builtin(struct kernels *ks, struct krsi_err *err)
{
	return kernels_parse(ks, kernels_conf, (size_t)(kernels_conf_end - kernels_conf),
			     "kernels.conf", err);
}

int kernels_load_default(struct kernels *ks, const char *extra, struct krsi_err *err)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path;
	int rc = 0;

	if (kernels_load_builtin(ks, err))
		return -1;
	if (extra)
		return kernels_load(ks, extra, err);
	if (xdg && *xdg == '/')
		path = xasprintf("%s/krsi/kernels.conf", xdg);
	else if (home && *home)
		path = xasprintf("%s/.config/krsi/kernels.conf", home);
	else
		return 0;
	if (fs_exists(path))
		rc = kernels_load(ks, path, err);
	free(path);
	return rc;
}
