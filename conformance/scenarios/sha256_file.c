// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/scenarios/sha256_file.h"

void sha256_bytes(const void *data, size_t len, unsigned char digest[SHA256_BYTES])
{
	__u32 words[SHA256_BYTES / 4];
	struct sha256 s;

	sha256_begin(&s, len);
	while (!s.done) {
		size_t bytes = s.left < SHA256_BLOCK ? s.left : SHA256_BLOCK;

		memset(s.block, 0, SHA256_BLOCK);
		memcpy(s.block, (const char *)data + (len - s.left), bytes);
		sha256_block(&s, bytes);
	}
	sha256_digest(&s, words);
	memcpy(digest, words, SHA256_BYTES);
}

int sha256_file(const char *path, unsigned char digest[SHA256_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;

	if (fd < 0)
		return -errno;
	data = fstat(fd, &st) ? MAP_FAILED : mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return -EIO;
	sha256_bytes(data, st.st_size, digest);
	munmap(data, st.st_size);
	return 0;
}
