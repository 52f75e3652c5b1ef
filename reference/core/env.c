// SPDX-License-Identifier: GPL-2.0-only
#include "env.h"

/* Where the walk is: @left bytes at @at are readable, and @next is the address after them. */
struct cursor {
	const struct krsi_env_block *env;
	const char *at;
	size_t left;
	unsigned long next;
};

/* What was written so far; @used never passes @size. */
struct sink {
	char *buf;
	u32 size;
	u32 used;
	bool overflow;
};

/* Makes at least one byte readable. Returns 1, 0 at the end of the block, or an error. */
static int fill(struct cursor *c)
{
	long n;

	if (c->left)
		return 1;
	if (c->next >= c->env->end)
		return 0;
	n = c->env->read(c->env->src, c->next, &c->at);
	if (n <= 0)
		return n ? (int)n : -EFAULT;
	c->left = c->env->end - c->next;
	if (c->left > (size_t)n)
		c->left = n;
	c->next += c->left;
	return 1;
}

static void advance(struct cursor *c, size_t n)
{
	c->at += n;
	c->left -= n;
}

/*
 * Bytes before the first NUL, @n if there is none. Eight at a time: an environment of some
 * kilobytes is walked at every exec, and the kernel's own memchr() goes byte by byte.
 */
static size_t span(const char *p, size_t n)
{
	const u64 ones = 0x0101010101010101ULL, highs = ones << 7;
	size_t i = 0;
	u64 w;

	for (; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		if ((w - ones) & ~w & highs)
			break;
	}
	while (i < n && p[i])
		i++;
	return i;
}

/* Appends what fits. A value that was cut gets its NUL from finish(). */
static void put(struct sink *s, const char *p, size_t n)
{
	u32 room = s->size - s->used;

	if (n > room) {
		s->overflow = true;
		n = room;
	}
	if (n)
		memcpy(s->buf + s->used, p, n);
	s->used += n;
}

/* Zeroes what holds no value, and gives the result its form. */
static u64 finish(struct sink *s, u32 count, int err)
{
	if (err)
		s->used = 0;
	else if (s->overflow && s->size)
		s->buf[s->size - 1] = '\0';
	if (s->used < s->size)
		memset(s->buf + s->used, 0, s->size - s->used);
	if (err)
		return (u32)err;
	return (u64)count << 32 | (s->overflow ? (u32)-E2BIG : s->used);
}

/* Passes the rest of a string and its NUL, and copies them if there is a sink. */
static int pass_string(struct cursor *c, struct sink *s)
{
	size_t n;
	int rc;

	while ((rc = fill(c)) > 0) {
		n = span(c->at, c->left);
		if (s)
			put(s, c->at, n);
		if (n < c->left) {
			advance(c, n + 1);
			break;
		}
		advance(c, n);
	}
	if (s && rc >= 0)
		put(s, "", 1);
	return rc < 0 ? rc : 0;
}

/*
 * Passes @name and the equals sign. Returns 1, the cursor then is at the value; 0 at the first
 * difference, which is not passed: it may be the string's NUL; or an error.
 */
static int pass_name(struct cursor *c, const char *name)
{
	char want;
	int rc;

	do {
		want = *name ? *name : '=';
		rc = fill(c);
		if (rc <= 0)
			return rc;
		if (*c->at != want)
			return 0;
		advance(c, 1);
	} while (*name++);
	return 1;
}

/* Puts the cursor on the first string of the environment. */
static int begin(struct cursor *c, const struct krsi_env_block *env)
{
	unsigned int i;
	int rc = 0;

	*c = (struct cursor){ .env = env, .next = env->start };
	for (i = 0; i < env->argc && rc >= 0; i++) {
		rc = fill(c);
		if (!rc)
			break;
		if (rc > 0)
			rc = pass_string(c, NULL);
	}
	return rc < 0 ? rc : 0;
}

static bool is_name(const char *name, u32 name_len)
{
	size_t n = span(name, name_len);

	return n && n < name_len && !memchr(name, '=', n);
}

u64 krsi_env_get(const struct krsi_env_block *env, const char *name, u32 name_len, char *buf,
		 u32 buf_len)
{
	struct sink s = { .buf = buf, .size = buf_len };
	struct cursor c;
	u32 count = 0;
	int rc;

	if (buf_len > S32_MAX)
		return (u32)-EINVAL;
	if (!is_name(name, name_len))
		return finish(&s, 0, -EINVAL);
	rc = begin(&c, env);
	while (!rc && (rc = fill(&c)) > 0) {
		rc = pass_name(&c, name);
		if (rc > 0)
			count++;
		if (rc >= 0)
			rc = pass_string(&c, rc ? &s : NULL);
	}
	return finish(&s, count, rc);
}

u64 krsi_env_get_all(const struct krsi_env_block *env, char *buf, u32 buf_len)
{
	struct sink s = { .buf = buf, .size = buf_len };
	bool left_out = false;
	struct cursor c;
	u32 count = 0, mark;
	int rc;

	if (buf_len > S32_MAX)
		return (u32)-EINVAL;
	rc = begin(&c, env);
	while (!rc && (rc = fill(&c)) > 0) {
		mark = s.used;
		rc = pass_string(&c, &s);
		count++;
		if (s.overflow) {
			s.used = mark;
			s.overflow = false;
			left_out = true;
		}
	}
	s.overflow = left_out;
	return finish(&s, count, rc);
}
