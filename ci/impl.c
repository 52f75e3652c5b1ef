// SPDX-License-Identifier: GPL-2.0-only
#include "ci/impl.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm-images/mem.h"

#define PREFIX "exec:"

char *impl_program(const char *impl)
{
	if (strncmp(impl, PREFIX, strlen(PREFIX)))
		return NULL;
	impl += strlen(PREFIX);
	return xstrndup(impl, strcspn(impl, ","));
}

char *impl_in_guest(const char *impl)
{
	const char *option = strchr(impl, ',');

	if (strncmp(impl, PREFIX, strlen(PREFIX)))
		return xstrdup(impl);
	return xasprintf("%s/%s%s", PREFIX, IMPL_PROGRAM, option ? option : "");
}

/* Does an ELF file ask for a loader, which no guest has? Its table of segments is at the front. */
static bool is_dynamic(const char *program)
{
	union {
		char bytes[4096];
		Elf64_Ehdr header;
	} elf = { { 0 } };
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, elf.bytes, sizeof(elf.bytes));
	Elf64_Phdr segment;

	if (fd >= 0)
		close(fd);
	if (n < (ssize_t)sizeof(elf.header) || memcmp(elf.bytes, ELFMAG, SELFMAG) ||
	    elf.header.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (size_t i = 0; i < elf.header.e_phnum; i++) {
		if (elf.header.e_phoff > (size_t)n ||
		    elf.header.e_phoff + (i + 1) * sizeof(segment) > (size_t)n)
			break;
		memcpy(&segment, elf.bytes + elf.header.e_phoff + i * sizeof(segment),
		       sizeof(segment));
		if (segment.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static int can_run(const char *program, struct krsi_err *err)
{
	struct stat st;

	if (access(program, X_OK) || stat(program, &st) || !S_ISREG(st.st_mode))
		return krsi_err_set(err, KRSI_EXIT_USAGE,
				    "--impl: %s is no program that can be run", program);
	if (is_dynamic(program))
		return krsi_err_set(
			err, KRSI_EXIT_USAGE,
			"--impl: %s needs shared libraries, and guests have none: link it "
			"with -static",
			program);
	return 0;
}

int impl_file(struct guest_file *file, const char *impl, struct krsi_err *err)
{
	char *program = impl_program(impl);

	if (!program)
		return 0;
	*file = (struct guest_file){ .guest = IMPL_PROGRAM, .host = program, .mode = 0755 };
	if (!can_run(program, err))
		return 1;
	free(program);
	*file = (struct guest_file){ 0 };
	return -1;
}
