// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks on credentials that the kernel takes for its own work. Only cachefiles asks for them, when
 * its daemon, here the subject, binds a cache to a directory.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/ext2_image.h"
#include "conformance/hooks/loopdev.h"
#include "conformance/hooks/mounting.h"

static int command(struct subject *s, const char *text)
{
	return SYS(write(s->fd[0], text, strlen(text)));
}

/* A file system on "m", as tmpfs cannot hold a cache, and a daemon that only needs to bind it. */
static int bindable(struct subject *s)
{
	char directory[128], name[LOOP_NAME];
	int err = mount_place(s);

	if (!err)
		err = ext2_image("image");
	if (!err)
		err = loop_attach(s, 1, "image", name);
	if (err)
		return err;
	TRY(mount(name, "m", "ext4", 0, NULL));
	snprintf(directory, sizeof(directory), "dir %s/m", s->dir);
	err = open_slot(s, 0, "/dev/cachefiles", O_RDWR, 0);
	if (!err)
		err = command(s, directory);
	return err < 0 ? err : 0;
}

static int bindable_with_label(struct subject *s)
{
	int err = bindable(s) ?: command(s, "secctx krsi");

	return err < 0 ? err : 0;
}

static int do_bind(struct subject *s)
{
	return command(s, "bind");
}

static bool has_cache(struct subject *s)
{
	return exists("m/cache");
}

/* The cache goes with the daemon, and with it the last use of the file system. */
static void release(struct subject *s)
{
	close(s->fd[0]);
	umount2("m", 0);
}

#define BIND                                                                                       \
	.route = { { "cachefiles-bind", do_bind } }, .effect = has_cache, .cleanup = release,      \
	.needs = { .module = { "loop", "ext4", "cachefiles" }, .path = { "/dev/cachefiles" } }

HOOK(kernel_create_files_as, FAMILY_KERNEL, .setup = bindable, BIND,
     .args = { WANT_FILE("inode", "m"), WANT_WORD("new", KRSI_A, 0) });

/* No label LSM knows the label, but no answer counts as a label without a number. */
HOOK(kernel_act_as, FAMILY_KERNEL, .setup = bindable_with_label, BIND,
     .args = { WANT_NUM("secid", 0), WANT_WORD("new", KRSI_A, 0) });
