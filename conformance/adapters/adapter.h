/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The adapter ABI: what an implementation of KRSI offers to be tested.
 *
 * An adapter is one constant table of functions. It carries an ABI version and its own size, so
 * that a table built against an older header still works: a function beyond `size` counts as
 * absent. Every function returns 0 or a negative errno unless it says otherwise; after an error
 * last_error() explains it in one line.
 *
 * Processes: the harness opens an instance, loads and attaches, then forks; steer(), calls() and
 * read_events() work in every process forked afterwards and act on the one shared state.
 * steer() and calls() are called right around the behaviour under test: they must not themselves
 * go through a hook where the implementation can avoid it.
 */
#ifndef KRSI_ADAPTER_H
#define KRSI_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KRSI_ADAPTER_ABI 1

/* Most parameters that a hook may have, and arguments that an event may carry. */
#define KRSI_MAX_PARAMS 12
#define KRSI_MAX_ARGS	6
#define KRSI_TEXT	40

/* What a hook returns. */
enum krsi_ret { KRSI_RET_INT, KRSI_RET_VOID, KRSI_RET_BOOL };

/* One parameter of a hook. */
struct krsi_param {
	const char *name; /* as declared, e.g. "dentry"; "" where the kernel does not tell */
	const char *type; /* C spelling without qualifiers, e.g. "struct dentry *" */
	int arg;	  /* index in krsi_event.arg, or -1: not captured */
};

/* One hook that the implementation has. Owned by the instance, valid until close(). */
struct krsi_hook {
	const char *name; /* as in lsm_hook_defs.h, without prefix */
	enum krsi_ret ret;
	bool attachable; /* a program can be loaded for it */
	bool sleepable;	 /* a sleepable program can be loaded for it */
	unsigned int nr_params;
	struct krsi_param param[KRSI_MAX_PARAMS];
};

/* What an implementation can do beyond loading, attaching and detaching; tests ask for these. */
enum krsi_capability {
	KRSI_CAP_STEER = 1 << 0,     /* a verdict changes without another attach */
	KRSI_CAP_EVENTS = 1 << 1,    /* programs emit records */
	KRSI_CAP_ARGS = 1 << 2,	     /* records describe the hook's arguments */
	KRSI_CAP_SLEEPABLE = 1 << 3, /* sleepable programs exist */
	KRSI_CAP_FIXED = 1 << 4,     /* programs with a fixed return value can be loaded */
	KRSI_CAP_MULTI = 1 << 5,     /* a hook takes more than one program */
	KRSI_CAP_LIFO = 1 << 6,	     /* the newest attached program runs first (else the oldest) */
	KRSI_CAP_LINK_CREATE = 1 << 7,	/* attach by BPF_LINK_CREATE works too */
	KRSI_CAP_QUERY = 1 << 8,	/* query() tells what is attached */
	KRSI_CAP_NAMED = 1 << 9,	/* loads the suite's own programs by name */
	KRSI_CAP_CGROUP = 1 << 10,	/* programs can be bound to a cgroup */
	KRSI_CAP_FDS = 1 << 11,		/* programs and links are descriptors that bpf(2) takes */
	KRSI_CAP_AGAIN = 1 << 12,	/* a program that was detached can be attached again */
	KRSI_CAP_PROG_TARGET = 1 << 13, /* bpf(2)'s info of a program tells the hook */
	KRSI_CAP_LINK_TARGET = 1 << 14, /* bpf(2)'s info of a link tells the hook */
	KRSI_CAP_TOKEN = 1 << 15,	/* loads with a BPF token */
	/* loads the programs env:plain and env:sleepable, which read the environment of a new
	 * process */
	KRSI_CAP_ENV = 1 << 16,
	KRSI_CAP_PROCESS = 1 << 17,   /* what programs judge happens in real processes */
	KRSI_CAP_REPLACE = 1 << 18,   /* attach can replace a program of equal name */
	KRSI_CAP_HOOK_FILE = 1 << 19, /* a hook is a file, by which programs attach */
	KRSI_CAP_LINK = 1 << 20,      /* an attachment ends with the last holder of its link */
	/* a program is loaded for one hook, whose rules hold at load */
	KRSI_CAP_TARGET = 1 << 21,
	KRSI_CAP_FREE_ATTACH = 1 << 22, /* to attach takes the program's descriptor, and no right */
	/* loads the programs opaque:plain and opaque:sleepable, which call each helper */
	KRSI_CAP_OPAQUE = 1 << 23,
};

/* Who the instance is. Strings are owned by the instance. */
struct krsi_description {
	const char *name;      /* the adapter's name, e.g. "bpf-lsm" */
	const char *version;   /* of the implementation, e.g. the kernel's release */
	uint32_t capabilities; /* enum krsi_capability */
};

/* How a program is attached, where an implementation has more than one way. */
enum krsi_attach_by {
	KRSI_ATTACH_DEFAULT,
	KRSI_ATTACH_RAW_TRACEPOINT,
	KRSI_ATTACH_LINK_CREATE,
	KRSI_ATTACH_REPLACE, /* a program of equal name leaves; its link is dead */
};

/* A program to load. Zero is the default of every field. */
struct krsi_prog_spec {
	size_t size;	  /* sizeof(struct krsi_prog_spec) */
	const char *hook; /* hook to load for; "@name" with `fixed`: a function that is no hook */
	bool sleepable;
	bool fixed;	     /* not steered: always returns fixed_ret, emits nothing */
	int32_t fixed_ret;   /* with `fixed` */
	const char *license; /* NULL: "GPL" */
	/* one of the suite's own programs, "object:function" of conformance/bpf, instead of the
	 * steered one; -ENOENT: the implementation has no such program */
	const char *named;
	/* with `fixed`: bound to a cgroup, where 1 allows and 0 denies (programs by name say so
	 * themselves) */
	bool cgroup;
	/* with `fixed`: descriptor of the BPF token whose rights the load uses (KRSI_CAP_TOKEN);
	 * 0: none */
	int token_fd;
	/* the program's name, where names matter (KRSI_CAP_REPLACE), at most 15 of [A-Za-z0-9_.];
	 * NULL: one that no other program has. Not with `named`: that has its function's name */
	const char *name;
};

/* How a program is attached to a cgroup: by a link, or by BPF_PROG_ATTACH with one of its flags. */
enum krsi_cgroup_by {
	KRSI_CGROUP_LINK,
	KRSI_CGROUP_EXCLUSIVE, /* no flag: cgroups below may not attach */
	KRSI_CGROUP_OVERRIDE,  /* BPF_F_ALLOW_OVERRIDE: a program below runs instead */
	KRSI_CGROUP_MULTI,     /* BPF_F_ALLOW_MULTI: all run */
	KRSI_CGROUP_BOTH,      /* both flags, which is an error */
};

/* Whose calls a steered program matches. */
enum krsi_who { KRSI_NOBODY, KRSI_SUBJECT, KRSI_ANYONE };

/* Which word of a captured argument a filter compares. */
enum krsi_field { KRSI_RAW, KRSI_A, KRSI_B, KRSI_S };

/* What a steered program does from now on. Counters start again at 0, except with KRSI_NOBODY. */
struct krsi_rule {
	size_t size; /* sizeof(struct krsi_rule) */
	enum krsi_who who;
	pid_t session;	 /* with KRSI_SUBJECT: tasks of the session that this leader started */
	int32_t verdict; /* returned for a matching call: 0 or -errno (bool hooks: 0 or 1) */
	bool record;	 /* emit an event for each matching call */
	int filter_arg;	 /* only calls whose argument of this index ...; -1: all */
	enum krsi_field filter_field; /* ... has in this word (not KRSI_S) ... */
	uint64_t filter_value;	      /* ... this value match */
};

/* A captured argument; what a, b and s hold is by type: see conformance/bpf/wire.h. */
struct krsi_arg {
	uint64_t raw, a, b;
	char s[KRSI_TEXT]; /* may lack the NUL for plain memory */
};

/* One record of a matching call. Valid during the callback. */
struct krsi_event {
	size_t size;	  /* bytes received; less than the full record: truncated */
	const void *prog; /* the krsi_prog that emitted it, NULL: unknown */
	uint64_t nsec;	  /* monotonic, of the call */
	pid_t tgid, pid;
	unsigned int cpu;
	int32_t verdict; /* what the program returned */
	unsigned int nr_args;
	struct krsi_arg arg[KRSI_MAX_ARGS];
};

/* How a program attaches by a hook's file (KRSI_CAP_HOOK_FILE), for tests of just that. */
struct krsi_hook_file {
	char path[128];	      /* of the hook for which the program was loaded */
	int prog_fd;	      /* the program, in this process; of the adapter */
	uint32_t attach_type; /* for bpf(2) */
};

/* The LSM by which an implementation is asked. */
struct krsi_lsm {
	const char *name; /* as in lsm= of the kernel command line */
	uint64_t id;	  /* LSM_ID_... of the kernel's <linux/lsm.h> */
	/* what else must be on the command line for it to be left out; NULL: nothing */
	const char *off;
	bool last; /* comes after all others, wherever lsm= names it */
};

struct krsi_instance;
struct krsi_prog;
struct krsi_link;

typedef void (*krsi_event_fn)(const struct krsi_event *event, void *data);

struct krsi_adapter {
	uint32_t abi;	  /* KRSI_ADAPTER_ABI */
	uint32_t size;	  /* sizeof(struct krsi_adapter) */
	const char *name; /* as given to --impl, without ":option" */

	/* Opens the implementation on this machine. `option` is what follows "name:" or NULL.
	 * On error *why is one line of the adapter's own memory. Errors: -EINVAL bad option,
	 * -ENODATA no BTF, -ENOSYS not built into this kernel, -ENOTCONN built in but not active
	 * (what attaches would never run), -EPERM not privileged, others as they come. */
	int (*open)(const char *option, struct krsi_instance **inst, const char **why);
	/* Detaches and unloads everything. NULL is ignored. */
	void (*close)(struct krsi_instance *inst);
	void (*describe)(struct krsi_instance *inst, struct krsi_description *desc);
	/* All hooks that the implementation has, attachable or not, sorted by name. */
	int (*hooks)(struct krsi_instance *inst, const struct krsi_hook **hooks, size_t *n);
	/* Loads a program. The errno of a refused load is the implementation's own. */
	int (*load)(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		    struct krsi_prog **prog);
	/* Drops the loader's reference; an attached program stays attached. NULL is ignored. */
	void (*unload)(struct krsi_prog *prog);
	int (*attach)(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link **link);
	/* Detaches; on return no new call runs the program. May be called from several threads. */
	int (*detach)(struct krsi_link *link);
	int (*steer)(struct krsi_prog *prog, const struct krsi_rule *rule);
	/* Matching calls since the last steer(), and in *lost (may be NULL) those not recorded. */
	uint64_t (*calls)(struct krsi_prog *prog, uint64_t *lost);
	/* Ids of the programs attached to a hook in the order that they run; returns how many
	 * there are (which may exceed n), or a negative errno. */
	int (*query)(struct krsi_instance *inst, const char *hook, uint32_t *ids, size_t n);
	/* The kernel's id of a program, 0: none. */
	uint32_t (*prog_id)(struct krsi_prog *prog);
	/* Hands over records that are ready, oldest first; with timeout_ms > 0 waits for the
	 * first. Returns how many, or a negative errno. */
	int (*read_events)(struct krsi_instance *inst, int timeout_ms, krsi_event_fn fn,
			   void *data);
	/* The memory (struct io of conformance/bpf/io.h) that a program loaded by name shares with
	 * all processes forked after the load. -ENOENT: it shares none. */
	int (*data)(struct krsi_prog *prog, void **mem, size_t *size);
	/* Why the last call in this process failed; "" if none did. */
	const char *(*last_error)(struct krsi_instance *inst);
	/* With KRSI_CAP_CGROUP, else absent: attaches a program that is bound to a cgroup to the
	 * cgroup whose directory is open as `cgroup`. detach() undoes it. */
	int (*attach_cgroup)(struct krsi_prog *prog, int cgroup, enum krsi_cgroup_by by,
			     struct krsi_link **link);
	/* With KRSI_CAP_CGROUP, else absent: ids of the programs, of all hooks, attached to the
	 * cgroup, or with `effective` those that run for its tasks. Returns as query(). */
	int (*query_cgroup)(struct krsi_instance *inst, int cgroup, bool effective, uint32_t *ids,
			    size_t n);
	/* With KRSI_CAP_NAMED or KRSI_CAP_OPAQUE, else absent: the descriptor, owned by the
	 * program, of a map of a program loaded by name. -ENOENT: it has no such map. */
	int (*map)(struct krsi_prog *prog, const char *name);
	/*
	 * With KRSI_CAP_FDS: the descriptor behind a program or a link, or a negative errno. It
	 * stays the implementation's own: callers hand it to bpf(2) (BPF_OBJ_PIN, info, update ...)
	 * and dup(2), and close nothing but their duplicates. It is the only one that the
	 * implementation keeps: once it is closed in all processes, the object is let go.
	 */
	int (*prog_fd)(struct krsi_prog *prog);
	int (*link_fd)(struct krsi_link *link);
	/* Executes a program for the calling process, under the programs on bprm_check_security: 0
	 * it would run, or -errno. NULL: execve(2) does, with KRSI_CAP_PROCESS. */
	int (*exec)(struct krsi_instance *inst, const char *path, char *const argv[],
		    char *const envp[]);
	/* With KRSI_CAP_HOOK_FILE. */
	int (*hook_file)(struct krsi_prog *prog, struct krsi_hook_file *file);
	/* Detaches the programs that processes which have ended loaded and left attached; called
	 * after each test. NULL: an attachment ends with its last holder by itself. */
	void (*reap)(struct krsi_instance *inst);
	/* NULL: that of mainline, bpf. */
	const struct krsi_lsm *lsm;
};

/* Does the table have this function? */
#define KRSI_HAS(adapter, function)                                                                \
	((adapter)->size > offsetof(struct krsi_adapter, function) && (adapter)->function)

/* The adapter called `name` (what precedes ':' in --impl), or NULL. */
const struct krsi_adapter *adapter__find(const char *name);
/* The i-th built-in adapter, NULL past the last. */
const struct krsi_adapter *adapter__at(size_t i);
/* The LSM of an adapter, never NULL. */
const struct krsi_lsm *adapter__lsm(const struct krsi_adapter *adapter);
/* Short name of the capability 1 << bit, NULL past the last. */
const char *adapter__capability(unsigned int bit);

#endif
