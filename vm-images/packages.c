// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/debver.h"
#include "vm-images/packages.h"

#define VALUE_MAX 4096

/* Packages that a kernel is split into; "linux-base (>= 4.3)" without a digit is another matter. */
static const char *const kernel_parts[] = { "linux-base-[0-9]*", "linux-binary-[0-9]*",
					    "linux-image-[0-9]*", "linux-modules-[0-9]*" };

static bool only(const char *s, const char *also)
{
	if (!*s || *s == '-')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(also, *s))
			return false;
	return true;
}

static bool is_sha256(const char *s)
{
	return strlen(s) == SHA256_HEX_LEN && strspn(s, "0123456789abcdef") == SHA256_HEX_LEN;
}

static void package_free(struct package *p)
{
	free(p->name);
	free(p->version);
	free(p->depends);
	*p = (struct package){ 0 };
}

/* The value of a field in a stanza (free() it), or NULL. */
static char *value(const char *stanza, size_t len, const char *key)
{
	size_t klen = strlen(key);

	for (const char *p = stanza, *end = stanza + len; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)) ?: end;

		if ((size_t)(nl - p) > klen && p[klen] == ':' && !strncasecmp(p, key, klen)) {
			p += klen + 1;
			while (p < nl && isblank((unsigned char)*p))
				p++;
			if (nl - p > VALUE_MAX)
				return NULL;
			return xstrndup(p, (size_t)(nl - p));
		}
		p = nl + 1;
	}
	return NULL;
}

static void take(struct packages *ps, const char *stanza, size_t len, const char *prefix)
{
	struct package p = { .name = value(stanza, len, "Package") };
	char *size = NULL, *sha = NULL;

	if (p.name && !strncmp(p.name, prefix, strlen(prefix)) && only(p.name, "+-.")) {
		p.version = value(stanza, len, "Version");
		p.depends = value(stanza, len, "Depends") ?: xstrdup("");
		size = value(stanza, len, "Size");
		sha = value(stanza, len, "SHA256");
	}
	if (p.version && only(p.version, "+-.~:") && size && isdigit((unsigned char)*size) && sha &&
	    is_sha256(sha)) {
		p.size = strtoull(size, NULL, 10);
		memcpy(p.sha256, sha, sizeof(p.sha256));
		ps->v = xreallocarray(ps->v, ps->n + 1, sizeof(*ps->v));
		ps->v[ps->n++] = p;
	} else {
		package_free(&p);
	}
	free(size);
	free(sha);
}

void packages_parse(struct packages *ps, const char *text, size_t len, const char *prefix)
{
	const char *p = text, *end = text + len;

	while (p < end) {
		const char *gap = memmem(p, (size_t)(end - p), "\n\n", 2) ?: end;

		take(ps, p, (size_t)(gap - p), prefix);
		p = gap;
		while (p < end && *p == '\n')
			p++;
	}
}

/* The order in which the best comes first; of a package and its meta package the real one. */
static int better(const struct package *a, const struct package *b)
{
	int d = debver_cmp(a->version, b->version);

	if (d)
		return d;
	return a->size < b->size ? -1 : a->size > b->size;
}

const struct package *packages_newest(const struct packages *ps, const char *name,
				      const char *version)
{
	const struct package *best = NULL;

	for (size_t i = 0; i < ps->n; i++) {
		const struct package *p = &ps->v[i];

		if (fnmatch(name, p->name, 0) || fnmatch(version, p->version, 0))
			continue;
		if (!best || better(p, best) > 0)
			best = p;
	}
	return best;
}

static bool is_kernel_part(const char *name)
{
	for (size_t i = 0; i < sizeof(kernel_parts) / sizeof(kernel_parts[0]); i++)
		if (!fnmatch(kernel_parts[i], name, 0))
			return true;
	return false;
}

/* "name (= version)" of a dependency: cut into its two words; an unversioned one gets "*". */
static bool split_dependency(char *dep, char **name, char **version)
{
	char *paren = strchr(dep, '(');

	*name = dep + strspn(dep, " ");
	(*name)[strcspn(*name, " (|[<")] = '\0';
	*version = (char *)"*";
	if (paren && !strncmp(paren, "(= ", 3)) {
		*version = paren + 3;
		(*version)[strcspn(*version, ")")] = '\0';
	}
	return is_kernel_part(*name);
}

static bool listed(const struct package *const *v, size_t n, const struct package *p)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == p)
			return true;
	return false;
}

static void note_missing(struct strs *missing, const char *name, const char *version)
{
	char *text = xasprintf("%s %s", name, version);

	if (strs_has(missing, text))
		free(text);
	else
		strs_take(missing, text);
}

size_t packages_follow(const struct packages *ps, const struct package *p,
		       const struct package **out, size_t max, struct strs *missing)
{
	size_t n = 0;

	if (max)
		out[n++] = p;
	for (size_t i = 0; i < n; i++) {
		char *deps = xstrdup(out[i]->depends), *save = NULL, *name, *version;

		for (char *d = strtok_r(deps, ",", &save); d; d = strtok_r(NULL, ",", &save)) {
			const struct package *found;

			if (!split_dependency(d, &name, &version))
				continue;
			found = packages_newest(ps, name, version);
			if (!found)
				note_missing(missing, name, version);
			else if (n < max && !listed(out, n, found))
				out[n++] = found;
		}
		free(deps);
	}
	return n;
}

static int newest_first(const void *a, const void *b)
{
	return debver_cmp(*(const char *const *)b, *(const char *const *)a);
}

char *packages_versions(const struct packages *ps, const char *name, size_t max)
{
	struct strs all = { 0 };
	char *text;

	for (size_t i = 0; i < ps->n; i++)
		if (!fnmatch(name, ps->v[i].name, 0) && !strs_has(&all, ps->v[i].version))
			strs_add(&all, ps->v[i].version);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), newest_first);
	while (all.n > max)
		free(all.v[--all.n]);
	text = strs_join(&all, ", ");
	strs_free(&all);
	return text;
}

void packages_free(struct packages *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		package_free(&ps->v[i]);
	free(ps->v);
	*ps = (struct packages){ 0 };
}
