// SPDX-License-Identifier: GPL-2.0-only
/* The format is that of policydb_read() in security/selinux/ss/policydb.c, all little endian. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/hooks/selinux_policy.h"

#define MAGIC	      0xf97cff8c
#define TARGET	      "SE Linux"
#define VERSION	      20 /* the first with today's form of rules; every kernel reads it */
#define ALLOW_UNKNOWN 4
#define SYMBOL_TABLES 8
#define CONTEXT_LISTS 7
#define INITIAL_SIDS  27

/* What the policy knows: object_r, the first role, is there by itself. */
enum { USER = 1, TYPE = 1, ROLE = 2 };
enum { CLASS_PROCESS = 1, TRANSITION = 1, DYNTRANSITION = 2 };

static struct {
	unsigned char bytes[4096];
	size_t len;
} policy;

static void bytes(const void *data, size_t len)
{
	if (policy.len + len > sizeof(policy.bytes))
		abort();
	memcpy(policy.bytes + policy.len, data, len);
	policy.len += len;
}

static void word(uint32_t value)
{
	value = htole32(value);
	bytes(&value, sizeof(value));
}

static void words(const uint32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		word(list[i]);
}

#define WORDS(...) words((const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)

static void text(const char *value)
{
	bytes(value, strlen(value));
}

/* A set of numbers below 64, the first being 1: none, or one. */
static void set_of(unsigned int number)
{
	WORDS(64, number ? 64 : 0, number ? 1 : 0);
	if (number)
		/* where it starts, and 64 bits of which the upper half is empty */
		WORDS(0, 1u << (number - 1), 0);
}

/* A range of levels, which policies without them have too: from the first to it, no categories. */
static void range(void)
{
	WORDS(1, 1);
	set_of(0);
}

static void symbols(void)
{
	/* common permissions */
	WORDS(0, 0);
	/* classes: one, with two permissions, no constraints and no rules on relabelling */
	WORDS(1, 1, strlen("process"), 0, CLASS_PROCESS, 2, 2, 0);
	text("process");
	WORDS(strlen("transition"), TRANSITION);
	text("transition");
	WORDS(strlen("dyntransition"), DYNTRANSITION);
	text("dyntransition");
	word(0);
	/* roles: dominates none, has one type */
	WORDS(ROLE, 1, strlen("krsi_r"), ROLE);
	text("krsi_r");
	set_of(0);
	set_of(TYPE);
	/* types */
	WORDS(TYPE, 1, strlen("krsi_t"), TYPE, 1);
	text("krsi_t");
	/* users: one, with its range and its level */
	WORDS(USER, 1, strlen("krsi_u"), USER);
	text("krsi_u");
	set_of(ROLE);
	range();
	word(1);
	set_of(0);
	/* booleans, levels, categories */
	WORDS(0, 0, 0, 0, 0, 0);
}

static void rules(void)
{
	/* one: source, target and class, what it is for (to allow), and the permissions */
	const uint16_t key[] = { htole16(TYPE), htole16(TYPE), htole16(CLASS_PROCESS), htole16(1) };

	word(1);
	bytes(key, sizeof(key));
	word(1 << (TRANSITION - 1) | 1 << (DYNTRANSITION - 1));
	/* conditional rules, transitions of roles, roles allowed to follow */
	WORDS(0, 0, 0);
}

/* Every label that the kernel needs at first is ours. */
static void contexts(void)
{
	word(INITIAL_SIDS);
	for (uint32_t sid = 1; sid <= INITIAL_SIDS; sid++) {
		WORDS(sid, USER, ROLE, TYPE);
		range();
	}
	for (int i = 1; i < CONTEXT_LISTS; i++)
		word(0);
}

static void build(void)
{
	policy.len = 0;
	WORDS(MAGIC, strlen(TARGET));
	text(TARGET);
	WORDS(VERSION, ALLOW_UNKNOWN, SYMBOL_TABLES, CONTEXT_LISTS);
	symbols();
	rules();
	contexts();
	/* labels by path in pseudo file systems, transitions of ranges, attributes of the type */
	WORDS(0, 0);
	set_of(0);
}

int selinux_load_policy(const char *path)
{
	char load[128];
	int fd, err = 0;

	build();
	snprintf(load, sizeof(load), "%s/load", path);
	fd = open(load, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, policy.bytes, policy.len) != (ssize_t)policy.len)
		err = -errno;
	close(fd);
	return err;
}

int selinux_set_up(const char *path)
{
	if (mkdir(path, 0700) || mount("none", path, "selinuxfs", 0, NULL))
		return -errno;
	return selinux_load_policy(path);
}
