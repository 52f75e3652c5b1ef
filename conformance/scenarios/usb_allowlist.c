// SPDX-License-Identifier: GPL-2.0-only
/*
 * A USB disk whose file system may not be mounted until the disk is on the list. The disk is one
 * that was attached for this: its serial number says so, and no other is touched.
 */
#include <fcntl.h>
#include <glob.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conformance/hooks/ext2_image.h"
#include "conformance/scenarios/policy.h"

#define SERIAL	"krsi-usb-disk"
#define SECONDS 10

/* The disk's name, as in /dev, under the USB device in this folder of sysfs. */
static bool disk_under(const char *usb, char *name, size_t size)
{
	char pattern[512];
	glob_t found;
	bool any;

	snprintf(pattern, sizeof(pattern), "%s/*/host*/target*/*/block/*", usb);
	any = !glob(pattern, 0, NULL, &found);
	if (any) {
		snprintf(name, size, "%s", strrchr(found.gl_pathv[0], '/') + 1);
		globfree(&found);
	}
	return any;
}

/* Is there the disk with our serial number? */
static bool find_disk(char *name, size_t size)
{
	glob_t found;
	bool any = false;

	if (glob("/sys/bus/usb/devices/*/serial", 0, NULL, &found))
		return false;
	for (size_t i = 0; i < found.gl_pathc && !any; i++) {
		char *path = found.gl_pathv[i];

		if (!file_is(path, SERIAL "\n"))
			continue;
		*strrchr(path, '/') = '\0';
		any = disk_under(path, name, size);
	}
	globfree(&found);
	return any;
}

/* Waits for the disk: the kernel finds it some time after it has loaded the driver. */
static bool await_disk(char *name, size_t size)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct pollfd news = { .events = POLLIN };
	char event[8192];
	bool there;

	news.fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (news.fd < 0 || bind(news.fd, (struct sockaddr *)&address, sizeof(address)))
		return false;
	there = find_disk(name, size);
	while (!there && poll(&news, 1, SECONDS * 1000) > 0) {
		if (read(news.fd, event, sizeof(event)) < 0)
			break;
		there = find_disk(name, size);
	}
	close(news.fd);
	return there;
}

static const char *no_disk(void)
{
	char name[64];

	return await_disk(name, sizeof(name)) ? NULL
					      : "no USB disk with the serial number " SERIAL
						" (QEMU has -device usb-storage)";
}

/* Puts a file system on the disk. */
static void format(struct krsi_run *t, const char *disk)
{
	static char image[1 << 20];
	int from, to;
	ssize_t n;

	test__errno(t, 0, ext2_image("image"), "make a file system");
	from = open("image", O_RDONLY | O_CLOEXEC);
	to = open(disk, O_WRONLY | O_CLOEXEC);
	n = read(from, image, sizeof(image));
	if (n <= 0 || write(to, image, n) != n || fsync(to))
		test__broken(t, "%s: %s", disk, strerror(errno));
	close(from);
	close(to);
}

/* The number by which the policy knows the disk. */
static uint64_t number_of(struct krsi_run *t, const char *name)
{
	char path[128], text[32] = "";
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/sys/block/%s/diskseq", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
		return strtoull(text, NULL, 10);
	snprintf(path, sizeof(path), "/dev/%s", name);
	if (stat(path, &st))
		test__broken(t, "%s: %s", path, strerror(errno));
	/* as the kernel's dev_t has it */
	return (uint64_t)major(st.st_rdev) << 20 | minor(st.st_rdev);
}

/* Is what lies at "stick" the disk's? */
static bool is_mounted(const char *disk)
{
	struct stat device, here;

	return !stat(disk, &device) && !stat("stick", &here) && here.st_dev == device.st_rdev;
}

static int mount_disk(const char *disk)
{
	return SYS(mount(disk, "stick", "ext4", MS_RDONLY, NULL));
}

static void expect_refused(struct krsi_run *t, const char *disk, const char *what)
{
	test__errno(t, -EPERM, mount_disk(disk), what);
	test__true(t, !is_mounted(disk), "nothing is mounted");
}

static void expect_mounted(struct krsi_run *t, const char *disk, const char *what)
{
	test__errno(t, 0, mount_disk(disk), what);
	test__true(t, is_mounted(disk), "the file system is there");
	test__errno(t, 0, SYS(umount("stick")), "umount");
}

KRSI_TEST(usb_allowlist, .id = "scenario/usb-allowlist",
	  .summary = "a USB disk mounts if, and only while, it is on the list",
	  .requirements = { "SCN-004", "SCN-005" }, .hook = { "sb_kern_mount" },
	  .needs = { .capabilities = KRSI_CAP_NAMED,
		     .module = { "usb_storage", "ext4" },
		     .probe = no_disk })
{
	char name[64], disk[80];
	struct policy p;
	uint64_t number;

	scene__begin(t);
	if (private_mounts() || !await_disk(name, sizeof(name)))
		test__broken(t, "the disk is gone");
	snprintf(disk, sizeof(disk), "/dev/%s", name);
	format(t, disk);
	number = number_of(t, name);
	mkdir("stick", 0700);
	expect_mounted(t, disk, "mount without a policy");
	p = policy__start(t, "usb_allowlist:mount", "allowed");
	expect_refused(t, disk, "mount of a USB disk");
	test__equal(t, number, p.io->out[1], "the disk's number");
	policy__add(&p, &number);
	expect_mounted(t, disk, "mount once the disk is on the list");
	policy__remove(&p, &number);
	expect_refused(t, disk, "mount when it is off the list");
	test__errno(t, 0, mount_tmpfs("memory"), "mount of a file system without a disk");
	test__equal(t, 3, p.io->out[0], "mounts from USB disks");
}
