// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "vm-images/elfcheck.h"

static int check_segments(int fd, const Elf64_Ehdr *eh, const char *path, struct krsi_err *err)
{
	for (unsigned int i = 0; i < eh->e_phnum; i++) {
		Elf64_Phdr ph;
		off_t at = (off_t)(eh->e_phoff + (Elf64_Off)i * sizeof(ph));

		if (pread(fd, &ph, sizeof(ph), at) != sizeof(ph))
			return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cut short", path);
		if (ph.p_type == PT_INTERP)
			return krsi_err_set(err, KRSI_EXIT_USAGE,
					    "%s: needs shared libraries, which the guest does not "
					    "have: link it with -static",
					    path);
	}
	return 0;
}

static int check(int fd, const struct arch *arch, const char *path, struct krsi_err *err)
{
	Elf64_Ehdr eh;

	if (pread(fd, &eh, sizeof(eh), 0) != sizeof(eh) || memcmp(eh.e_ident, ELFMAG, SELFMAG))
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a program (no ELF file)", path);
	if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_machine != arch->elf_machine ||
	    (eh.e_type != ET_EXEC && eh.e_type != ET_DYN) || eh.e_phentsize != sizeof(Elf64_Phdr))
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: not a program for %s", path,
				    arch->name);
	return check_segments(fd, &eh, path, err);
}

int elf_check_static(const char *path, const struct arch *arch, struct krsi_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return krsi_err_set(err, KRSI_EXIT_USAGE, "%s: cannot be read: %s", path,
				    strerror(errno));
	rc = check(fd, arch, path, err);
	close(fd);
	return rc;
}
