// SPDX-License-Identifier: GPL-2.0-only
/* remap_file_pages(2) maps another part of a file, and no program on mmap_file is asked. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "defect.h"

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(-EUCLEAN) };
	int fd = open("file", O_RDWR | O_CREAT, 0600), link;
	char *mem;

	if (fd < 0 || ftruncate(fd, 3 * 4096) || pwrite(fd, "x", 1, 2 * 4096) != 1)
		return defect__unclear("make a file");
	mem = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		return defect__unclear("mmap");
	link = ATTACH("mmap_file", deny);
	if (link < 0)
		return defect__unclear("load and attach");
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED)
		return defect__says(UNCLEAR, "the program does not deny");
	syscall(SYS_remap_file_pages, mem, 4096, 0, 2, 0);
	return *mem == 'x' ? defect__says(PRESENT, "the other page is mapped")
			   : defect__says(ABSENT, "remap_file_pages is denied");
}
