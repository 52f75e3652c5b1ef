// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "vm-images/gcov_dump.h"

#define ROOT "/sys/kernel/debug/gcov"
/* Bytes in one line: a multiple of three, so that only a file's last piece is padded. */
#define PIECE 300

static int out = -1;

static size_t base64(char *to, const unsigned char *from, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *p = to;

	for (size_t i = 0; i < n; i += 3) {
		unsigned int v = from[i] << 16 | (i + 1 < n ? from[i + 1] << 8 : 0) |
				 (i + 2 < n ? from[i + 2] : 0);

		*p++ = digits[v >> 18];
		*p++ = digits[v >> 12 & 63];
		*p++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*p++ = i + 2 < n ? digits[v & 63] : '=';
	}
	return (size_t)(p - to);
}

/* Until PIECE bytes are there or the file ends: its size is not known before (st_size is 0). */
static size_t read_piece(int fd, unsigned char *piece)
{
	size_t n = 0;
	ssize_t got;

	while (n < PIECE && (got = read(fd, piece + n, PIECE - n)) > 0)
		n += (size_t)got;
	return n;
}

static int dump_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *suffix = strrchr(path, '.'), *name = path + sizeof(ROOT) - 1;
	unsigned char piece[PIECE];
	char text[PIECE / 3 * 4];
	size_t n, size = 0;
	int fd;

	if (type != FTW_F || !suffix || strcmp(suffix, ".gcda"))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while ((n = read_piece(fd, piece)) > 0) {
		size += n;
		dprintf(out, "krsi-gcov %s %.*s\n", name, (int)base64(text, piece, n), text);
	}
	dprintf(out, "krsi-gcov %s =%zu\n", name, size);
	close(fd);
	return 0;
}

void gcov_dump(int fd)
{
	out = fd;
	nftw(ROOT, dump_file, 16, FTW_PHYS);
}
