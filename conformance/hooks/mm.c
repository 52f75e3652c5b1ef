// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on mappings of memory. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/compat.h"

#define PAGE 4096

/* An anonymous page at s->mem with inaccessible neighbours, so that no mapping merges with it. */
static int lone_page(struct subject *s, int prot)
{
	char *mem = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		return -errno;
	s->mem = mem + PAGE;
	s->len = PAGE;
	s->val[0] = (long)s->mem;
	TRY(mprotect(s->mem, PAGE, prot));
	return 0;
}

/* Mapping a file */

/* Within reach of 32-bit calls. */
static char low_page[PAGE] __attribute__((aligned(PAGE)));

/* "f", whose first page has content, its second none and its third again; the second is mapped at
 * s->val[1]. And a program. */
static int mappable(struct subject *s)
{
	int err = put_file("f", "krsi") ?: put_noop("noop");
	void *mem;

	if (!err)
		err = open_slot(s, 0, "f", O_RDWR, 0);
	if (err)
		return err;
	TRY(pwrite(s->fd[0], "krsi", 4, 2 * PAGE));
	mem = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, s->fd[0], PAGE);
	if (mem == MAP_FAILED)
		return -errno;
	s->val[1] = (long)mem;
	return lone_page(s, PROT_READ);
}

static int do_mmap(struct subject *s)
{
	return SYS(mmap(s->mem, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, s->fd[0], 0));
}

/* Another page of the file takes the mapped one's place. */
static int do_remap(struct subject *s)
{
	return SYS(syscall(SYS_remap_file_pages, s->val[1], PAGE, 0, 2, 0));
}

static int do_compat_mmap(struct subject *s)
{
	int ret = compat_call(COMPAT_MMAP2, COMPAT_POINTER(low_page), PAGE, PROT_READ,
			      MAP_PRIVATE | MAP_FIXED, s->fd[0], 0);

	return ret < 0 && ret > -4096 ? ret : 0;
}

static int do_execve(struct subject *s)
{
	char *const argv[] = { "noop", NULL }, *const envp[] = { NULL };
	int err = run_program("./noop", argv, envp);

	s->val[2] = !err;
	return err;
}

static bool file_at_mem(struct subject *s)
{
	return !memcmp(s->mem, "krsi", 4) || !memcmp((void *)s->val[1], "krsi", 4) ||
	       !memcmp(low_page, "krsi", 4) || s->val[2];
}

HOOK(mmap_file, FAMILY_FILE, .setup = mappable,
     .route = { { "mmap", do_mmap },
		{ "remap_file_pages", do_remap },
		{ "int80-mmap2", do_compat_mmap, .probe = no_compat },
		{ "execve", do_execve, ECHILD,
		  "load_elf_binary: the old image is gone, and the process is killed",
		  .only = WANT_FILE("file|file__nullable", "noop"),
		  .many = "each segment of the program is mapped" } },
     .effect = file_at_mem, .only = WANT_FD("file|file__nullable", 0),
     .args = { WANT_FD("file|file__nullable", 0), WANT_NUM("reqprot", PROT_READ),
	       WANT_NUM("prot", PROT_READ), WANT_NUM("flags", MAP_PRIVATE | MAP_FIXED) });

/* Choosing an address */

/* A page at s->mem; a segment s->val[1] that goes with us; and a hole at s->val[0]. */
static int hole(struct subject *s)
{
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	s->val[1] = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	if (page == MAP_FAILED || s->val[1] < 0 || shmat(s->val[1], NULL, 0) == (void *)-1)
		return -errno;
	/* removed, it can still be attached while it is attached */
	TRY(shmctl(s->val[1], IPC_RMID, NULL));
	/* last, or the kernel fills the hole with one of these */
	err = lone_page(s, PROT_READ);
	if (err)
		return err;
	TRY(munmap(s->mem, PAGE));
	s->mem = page;
	return 0;
}

static int do_mmap_fixed(struct subject *s)
{
	return SYS(mmap((void *)s->val[0], PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			-1, 0));
}

static int do_mremap(struct subject *s)
{
	return SYS(mremap(s->mem, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)s->val[0]));
}

static int do_shmat(struct subject *s)
{
	return SYS(shmat(s->val[1], (void *)s->val[0], 0));
}

static bool hole_is_filled(struct subject *s)
{
	unsigned char resident;

	return !mincore((void *)s->val[0], PAGE, &resident);
}

HOOK(mmap_addr, FAMILY_FILE, .setup = hole,
     .route = { { "mmap", do_mmap_fixed }, { "mremap", do_mremap }, { "shmat", do_shmat } },
     .effect = hole_is_filled, .only = WANT_VAL("addr", KRSI_RAW, 0),
     .args = { WANT_VAL("addr", KRSI_RAW, 0) });

/* Changing the protection */

static int read_only_page(struct subject *s)
{
	int err = open_slot(s, 0, "/dev/zero", O_RDONLY, 0);

	return err ?: lone_page(s, PROT_READ);
}

static int do_mprotect(struct subject *s)
{
	return SYS(mprotect(s->mem, PAGE, PROT_READ | PROT_WRITE));
}

static int do_pkey_mprotect(struct subject *s)
{
	return SYS(syscall(SYS_pkey_mprotect, s->mem, PAGE, PROT_READ | PROT_WRITE, -1));
}

static const char *no_pkeys(void)
{
	return needs__syscall(SYS_pkey_mprotect) ? NULL : "no memory protection keys here";
}

/* The kernel writes there, and gives EFAULT rather than a signal if it may not. */
static bool page_is_writable(struct subject *s)
{
	return read(s->fd[0], s->mem, 1) == 1;
}

HOOK(file_mprotect, FAMILY_FILE, .setup = read_only_page,
     .route = { { "mprotect", do_mprotect },
		{ "pkey_mprotect", do_pkey_mprotect, .probe = no_pkeys } },
     .effect = page_is_writable,
     .args = { WANT_VAL("vma", KRSI_A, 0), WANT_NUM("reqprot", PROT_READ | PROT_WRITE),
	       WANT_NUM("prot", PROT_READ | PROT_WRITE) });

/* Committing memory */

/*
 * A program's 0 is no answer, also where the hook's own default is not 0 but 1 (5.10): the
 * administrator's reserve stays within reach. What is below 0 takes it away, which shows where
 * memory is accounted for strictly and all of it is reserved: the mapping then fails.
 */
#define VM	     "/proc/sys/vm/"
#define ACCOUNTING   VM "overcommit_memory"
#define RESERVE	     VM "admin_reserve_kbytes"
#define STRICTLY     "2"
#define ALL_THERE_IS "1099511627776"

/* A number of pages that nothing else asks for. */
#define PAGES 1237
/* What must be left to commit besides, so that the mapping is not in want of that, in kB. */
#define SPARE 65536

static long commit_left(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	long limit = 0, used = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CommitLimit: %ld", &limit) != 1)
			sscanf(line, "Committed_AS: %ld", &used);
	if (file)
		fclose(file);
	return limit - used;
}

static const char *too_much_committed(void)
{
	return commit_left() > SPARE ? NULL : "more memory is committed than strict accounting has";
}

/* What a setting is, as s->val[i], and what it becomes. */
static int change(struct subject *s, int i, const char *path, const char *value)
{
	FILE *file = fopen(path, "re");
	int n = file ? fscanf(file, "%ld", &s->val[i]) : 0;

	if (file)
		fclose(file);
	return n == 1 ? put_file(path, value) : -EIO;
}

static int reserve_all(struct subject *s)
{
	/* the reserve has no effect but by strict accounting */
	return change(s, 0, RESERVE, ALL_THERE_IS) ?: change(s, 1, ACCOUNTING, STRICTLY);
}

static void release_reserve(struct subject *s)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", s->val[1]);
	put_file(ACCOUNTING, text);
	snprintf(text, sizeof(text), "%ld", s->val[0]);
	put_file(RESERVE, text);
}

static int do_commit(struct subject *s)
{
	s->mem = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	return SYS(s->mem == MAP_FAILED ? -1 : 0);
}

static bool committed(struct subject *s)
{
	return s->mem && s->mem != MAP_FAILED;
}

HOOK(vm_enough_memory, FAMILY_KERNEL, .setup = reserve_all, .route = { { "mmap", do_commit } },
     .effect = committed, .cleanup = release_reserve, .only = WANT_NUM("pages", PAGES),
     .args = { WANT_NUM("pages", PAGES) }, .denied_as = ENOMEM, .denied_by = "__vm_enough_memory",
     .needs = { .path = { RESERVE }, .probe = too_much_committed });
