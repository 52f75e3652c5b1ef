// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/hooks/ext2_image.h"

/* One block group of the first revision: no features, and inodes of 128 bytes. */
#define BLOCK	    1024
#define BLOCKS	    256
#define INODES	    16
#define INODE_SIZE  128
#define RESERVED    10 /* inodes that no file gets; the root directory is one of them */
#define ROOT	    2
#define GROUP_LIMIT (8 * BLOCK) /* what one bitmap block can describe */

/* What lies in which block; block 0 is outside the group. */
enum {
	SUPER = 1,
	GROUP,
	BLOCK_MAP,
	INODE_MAP,
	INODE_TABLE,
	ROOT_DIR = INODE_TABLE + 2,
	FIRST_FREE
};

static_assert(INODES * INODE_SIZE == (ROOT_DIR - INODE_TABLE) * BLOCK, "size of the inode table");

#define AT_INODE(n) (INODE_TABLE * BLOCK + ((n)-1) * INODE_SIZE)

struct number {
	uint32_t at, value;
	uint8_t bytes;
};

/* Every number of the file system that is not zero, but for the bitmaps. */
static const struct number numbers[] = {
	/* super block */
	{ SUPER * BLOCK + 0, INODES, 4 },
	{ SUPER * BLOCK + 4, BLOCKS, 4 },
	{ SUPER * BLOCK + 12, BLOCKS - FIRST_FREE, 4 },
	{ SUPER * BLOCK + 16, INODES - RESERVED, 4 },
	{ SUPER * BLOCK + 20, SUPER, 4 },	/* first data block */
	{ SUPER * BLOCK + 32, GROUP_LIMIT, 4 }, /* blocks a group */
	{ SUPER * BLOCK + 36, GROUP_LIMIT, 4 }, /* fragments a group */
	{ SUPER * BLOCK + 40, INODES, 4 },	/* inodes a group */
	{ SUPER * BLOCK + 54, 0xffff, 2 },	/* mounts before a check: no limit */
	{ SUPER * BLOCK + 56, 0xef53, 2 },	/* magic */
	{ SUPER * BLOCK + 58, 1, 2 },		/* state: clean */
	{ SUPER * BLOCK + 60, 1, 2 },		/* on errors: continue */
	/* group descriptor */
	{ GROUP * BLOCK + 0, BLOCK_MAP, 4 },
	{ GROUP * BLOCK + 4, INODE_MAP, 4 },
	{ GROUP * BLOCK + 8, INODE_TABLE, 4 },
	{ GROUP * BLOCK + 12, BLOCKS - FIRST_FREE, 2 },
	{ GROUP * BLOCK + 14, INODES - RESERVED, 2 },
	{ GROUP * BLOCK + 16, 1, 2 }, /* directories */
	/* root directory: its inode, then its entries "." and ".." */
	{ AT_INODE(ROOT) + 0, 040755, 2 },
	{ AT_INODE(ROOT) + 4, BLOCK, 4 },
	{ AT_INODE(ROOT) + 26, 2, 2 },		 /* links */
	{ AT_INODE(ROOT) + 28, BLOCK / 512, 4 }, /* sectors */
	{ AT_INODE(ROOT) + 40, ROOT_DIR, 4 },	 /* first block */
	{ ROOT_DIR * BLOCK + 0, ROOT, 4 },
	{ ROOT_DIR * BLOCK + 4, 12, 2 },
	{ ROOT_DIR * BLOCK + 6, 1, 2 },
	{ ROOT_DIR * BLOCK + 8, '.', 1 },
	{ ROOT_DIR * BLOCK + 12, ROOT, 4 },
	{ ROOT_DIR * BLOCK + 16, BLOCK - 12, 2 },
	{ ROOT_DIR * BLOCK + 18, 2, 2 },
	{ ROOT_DIR * BLOCK + 20, '.', 1 },
	{ ROOT_DIR * BLOCK + 21, '.', 1 },
};

/* What the second revision, and the features that it has, add to them. */
static const struct number ext4_numbers[] = {
	{ SUPER * BLOCK + 76, 1, 4 },		 /* revision */
	{ SUPER * BLOCK + 84, RESERVED + 1, 4 }, /* first inode that is not reserved */
	{ SUPER * BLOCK + 88, INODE_SIZE, 2 },
	{ SUPER * BLOCK + 96, 0x40, 4 },    /* needed to read: extents */
	{ SUPER * BLOCK + 100, 0x8000, 4 }, /* needed to write: fs-verity */
};

static void put_numbers(unsigned char *image, const struct number *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t value = htole32(list[i].value);

		memcpy(image + list[i].at, &value, list[i].bytes);
	}
}

/* Marks the first `used` of `n` as taken, and what the bitmap has room for beyond them. */
static void mark(unsigned char *map, int used, int n)
{
	for (int i = 0; i < GROUP_LIMIT; i++)
		if (i < used || i >= n)
			map[i / 8] |= 1 << i % 8;
}

static int write_image(const char *path, const struct number *more, size_t n)
{
	unsigned char image[FIRST_FREE * BLOCK] = {};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err = 0;

	if (fd < 0)
		return -errno;
	put_numbers(image, numbers, sizeof(numbers) / sizeof(numbers[0]));
	put_numbers(image, more, n);
	mark(image + BLOCK_MAP * BLOCK, FIRST_FREE - SUPER, BLOCKS - SUPER);
	mark(image + INODE_MAP * BLOCK, RESERVED, INODES);
	if (write(fd, image, sizeof(image)) != sizeof(image) || ftruncate(fd, BLOCKS * BLOCK))
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

int ext2_image(const char *path)
{
	return write_image(path, NULL, 0);
}

int ext4_image(const char *path)
{
	return write_image(path, ext4_numbers, sizeof(ext4_numbers) / sizeof(ext4_numbers[0]));
}
