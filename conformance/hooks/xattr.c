// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on extended attributes and POSIX ACLs. */
#include <linux/capability.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/harness/uring.h"

#define NAME  "trusted.krsi"
#define VALUE "label"
#define ACL   "system.posix_acl_access"

/* System calls of Linux 6.13; the numbers are the same on every architecture. */
enum { SYS_setxattrat_ = 463, SYS_getxattrat_, SYS_listxattrat_, SYS_removexattrat_ };

/* struct xattr_args of linux/xattr.h */
struct args {
	uint64_t value;
	uint32_t size, flags;
};

static const char *no_xattrat(void)
{
	return needs__syscall(SYS_setxattrat_) ? NULL : "no setxattrat here";
}

static int open_f(struct subject *s)
{
	return put_file("f", "krsi") ?: open_slot(s, 0, "f", O_RDWR, 0);
}

static int named_f(struct subject *s)
{
	int err = open_f(s);

	if (err)
		return err;
	TRY(setxattr("f", NAME, VALUE, sizeof(VALUE), 0));
	return 0;
}

static bool is_named(struct subject *s)
{
	char buf[16] = "";

	return getxattr("f", NAME, buf, sizeof(buf)) == sizeof(VALUE) && !strcmp(buf, VALUE);
}

static bool is_nameless(struct subject *s)
{
	return getxattr("f", NAME, NULL, 0) < 0 && errno == ENODATA;
}

/* ---- set ---- */
static int do_setxattr(struct subject *s)
{
	return SYS(setxattr("f", NAME, VALUE, sizeof(VALUE), XATTR_CREATE));
}

static int do_lsetxattr(struct subject *s)
{
	return SYS(lsetxattr("f", NAME, VALUE, sizeof(VALUE), XATTR_CREATE));
}

static int do_fsetxattr(struct subject *s)
{
	return SYS(fsetxattr(s->fd[0], NAME, VALUE, sizeof(VALUE), XATTR_CREATE));
}

static int do_setxattrat(struct subject *s)
{
	const struct args args = { (uintptr_t)VALUE, sizeof(VALUE), XATTR_CREATE };

	return SYS(syscall(SYS_setxattrat_, AT_FDCWD, "f", 0, NAME, &args, sizeof(args)));
}

URING_ROUTE(setxattr, FSETXATTR, .fd = s->fd[0], .addr = URING_ADDR(NAME),
	    .addr2 = URING_ADDR(VALUE), .len = sizeof(VALUE), .xattr_flags = XATTR_CREATE)

URING_ROUTE(setxattr_path, SETXATTR, .fd = -1, .addr = URING_ADDR(NAME), .addr3 = URING_ADDR("f"),
	    .addr2 = URING_ADDR(VALUE), .len = sizeof(VALUE), .xattr_flags = XATTR_CREATE)

static int open_f_and_ring(struct subject *s)
{
	return open_f(s) ?: uring__open();
}

HOOK(inode_setxattr, FAMILY_INODE, .setup = open_f_and_ring,
     .route = { { "setxattr", do_setxattr },
		{ "lsetxattr", do_lsetxattr },
		{ "fsetxattr", do_fsetxattr },
		{ "setxattrat", do_setxattrat, .probe = no_xattrat },
		{ "io_uring", uring_setxattr, .probe = no_uring_setxattr },
		{ "io_uring_setxattr", uring_setxattr_path, .probe = no_uring_setxattr_path } },
     .effect = is_named,
     .args = { WANT_FILE("dentry", "f"), WANT_TEXT("name", NAME), WANT_TEXT("value", VALUE),
	       WANT_NUM("size", sizeof(VALUE)), WANT_NUM("flags", XATTR_CREATE) });

VOID_HOOK(inode_post_setxattr, FAMILY_INODE, .setup = open_f,
	  .route = { { "setxattr", do_setxattr } }, .effect = is_named,
	  .args = { WANT_FILE("dentry", "f"), WANT_TEXT("name", NAME), WANT_TEXT("value", VALUE),
		    WANT_NUM("size", sizeof(VALUE)), WANT_NUM("flags", XATTR_CREATE) });

/* ---- get and list, into s->text ---- */
static int do_getxattr(struct subject *s)
{
	return SYS(getxattr("f", NAME, s->text, sizeof(s->text)));
}

static int do_lgetxattr(struct subject *s)
{
	return SYS(lgetxattr("f", NAME, s->text, sizeof(s->text)));
}

static int do_fgetxattr(struct subject *s)
{
	return SYS(fgetxattr(s->fd[0], NAME, s->text, sizeof(s->text)));
}

static int do_getxattrat(struct subject *s)
{
	const struct args args = { (uintptr_t)s->text, sizeof(s->text), 0 };

	return SYS(syscall(SYS_getxattrat_, AT_FDCWD, "f", 0, NAME, &args, sizeof(args)));
}

static bool value_read(struct subject *s)
{
	return !strcmp(s->text, VALUE);
}

URING_ROUTE(getxattr, FGETXATTR, .fd = s->fd[0], .addr = URING_ADDR(NAME),
	    .addr2 = URING_ADDR(s->text), .len = sizeof(s->text))

URING_ROUTE(getxattr_path, GETXATTR, .fd = -1, .addr = URING_ADDR(NAME), .addr3 = URING_ADDR("f"),
	    .addr2 = URING_ADDR(s->text), .len = sizeof(s->text))

static int named_f_and_ring(struct subject *s)
{
	return named_f(s) ?: uring__open();
}

HOOK(inode_getxattr, FAMILY_INODE, .setup = named_f_and_ring,
     .route = { { "getxattr", do_getxattr },
		{ "lgetxattr", do_lgetxattr },
		{ "fgetxattr", do_fgetxattr },
		{ "getxattrat", do_getxattrat, .probe = no_xattrat },
		{ "io_uring", uring_getxattr, .probe = no_uring_getxattr },
		{ "io_uring_getxattr", uring_getxattr_path, .probe = no_uring_getxattr_path } },
     .effect = value_read, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("name", NAME) });

static int do_listxattr(struct subject *s)
{
	return SYS(listxattr("f", s->text, sizeof(s->text)));
}

static int do_llistxattr(struct subject *s)
{
	return SYS(llistxattr("f", s->text, sizeof(s->text)));
}

static int do_flistxattr(struct subject *s)
{
	return SYS(flistxattr(s->fd[0], s->text, sizeof(s->text)));
}

static int do_listxattrat(struct subject *s)
{
	return SYS(syscall(SYS_listxattrat_, AT_FDCWD, "f", 0, s->text, sizeof(s->text)));
}

static bool name_listed(struct subject *s)
{
	return memmem(s->text, sizeof(s->text), NAME, sizeof(NAME));
}

HOOK(inode_listxattr, FAMILY_INODE, .setup = named_f,
     .route = { { "listxattr", do_listxattr },
		{ "llistxattr", do_llistxattr },
		{ "flistxattr", do_flistxattr },
		{ "listxattrat", do_listxattrat, .probe = no_xattrat } },
     .effect = name_listed, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("dentry", "f") });

/* ---- remove ---- */
static int do_removexattr(struct subject *s)
{
	return SYS(removexattr("f", NAME));
}

static int do_lremovexattr(struct subject *s)
{
	return SYS(lremovexattr("f", NAME));
}

static int do_fremovexattr(struct subject *s)
{
	return SYS(fremovexattr(s->fd[0], NAME));
}

static int do_removexattrat(struct subject *s)
{
	return SYS(syscall(SYS_removexattrat_, AT_FDCWD, "f", 0, NAME));
}

HOOK(inode_removexattr, FAMILY_INODE, .setup = named_f,
     .route = { { "removexattr", do_removexattr },
		{ "lremovexattr", do_lremovexattr },
		{ "fremovexattr", do_fremovexattr },
		{ "removexattrat", do_removexattrat, .probe = no_xattrat } },
     .effect = is_nameless, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("name", NAME) });

VOID_HOOK(inode_post_removexattr, FAMILY_INODE, .setup = named_f,
	  .route = { { "removexattr", do_removexattr } }, .effect = is_nameless,
	  .args = { WANT_FILE("dentry", "f"), WANT_TEXT("name", NAME) });

/* ---- security.*: whose capability check a program may switch off ---- */
static int incapable(struct subject *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	int err = open_f(s);

	if (err)
		return err;
	TRY(syscall(SYS_capget, &header, caps));
	caps[0].effective &= ~(1u << CAP_SYS_ADMIN);
	TRY(syscall(SYS_capset, &header, caps));
	return 0;
}

static int do_set_security(struct subject *s)
{
	return SYS(setxattr("f", "security.krsi", VALUE, sizeof(VALUE), 0));
}

static bool has_security(struct subject *s)
{
	return getxattr("f", "security.krsi", NULL, 0) == sizeof(VALUE);
}

BOOL_HOOK(inode_xattr_skipcap, FAMILY_INODE, .setup = incapable,
	  .route = { { "setxattr", do_set_security } }, .effect = has_security, .normal = -EPERM,
	  .grants = true, .args = { WANT_TEXT("name", "security.krsi") });

/* ---- POSIX ACLs: user 1 may read f ---- */
static const struct {
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry entry[5];
} acl = {
	{ POSIX_ACL_XATTR_VERSION },
	{
		{ ACL_USER_OBJ, ACL_READ | ACL_WRITE, ACL_UNDEFINED_ID },
		{ ACL_USER, ACL_READ, 1 },
		{ ACL_GROUP_OBJ, 0, ACL_UNDEFINED_ID },
		{ ACL_MASK, ACL_READ, ACL_UNDEFINED_ID },
		{ ACL_OTHER, 0, ACL_UNDEFINED_ID },
	},
};

static int acl_f(struct subject *s)
{
	int err = open_f(s);

	if (err)
		return err;
	TRY(setxattr("f", ACL, &acl, sizeof(acl), 0));
	return 0;
}

static int do_set_acl(struct subject *s)
{
	return SYS(setxattr("f", ACL, &acl, sizeof(acl), 0));
}

static int do_fset_acl(struct subject *s)
{
	return SYS(fsetxattr(s->fd[0], ACL, &acl, sizeof(acl), 0));
}

static int do_set_acl_at(struct subject *s)
{
	const struct args args = { (uintptr_t)&acl, sizeof(acl), 0 };

	return SYS(syscall(SYS_setxattrat_, AT_FDCWD, "f", 0, ACL, &args, sizeof(args)));
}

URING_ROUTE(set_acl, FSETXATTR, .fd = s->fd[0], .addr = URING_ADDR(ACL), .addr2 = URING_ADDR(&acl),
	    .len = sizeof(acl))

static bool has_acl(struct subject *s)
{
	return getxattr("f", ACL, NULL, 0) == sizeof(acl);
}

HOOK(inode_set_acl, FAMILY_INODE, .setup = open_f_and_ring,
     .route = { { "setxattr", do_set_acl },
		{ "fsetxattr", do_fset_acl },
		{ "setxattrat", do_set_acl_at, .probe = no_xattrat },
		{ "io_uring", uring_set_acl, .probe = no_uring_set_acl } },
     .effect = has_acl, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("acl_name", ACL) });

VOID_HOOK(inode_post_set_acl, FAMILY_INODE, .setup = open_f,
	  .route = { { "setxattr", do_set_acl } }, .effect = has_acl,
	  .args = { WANT_FILE("dentry", "f"), WANT_TEXT("acl_name", ACL) });

static int do_get_acl(struct subject *s)
{
	return SYS(getxattr("f", ACL, s->text, sizeof(s->text)));
}

static int do_fget_acl(struct subject *s)
{
	return SYS(fgetxattr(s->fd[0], ACL, s->text, sizeof(s->text)));
}

static int do_get_acl_at(struct subject *s)
{
	const struct args args = { (uintptr_t)s->text, sizeof(s->text), 0 };

	return SYS(syscall(SYS_getxattrat_, AT_FDCWD, "f", 0, ACL, &args, sizeof(args)));
}

URING_ROUTE(get_acl, FGETXATTR, .fd = s->fd[0], .addr = URING_ADDR(ACL),
	    .addr2 = URING_ADDR(s->text), .len = sizeof(s->text))

static int acl_f_and_ring(struct subject *s)
{
	return acl_f(s) ?: uring__open();
}

static bool acl_read(struct subject *s)
{
	return !memcmp(s->text, &acl, sizeof(acl));
}

HOOK(inode_get_acl, FAMILY_INODE, .setup = acl_f_and_ring,
     .route = { { "getxattr", do_get_acl },
		{ "fgetxattr", do_fget_acl },
		{ "getxattrat", do_get_acl_at, .probe = no_xattrat },
		{ "io_uring", uring_get_acl, .probe = no_uring_get_acl } },
     .effect = acl_read, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("acl_name", ACL) });

static int do_remove_acl(struct subject *s)
{
	return SYS(removexattr("f", ACL));
}

static int do_fremove_acl(struct subject *s)
{
	return SYS(fremovexattr(s->fd[0], ACL));
}

static int do_remove_acl_at(struct subject *s)
{
	return SYS(syscall(SYS_removexattrat_, AT_FDCWD, "f", 0, ACL));
}

static bool has_no_acl(struct subject *s)
{
	return getxattr("f", ACL, NULL, 0) < 0 && errno == ENODATA;
}

HOOK(inode_remove_acl, FAMILY_INODE, .setup = acl_f,
     .route = { { "removexattr", do_remove_acl },
		{ "fremovexattr", do_fremove_acl },
		{ "removexattrat", do_remove_acl_at, .probe = no_xattrat } },
     .effect = has_no_acl, .args = { WANT_FILE("dentry", "f"), WANT_TEXT("acl_name", ACL) });

VOID_HOOK(inode_post_remove_acl, FAMILY_INODE, .setup = acl_f,
	  .route = { { "removexattr", do_remove_acl } }, .effect = has_no_acl,
	  .args = { WANT_FILE("dentry", "f"), WANT_TEXT("acl_name", ACL) });
