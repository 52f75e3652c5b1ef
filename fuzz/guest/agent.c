// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/guest/agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define KCOV_FD		10
#define KCOV_INIT_TRACE _IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_DISABLE	_IO('c', 101)
#define KCOV_TRACE_PC	0
#define KCOV_ENTRIES	(256 << 10)

struct shared *agent_shared;

static const struct agent_target *const targets[] = { &target_exec, &target_faulty,
						      &target_mainline, &target_sequence };
static unsigned long *kcov;

void agent_say(const char *fmt, ...)
{
	va_list args;

	if (agent_shared->verdict)
		return;
	agent_shared->verdict = VERDICT_FINDING;
	va_start(args, fmt);
	vsnprintf(agent_shared->text, sizeof(agent_shared->text), fmt, args);
	va_end(args);
}

void agent_die(const char *what)
{
	fprintf(stderr, "fuzz-agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool file_says(const char *dir, const char *file, const char *text)
{
	char path[512], got[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", dir, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, got, sizeof(got) - 1) < 0)
		got[0] = '\0';
	close(fd);
	return !strncmp(got, text, strlen(text));
}

static void map_device(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		agent_die(path);
	close(fd);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource2", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		agent_die(path);
	agent_shared = mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (agent_shared == MAP_FAILED)
		agent_die(path);
}

/* The only ivshmem device. */
static void find_shared(void)
{
	DIR *d = opendir("/sys/bus/pci/devices");
	const struct dirent *entry;

	while (d && !agent_shared && (entry = readdir(d)))
		if (file_says(entry->d_name, "vendor", "0x1af4") &&
		    file_says(entry->d_name, "device", "0x1110"))
			map_device(entry->d_name);
	if (!agent_shared)
		agent_die("no shared memory");
	closedir(d);
}

static void open_kcov(void)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR);

	if (fd < 0 || ioctl(fd, KCOV_INIT_TRACE, KCOV_ENTRIES))
		return;
	kcov = mmap(NULL, KCOV_ENTRIES * sizeof(*kcov), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (kcov == MAP_FAILED || dup2(fd, KCOV_FD) < 0)
		agent_die("kcov");
	close(fd);
	agent_shared->kcov = 1;
}

int agent_kcov(bool on)
{
	return kcov ? ioctl(KCOV_FD, on ? KCOV_ENABLE : KCOV_DISABLE, KCOV_TRACE_PC) : 0;
}

void agent_edge(uint32_t from, uint32_t to)
{
	uint32_t h = (from * 0x9e3779b1u) ^ (to * 0x85ebca6bu);
	uint8_t *count = &agent_shared->map[(h ^ h >> 15) % MAP_SIZE];

	*count += *count < 255;
}

static void run_input(const struct agent_target *target)
{
	uint32_t last = 0;

	agent_shared->verdict = VERDICT_WELL;
	memset(agent_shared->map, 0, MAP_SIZE);
	if (kcov)
		kcov[0] = 0;
	target->run();
	for (unsigned long i = 0; kcov && i < kcov[0] && i < KCOV_ENTRIES - 1; i++) {
		agent_edge(last, kcov[i + 1]);
		last = kcov[i + 1];
	}
}

static const struct agent_target *find_target(const char *name)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (name && !strcmp(targets[i]->name, name))
			return targets[i];
	errno = EINVAL;
	agent_die("no such target");
}

int main(int argc, char **argv)
{
	const struct agent_target *target = find_target(argv[1]);

	find_shared();
	open_kcov();
	target->set_up();
	__atomic_store_n(&agent_shared->state, STATE_IDLE, __ATOMIC_SEQ_CST);
	for (;;) {
		while (__atomic_load_n(&agent_shared->state, __ATOMIC_SEQ_CST) != STATE_INPUT)
			sched_yield();
		run_input(target);
		agent_shared->runs++;
		__atomic_store_n(&agent_shared->state, STATE_IDLE, __ATOMIC_SEQ_CST);
	}
}
