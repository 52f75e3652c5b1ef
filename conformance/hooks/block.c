// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on block devices. */
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/loopdev.h"

/* A new device */

/* Loop devices are numbered upwards as they are needed: nobody else uses numbers so high. */
#define LOOP_NUMBER 100000

static int loop_control(struct subject *s)
{
	s->val[0] = LOOP_NUMBER + getpid() % 10000;
	snprintf(s->text, sizeof(s->text), "/sys/block/loop%ld", s->val[0]);
	return open_slot(s, 0, "/dev/loop-control", O_RDWR, 0);
}

static int do_add(struct subject *s)
{
	return SYS(ioctl(s->fd[0], LOOP_CTL_ADD, s->val[0]));
}

static bool device_is_there(struct subject *s)
{
	return exists(s->text);
}

static void remove_loop(struct subject *s)
{
	ioctl(s->fd[0], LOOP_CTL_REMOVE, s->val[0]);
}

/* No `args`: the device has no number yet. */
HOOK(bdev_alloc_security, FAMILY_KERNEL, .needs.module = { "loop" }, .setup = loop_control,
     .route = { { "loop-add", do_add } }, .effect = device_is_there, .cleanup = remove_loop,
     .denied_as = ENOMEM,
     .denied_by = "bdev_alloc_inode: every failure is NULL, which disk allocation calls ENOMEM");

/* Without data of any LSM, security_bdev_free returns before it calls the hook. */
static const char *no_data(void)
{
	return needs__lsm("ipe") ? NULL : "no active LSM keeps data of block devices";
}

/* A loop device; s->val[1] is its number as the kernel writes it. */
static int added_loop(struct subject *s)
{
	unsigned int major = 0, minor = 0;
	int err = loop_control(s);
	char path[300];
	FILE *file;

	if (err)
		return err;
	TRY(do_add(s));
	snprintf(path, sizeof(path), "%s/dev", s->text);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%u:%u", &major, &minor) != 2)
		return -ENOENT;
	fclose(file);
	s->val[1] = (long)major << 20 | minor;
	return 0;
}

static int do_remove(struct subject *s)
{
	return SYS(ioctl(s->fd[0], LOOP_CTL_REMOVE, s->val[0]));
}

static bool device_is_gone(struct subject *s)
{
	return !exists(s->text);
}

/* An RCU callback frees it. */
VOID_HOOK(bdev_free_security, FAMILY_KERNEL, .needs = { .module = { "loop" }, .probe = no_data },
	  .setup = added_loop, .route = { { "loop-remove", do_remove } }, .effect = device_is_gone,
	  .anyone = true, .async = true, .only = WANT_VAL("bdev", KRSI_A, 1),
	  .args = { WANT_VAL("bdev", KRSI_A, 1) });

/* A device with a root hash */

#define LSM_INT_DMVERITY_ROOTHASH 1

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct dm_request {
	struct dm_ioctl head;
	struct dm_target_spec target;
	char params[256];
};

/* One request about our device. */
static int device_mapper(struct subject *s, unsigned long command, struct dm_request *request)
{
	request->head.version[0] = DM_VERSION_MAJOR;
	request->head.data_size = sizeof(*request);
	request->head.data_start = offsetof(struct dm_request, target);
	snprintf(request->head.name, sizeof(request->head.name), "krsi-%d", getpid());
	return SYS(ioctl(s->fd[1], command, request));
}

/* A verity device over the loop device s->fd[0], ready to be started. Nobody reads it: any root
 * hash will do. s->fd[1] is the control device, s->val[0] the number of ours. */
static int verity(struct subject *s)
{
	struct dm_request create = {},
			  load = { .head = { .target_count = 1, .flags = DM_READONLY_FLAG },
				   .target = { .length = 8 } };
	char name[LOOP_NAME];
	int err = put_file("image", "");

	if (err)
		return err;
	TRY(truncate("image", 1 << 16));
	err = loop_attach(s, 0, "image", name);
	if (!err)
		err = open_slot(s, 1, "/dev/mapper/control", O_RDWR, 0);
	if (!err)
		err = device_mapper(s, DM_DEV_CREATE, &create);
	if (err)
		return err;
	s->val[0] = (long)major(create.head.dev) << 20 | minor(create.head.dev);
	strcpy(load.target.target_type, "verity");
	snprintf(load.params, sizeof(load.params), "1 %s %s 4096 4096 1 1 sha256 " DIGEST " -",
		 name, name);
	return device_mapper(s, DM_TABLE_LOAD, &load);
}

static int do_resume(struct subject *s)
{
	struct dm_request resume = {};

	return device_mapper(s, DM_DEV_SUSPEND, &resume);
}

static bool is_running(struct subject *s)
{
	struct dm_request status = {};

	return !device_mapper(s, DM_DEV_STATUS, &status) &&
	       !(status.head.flags & DM_SUSPEND_FLAG) && status.head.flags & DM_ACTIVE_PRESENT_FLAG;
}

static void remove_verity(struct subject *s)
{
	struct dm_request remove = {};

	device_mapper(s, DM_DEV_REMOVE, &remove);
}

/* `only`: the same for a signature follows. */
HOOK(bdev_setintegrity, FAMILY_KERNEL, .needs.module = { "loop", "dm_mod", "dm_verity" },
     .setup = verity, .route = { { "dm-resume", do_resume } }, .effect = is_running,
     .cleanup = remove_verity, .only = WANT_NUM("type", LSM_INT_DMVERITY_ROOTHASH),
     .args = { WANT_VAL("bdev", KRSI_A, 0), WANT_NUM("type", LSM_INT_DMVERITY_ROOTHASH) });
