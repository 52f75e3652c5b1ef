// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/guest/bench.h"
#include "conformance/adapters/steered.h"

struct settings settings = { .boot = "plain", .samples = BENCH_SAMPLES, .execs = BENCH_EXECS };

extern const struct bench *const __start_benches[], *const __stop_benches[];

/* Is @word one of the words of @list? */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

/* A comma between patterns; a pattern that is the beginning of a path stands for all below. */
bool bench__wanted(const char *name)
{
	char globs[512], *save = NULL;

	if (!settings.glob)
		return true;
	snprintf(globs, sizeof(globs), "%s", settings.glob);
	for (char *g = strtok_r(globs, ",", &save); g; g = strtok_r(NULL, ",", &save)) {
		size_t len = strlen(g);

		if (!fnmatch(g, name, 0) || (!strncmp(g, name, len) && name[len] == '/'))
			return true;
	}
	return false;
}

/* A family is asked whether it holds what is wanted by its first word. */
static bool family_wanted(const char *name)
{
	size_t len = strcspn(name, "/");
	const char *g = settings.glob;

	if (!settings.glob || name[strlen(name) - 1] != '/')
		return bench__wanted(name);
	for (; g; g = strchr(g, ','), g = g ? g + 1 : NULL)
		if (*g == '*' || (!strncmp(g, name, len) && strchr("/*,", g[len])))
			return true;
	return false;
}

static void list(void)
{
	for (const struct bench *const *b = __start_benches; b < __stop_benches; b++)
		if ((*b)->list)
			(*b)->list();
		else if (family_wanted((*b)->name))
			printf("%s %s\n", (*b)->name, (*b)->boot);
}

static void parse(int argc, char **argv, bool *only_list)
{
	static const struct option options[] = {
		{ "engine", required_argument, NULL, 'e' },
		{ "boot", required_argument, NULL, 'b' },
		{ "bench", required_argument, NULL, 'g' },
		{ "samples", required_argument, NULL, 's' },
		{ "execs", required_argument, NULL, 'x' },
		{ "extra", required_argument, NULL, 'i' },
		{ "list", no_argument, NULL, 'l' },
		{ 0 },
	};
	int key;

	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (key) {
		case 'e':
			settings.engine = strcmp(optarg, "wall") ? ENGINE_ICOUNT : ENGINE_WALL;
			break;
		case 'b':
			settings.boot = optarg;
			break;
		case 'g':
			settings.glob = optarg;
			break;
		case 's':
			settings.samples = (unsigned int)atoi(optarg);
			break;
		case 'x':
			settings.execs = (unsigned int)atoi(optarg);
			break;
		case 'i':
			settings.extra = (unsigned int)atoi(optarg);
			break;
		case 'l':
			*only_list = true;
			break;
		default:
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	bool only_list = false;
	const char *why;

	parse(argc, argv, &only_list);
	if (only_list) {
		list();
		return 0;
	}
	steered__set_up_libbpf();
	out__open();
	out__line("krsi-bench %d %s %s\n", BENCH_STREAM,
		  settings.engine == ENGINE_ICOUNT ? "icount" : "wall", settings.boot);
	why = clock__check();
	if (why) {
		out__failed("engine", "%s", why);
		out__flush();
		return 1;
	}
	quiet__prepare();
	for (const struct bench *const *b = __start_benches; b < __stop_benches; b++) {
		if (!has_word((*b)->boot, settings.boot) || !family_wanted((*b)->name))
			continue;
		(*b)->run(*b);
		out__flush();
	}
	out__line("end\n");
	out__flush();
	return out__failures() ? 1 : 0;
}
