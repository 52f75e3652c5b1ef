// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks that a mounted NFS calls: as the file system whose files have labels on the server, and
 * which mounts the server's other file systems by itself.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/mounting.h"
#include "conformance/hooks/nfs_server.h"
#include "conformance/hooks/selinux_policy.h"

#define NFS .cleanup = nfs_server__leave, .needs.module = { "nfsv4" }
#define NFS_AND_SELINUX                                                                            \
	.cleanup = nfs_server__leave, .needs = { .module = { "nfsv4" }, .lsm = "selinux" }

static int do_mount(struct subject *s)
{
	return nfs_server__mount(s, "m", "");
}

static bool is_there(struct subject *s)
{
	return is_mounted("m");
}

/* The client mounts the server's root first, in a copy of the context, and walks on from there. */
HOOK(fs_context_dup, FAMILY_MOUNT, NFS, .setup = nfs_server__start,
     .route = { { "mount", do_mount } }, .effect = is_there,
     .args = { WANT_TEXT("fc", "nfs4"), WANT_TEXT("src_sc|src_fc", "nfs4") });

/* Mounts that appear by themselves */

static int mounted(struct subject *s)
{
	return nfs_server__start(s) ?: do_mount(s);
}

static int do_enter(struct subject *s)
{
	int fd = open("m/sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -errno : 0;
}

static bool sub_is_there(struct subject *s)
{
	return is_mounted("m/sub");
}

HOOK(fs_context_submount, FAMILY_MOUNT, NFS, .setup = mounted,
     .route = { { "automount", do_enter } }, .effect = sub_is_there,
     .args = { WANT_TEXT("fc", "nfs4"), WANT_SUPER("reference", "m") });

HOOK(sb_clone_mnt_opts, FAMILY_MOUNT, NFS, .setup = mounted, .route = { { "automount", do_enter } },
     .effect = sub_is_there,
     .args = { WANT_SUPER("oldsb", "m"), WANT_NEW_SUPER("newsb", "m/sub") });

/* Mounts that share a file system: if it has options for a label LSM, they must agree. */
#define CONTEXT ",context=" SELINUX_LABEL

static int mounted_with_label(struct subject *s)
{
	int err = nfs_server__start(s) ?: selinux_set_up("selinux");

	if (err)
		return err;
	TRY(mkdir("m2", 0700));
	return nfs_server__mount(s, "m", CONTEXT);
}

static int do_mount_again(struct subject *s)
{
	return nfs_server__mount(s, "m2", CONTEXT);
}

static bool is_shared(struct subject *s)
{
	struct stat one, other;

	return !stat("m", &one) && !stat("m2", &other) && one.st_dev == other.st_dev;
}

HOOK(sb_mnt_opts_compat, FAMILY_MOUNT, NFS_AND_SELINUX, .setup = mounted_with_label,
     .route = { { "mount", do_mount_again } }, .effect = is_shared, .deny_count = 2, .denied_as = 0,
     .denied_by = "nfs_compare_super: what does not agree is another file system",
     .args = { WANT_SUPER("sb", "m") });

/* Labels of the server's files */

/* The client keeps to labels only where a label LSM wants them from the server. */
static int opened_with_label(struct subject *s)
{
	int err = nfs_server__start(s) ?: selinux_set_up("selinux") ?: do_mount(s);

	return err ?: open_slot(s, 1, "m/f", O_PATH, 0);
}

static int do_ask_server(struct subject *s)
{
	struct statx st = {};
	int ret = SYS(
		statx(s->fd[1], "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &st));

	s->val[1] = st.stx_size;
	return ret;
}

static bool answer_came(struct subject *s)
{
	return s->val[1] == NFS_SERVER_SIZE;
}

HOOK(inode_notifysecctx, FAMILY_LABEL, NFS_AND_SELINUX, .setup = opened_with_label,
     .route = { { "statx-force-sync", do_ask_server } }, .effect = answer_came,
     .ignored_by = "nfs_setsecurity",
     .args = { WANT_FD("inode", 1), WANT_TEXT("ctx", SELINUX_LABEL),
	       WANT_NUM("ctxlen", sizeof(SELINUX_LABEL) - 1) });

static int do_getxattr(struct subject *s)
{
	return SYS(getxattr("m/f", "security.krsi", s->text, sizeof(s->text) - 1));
}

static bool server_was_not_asked(struct subject *s)
{
	return strcmp(s->text, SELINUX_LABEL);
}

/*
 * Is this attribute the label, for which the client asks the server? Programs can be attached to
 * this hook only on kernels that ask it of NFS and Ceph alone.
 */
HOOK(ismaclabel, FAMILY_LABEL, NFS_AND_SELINUX, .setup = opened_with_label,
     .route = { { "getxattr", do_getxattr } }, .normal = -EOPNOTSUPP,
     .effect = server_was_not_asked, .denied_as = 0,
     .denied_by = "nfs4_xattr_get_nfs4_label: every answer but 0 is a yes",
     .args = { WANT_TEXT("name", "krsi") });
