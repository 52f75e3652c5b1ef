// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "vm-images/mem.h"
#include "vm-images/proc.h"
#include "vm-images/qmp.h"

/* No answer to what is asked here comes near. */
#define LINE_MAX_BYTES 16384
#define POLL_NS	       5000000

/* One line, which is one object (json_decref() it); NULL: QEMU is gone, late, or babbles. */
static json_t *read_object(int fd)
{
	char line[LINE_MAX_BYTES];
	size_t n = 0;

	/* byte by byte: there are a dozen lines, and nothing has to be kept between calls */
	while (n < sizeof(line) && recv(fd, line + n, 1, 0) == 1)
		if (line[n++] == '\n')
			return json_loadb(line, n, 0, NULL);
	return NULL;
}

static int send_object(int fd, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT), *line = xasprintf("%s\n", text);
	size_t len = strlen(line);
	bool sent = send(fd, line, len, MSG_NOSIGNAL) == (ssize_t)len;

	free(text);
	free(line);
	json_decref(object);
	return sent ? 0 : -1;
}

/* The answer to a command, past the events that come in between; NULL if it was refused. */
static json_t *ask(int fd, const char *command, const char *name, const char *value)
{
	json_t *object = json_pack("{s:s}", "execute", command), *answer;

	if (name)
		json_object_set_new(object, "arguments", json_pack("{s:s}", name, value));
	if (send_object(fd, object))
		return NULL;
	while ((answer = read_object(fd))) {
		if (json_object_get(answer, "return"))
			return answer;
		if (json_object_get(answer, "error")) {
			json_decref(answer);
			return NULL;
		}
		json_decref(answer);
	}
	return NULL;
}

int qmp_command(int fd, const char *command, const char *name, const char *value)
{
	json_t *answer = ask(fd, command, name, value);

	json_decref(answer);
	return answer ? 0 : -1;
}

int qmp_hello(int fd, int seconds)
{
	const struct timeval patience = { .tv_sec = seconds };
	json_t *greeting;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	greeting = read_object(fd);
	if (!json_object_get(greeting, "QMP")) {
		json_decref(greeting);
		return -1;
	}
	json_decref(greeting);
	return qmp_command(fd, "qmp_capabilities", NULL, NULL);
}

int qmp_await(int fd, const char *query, const char *good, const char *bad, double seconds)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	double end = proc_seconds() + seconds;

	do {
		json_t *answer = ask(fd, query, NULL, NULL);
		const char *status = json_string_value(
			json_object_get(json_object_get(answer, "return"), "status"));
		bool is_good = status && !strcmp(status, good);
		bool is_bad = !answer || (status && bad && !strcmp(status, bad));

		json_decref(answer);
		if (is_good || is_bad)
			return is_good ? 0 : -1;
		nanosleep(&pause, NULL);
	} while (proc_seconds() < end);
	return -1;
}
