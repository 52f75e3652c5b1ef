// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/stream.h"
#include "vm-images/warm.h"
#include "conformance/harness/version.h"

struct stream {
	int fd; /* -1: KTAP */
	const char *path;
	unsigned long seq;
	unsigned int number; /* of the KTAP test point */
};

static const char *const result_names[RESULTS] = {
	[RESULT_PASS] = "pass",	      [RESULT_FAIL] = "fail",	[RESULT_SKIP] = "skip",
	[RESULT_TIMEOUT] = "timeout", [RESULT_CRASH] = "crash", [RESULT_BROKEN] = "broken",
};

const char *result__name(enum krsi_result result)
{
	return result_names[result];
}

void stream__lost(const char *path)
{
	fprintf(stderr, "krsi-test: %s: %s; what was told is not complete\n",
		path ?: "standard output", strerror(errno));
	exit(5);
}

/* Ends what was printed for KTAP: an unreported result must not look like a quiet success. */
static void told(void)
{
	if (fflush(stdout) || ferror(stdout))
		stream__lost(NULL);
}

struct stream *stream__open(const char *path)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct termios tty;

	if (!stream)
		return NULL;
	stream->fd = -1;
	stream->path = path;
	if (!path)
		return stream;
	stream->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
	if (stream->fd < 0) {
		free(stream);
		return NULL;
	}
	/* a serial line must pass bytes as they are */
	if (!tcgetattr(stream->fd, &tty)) {
		cfmakeraw(&tty);
		tcsetattr(stream->fd, TCSANOW, &tty);
	}
	return stream;
}

void stream__close(struct stream *stream)
{
	if (stream->fd >= 0) {
		tcdrain(stream->fd);
		if (close(stream->fd))
			stream__lost(stream->path);
	}
	free(stream);
}

static void emit(struct stream *stream, const char *event, json_t *fields)
{
	char *line;
	size_t len, done = 0;

	if (!fields)
		abort();
	json_object_set_new(fields, "v", json_integer(1));
	json_object_set_new(fields, "seq", json_integer(stream->seq++));
	json_object_set_new(fields, "event", json_string(event));
	line = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(fields);
	if (!line)
		abort();
	len = strlen(line);
	line[len++] = '\n';
	while (done < len) {
		ssize_t n = write(stream->fd, line + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			stream__lost(stream->path);
		done += n;
	}
	free(line);
}

/* Text that came from anywhere, as valid UTF-8. */
static json_t *text(const char *value)
{
	json_t *json = json_string(value);
	char copy[2048];

	if (json)
		return json;
	snprintf(copy, sizeof(copy), "%s", value);
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return json_string(copy);
}

static void first_line(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");

	if (!file || !fgets(buf, size, file))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	if (file)
		fclose(file);
}

void stream__suite_start(struct stream *stream, const struct krsi_description *desc, size_t planned,
			 unsigned long seed)
{
	char cmdline[2048], lsm[256];
	struct utsname uts;
	json_t *capabilities;

	first_line("/proc/cmdline", cmdline, sizeof(cmdline));
	first_line("/sys/kernel/security/lsm", lsm, sizeof(lsm));
	uname(&uts);
	if (stream->fd < 0) {
		if (!planned)
			return;
		printf("KTAP version 1\n# krsi %s, %s %s on %s, lsm=%s\n1..%zu\n", KRSI_VERSION,
		       desc->name, desc->version, uts.release, lsm, planned);
		told();
		return;
	}
	capabilities = json_array();
	for (unsigned int i = 0; adapter__capability(i); i++)
		if (desc->capabilities & (1u << i))
			json_array_append_new(capabilities, json_string(adapter__capability(i)));
	emit(stream, "suite-start",
	     json_pack("{s:{s:s,s:s,s:b},s:s,s:s,s:{s:s,s:s,s:s,s:o},s:o,s:o,s:I,s:I}", "suite",
		       "version", KRSI_VERSION, "commit", KRSI_COMMIT, "dirty", KRSI_DIRTY,
		       "implementation", desc->name, "impl_version", desc->version, "kernel",
		       "release", uts.release, "version", uts.version, "machine", uts.machine,
		       "cmdline", text(cmdline), "lsm", text(lsm), "capabilities", capabilities,
		       "planned", (json_int_t)planned, "seed", (json_int_t)seed));
}

void stream__hook(struct stream *stream, const struct krsi_hook *hook,
		  const struct krsi_hook_entry *entry, bool needs_met)
{
	bool always = entry && !entry->route[0].act && !entry->untriggered;
	bool unreachable = entry && entry->unreachable && (always || !needs_met);
	static const char *const ret[] = { "int", "void", "bool" };

	if (stream->fd < 0)
		return;
	emit(stream, "hook",
	     json_pack("{s:s,s:s,s:b,s:b,s:b,s:b,s:b}", "name", hook->name, "ret", ret[hook->ret],
		       "attachable", hook->attachable, "sleepable", hook->sleepable, "covered",
		       entry != NULL, "unreachable", unreachable, "untriggered",
		       entry && entry->untriggered && !unreachable));
}

void stream__program(struct stream *stream, const char *hook, const struct cost *cost)
{
	if (stream->fd >= 0)
		emit(stream, "program",
		     json_pack("{s:s,s:I,s:I,s:I}", "hook", hook, "verified",
			       (json_int_t)cost->verified, "xlated", (json_int_t)cost->xlated,
			       "jited", (json_int_t)cost->jited));
}

void stream__test_start(struct stream *stream, const struct krsi_test *test)
{
	if (stream->fd < 0)
		return;
	emit(stream, "test-start", json_pack("{s:s}", "id", test->id));
	/* another CPU may be the one that sends it, and be late; a test can end the machine */
	tcdrain(stream->fd);
}

static void ktap_result(struct stream *stream, const struct krsi_test *test,
			const struct krsi_report *report)
{
	bool ok = report->result == RESULT_PASS || report->result == RESULT_SKIP;

	printf("%s %u %s", ok ? "ok" : "not ok", ++stream->number, test->id);
	if (report->result == RESULT_SKIP)
		printf(" # SKIP %s\n", report->reason);
	else if (ok)
		printf("\n");
	else
		printf(" # %s: %s; expected %s, got %s\n", result__name(report->result),
		       report->reason, report->expected[0] ? report->expected : "-",
		       report->got[0] ? report->got : "-");
	told();
}

static json_t *words(const char *text_of_words)
{
	char *copy = strdup(text_of_words), *save = NULL;
	json_t *array = json_array();

	for (char *at = copy ? strtok_r(copy, " ", &save) : NULL; at;
	     at = strtok_r(NULL, " ", &save))
		json_array_append_new(array, json_string(at));
	free(copy);
	return array;
}

void stream__test_end(struct stream *stream, const struct krsi_test *test,
		      const struct krsi_report *report, double seconds)
{
	json_t *fields, *requirements;

	if (stream->fd < 0) {
		ktap_result(stream, test, report);
		return;
	}
	requirements = json_array();
	for (int i = 0; i < KRSI_MAX_REQUIREMENTS && test->requirements[i]; i++)
		json_array_append_new(requirements, json_string(test->requirements[i]));
	fields = json_pack("{s:s,s:s,s:f,s:o,s:o}", "id", test->id, "result",
			   result__name(report->result), "seconds", seconds, "requirements",
			   requirements, "reason", text(report->reason));
	if (report->result == RESULT_FAIL) {
		json_object_set_new(fields, "expected", text(report->expected));
		json_object_set_new(fields, "got", text(report->got));
		if (report->differs[0])
			json_object_set_new(fields, "differs", words(report->differs));
	}
	emit(stream, "test-end", fields);
}

void stream__ready(struct stream *stream)
{
	if (stream->fd < 0)
		return;
	tcdrain(stream->fd);
	fprintf(stderr, "%s\n", WARM_LINE);
}

void stream__note(struct stream *stream, const char *format, ...)
{
	char buf[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	if (stream->fd >= 0) {
		emit(stream, "note", json_pack("{s:o}", "text", text(buf)));
		return;
	}
	printf("# %s\n", buf);
	told();
}

void stream__outcome(struct stream *stream, const char *name, const char *value)
{
	if (stream->fd >= 0) {
		emit(stream, "outcome", json_pack("{s:s,s:o}", "name", name, "value", text(value)));
		return;
	}
	printf("%s %s\n", name, value);
	told();
}

void stream__fatal(struct stream *stream, const char *cause, const char *why)
{
	if (stream->fd >= 0) {
		emit(stream, "fatal", json_pack("{s:s,s:o}", "cause", cause, "text", text(why)));
		return;
	}
	printf("Bail out! %s: %s\n", cause, why);
	told();
}

void stream__suite_end(struct stream *stream, const unsigned int *totals, double seconds)
{
	json_t *object;

	if (stream->fd < 0) {
		if (!stream->number)
			return;
		printf("# totals:");
		for (int i = 0; i < RESULTS; i++)
			printf(" %s:%u", result_names[i], totals[i]);
		printf("\n");
		told();
		return;
	}
	object = json_object();
	for (int i = 0; i < RESULTS; i++)
		json_object_set_new(object, result_names[i], json_integer(totals[i]));
	emit(stream, "suite-end", json_pack("{s:o,s:f}", "totals", object, "seconds", seconds));
}
