// SPDX-License-Identifier: GPL-2.0-only
/* Hook on the nodes of sysfs and cgroup file systems. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/mounting.h"

/* A cgroup of a name that is ours alone, s->text, in the hierarchy mounted on "m". */
static int cgroup_place(struct subject *s)
{
	struct stat st;
	int err = mount_place(s);

	if (err)
		return err;
	TRY(mount("none", "m", "cgroup2", 0, NULL));
	TRY(stat("m", &st));
	s->val[0] = st.st_ino;
	snprintf(s->text, sizeof(s->text), "m/krsi-%d", getpid());
	return 0;
}

static int do_mkdir(struct subject *s)
{
	return SYS(mkdir(s->text, 0700));
}

static bool is_there(struct subject *s)
{
	return exists(s->text);
}

static void remove_cgroup(struct subject *s)
{
	rmdir(s->text);
}

/* The control files of the new cgroup are nodes too: `only` leaves them out. */
HOOK(kernfs_init_security, FAMILY_INODE, .needs.filesystem = "cgroup2", .setup = cgroup_place,
     .route = { { "mkdir", do_mkdir } }, .effect = is_there, .cleanup = remove_cgroup,
     .only = WANT_VAL("kn_dir", KRSI_A, 0), .args = { WANT_VAL("kn_dir", KRSI_A, 0) },
     .denied_as = ENOMEM,
     .denied_by = "__kernfs_new_node: every failure is NULL, which kernfs_create_dir_ns calls "
		  "ENOMEM");
