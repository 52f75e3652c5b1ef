/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF program and the adapter that loads it share: the slot that steers a program,
 * the record it emits, and the kinds of argument it can describe.
 *
 * Included by BPF code (after kernel_types.h) and by userspace (after <linux/types.h>).
 */
#ifndef KRSI_BPF_WIRE_H
#define KRSI_BPF_WIRE_H

/* Programs that one instance can steer at a time: every hook once, and as many again. */
#define WIRE_SLOTS 640
/* Argument slots of a hook: what a trampoline passes in registers. */
#define WIRE_ARGS 6
/* Text captured for an argument, with its NUL. */
#define WIRE_TEXT 40
/* Bytes of the ring buffer: some 500 records. */
#define WIRE_RING (256 * 1024)
/* First and last word of a record; a record without both was cut or is not ours. */
#define WIRE_MAGIC 0x4b525349u
#define WIRE_END   0x49535259u

/*
 * Immediates that the program holds for the loader to replace (ld_imm64), so that one object
 * serves every hook and the verifier sees only the code that the hook's arguments need.
 */
#define WIRE_IMM_SLOT  0x4b5253490000a001ULL /* index of the program's slot */
#define WIRE_IMM_NARGS 0x4b5253490000a002ULL /* bytes of arguments to read from the context */
#define WIRE_IMM_KINDS                                                                             \
	0x4b5253490000a003ULL		      /* one enum wire_kind a byte, first argument lowest  \
					       */
#define WIRE_IMM_IS_INT 0x4b5253490000a004ULL /* 1: the hook returns int; 0: bool, or nothing */

/* How an argument is described in a record; a, b and text of struct wire_arg, by kind. */
enum wire_kind {
	WIRE_NONE,  /* not read */
	WIRE_NUM,   /* a 64-bit scalar, or a pointer that is not followed */
	WIRE_NUM32, /* narrower scalars: the register's upper bits are undefined and dropped */
	WIRE_NUM16,
	WIRE_NUM8,
	WIRE_STR,	/* kernel string: text */
	WIRE_BYTES,	/* memory of unknown type: a, b = first 16 bytes, text = first 40 */
	WIRE_INODE,	/* a = i_ino, b = s_dev, text = file system type */
	WIRE_DENTRY,	/* a = i_ino (0: negative), b = s_dev, text = last component */
	WIRE_FILE,	/* as WIRE_DENTRY */
	WIRE_PATH,	/* as WIRE_DENTRY */
	WIRE_TASK,	/* a = tgid, b = pid, text = comm */
	WIRE_CRED,	/* a = uid, b = euid */
	WIRE_BPRM,	/* a = i_ino of the file, b = s_dev, text = filename */
	WIRE_SOCKET,	/* a = i_ino of the socket, b = WIRE_SOCK_ID */
	WIRE_SOCK,	/* a = i_ino of its socket (0: none), b = WIRE_SOCK_ID */
	WIRE_SUPER,	/* a = s_magic, b = s_dev, text = file system type */
	WIRE_SOCKADDR,	/* a = family, b = port in host order, text = bytes after the family */
	WIRE_IPC,	/* a = id, b = key */
	WIRE_MSG,	/* a = m_type, b = m_ts */
	WIRE_KEY,	/* a = serial, text = description; the low bit of the pointer is dropped */
	WIRE_VMA,	/* a = vm_start, b = vm_end */
	WIRE_BPFMAP,	/* a = id, b = WIRE_BPF_ID(type, max_entries), text = name */
	WIRE_BPFPROG,	/* a = id, b = WIRE_BPF_ID(type, expected_attach_type), text = name */
	WIRE_QSTR,	/* text = name */
	WIRE_MOUNT,	/* a = i_ino of its root, b = s_dev */
	WIRE_IATTR,	/* a = ia_valid, b = ia_mode */
	WIRE_FSCONTEXT, /* a = purpose, text = file system type */
	WIRE_FSPARAM,	/* text = key */
	WIRE_SKB,	/* a = len, b = WIRE_PORTS of its transport header, 0: none */
	WIRE_RLIMIT,	/* a = rlim_cur, b = rlim_max */
	WIRE_BDEV,	/* a = bd_dev */
	WIRE_SIGINFO,	/* a = si_signo, b = si_code */
	WIRE_PERF,	/* a = attr.type, b = attr.config */
	WIRE_TIMESPEC,	/* a = tv_sec, b = tv_nsec */
	WIRE_USERNS,	/* a = ns.inum, b = owner */
	WIRE_REQSOCK,	/* a = remote port, b = local port, host order */
	WIRE_KERNFS,	/* a = id, the inode number of stat(2), text = name */
	WIRE_URINGCMD,	/* a = i_ino of the file, b = cmd_op */
	WIRE_PROGAUX,	/* as WIRE_BPFPROG */
	WIRE_XFRM,	/* a = reqid, b = protocol of the transform */
	WIRE_BPFTOKEN,	/* a = ns.inum of its user namespace, b = allowed_cmds */
	WIRE_KINDS
};

#define WIRE_KIND(kind) (1ULL << (kind))

/*
 * What a program can describe is what its load costs, even where the hook has no such argument: so
 * there are several, and a hook takes the first that describes all of its arguments.
 */
#define WIRE_KINDS_PLAIN                                                                           \
	(WIRE_KIND(WIRE_NUM) | WIRE_KIND(WIRE_NUM32) | WIRE_KIND(WIRE_NUM16) |                     \
	 WIRE_KIND(WIRE_NUM8) | WIRE_KIND(WIRE_STR) | WIRE_KIND(WIRE_BYTES))
#define WIRE_KINDS_FILES                                                                           \
	(WIRE_KINDS_PLAIN | WIRE_KIND(WIRE_INODE) | WIRE_KIND(WIRE_DENTRY) |                       \
	 WIRE_KIND(WIRE_FILE) | WIRE_KIND(WIRE_PATH) | WIRE_KIND(WIRE_SUPER) |                     \
	 WIRE_KIND(WIRE_QSTR) | WIRE_KIND(WIRE_IATTR))
#define WIRE_KINDS_TASKS                                                                           \
	(WIRE_KINDS_PLAIN | WIRE_KIND(WIRE_TASK) | WIRE_KIND(WIRE_CRED) | WIRE_KIND(WIRE_IPC) |    \
	 WIRE_KIND(WIRE_MSG) | WIRE_KIND(WIRE_KEY) | WIRE_KIND(WIRE_BPRM))
#define WIRE_KINDS_NET                                                                             \
	(WIRE_KINDS_PLAIN | WIRE_KIND(WIRE_SOCKET) | WIRE_KIND(WIRE_SOCK) |                        \
	 WIRE_KIND(WIRE_SOCKADDR) | WIRE_KIND(WIRE_SKB) | WIRE_KIND(WIRE_REQSOCK) |                \
	 WIRE_KIND(WIRE_XFRM))
#define WIRE_SHAPES(shape)                                                                         \
	shape(plain, WIRE_KINDS_PLAIN) shape(files, WIRE_KINDS_FILES)                              \
		shape(tasks, WIRE_KINDS_TASKS) shape(net, WIRE_KINDS_NET) shape(any, ~0ULL)

#define WIRE_SOCK_ID(family, type, protocol)                                                       \
	(((__u64)(family) << 32) | ((__u64)(type) << 16) | (__u64)(protocol))

/* The ports of a TCP, UDP or SCTP packet, in host order. */
#define WIRE_PORTS(source, dest) ((__u64)(source) << 16 | (__u64)(dest))

/* What still tells BPF objects apart while they are made and freed, when they have no id. */
#define WIRE_BPF_ID(type, number) (((__u64)(type) << 32) | (__u32)(number))

/* Which word of an argument a filter compares. */
enum wire_field { WIRE_RAW, WIRE_A, WIRE_B };

/* Whose calls a program matches. */
enum wire_who { WIRE_NOBODY, WIRE_SUBJECT, WIRE_ANYONE };

struct wire_arg {
	__u64 raw;	      /* the argument as the hook received it */
	__u64 a, b;	      /* by kind */
	char text[WIRE_TEXT]; /* by kind, NUL-terminated unless WIRE_BYTES */
};

/* One record: one matching call. */
struct wire_event {
	__u32 magic;	 /* WIRE_MAGIC */
	__u32 slot;	 /* of the program that ran */
	__u64 nsec;	 /* ktime at the call */
	__u32 tgid, pid; /* current */
	__u32 cpu;
	__s32 verdict; /* what the program returned */
	__u32 nargs;
	__u32 end; /* WIRE_END */
	struct wire_arg arg[WIRE_ARGS];
};

/* One program's steering and counters: userspace writes the first part, the program the second. */
struct wire_slot {
	__u32 who;	    /* enum wire_who */
	__u32 session;	    /* pid of the session leader, with WIRE_SUBJECT */
	__s32 verdict;	    /* returned for a matching call */
	__s32 filter_arg;   /* argument slot to compare, -1: none */
	__u32 filter_field; /* enum wire_field */
	__u32 record;	    /* 1: emit a record for each matching call */
	__u64 filter_value;
	__u64 calls; /* matching calls */
	__u64 lost;  /* records that found the ring full */
};

#endif
