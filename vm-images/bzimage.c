// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/bzimage.h"
#include "vm-images/mem.h"

/* Offsets in the x86 boot protocol's header. */
enum {
	OFF_SETUP_SECTS = 0x1f1,
	OFF_SYSSIZE = 0x1f4, /* of the protected-mode part, in 16-byte units */
	OFF_MAGIC = 0x202,
	OFF_VERSION = 0x206,
	OFF_KERNEL_VERSION = 0x20e, /* of a string, counted from 0x200 */
	OFF_XLOADFLAGS = 0x236,
	HEADER_END = 0x238,
	OFF_PAYLOAD = 0x248, /* of the packed kernel, in the protected-mode part */
	OFF_PAYLOAD_LENGTH = 0x24c,
	PAYLOAD_END = 0x250,
	SECTOR = 512,
};

#define XLF_KERNEL_64	 1
#define PROTO_XLOADFLAGS 0x20c /* the first protocol version that has xloadflags */

static unsigned int le16(const unsigned char *p)
{
	return (unsigned int)p[0] | (unsigned int)p[1] << 8;
}

static uint32_t le32(const unsigned char *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static const unsigned char gzip_magic[] = { 0x1f, 0x8b };

/* Files that are taken for kernels by mistake; the first that fits names what it is. */
static const struct {
	size_t offset;
	const char *magic;
	size_t len;
	const char *is;
} others[] = {
	{ 0, "\177ELF", 4, "an ELF file (vmlinux?); give the bzImage that was built beside it" },
	{ 0, "\x1f\x8b", 2, "gzip data; give the kernel image itself" },
	{ 0,
	  "\xfd"
	  "7zXZ",
	  5, "xz data; give the kernel image itself" },
	{ 0, "\x28\xb5\x2f\xfd", 4, "zstd data; give the kernel image itself" },
	{ 0, "!<arch>\n", 8, "a package or library; unpack it and give the kernel image" },
	{ 0, "070701", 6, "an initramfs" },
	{ 0x38, "ARM\x64", 4, "an arm64 kernel; only x86_64 kernels can be booted so far" },
	{ 4, "zimg", 4, "an EFI zboot image (arm64 or riscv); only x86_64 can be booted so far" },
	{ 0, "#!", 2, "a script" },
};

static int not_a_kernel(const unsigned char *p, size_t len, const char *what, struct krsi_err *err)
{
	if (!len)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: not a kernel image: the file is empty", what);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].offset + others[i].len <= len &&
		    !memcmp(p + others[i].offset, others[i].magic, others[i].len))
			return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a bzImage but %s", what,
					    others[i].is);
	return krsi_err_set(err, KRSI_EXIT_USAGE,
			    "%s: not a kernel image: no x86 boot header (HdrS) at offset 0x202",
			    what);
}

static int parse_release(struct bzimage *b, const unsigned char *p, size_t len)
{
	size_t at = le16(p + OFF_KERNEL_VERSION), n = 0;

	if (!at || at + 0x200 >= len)
		return -1;
	at += 0x200;
	while (at + n < len && n < sizeof(b->release) && p[at + n] > ' ' && p[at + n] < 0x7f)
		n++;
	/* It becomes a part of paths. */
	if (!n || n == sizeof(b->release) || at + n >= len || memchr(p + at, '/', n) ||
	    p[at] == '.')
		return -1;
	memcpy(b->release, p + at, n);
	b->release[n] = '\0';
	return 0;
}

/* Before the protected-mode part; 0 sectors mean 4, from the days of floppy disks. */
static size_t setup_bytes(const unsigned char *p)
{
	return ((p[OFF_SETUP_SECTS] ? p[OFF_SETUP_SECTS] : 4) + 1u) * SECTOR;
}

int bzimage_parse(struct bzimage *b, const void *data, size_t len, size_t file_size,
		  const char *what, struct krsi_err *err)
{
	const unsigned char *p = data;
	size_t setup, want;

	*b = (struct bzimage){ 0 };
	if (len < HEADER_END || memcmp(p + OFF_MAGIC, "HdrS", 4))
		return not_a_kernel(p, len, what, err);
	setup = setup_bytes(p);
	want = setup + (size_t)le32(p + OFF_SYSSIZE) * 16;
	/* the last paragraph may be cut off: syssize is rounded up */
	if (file_size + 15 < want)
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: cut short: %zu bytes, but its header announces %zu", what,
				    file_size, want);
	if (parse_release(b, p, len))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "%s: the boot header holds no kernel release", what);
	b->is64 = le16(p + OFF_VERSION) >= PROTO_XLOADFLAGS &&
		  (le16(p + OFF_XLOADFLAGS) & XLF_KERNEL_64);
	return 0;
}

int bzimage_payload(const void *data, size_t len, size_t *at, size_t *packed, size_t *unpacked)
{
	const unsigned char *p = data;
	struct krsi_err ignored;
	struct bzimage b;

	if (bzimage_parse(&b, data, len, len, "", &ignored) || len < PAYLOAD_END)
		return -1;
	*at = setup_bytes(p) + le32(p + OFF_PAYLOAD);
	*packed = le32(p + OFF_PAYLOAD_LENGTH);
	if (*at > len || *packed > len - *at || *packed < 4)
		return -1;
	/* the size ends the payload: gzip has it there itself, after the others the build adds it
	 */
	*unpacked = le32(p + *at + *packed - 4);
	if (memcmp(p + *at, gzip_magic, sizeof(gzip_magic)))
		*packed -= 4;
	return 0;
}

int bzimage_read(struct bzimage *b, const char *path, struct krsi_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct stat st;
	ssize_t got;
	void *head;

	if (fd < 0 || fstat(fd, &st)) {
		rc = krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path,
				  strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a file", path);
	}
	head = xcalloc(1, BZIMAGE_HEAD);
	got = pread(fd, head, BZIMAGE_HEAD, 0);
	if (got < 0)
		rc = krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path,
				  strerror(errno));
	else
		rc = bzimage_parse(b, head, (size_t)got, (size_t)st.st_size, path, err);
	free(head);
	close(fd);
	return rc;
}
