// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/mem.h"
#include "vm-images/tests/util.h"
#include "vm-images/vmlinux.h"

#define ELF_BYTES   4096
#define NOTES_AT    256
#define IMAGE_BYTES 16384
#define PAYLOAD_AT  1024

static size_t put_note(unsigned char *p, const char *name, uint32_t type)
{
	Elf64_Nhdr n = { .n_namesz = strlen(name) + 1, .n_descsz = 8, .n_type = type };

	memcpy(p, &n, sizeof(n));
	memcpy(p + sizeof(n), name, n.n_namesz);
	return sizeof(n) + ((n.n_namesz + 3) & ~3u) + n.n_descsz;
}

/* A kernel of which nothing but the headers and notes are there. */
static void make_elf(unsigned char *p, const char *name, uint32_t type)
{
	Elf64_Ehdr e = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			 .e_type = ET_EXEC,
			 .e_machine = EM_X86_64,
			 .e_phoff = sizeof(e),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 2 };
	Elf64_Phdr load = { .p_type = PT_LOAD, .p_offset = 0, .p_filesz = ELF_BYTES };
	Elf64_Phdr notes = { .p_type = PT_NOTE, .p_offset = NOTES_AT };

	memset(p, 0x5a, ELF_BYTES);
	notes.p_filesz = put_note(p + NOTES_AT, "Linux", 1);
	notes.p_filesz += put_note(p + NOTES_AT + notes.p_filesz, name, type);
	memcpy(p, &e, sizeof(e));
	memcpy(p + sizeof(e), &load, sizeof(load));
	memcpy(p + sizeof(e) + sizeof(load), &notes, sizeof(notes));
}

Test(vmlinux, the_entry_is_a_note)
{
	unsigned char p[ELF_BYTES];

	make_elf(p, "Xen", 18);
	cr_expect(vmlinux_has_pvh(p, sizeof(p)));
	make_elf(p, "Xen", 17);
	cr_expect_not(vmlinux_has_pvh(p, sizeof(p)));
	make_elf(p, "XeN", 18);
	cr_expect_not(vmlinux_has_pvh(p, sizeof(p)));
	make_elf(p, "Xen", 18);
	p[EI_CLASS] = ELFCLASS32;
	cr_expect_not(vmlinux_has_pvh(p, sizeof(p)));
}

Test(vmlinux, headers_that_lead_out)
{
	unsigned char p[ELF_BYTES], *q;
	Elf64_Phdr *notes;

	make_elf(p, "Xen", 18);
	for (size_t len = 0; len < NOTES_AT + 40; len++) {
		q = xcalloc(len, 1);
		memcpy(q, p, len);
		cr_expect_not(vmlinux_has_pvh(q, len), "%zu bytes", len);
		free(q);
	}
	notes = (Elf64_Phdr *)(p + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr));
	notes->p_offset = UINT64_MAX - 8;
	cr_expect_not(vmlinux_has_pvh(p, sizeof(p)));
	notes->p_offset = NOTES_AT;
	notes->p_filesz = UINT64_MAX;
	cr_expect_not(vmlinux_has_pvh(p, sizeof(p)));
	make_elf(p, "Xen", 18);
	memset(p + NOTES_AT, 0xff, 8); /* a name of 4 GiB */
	cr_expect_not(vmlinux_has_pvh(p, sizeof(p)));
	((Elf64_Ehdr *)p)->e_phoff = UINT64_MAX - 4;
	cr_expect_not(vmlinux_has_pvh(p, sizeof(p)));
}

static void put32(unsigned char *p, size_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = n >> 8 * i & 0xff;
}

/* Packs the kernel the way that the filter packs; the number of bytes. */
static size_t pack(unsigned char *to, size_t room, const unsigned char *elf,
		   int (*filter)(struct archive *))
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t used = 0;

	filter(a);
	archive_write_set_format_raw(a);
	archive_write_open_memory(a, to, room, &used);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_write_header(a, e);
	archive_write_data(a, elf, ELF_BYTES);
	archive_write_close(a);
	archive_write_free(a);
	archive_entry_free(e);
	return used;
}

/* vmlinux_open() of an image that holds it; one byte of what is packed is spoilt unless negative.
 */
static int open_image(int (*filter)(struct archive *), int spoil, size_t unpacked)
{
	unsigned char p[IMAGE_BYTES] = { 0 }, elf[ELF_BYTES];
	size_t n, at = 5 * 512 + PAYLOAD_AT;

	make_elf(elf, "Xen", 18);
	p[0x1f1] = 4;
	put32(p + 0x1f4, (IMAGE_BYTES - 5 * 512) / 16);
	memcpy(p + 0x202, "HdrS\x0f\x02", 6);
	p[0x20f] = 0x06;
	strcpy((char *)p + 0x800, "6.1.0 x");
	n = pack(p + at, IMAGE_BYTES - at - 4, elf, filter);
	if (filter != archive_write_add_filter_gzip) {
		put32(p + at + n, unpacked);
		n += 4;
	}
	put32(p + 0x248, PAYLOAD_AT);
	put32(p + 0x24c, n);
	if (spoil >= 0)
		p[at + spoil] ^= 0xff;
	return vmlinux_open(test_write("image", p, sizeof(p)));
}

static void expect_kernel(int fd, const char *packed)
{
	unsigned char want[ELF_BYTES], got[ELF_BYTES + 1];

	make_elf(want, "Xen", 18);
	cr_assert_geq(fd, 0, "%s", packed);
	cr_expect_eq(pread(fd, got, sizeof(got), 0), ELF_BYTES, "%s", packed);
	cr_expect_arr_eq(got, want, ELF_BYTES, "%s", packed);
	close(fd);
}

Test(vmlinux, what_kernels_are_packed_with)
{
	expect_kernel(open_image(archive_write_add_filter_gzip, -1, ELF_BYTES), "gzip");
	expect_kernel(open_image(archive_write_add_filter_xz, -1, ELF_BYTES), "xz");
	expect_kernel(open_image(archive_write_add_filter_zstd, -1, ELF_BYTES), "zstd");
	expect_kernel(open_image(archive_write_add_filter_bzip2, -1, ELF_BYTES), "bzip2");
}

Test(vmlinux, damaged_images_are_booted_as_they_are)
{
	cr_expect_eq(open_image(archive_write_add_filter_xz, 0, ELF_BYTES), -1);
	cr_expect_eq(open_image(archive_write_add_filter_xz, 40, ELF_BYTES), -1);
	cr_expect_eq(open_image(archive_write_add_filter_xz, -1, ELF_BYTES + 1), -1);
	cr_expect_eq(open_image(archive_write_add_filter_xz, -1, 0xffffffff), -1);
	cr_expect_eq(open_image(archive_write_add_filter_xz, -1, 0), -1);
	cr_expect_eq(vmlinux_open("/nonexistent"), -1);
	cr_expect_eq(vmlinux_open("/proc/self/exe"), -1);
}
