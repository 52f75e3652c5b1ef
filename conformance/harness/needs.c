// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "conformance/adapters/adapter.h"
#include "conformance/harness/needs.h"

/* Is this word the last path component of a line of /proc/filesystems or modules.builtin? */
static bool file_has(const char *path, const char *word, const char *suffix)
{
	char line[256];
	FILE *file = fopen(path, "re");
	size_t len = strlen(word);
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		char *at = line + strcspn(line, "\n");

		*at = '\0';
		at -= strlen(suffix);
		if (at < line || strcmp(at, suffix))
			continue;
		*at = '\0';
		for (char *c = line; *c; c++)
			if (*c == '-')
				*c = '_';
		if ((size_t)(at - line) < len || strcmp(at - len, word))
			continue;
		found = at - len == line || strchr("/\t ", at[-(int)len - 1]);
	}
	fclose(file);
	return found;
}

/* Loaded, or built into the kernel: with parameters that /sys shows, as its list of modules says,
 * or as a file system that is there. */
static bool has_module(const char *name)
{
	char path[256], word[64];
	struct utsname uts;

	snprintf(word, sizeof(word), "%s", name);
	for (char *c = word; *c; c++)
		if (*c == '-')
			*c = '_';
	snprintf(path, sizeof(path), "/sys/module/%s", word);
	if (!access(path, F_OK))
		return true;
	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%.64s/modules.builtin", uts.release);
	return file_has(path, word, ".ko") || file_has("/proc/filesystems", word, "");
}

static bool has_parameter(const char *word)
{
	char line[4096] = "", *save = NULL;
	FILE *file = fopen("/proc/cmdline", "re");
	bool found = false;

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	for (char *at = strtok_r(line, " \n", &save); at; at = strtok_r(NULL, " \n", &save))
		found |= !strcmp(at, word);
	return found;
}

/* What a probe said: many tests share it, it may take long, and it must not change its mind. */
static const char *ask(const char *(*probe)(void))
{
	static struct {
		const char *(*probe)(void);
		char *answer; /* NULL: the need is met */
	} asked[256];
	static size_t n;
	const char *answer;

	for (size_t i = 0; i < n; i++)
		if (asked[i].probe == probe)
			return asked[i].answer;
	answer = probe();
	if (n == sizeof(asked) / sizeof(asked[0]))
		abort();
	asked[n].probe = probe;
	asked[n].answer = answer ? strdup(answer) : NULL;
	if (answer && !asked[n].answer)
		abort();
	return asked[n++].answer;
}

const char *needs__unmet(const struct krsi_needs *needs, uint32_t capabilities, char *buf,
			 size_t size)
{
	const char *reason;

	for (unsigned int i = 0; adapter__capability(i); i++)
		if (needs->capabilities & ~capabilities & (1u << i)) {
			snprintf(buf, size, "the implementation lacks: %s", adapter__capability(i));
			return buf;
		}
	for (int i = 0; i < 4 && needs->module[i]; i++)
		if (!has_module(needs->module[i])) {
			snprintf(buf, size, "module %s is not there", needs->module[i]);
			return buf;
		}
	if (needs->filesystem && !file_has("/proc/filesystems", needs->filesystem, "")) {
		snprintf(buf, size, "no file system %s", needs->filesystem);
		return buf;
	}
	if (needs->lsm && !needs__lsm(needs->lsm)) {
		snprintf(buf, size, "%s is not active (lsm=)", needs->lsm);
		return buf;
	}
	if (needs->parameter && !has_parameter(needs->parameter)) {
		snprintf(buf, size, "%s is not on the kernel command line", needs->parameter);
		return buf;
	}
	for (int i = 0; i < 3 && needs->path[i]; i++)
		if (access(needs->path[i], F_OK)) {
			snprintf(buf, size, "%s does not exist", needs->path[i]);
			return buf;
		}
	reason = needs->probe ? ask(needs->probe) : NULL;
	if (reason)
		snprintf(buf, size, "%s", reason);
	return reason ? buf : NULL;
}

bool needs__syscall(long number)
{
	return syscall(number, -1, -1, -1, -1, -1, -1) >= 0 || errno != ENOSYS;
}

int needs__lsm(const char *name)
{
	char lsms[512] = "", *save = NULL;
	FILE *file = fopen("/sys/kernel/security/lsm", "re");
	int place = 0;

	if (!file)
		return 0;
	if (!fgets(lsms, sizeof(lsms), file))
		lsms[0] = '\0';
	fclose(file);
	for (char *at = strtok_r(lsms, ",\n", &save); at; at = strtok_r(NULL, ",\n", &save)) {
		place++;
		if (!strcmp(at, name))
			return place;
	}
	return 0;
}

static const struct krsi_lsm *tested;

void needs__test(const struct krsi_lsm *lsm)
{
	tested = lsm;
}

const struct krsi_lsm *needs__tested(void)
{
	return tested ?: adapter__lsm(adapter__at(0));
}

bool needs__labelled_first(void)
{
	int own = needs__lsm(needs__tested()->name), selinux = needs__lsm("selinux"),
	    smack = needs__lsm("smack");

	return (selinux && selinux < own) || (smack && smack < own);
}
