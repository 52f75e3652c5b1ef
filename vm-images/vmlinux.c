// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "vm-images/bzimage.h"
#include "vm-images/err.h"
#include "vm-images/fs.h"
#include "vm-images/mem.h"
#include "vm-images/vmlinux.h"

#define IMAGE_MAX   (256u << 20)
#define VMLINUX_MAX (1024u << 20)

/* Name and type of the note that holds the entry (include/xen/interface/elfnote.h). */
#define XEN_NAME	 "Xen"
#define XEN_PHYS32_ENTRY 18

static size_t aligned(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static bool notes_have_pvh(const unsigned char *p, size_t len)
{
	while (len >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr n;
		size_t size;

		memcpy(&n, p, sizeof(n));
		size = sizeof(n) + aligned(n.n_namesz) + aligned(n.n_descsz);
		if (size > len)
			return false;
		if (n.n_type == XEN_PHYS32_ENTRY && n.n_namesz == sizeof(XEN_NAME) &&
		    !memcmp(p + sizeof(n), XEN_NAME, sizeof(XEN_NAME)))
			return true;
		p += size;
		len -= size;
	}
	return false;
}

bool vmlinux_has_pvh(const void *data, size_t len)
{
	const unsigned char *p = data;
	Elf64_Ehdr e;

	if (len < sizeof(e))
		return false;
	memcpy(&e, p, sizeof(e));
	if (memcmp(e.e_ident, ELFMAG, SELFMAG) || e.e_ident[EI_CLASS] != ELFCLASS64 ||
	    e.e_machine != EM_X86_64 || e.e_phentsize != sizeof(Elf64_Phdr))
		return false;
	for (size_t i = 0; i < e.e_phnum; i++) {
		Elf64_Phdr h;

		if (e.e_phoff > len || len - e.e_phoff < (i + 1) * sizeof(h))
			return false;
		memcpy(&h, p + e.e_phoff + i * sizeof(h), sizeof(h));
		if (h.p_type == PT_NOTE && h.p_offset <= len && h.p_filesz <= len - h.p_offset &&
		    notes_have_pvh(p + h.p_offset, h.p_filesz))
			return true;
	}
	return false;
}

/* The unpacked bytes, of which there must be @want (free() them), or NULL. */
static void *unpack(const void *data, size_t len, size_t want)
{
	struct archive *raw = archive_read_new();
	struct archive_entry *e;
	char *out = want <= VMLINUX_MAX ? malloc(want) : NULL;
	size_t got = 0;
	la_ssize_t n;

	archive_read_support_filter_all(raw);
	archive_read_support_format_raw(raw);
	if (out && archive_read_open_memory(raw, data, len) == ARCHIVE_OK &&
	    archive_read_next_header(raw, &e) == ARCHIVE_OK)
		while (got < want && (n = archive_read_data(raw, out + got, want - got)) > 0)
			got += (size_t)n;
	archive_read_free(raw);
	if (got == want)
		return out;
	free(out);
	return NULL;
}

static int to_memory(const void *data, size_t len)
{
	int fd = memfd_create("krsi-vmlinux", 0);

	if (fd < 0 || !fs_write_all(fd, data, len))
		return fd;
	close(fd);
	return -1;
}

int vmlinux_open(const char *image)
{
	struct krsi_err ignored;
	size_t len, at, packed, want;
	char *data = fs_read(image, IMAGE_MAX, &len, &ignored), *elf = NULL;
	int fd = -1;

	if (data && !bzimage_payload(data, len, &at, &packed, &want))
		elf = unpack(data + at, packed, want);
	if (elf && vmlinux_has_pvh(elf, want))
		fd = to_memory(elf, want);
	free(elf);
	free(data);
	return fd;
}
