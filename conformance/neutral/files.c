// SPDX-License-Identifier: GPL-2.0-only
/* Opening, reading, writing and locking files. */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

#define AT AT_FDCWD

static struct open_how how_plain = { .flags = O_RDONLY };
static struct open_how how_beneath = { .flags = O_RDONLY, .resolve = RESOLVE_BENEATH };
static struct open_how how_no_links = { .flags = O_RDONLY, .resolve = RESOLVE_NO_SYMLINKS };
static struct open_how how_wrong = { .flags = O_RDONLY, .mode = 0600 };

static const struct call open_calls[] = {
	KEEP(0, "create", openat, AT, "new", O_RDWR | O_CREAT | O_EXCL, 0640),
	NUM("create-again", openat, AT, "new", O_RDWR | O_CREAT | O_EXCL, 0640),
	KEEP(1, "directory", openat, AT, ".", O_RDONLY | O_DIRECTORY),
	OK("directory-of-file", openat, AT, "new", O_RDONLY | O_DIRECTORY),
	OK("write-directory", openat, AT, ".", O_WRONLY),
	OK("missing", openat, AT, "missing", O_RDONLY),
	OK("below-file", openat, AT, "new/x", O_RDONLY),
	OK("public-read", openat, AT, "public", O_RDONLY),
	OK("public-write", openat, AT, "public", O_WRONLY),
	OK("public-truncate", openat, AT, "public", O_RDONLY | O_TRUNC),
	OK("public-noatime", openat, AT, "public", O_RDONLY | O_NOATIME),
	OK("secret-read", openat, AT, "secret", O_RDONLY),
	OK("secret-write", openat, AT, "secret", O_WRONLY),
	OK("open-write", openat, AT, "open", O_WRONLY),
	OK("open-append", openat, AT, "open", O_WRONLY | O_APPEND),
	OK("closed-read", openat, AT, "closed/file", O_RDONLY),
	OK("closed-path", openat, AT, "closed/file", O_PATH),
	KEEP(2, "secret-path", openat, AT, "secret", O_PATH),
	OK("link-nofollow", openat, AT, "to-public", O_RDONLY | O_NOFOLLOW),
	OK("link-follow", openat, AT, "to-public", O_RDONLY),
	OK("sticky-create", openat, AT, "sticky/new", O_WRONLY | O_CREAT, 0600),
	OK("sticky-write-theirs", openat, AT, "sticky/theirs", O_WRONLY | O_CREAT, 0600),
	OK("foreign-create", openat, AT, "public.d/new", O_WRONLY | O_CREAT, 0600),
	OK("unnamed", openat, AT, ".", O_RDWR | O_TMPFILE, 0600),
	OK("unnamed-read-only", openat, AT, ".", O_RDONLY | O_TMPFILE, 0600),
	OK("by-fd", openat, SLOT(1), "public", O_RDONLY),
	OK("by-file-fd", openat, SLOT(0), "public", O_RDONLY),
	OK("bad-fd", openat, 999, "public", O_RDONLY),
	OK("empty", openat, AT, "", O_RDONLY),
	OK("bad-address", openat, AT, 1, O_RDONLY),
	OK("how", openat2, AT, "public", &how_plain, sizeof(how_plain)),
	OK("how-beneath", openat2, SLOT(1), "../x", &how_beneath, sizeof(how_beneath)),
	OK("how-no-links", openat2, AT, "to-public", &how_no_links, sizeof(how_no_links)),
	OK("how-mode", openat2, AT, "public", &how_wrong, sizeof(how_wrong)),
	OK("how-short", openat2, AT, "public", &how_plain, 4),
	OK("null", openat, AT, "/dev/null", O_RDWR),
	OK("kmsg", openat, AT, "/dev/kmsg", O_WRONLY),
	OK("mem", openat, AT, "/dev/mem", O_RDONLY),
	OK("port", openat, AT, "/dev/port", O_RDONLY),
	NUM("path-read", read, SLOT(2), out, 8),
	NUM("close", close, SLOT(0)),
	NUM("close-again", close, SLOT(0)),
};
WORKLOAD(open, open_calls, .name = "open", .as = AS_ANYONE, .prepare = make_objects);

static struct flock lock_write = { .l_type = F_WRLCK, .l_len = 4 };
static struct flock lock_read = { .l_type = F_RDLCK };
static struct flock lock_none = { .l_type = F_UNLCK };
static struct iovec io_vector[] = { { "abc", 3 }, { "defg", 4 } };
static off64_t offset_two = 2;

static const struct call file_calls[] = {
	KEEP(0, "create", openat, AT, "f", O_RDWR | O_CREAT, 0600),
	NUM("write", write, SLOT(0), "hello world", 11),
	NUM("writev", writev, SLOT(0), io_vector, 2),
	NUM("pwrite", pwrite64, SLOT(0), "HE", 2, 0),
	NUM("seek", lseek, SLOT(0), 0, SEEK_SET),
	BYTES("read", read, SLOT(0), out, 64),
	BYTES("read-end", read, SLOT(0), out, 64),
	BYTES("pread", pread64, SLOT(0), out, 5, 6),
	NUM("seek-end", lseek, SLOT(0), 0, SEEK_END),
	NUM("seek-negative", lseek, SLOT(0), -1, SEEK_SET),
	NUM("seek-hole", lseek, SLOT(0), 0, SEEK_HOLE),
	NUM("truncate", truncate, "f", 8),
	NUM("ftruncate", ftruncate, SLOT(0), 4096),
	NUM("truncate-public", truncate, "public", 4),
	NUM("allocate", fallocate, SLOT(0), 0, 0, 8192),
	NUM("punch", fallocate, SLOT(0), 3, 0, 4096),
	NUM("sync", fsync, SLOT(0)),
	NUM("advise", fadvise64, SLOT(0), 0, 0, 3),
	NUM("readahead", readahead, SLOT(0), 0, 4096),
	NUM("flock", flock, SLOT(0), LOCK_EX | LOCK_NB),
	NUM("flock-wrong", flock, SLOT(0), 0x77),
	NUM("lock-write", fcntl, SLOT(0), F_SETLK, &lock_write),
	NUM("lock-read", fcntl, SLOT(0), F_SETLK, &lock_read),
	NUM("lock-none", fcntl, SLOT(0), F_SETLK, &lock_none),
	NUM("lease", fcntl, SLOT(0), F_SETLEASE, F_WRLCK),
	NUM("flags", fcntl, SLOT(0), F_GETFL),
	NUM("append", fcntl, SLOT(0), F_SETFL, O_APPEND),
	NUM("noatime", fcntl, SLOT(0), F_SETFL, O_NOATIME),
	NUM("owner", fcntl, SLOT(0), F_SETOWN, 0),
	NUM("seals", fcntl, SLOT(0), F_GET_SEALS),
	NUM("pipe-size", fcntl, SLOT(0), F_GETPIPE_SZ),
	KEEP(1, "dup", dup, SLOT(0)),
	NUM("dup-same", dup2, SLOT(0), SLOT(0)),
	NUM("dup-bad", dup3, SLOT(0), SLOT(0), 0),
	KEEP(2, "second", openat, AT, "g", O_RDWR | O_CREAT, 0600),
	NUM("copy-range", copy_file_range, SLOT(0), &offset_two, SLOT(2), 0, 6, 0),
	NUM("sendfile", sendfile, SLOT(2), SLOT(0), &offset_two, 4),
	NUM("splice-files", splice, SLOT(0), 0, SLOT(2), 0, 4, 0),
	NUM("pipe", pipe2, out, O_NONBLOCK | O_CLOEXEC),
	NUM("pipe-wrong", pipe2, out, 0x77777777),
	NUM("read-only-write", write, 999, "x", 1),
	NUM("read-bad-address", read, SLOT(2), 1, 4),
	NUM("sync-range", sync_file_range, SLOT(2), 0, 1, 2),
	NUM("syncfs", syncfs, SLOT(2)),
};
WORKLOAD(file, file_calls, .name = "file", .as = AS_ANYONE, .prepare = make_objects);
