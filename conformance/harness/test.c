// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/test.h"

static _Noreturn void finish(struct krsi_run *t, enum krsi_result result, const char *format,
			     va_list args)
{
	vsnprintf(t->report->reason, sizeof(t->report->reason), format, args);
	t->report->result = result;
	t->report->done = true;
	_exit(0);
}

void test__fail(struct krsi_run *t, const char *expected, const char *got, const char *format, ...)
{
	va_list args;

	snprintf(t->report->expected, sizeof(t->report->expected), "%s", expected);
	snprintf(t->report->got, sizeof(t->report->got), "%s", got);
	va_start(args, format);
	finish(t, RESULT_FAIL, format, args);
}

void test__skip(struct krsi_run *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finish(t, RESULT_SKIP, format, args);
}

void test__broken(struct krsi_run *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finish(t, RESULT_BROKEN, format, args);
}

void test__equal(struct krsi_run *t, long long want, long long got, const char *what)
{
	char expected[32], seen[32];

	if (want == got)
		return;
	snprintf(expected, sizeof(expected), "%lld", want);
	snprintf(seen, sizeof(seen), "%lld", got);
	test__fail(t, expected, seen, "%s", what);
}

void test__true(struct krsi_run *t, bool cond, const char *what)
{
	if (!cond)
		test__fail(t, "true", "false", "%s", what);
}

const char *errno__name(int ret)
{
	static char text[4][24];
	static unsigned int next;
	char *buf = text[next++ % 4];
	const char *name = ret < 0 ? strerrorname_np(-ret) : "success";

	if (ret >= 0)
		return name;
	if (name)
		snprintf(buf, sizeof(text[0]), "-%s", name);
	else
		snprintf(buf, sizeof(text[0]), "%d", ret);
	return buf;
}

void test__errno(struct krsi_run *t, int want, int got, const char *what)
{
	if (want < 0 ? want == got : got >= 0)
		return;
	test__fail(t, errno__name(want), errno__name(got), "result of %s", what);
}

static long index_of(const struct krsi_run *t, const char *name)
{
	size_t low = 0, high = t->nr_hooks;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(name, t->hooks[mid].name);

		if (!order)
			return mid;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return -1;
}

const struct krsi_hook *test__hook(const struct krsi_run *t, const char *name)
{
	long i = index_of(t, name);

	return i < 0 ? NULL : &t->hooks[i];
}

struct krsi_prog *test__fleet(struct krsi_run *t, const char *name)
{
	long i = index_of(t, name);

	if (i < 0 || !t->fleet[i])
		test__broken(t, "no program is attached to %s", name);
	return t->fleet[i];
}
