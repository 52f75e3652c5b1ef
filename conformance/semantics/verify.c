// SPDX-License-Identifier: GPL-2.0-only
/* Kfuncs about the integrity of files, signatures and cgroups; the cookie of a link. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <linux/keyctl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/harness/signed.h"
#include "conformance/hooks/ext2_image.h"
#include "conformance/hooks/loopdev.h"
#include "conformance/semantics/cgroups.h"
#include "conformance/semantics/kernel_btf.h"
#include "conformance/semantics/program.h"

KERNEL_FUNCTION(bpf_get_fsverity_digest)
KERNEL_FUNCTION(bpf_lookup_user_key)
KERNEL_FUNCTION(bpf_cgroup_read_xattr)
KERNEL_FUNCTION(bpf_dynptr_from_file)
KERNEL_FUNCTION(bpf_get_attach_cookie)

/* What fs-verity tells of a file, and its digest. */
struct measured {
	struct fsverity_digest head;
	unsigned char digest[64];
};

/* A file system on "m" with "m/plain", and "m/f" that fs-verity protects and has measured. */
static void protect(struct krsi_run *t, struct measured *measured)
{
	const struct fsverity_enable_arg how = { .version = 1,
						 .hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
						 .block_size = SIGNED_BLOCK };
	struct subject s = { .fd = { -1 } };
	char name[LOOP_NAME];
	int err = private_mounts() ?: ext4_image("image") ?: loop_attach(&s, 0, "image", name), fd;

	if (err || mkdir("m", 0700) || mount(name, "m", "ext4", 0, NULL))
		test__broken(t, "a file system: %s", strerror(err ? -err : errno));
	test__errno(t, 0, put_file("m/f", SIGNED_CONTENT) ?: put_file("m/plain", SIGNED_CONTENT),
		    "write files");
	fd = open("m/f", O_RDONLY | O_CLOEXEC);
	if (ioctl(fd, FS_IOC_ENABLE_VERITY, &how))
		test__broken(t, "FS_IOC_ENABLE_VERITY: %s", strerror(errno));
	measured->head.digest_size = sizeof(measured->digest);
	if (ioctl(fd, FS_IOC_MEASURE_VERITY, measured))
		test__broken(t, "FS_IOC_MEASURE_VERITY: %s", strerror(errno));
	close(s.fd[0]);
}

#define NEEDS_FSVERITY                                                                             \
	.hook = { "file_open" }, .needs = { .capabilities = KRSI_CAP_NAMED,                        \
					    .module = { "loop", "ext4" },                          \
					    .probe = no_bpf_get_fsverity_digest }

KRSI_TEST(fsverity, .id = "helper/fsverity-digest",
	  .summary = "bpf_get_fsverity_digest gives the digest that the ioctl gives, of protected "
		     "files only, and writes nothing beyond its buffer",
	  .requirements = { "HLP-029" }, NEEDS_FSVERITY)
{
	struct measured measured = {};
	struct io *io;

	scene__begin(t);
	protect(t, &measured);
	io = program__start(t, "verify:fsverity", NULL);
	memset(io->out_data, 0xee, IO_BYTES);
	io->in[1] = 64;
	scene__touch("m/plain");
	test__errno(t, -ENODATA, (int)io->out[0], "of a file that is not protected");
	scene__touch("m/f");
	test__equal(t, 2, io->calls, "calls");
	test__errno(t, 0, (int)io->out[0], "bpf_get_fsverity_digest");
	test__equal(t, 0xee, io->out_data[64], "the byte after the buffer");
	test__true(t,
		   !memcmp(io->out_data, &measured, sizeof(measured.head) + 32) &&
			   !memcmp(io->out_data + sizeof(measured.head), signed_digest + 12, 32),
		   "the digest is that of FS_IOC_MEASURE_VERITY, and the known one");
	umount2("m", MNT_DETACH);
}

KRSI_TEST(fsverity_short, .id = "helper/fsverity-digest-short",
	  .summary = "bpf_get_fsverity_digest refuses a buffer that is too small for the digest, "
		     "and leaves it as it was",
	  .requirements = { "HLP-042" }, NEEDS_FSVERITY)
{
	const size_t fits = sizeof(struct fsverity_digest) + 32;
	const size_t small[] = { sizeof(struct fsverity_digest), 16, fits - 1 };
	unsigned char before[IO_BYTES];
	struct measured measured = {};
	struct io *io;

	scene__begin(t);
	protect(t, &measured);
	io = program__start(t, "verify:fsverity", NULL);
	memset(before, 0xee, IO_BYTES);
	memcpy(io->out_data, before, IO_BYTES);
	for (int i = 0; i < 3; i++) {
		io->in[1] = small[i];
		io->out[0] = 0;
		scene__touch("m/f");
		test__errno(t, -EOVERFLOW, (int)io->out[0], "where it does not fit");
		test__true(t, !memcmp(io->out_data, before, IO_BYTES), "the buffer is as it was");
	}
	io->in[1] = fits;
	scene__touch("m/f");
	test__errno(t, 0, (int)io->out[0], "where it just fits");
	test__true(t, !memcmp(io->out_data, &measured, fits),
		   "the digest is that of FS_IOC_MEASURE_VERITY");
	test__equal(t, 4, io->calls, "calls");
	umount2("m", MNT_DETACH);
}

static int32_t add_key(const char *type, const void *payload, size_t len, int32_t ring)
{
	return SYS(syscall(SYS_add_key, type, "krsi", payload, len, ring));
}

/* A plain program that calls what may sleep: 6.1 has another errno for it than later kernels. */
static void expect_refused(struct krsi_run *t, const char *program)
{
	int err = program__try(t, program);

	if (err != -EACCES)
		test__errno(t, -EINVAL, err, "load of a plain program");
}

/* The signature by the keys of the ring; what the kfunc says. */
static int verify(struct io *io, int32_t ring)
{
	io->in[2] = ring;
	io->out[0] = 2;
	scene__touch("file");
	return io->out[0];
}

KRSI_TEST(pkcs7, .id = "helper/verify-pkcs7",
	  .summary = "bpf_verify_pkcs7_signature accepts what a key of the keyring has signed, and "
		     "nothing else; a keyring must be given back",
	  .requirements = { "HLP-030", "HLP-032" }, .hook = { "file_open" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		     .probe = no_bpf_lookup_user_key })
{
	int32_t ring, empty, key;
	struct io *io;

	expect_refused(t, "verify:pkcs7_plain");
	test__errno(t, -EINVAL, program__try(t, "verify:pkcs7_leak"), "load of one that leaks");
	scene__begin(t);
	test__errno(t, 0, put_file("file", "x"), "write a file");
	ring = add_key("keyring", NULL, 0, KEY_SPEC_PROCESS_KEYRING);
	empty = add_key("keyring", NULL, 0, KEY_SPEC_THREAD_KEYRING);
	key = add_key("asymmetric", signed_certificate, sizeof(signed_certificate), ring);
	if (ring < 0 || empty < 0 || key < 0)
		test__broken(t, "keys: %d %d %d", ring, empty, key);
	io = program__start(t, "verify:pkcs7", NULL);
	io->in[0] = sizeof(signed_digest);
	io->in[1] = sizeof(signed_signature);
	memcpy(io->in_data, signed_digest, sizeof(signed_digest));
	memcpy(io->in_data + 64, signed_signature, sizeof(signed_signature));
	test__errno(t, 0, verify(io, ring), "a good signature");
	test__errno(t, -ENOKEY, verify(io, empty), "with a keyring that lacks the key");
	test__equal(t, 1, verify(io, 0x7fffffff), "no such keyring");
	io->in_data[20] ^= 1;
	test__errno(t, -EKEYREJECTED, verify(io, ring), "of other data");
	io->in_data[20] ^= 1;
	io->in_data[64] ^= 1;
	test__errno(t, -EBADMSG, verify(io, ring), "what is no signature");
	test__equal(t, 5, io->calls, "calls");
}

KRSI_TEST(cgroup_xattr, .id = "helper/cgroup-read-xattr",
	  .summary = "bpf_cgroup_read_xattr gives a user attribute of the cgroup, and no other",
	  .requirements = { "HLP-033" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED, .probe = no_bpf_cgroup_read_xattr })
{
	struct cgroup cgroup;
	struct stat st;
	struct io *io;

	cgroups__begin(t);
	cgroup = cgroups__make(t, NULL, "krsi");
	if (fstat(cgroup.fd, &st))
		test__broken(t, "stat: %s", strerror(errno));
	test__errno(t, 0, SYS(fsetxattr(cgroup.fd, "trusted.krsi", "secret", 6, 0)), "setxattr");
	io = program__start(t, "verify:cgroup_xattr", NULL);
	io->in[0] = st.st_ino;
	test__errno(t, 0, scene__mkdir("one"), "mkdir");
	test__errno(t, -ENODATA, (int)io->out[0], "bpf_cgroup_read_xattr of no attribute");
	test__errno(t, 0, SYS(fsetxattr(cgroup.fd, "user.krsi", "value", 5, 0)), "setxattr");
	test__errno(t, 0, scene__mkdir("two"), "mkdir");
	test__equal(t, 5, (int)io->out[0], "bpf_cgroup_read_xattr");
	test__true(t, !memcmp(io->out_data, "value", 6), "the value is that of setxattr");
	test__errno(t, -EPERM, (int)io->out[1], "bpf_cgroup_read_xattr of a trusted attribute");
	test__equal(t, 2, io->calls, "calls");
	cgroups__remove(t, &cgroup);
}

KRSI_TEST(file_bytes, .id = "helper/dynptr-from-file",
	  .summary = "bpf_dynptr_from_file gives access to the bytes of the file, takes no flag, "
		     "and must be given back",
	  .requirements = { "HLP-034" }, .hook = { "file_ioctl" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		     .probe = no_bpf_dynptr_from_file })
{
	struct io *io;
	int fd, bytes;

	test__errno(t, -EINVAL, program__try(t, "verify:file_bytes_leak"), "load of a leak");
	scene__begin(t);
	test__errno(t, 0, put_file("file", "0123456789"), "write a file");
	fd = open("file", O_RDONLY | O_CLOEXEC);
	io = program__start(t, "verify:file_bytes", NULL);
	ioctl(fd, FIGETBSZ, &bytes);
	test__errno(t, 0, (int)io->out[0], "bpf_dynptr_from_file");
	test__errno(t, 0, (int)io->out[1], "bpf_dynptr_read");
	test__true(t, !memcmp(io->out_data, "0123", 4), "the first bytes");
	io->in[0] = 5;
	ioctl(fd, FIGETBSZ, &bytes);
	test__errno(t, 0, (int)io->out[1], "bpf_dynptr_read");
	test__true(t, !memcmp(io->out_data, "5678", 4), "later bytes");
	io->in[1] = 1;
	ioctl(fd, FIGETBSZ, &bytes);
	test__errno(t, -EINVAL, (int)io->out[0], "with a flag");
	test__errno(t, -EINVAL, (int)io->out[1], "bpf_dynptr_read of nothing");
	test__equal(t, 3, io->calls, "calls");
}

/* Loads the program and attaches it with this cookie; its memory. */
static struct io *start_with(struct krsi_run *t, uint64_t cookie)
{
	struct krsi_prog *prog = program__load(t, "verify:cookie");
	union bpf_attr attr = { .link_create = { .prog_fd = t->adapter->prog_fd(prog),
						 .attach_type = BPF_LSM_MAC,
						 .tracing.cookie = cookie } };

	test__errno(t, 0, SYS(syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr))),
		    "BPF_LINK_CREATE");
	return program__memory(t, prog);
}

KRSI_TEST(cookie, .id = "helper/attach-cookie",
	  .summary = "bpf_get_attach_cookie gives each program the cookie of its own link, 0 where "
		     "there is none",
	  .requirements = { "HLP-020" }, .hook = { SCENE_HOOK },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_FDS | KRSI_CAP_LINK_CREATE,
		     .probe = no_bpf_get_attach_cookie })
{
	const uint64_t cookies[] = { 0x123456789abcdef0, 0, 77 };
	struct io *io[3];

	scene__begin(t);
	for (int i = 0; i < 3; i++) {
		io[i] = start_with(t, cookies[i]);
		io[i]->out[0] = 1;
	}
	test__errno(t, 0, scene__mkdir("new"), "mkdir");
	for (int i = 0; i < 3; i++) {
		test__equal(t, 1, io[i]->calls, "calls");
		test__equal(t, cookies[i], io[i]->out[0], "cookie");
	}
}
