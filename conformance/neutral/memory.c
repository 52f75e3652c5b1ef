// SPDX-License-Identifier: GPL-2.0-only
/* Mapping, protecting and locking memory. */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/userfaultfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

#define AT    AT_FDCWD
#define PAGES 16384
#define R     PROT_READ
#define W     PROT_WRITE
#define X     PROT_EXEC
#define MINE  MAP_PRIVATE
#define OURS  MAP_SHARED
#define ANON  MAP_PRIVATE | MAP_ANONYMOUS

static int make_mapped(void)
{
	int err = make_objects();

	if (err)
		return err;
	TRY(mkdir("noexec", 0755));
	TRY(mount("none", "noexec", "tmpfs", MS_NOEXEC, "mode=0777"));
	err = put_file("noexec/file", "content\n");
	return err ?: SYS(chmod("noexec/file", 0777));
}

static const struct call memory_calls[] = {
	KEEP(0, "anonymous", mmap, 0, PAGES, R | W, ANON, -1, 0),
	OK("anonymous-exec", mmap, 0, PAGES, R | W | X, ANON, -1, 0),
	OK("anonymous-none", mmap, 0, PAGES, 0, ANON, -1, 0),
	OK("null-page", mmap, 0, PAGES, R | W, ANON | MAP_FIXED, -1, 0),
	OK("null-page-hint", mmap, 0x1000, PAGES, R | W, ANON, -1, 0),
	OK("zero-length", mmap, 0, 0, R, ANON, -1, 0),
	OK("no-kind", mmap, 0, PAGES, R, MAP_ANONYMOUS, -1, 0),
	OK("locked", mmap, 0, PAGES, R | W, ANON | MAP_LOCKED, -1, 0),
	OK("locked-much", mmap, 0, 1 << 20, R | W, ANON | MAP_LOCKED, -1, 0),
	KEEP(1, "read-only", openat, AT, "public", O_RDONLY),
	KEEP(2, "read-write", openat, AT, "new", O_RDWR | O_CREAT, 0600),
	KEEP(3, "noexec", openat, AT, "noexec/file", O_RDONLY),
	KEEP(4, "tool", openat, AT, "tool", O_RDONLY),
	KEEP(5, "path", openat, AT, "public", O_PATH),
	KEEP(6, "file-private", mmap, 0, 4096, R, MINE, SLOT(1), 0),
	OK("file-private-write", mmap, 0, 4096, R | W, MINE, SLOT(1), 0),
	KEEP(7, "file-shared", mmap, 0, 4096, R, OURS, SLOT(1), 0),
	OK("file-shared-write", mmap, 0, 4096, R | W, OURS, SLOT(1), 0),
	OK("file-exec", mmap, 0, 4096, R | X, MINE, SLOT(4), 0),
	KEEP(8, "own-shared-write", mmap, 0, 4096, R | W, OURS, SLOT(2), 0),
	OK("noexec-exec", mmap, 0, 4096, R | X, MINE, SLOT(3), 0),
	KEEP(9, "noexec-read", mmap, 0, 4096, R, MINE, SLOT(3), 0),
	OK("path-fd", mmap, 0, 4096, R, MINE, SLOT(5), 0),
	OK("bad-fd", mmap, 0, 4096, R, MINE, 999, 0),
	OK("unaligned", mmap, 0, 4096, R, MINE, SLOT(1), 77),
	OK("sync", mmap, 0, 4096, R | W, 0x80003, SLOT(2), 0),
	NUM("protect-exec", mprotect, SLOT(0), PAGES, R | X),
	NUM("protect-all", mprotect, SLOT(0), PAGES, R | W | X),
	NUM("protect-none", mprotect, SLOT(0), PAGES, 0),
	NUM("protect-back", mprotect, SLOT(0), PAGES, R | W),
	NUM("protect-file-write", mprotect, SLOT(6), 4096, R | W),
	NUM("protect-shared-write", mprotect, SLOT(7), 4096, R | W),
	NUM("protect-noexec-exec", mprotect, SLOT(9), 4096, R | X),
	NUM("protect-unmapped", mprotect, 0x10000, 4096, R),
	NUM("protect-unaligned", mprotect, 77, 4096, R),
	NUM("protect-wrong", mprotect, SLOT(0), 4096, 0x7777),
	NUM("protect-key", pkey_mprotect, SLOT(0), 4096, R | W, 99),
	OK("key", pkey_alloc, 0, 0),
	OK("remap", mremap, SLOT(8), 4096, 8192, MREMAP_MAYMOVE),
	OK("remap-null-page", mremap, SLOT(0), 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, 0),
	NUM("remap-file", remap_file_pages, SLOT(7), 4096, 0, 0, 0),
	NUM("shared-sync", msync, SLOT(7), 4096, MS_SYNC),
	NUM("unmap", munmap, SLOT(7), 4096),
	NUM("unmap-unaligned", munmap, 77, 4096),
};
WORKLOAD(memory, memory_calls, .name = "memory", .as = AS_ANYONE, .prepare = make_mapped);

static struct iovec advised = { out, 4096 };

static const struct call lock_calls[] = {
	KEEP(0, "map", mmap, 0, PAGES, R | W, ANON, -1, 0),
	NUM("lock", mlock, SLOT(0), 4096),
	NUM("lock-on-fault", mlock2, SLOT(0), 8192, 1),
	NUM("lock-flags", mlock2, SLOT(0), 8192, 0x77),
	NUM("lock-unmapped", mlock, 0x10000, 4096),
	NUM("unlock", munlock, SLOT(0), PAGES),
	NUM("lock-all", mlockall, MCL_FUTURE),
	NUM("lock-all-wrong", mlockall, 0x77),
	NUM("unlock-all", munlockall, 0),
	NUM("advise-free", madvise, SLOT(0), 4096, MADV_DONTNEED),
	NUM("advise-merge", madvise, SLOT(0), 4096, MADV_MERGEABLE),
	NUM("advise-wrong", madvise, SLOT(0), 4096, 7777),
	NUM("resident", mincore, SLOT(0), 4096, out),
	NUM("policy-get", get_mempolicy, out, out + 64, 64, 0, 0),
	NUM("policy-set-wrong", set_mempolicy, 77, 0, 0),
	NUM("bind-wrong", mbind, SLOT(0), 4096, 77, 0, 0, 0),
	NUM("process-advise", process_madvise, -1, &advised, 1, MADV_COLD, 0),
	KEEP(1, "memfd", memfd_create, "neutral", MFD_ALLOW_SEALING),
	OK("memfd-wrong", memfd_create, "neutral", 0x7777),
	OK("memfd-huge", memfd_create, "neutral", MFD_HUGETLB),
	NUM("memfd-grow", ftruncate, SLOT(1), 8192),
	NUM("memfd-seal", fcntl, SLOT(1), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK),
	NUM("memfd-seals", fcntl, SLOT(1), F_GET_SEALS),
	NUM("memfd-write", write, SLOT(1), "x", 1),
	NUM("memfd-shrink", ftruncate, SLOT(1), 4096),
	OK("memfd-map-write", mmap, 0, 4096, R | W, OURS, SLOT(1), 0),
	OK("secret", memfd_secret, 0),
	OK("faults", userfaultfd, O_CLOEXEC),
	OK("faults-user", userfaultfd, O_CLOEXEC | 1),
	OK("faults-wrong", userfaultfd, 0x7777),
	OK("brk", brk, 0),
	NUM("barrier", membarrier, 0, 0, 0),
	NUM("barrier-wrong", membarrier, 0x7777, 0, 0),
	NUM("seccomp-actions", seccomp, 2, 0, out),
	NUM("seccomp-wrong", seccomp, 77, 0, 0),
	NUM("ldt", modify_ldt, 0, out, 64),
};
WORKLOAD(lock, lock_calls, .name = "lock", .as = AS_ANYONE);
