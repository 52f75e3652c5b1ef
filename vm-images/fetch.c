// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vm-images/apt.h"
#include "vm-images/arch.h"
#include "vm-images/fetch.h"
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/packages.h"
#include "vm-images/trees.h"
#include "vm-images/unpack.h"

#define PARTS_MAX    8
#define SHOWN_MAX    12
#define INDEX_SCHEMA 2

/** struct fetch - one fetch under way. */
struct fetch {
	const struct kernel_def *def;
	const struct progress *progress;
	char *cache;
	char *index; /* names/<name>.json */
	struct krsi_err *err;
};

void fetched_free(struct fetched *f)
{
	free(f->image);
	free(f->release);
	free(f->modules);
	free(f->config);
	free(f->package);
	*f = (struct fetched){ 0 };
}

static const char *text_of(const json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

static bool same(const json_t *root, const char *key, const char *want)
{
	const char *have = text_of(root, key);

	return have && !strcmp(have, want);
}

/* A digest names a directory: nothing else may stand there. */
static bool is_key(const char *s)
{
	return s && strlen(s) == SHA256_HEX_LEN && strspn(s, "0123456789abcdef") == SHA256_HEX_LEN;
}

/*
 * What the cache knows of the name. A tree whose image was damaged is none: it is fetched anew
 * instead of being booted.
 */
static bool from_cache(const struct fetch *x, struct fetched *f)
{
	json_t *root = json_load_file(x->index, JSON_REJECT_DUPLICATES, NULL);
	const struct kernel_def *d = x->def;
	struct krsi_err ignored = { 0 };
	bool hit = false;

	if (json_integer_value(json_object_get(root, "schema")) == INDEX_SCHEMA &&
	    same(root, "suite", d->suite) && same(root, "package", d->package) &&
	    same(root, "version", d->version) && is_key(text_of(root, "tree")) &&
	    text_of(root, "found"))
		hit = !tree_load(f, x->cache, text_of(root, "tree"), text_of(root, "found"),
				 &ignored);
	json_decref(root);
	return hit;
}

static int to_cache(const struct fetch *x, const struct fetched *f, const char *key)
{
	const struct kernel_def *d = x->def;
	json_t *root = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s}", "schema", INDEX_SCHEMA, "suite",
				 d->suite, "package", d->package, "version", d->version, "found",
				 f->package, "tree", key);
	char *text = json_dumps(root, JSON_INDENT(2));
	int rc = fs_write_atomic(x->index, text, strlen(text), x->err);

	free(text);
	json_decref(root);
	return rc;
}

static int unavailable(const struct fetch *x, const struct packages *ps)
{
	const struct kernel_def *d = x->def;
	char *have = packages_versions(ps, d->package, SHOWN_MAX);

	if (*have)
		krsi_err_set(x->err, KRSI_EXIT_INFRA,
			     "unavailable: %s: no %s of version %s in %s; the archive has: %s",
			     d->name, d->package, d->version, d->suite, have);
	else
		krsi_err_set(x->err, KRSI_EXIT_INFRA, "unavailable: %s: no package %s in %s (%s)",
			     d->name, d->package, d->suite, d->origin);
	free(have);
	return -1;
}

static int tree_key(const struct package *const *parts, size_t n, char key[SHA256_HEX_LEN + 1],
		    struct krsi_err *err)
{
	char text[PARTS_MAX * (SHA256_HEX_LEN + 1) + 1] = "";

	for (size_t i = 0; i < n; i++) {
		strcat(text, parts[i]->sha256);
		strcat(text, "\n");
	}
	return sha256_mem(text, strlen(text), key, err);
}

/* Download one package and unpack it into @tree. */
static int take_part(const struct fetch *x, const struct apt *a, const struct package *p,
		     const char *tree)
{
	char *dir = xasprintf("%s/deb", tree), *deb = NULL;
	int rc = fs_mkdirs(dir, x->err);

	if (!rc) {
		progress_step(x->progress, "fetching %s %s (%.1f MB)", p->name, p->version,
			      (double)p->size / 1e6);
		deb = apt_download(a, p, dir, x->progress, x->err);
		rc = deb ? unpack_deb(deb, tree, x->err) : -1;
	}
	free(deb);
	fs_remove_tree(dir);
	free(dir);
	return rc;
}

static int build_tree(const struct fetch *x, const struct apt *a,
		      const struct package *const *parts, size_t n, const char *key)
{
	char *tree = tree_begin(x->cache, x->err);
	int rc = tree ? 0 : -1;

	for (size_t i = 0; i < n && !rc; i++)
		rc = take_part(x, a, parts[i], tree);
	rc = rc ?: tree_publish(tree, x->cache, key, x->progress, x->err);
	if (tree)
		fs_remove_tree(tree);
	free(tree);
	return rc;
}

static int get(const struct fetch *x, const struct apt *a, const struct packages *ps,
	       struct fetched *f)
{
	const struct package *p = packages_newest(ps, x->def->package, x->def->version);
	const struct package *parts[PARTS_MAX];
	char key[SHA256_HEX_LEN + 1], *package;
	struct strs missing = { 0 };
	size_t n;
	int rc;

	if (!p)
		return unavailable(x, ps);
	n = packages_follow(ps, p, parts, PARTS_MAX, &missing);
	for (size_t i = 0; i < missing.n; i++)
		progress_step(x->progress, "%s is gone from the archive", missing.v[i]);
	strs_free(&missing);
	rc = tree_key(parts, n, key, x->err);
	package = xasprintf("%s %s", p->name, p->version);
	/* a refresh, or another name, may lead to a tree that is here already */
	if (!rc && tree_load(f, x->cache, key, package, x->err)) {
		x->err->code = 0;
		rc = build_tree(x, a, parts, n, key);
		rc = rc ?: tree_load(f, x->cache, key, package, x->err);
	}
	if (!rc) {
		rc = to_cache(x, f, key);
		if (rc)
			fetched_free(f);
	}
	free(package);
	return rc;
}

/** struct asked - what the archive holds, and the apt that knows. */
struct asked {
	struct packages ps;
	struct apt a;
};

static int ask_archive(const struct fetch *x, struct asked *q)
{
	const struct kernel_def *d = x->def;
	struct archive_addr addr = { 0 };
	char *root;
	int rc;

	*q = (struct asked){ 0 };
	root = xasprintf("%s/apt/%s", x->cache, d->suite);
	for (char *p = root + strlen(x->cache); *p; p++)
		*p = *p == ' ' ? '+' : *p;
	progress_step(x->progress, "asking the archive for %s in %s", d->version, d->suite);
	rc = archive_addr_find(&addr, x->err);
	rc = rc ?: apt_open(&q->a, root, d->suite, arch_find(d->arch)->deb, &addr, x->err);
	rc = rc ?: apt_update(&q->a, x->err);
	rc = rc ?: apt_packages(&q->a, "linux-", &q->ps, x->err);
	archive_addr_free(&addr);
	free(root);
	return rc;
}

static void asked_free(struct asked *q)
{
	packages_free(&q->ps);
	apt_close(&q->a);
}

static int fetch_anew(const struct fetch *x, struct fetched *f)
{
	struct asked q;
	int rc = ask_archive(x, &q);

	rc = rc ?: get(x, &q.a, &q.ps, f);
	asked_free(&q);
	return rc;
}

static void tell_waiting(void *ctx)
{
	const struct fetch *x = ctx;

	progress_step(x->progress, "waiting for another krsi that fetches a kernel");
}

static int take_lock(struct fetch *x)
{
	char *path = xasprintf("%s/fetch.lock", x->cache);
	int lock = fs_lock(path, tell_waiting, x, x->err);

	free(path);
	return lock;
}

static int fetch_locked(struct fetch *x, struct fetched *f, bool refresh)
{
	int lock = take_lock(x), rc;

	if (lock < 0)
		return -1;
	/* whoever held the lock may have fetched this name */
	if (!refresh && from_cache(x, f))
		rc = 0;
	else
		rc = fetch_anew(x, f);
	close(lock);
	return rc;
}

static int fetch_begin(struct fetch *x)
{
	char *names;
	int rc;

	x->cache = fs_cache_dir(x->err);
	if (!x->cache)
		return -1;
	names = xasprintf("%s/names", x->cache);
	x->index = xasprintf("%s/%s.json", names, x->def->name);
	rc = fs_mkdirs(names, x->err);
	free(names);
	return rc;
}

static void fetch_end(struct fetch *x)
{
	free(x->index);
	free(x->cache);
}

int fetch_kernel(struct fetched *f, const struct kernel_def *def, bool refresh,
		 const struct progress *progress, struct krsi_err *err)
{
	struct fetch x = { .def = def, .progress = progress, .err = err };
	int rc = fetch_begin(&x);

	*f = (struct fetched){ 0 };
	if (!rc && (refresh || !from_cache(&x, f)))
		rc = fetch_locked(&x, f, refresh);
	fetch_end(&x);
	return rc;
}

int fetch_cached(struct fetched *f, const struct kernel_def *def)
{
	struct krsi_err ignored = { 0 };
	struct fetch x = { .def = def, .err = &ignored };
	int rc = fetch_begin(&x);

	*f = (struct fetched){ 0 };
	if (!rc && !from_cache(&x, f))
		rc = -1;
	fetch_end(&x);
	return rc;
}

char *fetch_look(const struct kernel_def *def, const struct progress *progress,
		 struct krsi_err *err)
{
	struct fetch x = { .def = def, .progress = progress, .err = err };
	int lock = fetch_begin(&x) ? -1 : take_lock(&x);
	const struct package *p;
	char *found = NULL;
	struct asked q;

	if (lock < 0) {
		fetch_end(&x);
		return NULL;
	}
	if (!ask_archive(&x, &q)) {
		p = packages_newest(&q.ps, def->package, def->version);
		if (p)
			found = xasprintf("%s %s", p->name, p->version);
		else
			unavailable(&x, &q.ps);
	}
	asked_free(&q);
	close(lock);
	fetch_end(&x);
	return found;
}
