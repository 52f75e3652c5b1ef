// SPDX-License-Identifier: GPL-2.0-only
/* A binary is found to be vulnerable: from then on it does not run, under whatever name. */
#include <fcntl.h>
#include <linux/types.h>
#include <string.h>
#include <unistd.h>

#include "conformance/scenarios/policy.h"
#include "conformance/scenarios/sha256_file.h"
#include "conformance/semantics/kernel_btf.h"

KERNEL_FUNCTION(bpf_ima_file_hash)

/* The kernel's HASH_ALGO_SHA256. */
#define SHA256 4

/* As in vulnerable_binary.bpf.c. */
struct digest {
	unsigned char algorithm, bytes[64];
};

/* The program with one more byte at its end, which nothing reads. */
static void put_patched(struct krsi_run *t, const char *path)
{
	int fd;

	test__errno(t, 0, put_noop(path), "write a program");
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		test__broken(t, "%s: %s", path, strerror(errno));
	close(fd);
}

/* The fingerprint comes from the audit log: the policy tells that of each exec. */
static struct digest fingerprint_of(struct policy *p, const char *path)
{
	struct digest digest;
	unsigned char own[SHA256_BYTES];

	test__equal(p->t, NOOP_STATUS, policy__exec(path, NULL), "exec before it is blocked");
	memcpy(&digest, p->io->out_data, sizeof(digest));
	if (digest.algorithm != SHA256)
		return digest;
	test__errno(p->t, 0, sha256_file(path, own), "hash of the file");
	test__true(p->t, !memcmp(own, digest.bytes, sizeof(own)), "the hash is that of the file");
	return digest;
}

KRSI_TEST(vulnerable_binary, .id = "scenario/vulnerable-binary",
	  .summary = "a binary whose hash is put on the list does not run from then on",
	  .requirements = { "SCN-008" }, .hook = { "bprm_check_security" },
	  .needs = { .capabilities = KRSI_CAP_NAMED | KRSI_CAP_SLEEPABLE,
		     .path = { "/sys/kernel/security/ima" },
		     .probe = no_bpf_ima_file_hash })
{
	struct digest digest;
	struct policy p;

	if (!test__hook(t, "bprm_check_security")->sleepable)
		test__skip(t, "bprm_check_security is not in the sleepable set here");
	scene__begin(t);
	test__errno(t, 0, put_noop("noop"), "write a program");
	test__errno(t, 0, put_noop("copy"), "write a program");
	put_patched(t, "patched");
	p = policy__start(t, "vulnerable_binary:blocklist", "blocked");
	digest = fingerprint_of(&p, "./noop");
	policy__add(&p, &digest);
	test__errno(t, -EPERM, policy__exec("./noop", NULL), "once its hash is on the list");
	test__errno(t, -EPERM, policy__exec("./copy", NULL), "under another name");
	test__equal(t, NOOP_STATUS, policy__exec("./patched", NULL), "with other content");
	policy__remove(&p, &digest);
	test__equal(t, NOOP_STATUS, policy__exec("./noop", NULL), "when it is off the list");
	test__equal(t, 5, p.io->out[0], "execs that were judged");
}
