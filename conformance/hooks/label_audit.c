// SPDX-License-Identifier: GPL-2.0-only
/* The hooks by which audit asks for an inode's label. */
#include <sys/stat.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/auditing.h"

static int audited_file(struct subject *s)
{
	return put_file("f", "krsi") ?: auditing__start();
}

static int stat_f(struct subject *s)
{
	struct stat st;

	return SYS(stat("f", &st));
}

static int do_stat(struct subject *s)
{
	return in_child(s, stat_f);
}

VOID_HOOK(inode_getsecid, FAMILY_LABEL, .setup = audited_file, .route = { { "stat", do_stat } },
	  .cleanup = auditing__stop, .only = WANT_FILE("inode", "f"),
	  .args = { WANT_FILE("inode", "f") }, .needs.probe = auditing__unavailable);

VOID_HOOK(inode_getlsmprop, FAMILY_LABEL, .setup = audited_file, .route = { { "stat", do_stat } },
	  .cleanup = auditing__stop, .only = WANT_FILE("inode", "f"),
	  .args = { WANT_FILE("inode", "f") }, .needs.probe = auditing__unavailable);
