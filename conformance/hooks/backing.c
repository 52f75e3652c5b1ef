// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on the files that a stacked file system opens behind the user's. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/mounting.h"

/* An overlay on "m" whose "m/f" is backed by "lower/f". */
static int overlay(struct subject *s)
{
	int err = mount_place(s);

	if (err)
		return err;
	TRY(mkdir("lower", 0700));
	err = put_file("lower/f", "krsi");
	if (err)
		return err;
	TRY(mkdir("upper", 0700));
	TRY(mkdir("work", 0700));
	TRY(mount("none", "m", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"));
	return 0;
}

/* ... with "m/f" open as s->fd[0]. */
static int overlay_open(struct subject *s)
{
	int err = overlay(s);

	return err ?: open_slot(s, 0, "m/f", O_RDONLY, 0);
}

static int do_open(struct subject *s)
{
	s->fd[0] = open("m/f", O_RDONLY | O_CLOEXEC);
	return SYS(s->fd[0]);
}

static bool readable(struct subject *s)
{
	return read(s->fd[0], s->text, 4) == 4 && !memcmp(s->text, "krsi", 4);
}

HOOK(backing_file_alloc, FAMILY_FILE, .needs.module = { "overlay" }, .setup = overlay,
     .route = { { "open", do_open } }, .effect = readable,
     .args = { WANT_FILE("user_file", "m/f") });

static int do_close(struct subject *s)
{
	return SYS(close(s->fd[0]));
}

static bool closed(struct subject *s)
{
	return fcntl(s->fd[0], F_GETFD) < 0;
}

/* The path is put before the hook, but the cached dentry stays, and so does the pointer to it. */
VOID_HOOK(backing_file_free, FAMILY_FILE, .needs.module = { "overlay" }, .setup = overlay_open,
	  .route = { { "close", do_close } }, .effect = closed,
	  .args = { WANT_FILE("backing_file", "lower/f") });

#define PAGE 4096

/* ... and a page of zeroes at s->mem. */
static int overlay_mappable(struct subject *s)
{
	int err = overlay_open(s);

	s->mem = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	s->val[0] = (long)s->mem;
	return err ?: SYS(s->mem == MAP_FAILED ? -1 : 0);
}

static int do_mmap(struct subject *s)
{
	return SYS(mmap(s->mem, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, s->fd[0], 0));
}

static bool file_at_mem(struct subject *s)
{
	/* MAP_FIXED takes the old page away before the file is asked */
	unsigned char resident;

	return !mincore(s->mem, PAGE, &resident) && !memcmp(s->mem, "krsi", 4);
}

HOOK(mmap_backing_file, FAMILY_FILE, .needs.module = { "overlay" }, .setup = overlay_mappable,
     .route = { { "mmap", do_mmap } }, .effect = file_at_mem,
     .args = { WANT_VAL("vma", KRSI_A, 0), WANT_FILE("backing_file", "lower/f"),
	       WANT_FILE("user_file", "m/f") });
