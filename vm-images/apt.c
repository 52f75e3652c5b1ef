// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "vm-images/apt.h"
#include "vm-images/fs.h"
#include "vm-images/proc.h"

#define NETWORK_HINT " (check the network, or name another archive in KRSI_ARCHIVE)"
#define PACKAGES_MAX (512u << 20)

/*
 * Everything that apt would read from /etc or write to /var is turned to the private directory
 * or to nothing. It must be a file in APT_CONFIG: options on the command line come after apt
 * has read the parts directory. Sandbox: root would drop to a user that cannot enter the cache.
 */
static const char conf_format[] =
	"Dir \"%1$s/\";\n"
	"Dir::Etc \"%1$s/\";\n"
	"Dir::Etc::main \"/dev/null\";\n"
	"Dir::Etc::parts \"/dev/null\";\n"
	"Dir::Etc::preferences \"/dev/null\";\n"
	"Dir::Etc::preferencesparts \"/dev/null\";\n"
	"Dir::Etc::trusted \"/dev/null\";\n"
	"Dir::Etc::trustedparts \"/dev/null\";\n"
	"Dir::Etc::sourcelist \"/dev/null\";\n"
	"Dir::Etc::sourceparts \"%1$s/sources/\";\n"
	"Dir::State \"%1$s/state\";\n"
	"Dir::State::status \"%1$s/status\";\n"
	"Dir::Cache \"%1$s/cache\";\n"
	"Dir::Log \"%1$s/log\";\n"
	"Dir::Bin::methods \"/usr/lib/apt/methods\";\n"
	"APT::Architecture \"%2$s\";\n"
	"APT::Architectures { \"%2$s\"; };\n"
	"APT::Sandbox::User \"root\";\n"
	"APT::Update::Error-Mode \"any\";\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::Check-Valid-Until \"false\";\n"
	"Acquire::IndexTargets::deb::Packages::KeepCompressed \"false\";\n"
	"Acquire::PDiffs \"false\";\n"
	"Acquire::Retries \"2\";\n"
	"Acquire::http::Timeout \"30\";\n"
	"Acquire::https::Timeout \"30\";\n"
	"%3$s";

static const char *const made[] = { "sources", "state/lists/partial", "cache/archives/partial",
				    "log" };

static const char *const keyrings[] = { "/usr/share/keyrings/debian-archive-keyring.gpg",
					"/usr/share/keyrings/debian-archive-keyring.pgp" };

static const char *keyring(void)
{
	const char *own = getenv("KRSI_KEYRING");

	if (own && *own)
		return fs_exists(own) ? own : NULL;
	for (size_t i = 0; i < sizeof(keyrings) / sizeof(keyrings[0]); i++)
		if (fs_exists(keyrings[i]))
			return keyrings[i];
	return NULL;
}

/* A proxy is a property of the machine's network, so it is taken over. */
static char *host_proxies(void)
{
	const char *argv[] = { "apt-config",	"dump",		  "--format",	  "%F \"%v\";%n",
			       "Acquire::http", "Acquire::https", "Acquire::ftp", NULL };
	struct krsi_err ignored;
	struct strs lines = { 0 };
	struct proc_result r;
	char *save = NULL, *text;

	if (proc_run(&r, &(struct proc_opts){ .argv = argv }, &ignored))
		return xstrdup("");
	for (char *l = strtok_r(r.out, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (strcasestr(l, "proxy") && l[strlen(l) - 1] == ';')
			strs_take(&lines, xasprintf("%s\n", l));
	text = strs_join(&lines, "");
	strs_free(&lines);
	proc_result_free(&r);
	return text;
}

static int write_at(const struct apt *a, const char *name, const char *text, struct krsi_err *err)
{
	char *path = xasprintf("%s/%s", a->root, name);
	int rc = fs_write_atomic(path, text, strlen(text), err);

	free(path);
	return rc;
}

static int write_sources(const struct apt *a, const char *deb_arch, const struct archive_addr *addr,
			 struct krsi_err *err)
{
	char *suites = xstrdup(a->suites), *save = NULL, *text;
	struct strs stanzas = { 0 };
	const char *ring = keyring();
	int rc = 0;

	if (!ring)
		rc = krsi_err_set(err, KRSI_EXIT_INFRA,
				  "no keyring of the Debian archive: apt-get install "
				  "debian-archive-keyring (or set KRSI_KEYRING)");
	for (char *s = strtok_r(suites, " ", &save); s && !rc; s = strtok_r(NULL, " ", &save)) {
		const char *uri = archive_addr_for(addr, s, err);

		if (!uri)
			rc = -1;
		else
			strs_take(&stanzas, xasprintf("Types: deb\nURIs: %s\nSuites: %s\n"
						      "Components: main\nArchitectures: %s\n"
						      "Signed-By: %s\n",
						      uri, s, deb_arch, ring));
	}
	text = strs_join(&stanzas, "\n");
	if (!rc)
		rc = write_at(a, "sources/archive.sources", text, err);
	free(text);
	strs_free(&stanzas);
	free(suites);
	return rc;
}

int apt_open(struct apt *a, const char *root, const char *suites, const char *deb_arch,
	     const struct archive_addr *addr, struct krsi_err *err)
{
	char *proxies, *text;
	int rc = 0;

	*a = (struct apt){ .root = xstrdup(root),
			   .env = xasprintf("APT_CONFIG=%s/apt.conf", root),
			   .suites = xstrdup(suites) };
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]) && !rc; i++) {
		char *dir = xasprintf("%s/%s", root, made[i]);

		rc = fs_mkdirs(dir, err);
		free(dir);
	}
	proxies = host_proxies();
	text = xasprintf(conf_format, root, deb_arch, proxies);
	rc = rc ?: write_at(a, "apt.conf", text, err);
	rc = rc ?: write_at(a, "status", "", err);
	rc = rc ?: write_sources(a, deb_arch, addr, err);
	free(text);
	free(proxies);
	if (rc)
		apt_close(a);
	return rc;
}

void apt_close(struct apt *a)
{
	free(a->root);
	free(a->env);
	free(a->suites);
	*a = (struct apt){ 0 };
}

char *apt_reason(const char *output)
{
	/* the cause comes before the summary in apt's output */
	static const char *const marks[] = { "E: ", "W: " };
	char *copy = xstrdup(output), *found = NULL;

	for (size_t i = 0; i < 2 && !found; i++) {
		char *text = xstrdup(output), *save = NULL;

		for (char *l = strtok_r(text, "\n", &save); l && !found;
		     l = strtok_r(NULL, "\n", &save))
			if (!strncmp(l, marks[i], 3))
				found = xstrndup(l + 3, 300);
		free(text);
	}
	free(copy);
	return found ?: xstrdup("");
}

static int failed(const char *what, const char *hint, struct proc_result *r, struct krsi_err *err)
{
	char *reason = apt_reason(r->errors);

	krsi_err_set(err, KRSI_EXIT_INFRA, "%s: %s%s", what,
		     *reason ? reason : "apt gave no reason", hint);
	free(reason);
	proc_result_free(r);
	return -1;
}

static int run(const struct apt *a, struct proc_result *r, const char *const *argv, const char *cwd,
	       void (*tick)(void *), void *ctx, struct krsi_err *err)
{
	const char *env[] = { a->env, "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", NULL };
	struct proc_opts o = {
		.argv = argv, .package = "apt", .env = env, .cwd = cwd, .tick = tick, .ctx = ctx
	};

	return proc_run(r, &o, err);
}

int apt_update(const struct apt *a, struct krsi_err *err)
{
	const char *argv[] = { "apt-get", "-q", "update", NULL };
	struct proc_result r;
	char *what;
	int rc = 0;

	if (run(a, &r, argv, NULL, NULL, NULL, err))
		return -1;
	if (r.status) {
		what = xasprintf("cannot read the archive's list of %s", a->suites);
		rc = failed(what, NETWORK_HINT, &r, err);
		free(what);
		return rc;
	}
	proc_result_free(&r);
	return 0;
}

int apt_packages(const struct apt *a, const char *prefix, struct packages *out,
		 struct krsi_err *err)
{
	const char *argv[] = { "apt-get",     "indextargets",	      "--format",
			       "$(FILENAME)", "Created-By: Packages", NULL };
	char *save = NULL;
	struct proc_result r;
	int rc = 0;

	*out = (struct packages){ 0 };
	if (run(a, &r, argv, NULL, NULL, NULL, err))
		return -1;
	if (r.status)
		return failed("cannot list packages", "", &r, err);
	for (char *l = strtok_r(r.out, "\n", &save); l && !rc; l = strtok_r(NULL, "\n", &save)) {
		size_t len;
		char *text = fs_read(l, PACKAGES_MAX, &len, err);

		if (text)
			packages_parse(out, text, len, prefix);
		else
			rc = krsi_err_set(err, KRSI_EXIT_INFRA, "%s", err->text);
		free(text);
	}
	proc_result_free(&r);
	if (rc)
		packages_free(out);
	return rc;
}

/** struct download - what the progress of a download is read from. */
struct download {
	const char *dir;
	uint64_t total;
	const struct progress *progress;
};

static void show_size(void *ctx)
{
	const struct download *d = ctx;
	DIR *dir = opendir(d->dir);
	uint64_t done = 0;
	struct dirent *e;
	struct stat st;

	while (dir && (e = readdir(dir)))
		if (!fstatat(dirfd(dir), e->d_name, &st, 0) && S_ISREG(st.st_mode))
			done += (uint64_t)st.st_size;
	if (dir)
		closedir(dir);
	progress_bytes(d->progress, done < d->total ? done : d->total, d->total);
}

/* The only .deb of a directory (free() it), or NULL. */
static char *find_deb(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char *found = NULL;

	while (d && !found && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n > 4 && !strcmp(e->d_name + n - 4, ".deb"))
			found = xasprintf("%s/%s", dir, e->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

char *apt_download(const struct apt *a, const struct package *p, const char *dir,
		   const struct progress *progress, struct krsi_err *err)
{
	char *spec = xasprintf("%s=%s", p->name, p->version), *deb = NULL, *what;
	const char *argv[] = { "apt-get", "-q", "download", spec, NULL };
	struct download d = { .dir = dir, .total = p->size, .progress = progress };
	char hex[SHA256_HEX_LEN + 1];
	struct proc_result r;

	if (run(a, &r, argv, dir, show_size, &d, err))
		goto out;
	if (r.status) {
		what = xasprintf("cannot download %s %s", p->name, p->version);
		failed(what, NETWORK_HINT, &r, err);
		free(what);
		goto out;
	}
	proc_result_free(&r);
	progress_bytes(progress, p->size, p->size);
	deb = find_deb(dir);
	if (!deb)
		krsi_err_set(err, KRSI_EXIT_INFRA, "apt downloaded nothing for %s", spec);
	else if (sha256_file(deb, hex, err) || strcmp(hex, p->sha256)) {
		krsi_err_set(err, KRSI_EXIT_INFRA, "%s: SHA-256 is %s, the archive says %s", spec,
			     hex, p->sha256);
		free(deb);
		deb = NULL;
	}
out:
	free(spec);
	return deb;
}
