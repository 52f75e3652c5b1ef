// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "vm-images/archive_addr.h"
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* Whether a line may be of the Debian archive, and not of another one that apt knows. */
static bool is_debian(const char *origin, const char *release, const char *codename)
{
	size_t n = strlen(codename);

	if (origin[0] != '$')
		return !strcmp(origin, "Debian");
	return n && !strncmp(release, codename, n) && (!release[n] || release[n] == '-');
}

static void take(struct archive_addr *a, char *line, const char *codename)
{
	char *f[4], **to;

	for (int i = 0; i < 4; i++) {
		f[i] = strsep(&line, "|");
		if (!f[i] || !*f[i])
			return;
	}
	if (line || !strchr(f[3], ':') || !is_debian(f[0], f[2], codename))
		return;
	for (const char *p = f[3]; *p; p++)
		if (*p <= ' ' || *p == 0x7f)
			return;
	to = ends_with(f[2], "-security") || !strcmp(f[1], "Debian-Security") ? &a->security
									      : &a->main;
	if (!*to)
		*to = xstrdup(f[3]);
}

void archive_addr_parse(struct archive_addr *a, const char *text, const char *codename)
{
	char *copy = xstrdup(text), *save = NULL;

	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		take(a, l, codename);
	free(copy);
}

/* VERSION_CODENAME of os-release (free() it), "" if there is none. */
static char *codename_of_host(void)
{
	struct krsi_err ignored;
	char *text = fs_read("/etc/os-release", 1 << 16, NULL, &ignored), *p, *out = NULL;

	p = text ? strstr(text, "\nVERSION_CODENAME=") : NULL;
	if (p) {
		p += strlen("\nVERSION_CODENAME=");
		p += *p == '"';
		out = xstrndup(p, strcspn(p, "\"\n"));
	}
	free(text);
	return out ?: xstrdup("");
}

static int ask_apt(struct archive_addr *a, struct krsi_err *err)
{
	const char *argv[] = { "apt-get",	    "indextargets",	    "--format",
			       ARCHIVE_ADDR_FORMAT, "Created-By: Packages", NULL };
	char *codename;
	struct proc_result r;

	if (proc_run(&r, &(struct proc_opts){ .argv = argv, .package = "apt" }, err))
		return krsi_err_set(
			err, KRSI_EXIT_INFRA,
			"%s (named kernels come through apt; or give --kernel a bzImage)",
			err->text);
	codename = codename_of_host();
	archive_addr_parse(a, r.out, codename);
	free(codename);
	proc_result_free(&r);
	return 0;
}

int archive_addr_find(struct archive_addr *a, struct krsi_err *err)
{
	const char *main_addr = getenv("KRSI_ARCHIVE"), *sec = getenv("KRSI_ARCHIVE_SECURITY");

	*a = (struct archive_addr){ 0 };
	if (main_addr && *main_addr)
		a->main = xstrdup(main_addr);
	if (sec && *sec)
		a->security = xstrdup(sec);
	if (a->main && a->security)
		return 0;
	return ask_apt(a, err);
}

const char *archive_addr_for(const struct archive_addr *a, const char *suite, struct krsi_err *err)
{
	bool security = ends_with(suite, "-security");
	const char *addr = security ? a->security : a->main;

	if (!addr)
		krsi_err_set(err, KRSI_EXIT_INFRA,
			     "apt's configuration names no Debian %sarchive for the suite %s: set "
			     "%s to its address",
			     security ? "security " : "", suite,
			     security ? "KRSI_ARCHIVE_SECURITY" : "KRSI_ARCHIVE");
	return addr;
}

void archive_addr_free(struct archive_addr *a)
{
	free(a->main);
	free(a->security);
	*a = (struct archive_addr){ 0 };
}
