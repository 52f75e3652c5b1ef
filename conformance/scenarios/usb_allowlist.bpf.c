// SPDX-License-Identifier: GPL-2.0-only
/*
 * No file system from a USB disk is mounted, but from those on a list, which changes at run time. A
 * disk is known by its sequence number, which no later disk gets again, however often one is
 * plugged in; kernels that number no disks give its device number, which may come again.
 */
#include "program.h"

#define EPERM 1
/* From a disk up to its bus: disk, SCSI device, target, host, USB interface. */
#define ANCESTORS 12

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u8);
} allowed SEC(".maps");

/* Where the kernel keeps the device of a whole disk. */
struct hd_struct___old {
	struct device __dev;
} __attribute__((preserve_access_index));
struct gendisk___old {
	struct hd_struct___old part0;
} __attribute__((preserve_access_index));

static inline __attribute__((always_inline)) struct device *device_of(struct gendisk *disk)
{
	struct gendisk___old *old = (void *)disk;

	if (bpf_core_field_exists(old->part0.__dev))
		return BPF_CORE_READ(old, part0.__dev.parent);
	return BPF_CORE_READ(disk, part0, bd_device.parent);
}

static inline __attribute__((always_inline)) int is_usb(struct device *dev)
{
	for (int i = 0; dev && i < ANCESTORS; i++) {
		char bus[4] = "";

		bpf_probe_read_kernel_str(bus, sizeof(bus), BPF_CORE_READ(dev, bus, name));
		if (bus[0] == 'u' && bus[1] == 's' && bus[2] == 'b')
			return 1;
		dev = BPF_CORE_READ(dev, parent);
	}
	return 0;
}

static inline __attribute__((always_inline)) __u64 number_of(struct super_block *sb,
							     struct gendisk *disk)
{
	if (bpf_core_field_exists(disk->diskseq))
		return BPF_CORE_READ(disk, diskseq);
	return sb->s_dev;
}

/* out[0]: mounts from USB disks; out[1]: the number of the last one's disk. */
SEC("lsm/sb_kern_mount")
int BPF_PROG(mount, struct super_block *sb)
{
	struct gendisk *disk = BPF_CORE_READ(sb, s_bdev, bd_disk);
	struct io *shared;
	__u64 number;

	if (!disk || !is_usb(device_of(disk)))
		return 0;
	shared = answered();
	if (!shared)
		return 0;
	number = number_of(sb, disk);
	shared->out[0]++;
	shared->out[1] = number;
	return bpf_map_lookup_elem(&allowed, &number) ? 0 : -EPERM;
}
