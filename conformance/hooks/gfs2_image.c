// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gfs2_ondisk.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/hooks/gfs2_image.h"

#define BLOCK	    4096
#define BLOCK_SHIFT 12
#define FORMAT	    1801 /* the one that all kernels know */
#define POINTERS    ((BLOCK - sizeof(struct gfs2_meta_header)) / sizeof(__be64))
#define ROOM	    (BLOCK - sizeof(struct gfs2_dinode)) /* in an inode's own block */
#define LOG_SIZE    (8 << 20)				 /* no journal may be smaller */
#define LOG_BLOCKS  (LOG_SIZE / BLOCK)

/*
 * What lies in which block. The resource group, which tells free blocks, is a hole as well: only
 * its index is read where nothing gets allocated.
 */
enum {
	SUPER = GFS2_SB_ADDR * GFS2_BASIC_BLOCK / BLOCK,
	GROUP,
	ROOT,
	MASTER,
	JOURNALS,
	STATFS,
	GROUPS,
	QUOTA,
	JOURNAL,
	INDIRECT,
	LOG = INDIRECT + (LOG_BLOCKS + POINTERS - 1) / POINTERS,
	BLOCKS = LOG + LOG_BLOCKS
};

static_assert(ROOT == GFS2_ROOT, "the header's number");
static_assert((BLOCKS - ROOT) % GFS2_NBBY == 0, "whole bytes in the resource group's bitmap");

struct image {
	unsigned char block[LOG + 1][BLOCK]; /* those below SUPER are holes */
};

static const struct {
	uint16_t block, height;
	uint32_t mode, entries;
	uint64_t size;
} inodes[] = {
	{ ROOT, 0, S_IFDIR | 0755, 2, ROOM },
	{ MASTER, 0, S_IFDIR | 0755, 4, ROOM },
	{ JOURNALS, 0, S_IFDIR | 0700, 1, ROOM },
	{ STATFS, 0, S_IFREG | 0600, 0, sizeof(__be64[3]) },
	{ GROUPS, 0, S_IFREG | 0600, 0, sizeof(struct gfs2_rindex) },
	{ QUOTA, 0, S_IFREG | 0600, 0, 0 },
	{ JOURNAL, 2, S_IFREG | 0600, 0, LOG_SIZE },
};

/* Sorted by directory; the hash is the name's CRC-32. */
static const struct {
	uint16_t directory, block;
	uint32_t hash, mode;
	const char *name;
} entries[] = {
	{ ROOT, ROOT, 0x0ed4e242, S_IFDIR, "." },
	{ ROOT, ROOT, 0x9608161c, S_IFDIR, ".." },
	{ MASTER, JOURNALS, 0x5efc1d83, S_IFDIR, "jindex" },
	{ MASTER, STATFS, 0x1aef248e, S_IFREG, "statfs" },
	{ MASTER, GROUPS, 0xb1799d75, S_IFREG, "rindex" },
	{ MASTER, QUOTA, 0x6c1c0fed, S_IFREG, "quota" },
	{ JOURNALS, JOURNAL, 0xfc7745eb, S_IFREG, "journal0" },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

#define HEADER(type)                                                                               \
	{                                                                                          \
		.mh_magic = htobe32(GFS2_MAGIC), .mh_type = htobe32(GFS2_METATYPE_##type),         \
		.mh_format = htobe32(GFS2_FORMAT_##type),                                          \
	}
#define NUMBER(n)                                                                                  \
	{                                                                                          \
		.no_formal_ino = htobe64(n), .no_addr = htobe64(n),                                \
	}

static void put_super(struct image *image)
{
	const struct gfs2_sb super = {
		.sb_header = HEADER(SB),
		.sb_fs_format = htobe32(FORMAT),
		.sb_multihost_format = htobe32(GFS2_FORMAT_MULTI),
		.sb_bsize = htobe32(BLOCK),
		.sb_bsize_shift = htobe32(BLOCK_SHIFT),
		.sb_master_dir = NUMBER(MASTER),
		.sb_root_dir = NUMBER(ROOT),
	};

	memcpy(image->block[SUPER], &super, sizeof(super));
}

static void put_inodes(struct image *image, uid_t owner)
{
	for (size_t i = 0; i < COUNT(inodes); i++) {
		const struct gfs2_dinode inode = {
			.di_header = HEADER(DI),
			.di_num = NUMBER(inodes[i].block),
			.di_mode = htobe32(inodes[i].mode),
			.di_uid = htobe32(inodes[i].block == ROOT ? owner : 0),
			.di_nlink = htobe32(S_ISDIR(inodes[i].mode) ? 2 : 1),
			.di_size = htobe64(inodes[i].size),
			.di_blocks = htobe64(1),
			.di_height = htobe16(inodes[i].height),
			.di_entries = htobe32(inodes[i].entries),
		};

		memcpy(image->block[inodes[i].block], &inode, sizeof(inode));
	}
}

/* The last entry of a directory takes all the room that is left. */
static void put_entries(struct image *image)
{
	size_t at = sizeof(struct gfs2_dinode);

	for (size_t i = 0; i < COUNT(entries); i++) {
		bool last =
			i + 1 == COUNT(entries) || entries[i + 1].directory != entries[i].directory;
		size_t length = strlen(entries[i].name);
		size_t end = last ? BLOCK : at + GFS2_DIRENT_SIZE(length);
		const struct gfs2_dirent entry = {
			.de_inum = NUMBER(entries[i].block),
			.de_hash = htobe32(entries[i].hash),
			.de_rec_len = htobe16(end - at),
			.de_name_len = htobe16(length),
			.de_type = htobe16(IF2DT(entries[i].mode)),
		};
		unsigned char *to = image->block[entries[i].directory] + at;

		memcpy(to, &entry, sizeof(entry));
		memcpy(to + sizeof(entry), entries[i].name, length);
		at = last ? sizeof(struct gfs2_dinode) : end;
	}
}

static void put_groups(struct image *image)
{
	const struct gfs2_rindex group = {
		.ri_addr = htobe64(GROUP),
		.ri_length = htobe32(1),
		.ri_data0 = htobe64(ROOT),
		.ri_data = htobe32(BLOCKS - ROOT),
		.ri_bitbytes = htobe32((BLOCKS - ROOT) / GFS2_NBBY),
	};

	memcpy(image->block[GROUPS] + sizeof(struct gfs2_dinode), &group, sizeof(group));
}

static void put_pointer(unsigned char *block, size_t header, size_t index, uint64_t to)
{
	to = htobe64(to);
	memcpy(block + header + index * sizeof(to), &to, sizeof(to));
}

/* Empty, and left in order: a spectator replays nothing. */
static void put_journal(struct image *image)
{
	const struct gfs2_meta_header indirect = HEADER(IN);
	const struct gfs2_log_header head = {
		.lh_header = HEADER(LH),
		.lh_sequence = htobe64(1),
		.lh_flags = htobe32(GFS2_LOG_HEAD_UNMOUNT),
		.lh_hash = htobe32(0xac2fff8d), /* CRC-32 of the above */
	};

	for (int i = 0; i < LOG - INDIRECT; i++) {
		memcpy(image->block[INDIRECT + i], &indirect, sizeof(indirect));
		put_pointer(image->block[JOURNAL], sizeof(struct gfs2_dinode), i, INDIRECT + i);
	}
	for (int i = 0; i < LOG_BLOCKS; i++)
		put_pointer(image->block[INDIRECT + i / POINTERS], sizeof(indirect), i % POINTERS,
			    LOG + i);
	memcpy(image->block[LOG], &head, sizeof(head));
}

int gfs2_image(const char *path, uid_t owner)
{
	struct image image = {};
	const off_t start = SUPER * BLOCK;
	const size_t size = sizeof(image) - start;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), err = 0;

	if (fd < 0)
		return -errno;
	put_super(&image);
	put_inodes(&image, owner);
	put_entries(&image);
	put_groups(&image);
	put_journal(&image);
	if (pwrite(fd, (char *)&image + start, size, start) != (ssize_t)size ||
	    ftruncate(fd, BLOCKS * BLOCK))
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}
