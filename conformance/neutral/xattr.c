// SPDX-License-Identifier: GPL-2.0-only
/* Extended attributes of each name space, and access control lists. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/harness/subject.h"
#include "conformance/neutral/objects.h"
#include "conformance/neutral/workload.h"

#define AT AT_FDCWD

/* The names of a file's attributes in order, as many as do not depend on the LSMs. */
static int list_own(void)
{
	char names[1024];
	ssize_t n = listxattr("own", names, sizeof(names));
	int kept = 0;

	if (n < 0)
		return -errno;
	for (char *at = names; at < names + n; at += strlen(at) + 1)
		kept += !strncmp(at, "user.", 5) || !strncmp(at, "trusted.", 8) ||
			!strncmp(at, "security.krsi", 13);
	return kept;
}

static const struct call xattr_calls[] = {
	KEEP(0, "create", openat, AT, "own", O_RDWR | O_CREAT, 0600),
	NUM("user-set", setxattr, "own", "user.krsi", "value", 5, 0),
	NUM("user-create", setxattr, "own", "user.krsi", "value", 5, XATTR_CREATE),
	NUM("user-replace", setxattr, "own", "user.krsi", "other", 5, XATTR_REPLACE),
	NUM("user-replace-missing", setxattr, "own", "user.none", "other", 5, XATTR_REPLACE),
	BYTES("user-get", getxattr, "own", "user.krsi", out, 64),
	NUM("user-get-short", getxattr, "own", "user.krsi", out, 2),
	NUM("user-get-size", getxattr, "own", "user.krsi", 0, 0),
	NUM("user-fset", fsetxattr, SLOT(0), "user.second", "v", 1, 0),
	NUM("user-set-public", setxattr, "public", "user.krsi", "v", 1, 0),
	NUM("user-set-open", setxattr, "open", "user.krsi", "v", 1, 0),
	NUM("user-set-link", lsetxattr, "to-public", "user.krsi", "v", 1, 0),
	NUM("user-set-closed", setxattr, "closed/file", "user.krsi", "v", 1, 0),
	NUM("user-set-sticky", setxattr, "sticky", "user.krsi", "v", 1, 0),
	NUM("user-get-secret", getxattr, "secret", "user.krsi", out, 64),
	FN("list", list_own),
	NUM("user-remove", removexattr, "own", "user.krsi"),
	NUM("user-remove-again", removexattr, "own", "user.krsi"),
	NUM("user-remove-public", removexattr, "public", "user.krsi"),
	NUM("trusted-set", setxattr, "own", "trusted.krsi", "v", 1, 0),
	NUM("trusted-get", getxattr, "own", "trusted.krsi", out, 64),
	NUM("trusted-remove", removexattr, "own", "trusted.krsi"),
	NUM("system-set", setxattr, "own", "system.krsi", "v", 1, 0),
	NUM("no-space-set", setxattr, "own", "krsi", "v", 1, 0),
	NUM("no-name-set", setxattr, "own", "user.", "v", 1, 0),
	NUM("empty-name-set", setxattr, "own", "", "v", 1, 0),
	NUM("flags-wrong", setxattr, "own", "user.x", "v", 1, 0x77),
	NUM("too-long", setxattr, "own", "user.x", "v", 70000, 0),
};
WORKLOAD(xattr, xattr_calls, .name = "xattr", .as = AS_ANYONE, .prepare = make_objects);

static struct vfs_cap_data cap_v2 = {
	.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
	.data = { { 1 << CAP_NET_RAW, 0 } },
};
static struct vfs_cap_data cap_wrong = { .magic_etc = 0x77000000 };

static const struct call xattr_security_calls[] = {
	KEEP(0, "create", openat, AT, "own", O_RDWR | O_CREAT, 0600),
	NUM("plain-set", setxattr, "own", "security.krsi", "v", 1, 0),
	BYTES("plain-get", getxattr, "own", "security.krsi", out, 64),
	NUM("plain-fset", fsetxattr, SLOT(0), "security.krsi.second", "v", 1, 0),
	NUM("plain-set-public", setxattr, "public", "security.krsi", "v", 1, 0),
	NUM("plain-set-open", setxattr, "open", "security.krsi", "v", 1, 0),
	NUM("plain-set-directory", setxattr, ".", "security.krsi", "v", 1, 0),
	NUM("plain-create", setxattr, "own", "security.krsi.third", "v", 1, XATTR_CREATE),
	NUM("plain-remove", removexattr, "own", "security.krsi"),
	NUM("plain-remove-public", removexattr, "public", "security.krsi"),
	NUM("selinux-set", setxattr, "own", "security.selinux", "v", 1, 0),
	NUM("selinux-get", getxattr, "own", "security.selinux", out, 64),
	NUM("selinux-remove", removexattr, "own", "security.selinux"),
	NUM("smack-set", setxattr, "own", "security.SMACK64", "v", 1, 0),
	NUM("apparmor-set", setxattr, "own", "security.apparmor", "v", 1, 0),
	NUM("bpf-set", setxattr, "own", "security.bpf.krsi", "v", 1, 0),
	BYTES("bpf-get", getxattr, "own", "security.bpf.krsi", out, 64),
	NUM("bpf-remove", removexattr, "own", "security.bpf.krsi"),
	NUM("ima-set", setxattr, "own", "security.ima", "v", 1, 0),
	NUM("ima-remove", removexattr, "own", "security.ima"),
	NUM("evm-set", setxattr, "own", "security.evm", "v", 1, 0),
	NUM("evm-remove", removexattr, "own", "security.evm"),
	NUM("capability-set", setxattr, "own", "security.capability", &cap_v2, XATTR_CAPS_SZ_2, 0),
	NUM("capability-get-size", getxattr, "own", "security.capability", 0, 0),
	NUM("capability-get", getxattr, "own", "security.capability", out, 64),
	NUM("capability-wrong", setxattr, "own", "security.capability", &cap_wrong, 20, 0),
	NUM("capability-public", setxattr, "public", "security.capability", &cap_v2,
	    XATTR_CAPS_SZ_2, 0),
	NUM("write-drops-capability", write, SLOT(0), "x", 1),
	NUM("capability-dropped", getxattr, "own", "security.capability", out, 64),
	NUM("capability-remove", removexattr, "own", "security.capability"),
	FN("list", list_own),
};
WORKLOAD(xattr_security, xattr_security_calls, .name = "xattr-security", .requirement = "NEU-004",
	 .as = AS_ANYONE, .prepare = make_objects);

/* struct posix_acl_xattr_header and _entry: version 2; tag, permission, id. */
struct acl {
	uint32_t version;
	struct {
		uint16_t tag, perm;
		uint32_t id;
	} entry[5];
};

#define ACL_NONE 0xffffffffu

static struct acl acl_extended = {
	2,
	{ { 0x01, 6, ACL_NONE },
	  { 0x02, 4, 12 },
	  { 0x04, 0, ACL_NONE },
	  { 0x10, 4, ACL_NONE },
	  { 0x20, 0, ACL_NONE } },
};
static struct acl acl_minimal = {
	2,
	{ { 0x01, 6, ACL_NONE }, { 0x04, 4, ACL_NONE }, { 0x20, 4, ACL_NONE } },
};
static struct acl acl_wrong = { 3, { { 0x01, 6, ACL_NONE } } };

#define ACL_ACCESS  "system.posix_acl_access"
#define ACL_DEFAULT "system.posix_acl_default"
#define ACL_FULL    sizeof(acl_extended)
#define ACL_SHORT   (4 + 3 * 8)

static const struct call acl_calls[] = {
	KEEP(0, "create", openat, AT, "own", O_RDWR | O_CREAT, 0600),
	NUM("mkdir", mkdirat, AT, "d", 0700),
	NUM("set-minimal", setxattr, "own", ACL_ACCESS, &acl_minimal, ACL_SHORT, 0),
	NUM("get-minimal", getxattr, "own", ACL_ACCESS, out, 64),
	NUM("set", setxattr, "own", ACL_ACCESS, &acl_extended, ACL_FULL, 0),
	BYTES("get", getxattr, "own", ACL_ACCESS, out, 64),
	NUM("set-wrong", setxattr, "own", ACL_ACCESS, &acl_wrong, 12, 0),
	NUM("set-public", setxattr, "public", ACL_ACCESS, &acl_extended, ACL_FULL, 0),
	NUM("set-default-file", setxattr, "own", ACL_DEFAULT, &acl_extended, ACL_FULL, 0),
	NUM("set-default", setxattr, "d", ACL_DEFAULT, &acl_extended, ACL_FULL, 0),
	NUM("mkdir-inherits", mkdirat, AT, "d/d", 0777),
	BYTES("get-inherited", getxattr, "d/d", ACL_DEFAULT, out, 64),
	NUM("remove-default", removexattr, "d", ACL_DEFAULT),
	NUM("remove", removexattr, "own", ACL_ACCESS),
	NUM("remove-again", removexattr, "own", ACL_ACCESS),
	NUM("remove-public", removexattr, "public", ACL_ACCESS),
};
WORKLOAD(acl, acl_calls, .name = "acl", .as = AS_ANYONE, .prepare = make_objects);
