/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hook catalogue: one entry per LSM hook, the single source of truth for how to make its
 * behaviour happen and how to see that it happened. The tests hook/<hook>/fires, args, deny, errno
 * and restore are derived from the entry; nothing is written again per hook.
 *
 * A whole entry, with its functions:
 *
 *	static int do_mkdir(struct subject *s)
 *	{
 *		return SYS(mkdir("new", 0700));
 *	}
 *
 *	static bool made(struct subject *s)
 *	{
 *		return exists("new");
 *	}
 *
 *	HOOK(inode_mkdir, FAMILY_INODE, .route = { { "mkdir", do_mkdir } }, .effect = made,
 *	     .args = { WANT_FILE("dir", "."), WANT_TEXT("dentry", "new") });
 */
#ifndef KRSI_HARNESS_HOOK_H
#define KRSI_HARNESS_HOOK_H

#include "conformance/adapters/adapter.h"
#include "conformance/harness/needs.h"
#include "conformance/harness/subject.h"

enum krsi_family {
	FAMILY_INODE,
	FAMILY_PATH,
	FAMILY_FILE,
	FAMILY_MOUNT,
	FAMILY_EXEC,
	FAMILY_TASK,
	FAMILY_CRED,
	FAMILY_IPC,
	FAMILY_KEY,
	FAMILY_SOCKET,
	FAMILY_NETWORK,
	FAMILY_BPF,
	FAMILY_KERNEL,
	FAMILY_LABEL,
	FAMILIES
};

/* Name of a family as shown to users. */
const char *family__name(enum krsi_family family);

/* Where the value that an argument must have comes from. */
enum krsi_source {
	SOURCE_NONE,   /* ends a list */
	SOURCE_NUMBER, /* `number` */
	SOURCE_TEXT,   /* `text`, compared with the captured text */
	SOURCE_VALUE,  /* subject's val[index] */
	SOURCE_FILE,   /* inode (a) and device (b) of the path `text` in the subject's directory */
	SOURCE_FD,     /* inode (a) and device (b) of the subject's fd[index] */
	SOURCE_SOCKET, /* inode (a) of the socket fd[index] */
	SOURCE_DEV,    /* device, in word `field`, of the file system at the path `text` */
};

/* An argument that must identify the object that the subject touched. */
struct krsi_want {
	/* the parameter's name; alternatives for kernels that named it otherwise:
	 * "idmap|mnt_userns" */
	const char *param;
	enum krsi_field field; /* with NUMBER, VALUE and DEV: which word */
	enum krsi_source from;
	uint64_t number;
	uint64_t mask; /* with NUMBER and VALUE: bits compared, 0: all */
	const char *text;
	int index;
	bool after; /* looked up only after act, which puts another object there */
};

/* The parameter itself is the number n (flags, modes, commands). */
#define WANT_NUM(p, n)                                                                             \
	{                                                                                          \
		.param = p, .field = KRSI_RAW, .from = SOURCE_NUMBER, .number = (n)                \
	}
/* The bits `m` of the parameter are n. */
#define WANT_BITS(p, m, n)                                                                         \
	{                                                                                          \
		.param = p, .field = KRSI_RAW, .from = SOURCE_NUMBER, .number = (n), .mask = (m)   \
	}
/* A captured word (KRSI_A, KRSI_B) of the parameter is the number n. */
#define WANT_WORD(p, f, n)                                                                         \
	{                                                                                          \
		.param = p, .field = f, .from = SOURCE_NUMBER, .number = (n)                       \
	}
/* A word (KRSI_RAW, KRSI_A, KRSI_B) is what set-up or act stored in s->val[i]. */
#define WANT_VAL(p, f, i)                                                                          \
	{                                                                                          \
		.param = p, .field = f, .from = SOURCE_VALUE, .index = (i)                         \
	}
/* The captured text is exactly t. */
#define WANT_TEXT(p, t)                                                                            \
	{                                                                                          \
		.param = p, .field = KRSI_S, .from = SOURCE_TEXT, .text = t                        \
	}
/* The inode, dentry, file, path or mount is the one at `path` (looked up before, else after). */
#define WANT_FILE(p, path)                                                                         \
	{                                                                                          \
		.param = p, .from = SOURCE_FILE, .text = path                                      \
	}
/* The inode, dentry or file is that of s->fd[i]. */
#define WANT_FD(p, i)                                                                              \
	{                                                                                          \
		.param = p, .from = SOURCE_FD, .index = (i)                                        \
	}
/* The struct socket or sock is that of the socket s->fd[i]. */
#define WANT_SOCKET(p, i)                                                                          \
	{                                                                                          \
		.param = p, .from = SOURCE_SOCKET, .index = (i)                                    \
	}
/* The super block is that of the file system at `path` (looked up before, else after). */
#define WANT_SUPER(p, path)                                                                        \
	{                                                                                          \
		.param = p, .field = KRSI_B, .from = SOURCE_DEV, .text = path                      \
	}
/* ... that act mounts at `path`, where there was another one. */
#define WANT_NEW_SUPER(p, path)                                                                    \
	{                                                                                          \
		.param = p, .field = KRSI_B, .from = SOURCE_DEV, .text = path, .after = true       \
	}

#define KRSI_MAX_WANTS	6
#define KRSI_MAX_ROUTES 32

/* One way to make the behaviour happen. */
struct krsi_route {
	const char *name; /* the syscall or path, e.g. "openat2"; part of a permanent test id */
	int (*act)(struct subject *s); /* >= 0, or -errno of the behaviour */
	/* what userspace sees of a denial on this route, if not what the entry says of all */
	int denied_as;
	const char *denied_by;
	/* as the probe of krsi_needs, and instead of the entry's: a way that not every kernel has
	 */
	const char *(*probe)(void);
	const char *module;	/* that this way needs besides those of the entry */
	const char *lsm;	/* ... and likewise; see krsi_needs */
	const char *ignored_by; /* as the entry's, on this way alone */
	/* Instead of the entry's, for a way that leads to another object or asks more often. */
	struct krsi_want only;
	unsigned int count;
	const char *many;
};

struct krsi_hook_entry {
	const char *name;
	enum krsi_family family;
	/* void as the kernel's BTF says; BOOL for an int hook whose answer is a truth value */
	enum krsi_ret ret;

	/* Makes everything ready; not observed. 0 or -errno (the test is then `broken`). */
	int (*setup)(struct subject *s);
	/* The behaviour and nothing else: it runs while the program is armed. The first route is
	 * the one that the generic tests use; each further one gets its own route test. */
	struct krsi_route route[KRSI_MAX_ROUTES];
	/* Did the behaviour take place? Called after act with the program disarmed: true after an
	 * undisturbed run, false after a denied one. Required where the hook can deny. */
	bool (*effect)(struct subject *s);
	/* Puts back what outlives the subject and its directory; not observed. */
	void (*cleanup)(struct subject *s);

	struct krsi_want args[KRSI_MAX_WANTS];
	/* Only calls with this argument are the behaviour (not SOURCE_TEXT); others pass unseen. */
	struct krsi_want only;
	unsigned int count; /* calls per act, exactly; 0 means 1 */
	const char *many;   /* instead of count: why the number is not defined */
	/* calls seen when denied, if not `count`: an operation that stops early, or tries again */
	unsigned int deny_count;
	const char *deny_many; /* instead: why the number of denied calls is not defined */
	int normal; /* what act returns when undisturbed: 0 means success (>= 0), else this -errno
		     */

	/* The hook is called in another context than the subject's (softirq, kworker, RCU): match
	 * anyone's calls; `only` is then required. */
	bool anyone;
	/* The hook may be called after act has returned: keep the program armed and wait. */
	bool async;

	/* What the hook returns where no LSM has an answer, if that is not 0 (lsm_hook_defs.h): a
	 * program that returns it, or 0, leaves the behaviour as it is. */
	int default_ret;

	/* What userspace sees instead of the program's errno, and the kernel function that maps
	 * it. denied_as 0 with denied_by set: act succeeds although the effect did not happen. */
	int denied_as;
	const char *denied_by;
	/* The kernel ignores the return value: function that does. Deny then expects no change. */
	const char *ignored_by;
	/* ... which not every kernel does: as ignored_by, or NULL where this one does not. */
	const char *(*ignores)(void);
	/* Why a denial cannot be tested; deny and errno are then not derived. */
	const char *no_deny;
	/* A bool hook that can permit: `normal` is what its no (0) leads to, without effect; its
	 * yes (1) lets act succeed and take effect. (Other entries with an errno as `normal` have
	 * an effect before it.) */
	bool grants;

	struct krsi_needs needs;
	/*
	 * Proof that nothing can call the hook: who calls it, and why none of them can run. Alone
	 * it holds on every kernel; beside a route or `untriggered` on those that do not meet
	 * `needs`.
	 */
	const char *unreachable;
	/* No trigger yet: what one needs. Then there are no routes. */
	const char *untriggered;
};

#define KRSI_HOOK_ENTRY(hook, fam, returns, ...)                                                   \
	static const struct krsi_hook_entry hook_##hook = {                                        \
		.name = #hook, .family = fam, .ret = returns, __VA_ARGS__                          \
	};                                                                                         \
	static const struct krsi_hook_entry *hook_##hook##_p                                       \
		__attribute__((used, section("krsi_hooks"))) = &hook_##hook
/* A hook that returns int, void or bool. */
#define HOOK(hook, fam, ...)	  KRSI_HOOK_ENTRY(hook, fam, KRSI_RET_INT, __VA_ARGS__)
#define VOID_HOOK(hook, fam, ...) KRSI_HOOK_ENTRY(hook, fam, KRSI_RET_VOID, __VA_ARGS__)
#define BOOL_HOOK(hook, fam, ...) KRSI_HOOK_ENTRY(hook, fam, KRSI_RET_BOOL, __VA_ARGS__)

/* The catalogue, sorted by name; *n entries. */
const struct krsi_hook_entry *const *catalogue__all(size_t *n);
/* The entry of a hook, or NULL. */
const struct krsi_hook_entry *catalogue__find(const char *name);

#endif
