// SPDX-License-Identifier: GPL-2.0-only
/* The hook that is told of a file that fs-verity protects, and whose signature is good. */
#include <fcntl.h>
#include <linux/fsverity.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/signed.h"
#include "conformance/hooks/ext2_image.h"
#include "conformance/hooks/loopdev.h"
#include "conformance/hooks/mounting.h"
#include "conformance/hooks/running.h"

/* The kernel's LSM_INT_FSVERITY_BUILTINSIG_VALID. */
#define SIGNATURE_VALID 2

enum { FD_DEVICE, FD_FILE };
/* The keyring whose keys fs-verity trusts, and ours in it. */
enum { KEYRING, KEY };

/* The keyring is not linked anywhere; /proc/keys alone tells its number. 0: there is none. */
static long find_keyring(void)
{
	FILE *keys = fopen("/proc/keys", "re");
	char line[256], name[32];
	unsigned int number;
	long found = 0;

	while (keys && fgets(line, sizeof(line), keys))
		if (sscanf(line, "%x %*s %*s %*s %*s %*s %*s keyring %31[^:]", &number, name) ==
			    2 &&
		    !strcmp(name, ".fs-verity"))
			found = number;
	if (keys)
		fclose(keys);
	return found;
}

static const char *no_keyring(void)
{
	return find_keyring() ? NULL : "fs-verity of this kernel checks no signatures";
}

/* A file on ext4, as "m/f", to sign which the key is known. */
static int signable(struct subject *s)
{
	char name[LOOP_NAME];
	int err = mount_place(s) ?: ext4_image("image");

	err = err ?: loop_attach(s, FD_DEVICE, "image", name);
	if (err)
		return err;
	TRY(mount(name, "m", "ext4", 0, NULL));
	err = put_file("m/f", SIGNED_CONTENT) ?: open_slot(s, FD_FILE, "m/f", O_RDONLY, 0);
	if (err)
		return err;
	s->val[KEYRING] = find_keyring();
	s->val[KEY] = syscall(SYS_add_key, "asymmetric", "krsi", signed_certificate,
			      sizeof(signed_certificate), (int)s->val[KEYRING]);
	return s->val[KEY] < 0 ? -errno : 0;
}

static int do_enable(struct subject *s)
{
	const struct fsverity_enable_arg how = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.block_size = SIGNED_BLOCK,
		.sig_size = sizeof(signed_signature),
		.sig_ptr = (uintptr_t)signed_signature,
	};

	return SYS(ioctl(s->fd[FD_FILE], FS_IOC_ENABLE_VERITY, &how));
}

static bool is_protected(struct subject *s)
{
	struct statx st;

	return !statx(s->fd[FD_FILE], "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) &&
	       st.stx_attributes & STATX_ATTR_VERITY;
}

static void forget(struct subject *s)
{
	syscall(SYS_keyctl, KEYCTL_UNLINK, (int)s->val[KEY], (int)s->val[KEYRING]);
	close(s->fd[FD_FILE]);
	umount2("m", 0);
}

/* Where the file is protected first, and LSMs hear of it when there is no way back. */
static const char *told_too_late(void)
{
	return btf_has_name("fsverity_report_valid_sig") ? "fsverity_report_valid_sig" : NULL;
}

HOOK(inode_setintegrity, FAMILY_LABEL, .setup = signable,
     .route = { { "fs-verity-enable", do_enable } }, .effect = is_protected, .cleanup = forget,
     .ignores = told_too_late,
     .args = { WANT_FD("inode", FD_FILE), WANT_NUM("type", SIGNATURE_VALID),
	       WANT_NUM("size", sizeof(signed_signature)) },
     .needs = { .module = { "loop", "ext4" }, .probe = no_keyring });
