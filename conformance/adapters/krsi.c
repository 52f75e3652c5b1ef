// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reference KRSI. A program is of a type of its own, knows nothing of its hook, and attaches by
 * the hook's file, where it stays when its loader is gone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "conformance/adapters/builtin.h"
#include "conformance/adapters/lsm_btf.h"
#include "conformance/adapters/named.h"
#include "conformance/adapters/steered.h"
#include "reference/linux/uapi.h"

#define TYPE   ((enum bpf_prog_type)BPF_PROG_TYPE_KRSI)
#define ATTACH ((enum bpf_attach_type)BPF_KRSI)
/* The second name of bprm_check_security. */
#define ALIAS "process_execution"
/* Programs that are loaded at a time, in all processes. */
#define MAX_LOADED 4096

/* Who loaded what for which hook: what is left attached when that process is gone is detached. */
struct loaded {
	pid_t owner; /* 0: free */
	__u32 id;
	int hook;
};

/* Shared with forked processes. */
struct registry {
	unsigned int names; /* given so far */
	struct loaded loaded[MAX_LOADED];
};

struct krsi_instance {
	struct utsname uts;
	struct lsm_hooks hooks;
	struct steered steered;
	struct registry *registry;
};

struct krsi_prog {
	struct krsi_instance *inst;
	int fd;
	int hook;
	int slot;	     /* -1: fixed or named */
	struct named *named; /* NULL: one of ours */
};

struct krsi_link {
	struct krsi_instance *inst;
	int fd; /* the program, which may be unloaded meanwhile */
	int hook;
};

static int open_hook(const struct krsi_instance *inst, int hook)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), KRSI_SECURITYFS "/%s", inst->hooks.hook[hook].name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int attach_fd(const struct krsi_instance *inst, int prog_fd, int hook, unsigned int flags)
{
	int fd = open_hook(inst, hook), err;

	if (fd < 0)
		return fd;
	err = bpf_prog_attach(prog_fd, fd, ATTACH, flags) ? -errno : 0;
	close(fd);
	return err;
}

static int detach_fd(const struct krsi_instance *inst, int prog_fd, int hook)
{
	int fd = open_hook(inst, hook), err;

	if (fd < 0)
		return fd;
	err = bpf_prog_detach2(prog_fd, fd, ATTACH) ? -errno : 0;
	close(fd);
	return err;
}

/* Loads under a name that no other program has, if none is given. */
static int load_insns(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		      const struct bpf_insn *insns, size_t n)
{
	static char log[1 << 16];
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = ATTACH,
		    .prog_flags = spec->sleepable ? BPF_F_SLEEPABLE : 0, .log_buf = log,
		    .log_size = sizeof(log), .log_level = 1);
	bool named = spec->size > offsetof(struct krsi_prog_spec, name) && spec->name;
	char name[16];
	int fd, err;

	snprintf(name, sizeof(name), "krsi_%u",
		 __atomic_add_fetch(&inst->registry->names, 1, __ATOMIC_SEQ_CST));
	log[0] = '\0';
	fd = bpf_prog_load(TYPE, named ? spec->name : name, spec->license ?: "GPL", insns, n,
			   &opts);
	if (fd >= 0)
		return fd;
	err = -errno;
	return steered__fail(&inst->steered, err, "load for %s: %s: %.300s", spec->hook,
			     strerror(-err), steered__last_words(log));
}

static int load_fixed(struct krsi_instance *inst, const struct krsi_prog_spec *spec)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = spec->fixed_ret },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load_insns(inst, spec, insns, 2);
}

static int load_steered(struct krsi_instance *inst, const struct krsi_prog_spec *spec, int slot)
{
	const struct steered_imm imm = { .slot = slot };
	struct bpf_insn *insns;
	size_t n;
	int fd;

	insns = steered__copy(&inst->steered, "hook", &imm, &n);
	if (!insns)
		return -ENOMEM;
	fd = load_insns(inst, spec, insns, n);
	free(insns);
	return fd;
}

static bool has_file(const struct krsi_hook *hook)
{
	char path[128];

	snprintf(path, sizeof(path), KRSI_SECURITYFS "/%s", hook->name);
	return !access(path, F_OK);
}

/* Only an attempt tells whether a hook takes sleepable programs. The one here changes nothing. */
static int probe_hooks(struct krsi_instance *inst, const char **why)
{
	const struct krsi_prog_spec spec = {
		.size = sizeof(spec),
		.hook = "a probe",
		.sleepable = true,
		.fixed = true,
	};
	int fd = load_fixed(inst, &spec);

	*why = inst->steered.error;
	if (fd < 0)
		return fd;
	for (size_t i = 0; i < inst->hooks.n; i++) {
		struct krsi_hook *hook = &inst->hooks.hook[i];

		hook->attachable = has_file(hook);
		hook->sleepable = hook->attachable && !attach_fd(inst, fd, i, 0);
		if (hook->sleepable)
			detach_fd(inst, fd, i);
		/* the context is opaque */
		for (unsigned int arg = 0; arg < hook->nr_params; arg++)
			hook->param[arg].arg = -1;
	}
	close(fd);
	return 0;
}

/* Every file of the directory must be a hook of this kernel, or one more name of one. */
static int check_files(struct krsi_instance *inst, const char **why)
{
	DIR *dir = opendir(KRSI_SECURITYFS);
	const struct dirent *entry;
	int err = 0;

	*why = "no " KRSI_SECURITYFS ": no KRSI in this kernel, or `krsi` is not in lsm=";
	if (!dir)
		return -ENOTCONN;
	while (!err && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, ALIAS))
			continue;
		if (lsm_btf__find(&inst->hooks, entry->d_name) < 0)
			err = -ENOENT;
	}
	closedir(dir);
	*why = "a hook file without a hook in the kernel's BTF";
	return err;
}

static int read_hooks(struct krsi_instance *inst, const char **why)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err;

	*why = "no kernel BTF (CONFIG_DEBUG_INFO_BTF)";
	if (!btf)
		return -ENODATA;
	err = lsm_btf__read(btf, &inst->hooks);
	btf__free(btf);
	*why = "the kernel's BTF has no LSM hooks (CONFIG_BPF_LSM)";
	return err ? -ENOSYS : check_files(inst, why);
}

/* Detaches what ended processes left; with `own`, what this one loaded too. */
static void reap(struct krsi_instance *inst, bool own)
{
	for (int i = 0; i < MAX_LOADED; i++) {
		struct loaded *loaded = &inst->registry->loaded[i];
		int fd;

		if (!loaded->owner ||
		    (!kill(loaded->owner, 0) && !(own && loaded->owner == getpid())))
			continue;
		/* the id is gone with a program that nothing holds any more */
		fd = bpf_prog_get_fd_by_id(loaded->id);
		if (fd >= 0) {
			detach_fd(inst, fd, loaded->hook);
			close(fd);
		}
		loaded->owner = 0;
	}
}

static void krsi_close(struct krsi_instance *inst)
{
	if (!inst)
		return;
	if (inst->registry)
		reap(inst, true);
	steered__close(&inst->steered);
	lsm_btf__free(&inst->hooks);
	if (inst->registry)
		munmap(inst->registry, sizeof(*inst->registry));
	free(inst);
}

static int set_up(struct krsi_instance *inst, const char **why)
{
	const char *image;
	size_t size;
	int err;

	*why = "loading KRSI programs needs root";
	if (geteuid())
		return -EPERM;
	err = read_hooks(inst, why);
	if (err)
		return err;
	*why = "no memory";
	inst->registry = mmap(NULL, sizeof(*inst->registry), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (inst->registry == MAP_FAILED) {
		inst->registry = NULL;
		return -ENOMEM;
	}
	*why = "no BPF object";
	err = named__image("krsi_hook", strlen("krsi_hook"), &image, &size);
	return err ?: steered__open(&inst->steered, image, size, why) ?: probe_hooks(inst, why);
}

static int krsi_open(const char *option, struct krsi_instance **out, const char **why)
{
	static char reason[512];
	struct krsi_instance *inst;
	int err;

	*why = "krsi takes no option";
	if (option)
		return -EINVAL;
	inst = calloc(1, sizeof(*inst));
	if (!inst)
		return -ENOMEM;
	steered__set_up_libbpf();
	uname(&inst->uts);
	err = set_up(inst, why);
	if (err) {
		snprintf(reason, sizeof(reason), "%s", *why);
		*why = reason;
		krsi_close(inst);
		return err;
	}
	*out = inst;
	return 0;
}

static void krsi_describe(struct krsi_instance *inst, struct krsi_description *desc)
{
	desc->name = krsi_adapter.name;
	desc->version = inst->uts.release;
	desc->capabilities = KRSI_CAP_STEER | KRSI_CAP_EVENTS | KRSI_CAP_SLEEPABLE |
			     KRSI_CAP_FIXED | KRSI_CAP_MULTI | KRSI_CAP_QUERY | KRSI_CAP_ENV |
			     KRSI_CAP_PROCESS | KRSI_CAP_REPLACE | KRSI_CAP_HOOK_FILE |
			     KRSI_CAP_OPAQUE;
}

static int krsi_hooks(struct krsi_instance *inst, const struct krsi_hook **hooks, size_t *n)
{
	*hooks = inst->hooks.hook;
	*n = inst->hooks.n;
	return 0;
}

static __u32 id_of(int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Takes a free entry; several processes may be loading. */
static int remember(struct krsi_prog *prog)
{
	struct registry *registry = prog->inst->registry;

	for (int i = 0; i < MAX_LOADED; i++) {
		struct loaded *loaded = &registry->loaded[i];
		pid_t nobody = 0;

		if (loaded->owner ||
		    !__atomic_compare_exchange_n(&loaded->owner, &nobody, getpid(), false,
						 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		loaded->hook = prog->hook;
		loaded->id = id_of(prog->fd);
		return 0;
	}
	return steered__fail(&prog->inst->steered, -ENOSPC, "more than %d programs", MAX_LOADED);
}

/* Its own loader has dropped it: it stays attached, if it is, until that process ends. */
static void krsi_unload(struct krsi_prog *prog)
{
	if (!prog)
		return;
	steered__drop(&prog->inst->steered, prog->slot, prog->named, prog->fd);
	free(prog);
}

static int load_one(struct krsi_prog *prog, const struct krsi_prog_spec *spec)
{
	struct krsi_instance *inst = prog->inst;
	const char *why;
	int err;

	if (spec->named) {
		err = named__load(spec->named, NULL, spec->sleepable, &prog->named, &why);
		if (err)
			return steered__fail(&inst->steered, err, "load of %s: %s: %.300s",
					     spec->named, strerror(-err), why);
		return named__fd(prog->named);
	}
	if (spec->fixed)
		return load_fixed(inst, spec);
	prog->slot = steered__free_slot(&inst->steered);
	if (prog->slot < 0)
		return steered__fail(&inst->steered, prog->slot, "more than %d steered programs",
				     WIRE_SLOTS - 1);
	return load_steered(inst, spec, prog->slot);
}

static int krsi_load(struct krsi_instance *inst, const struct krsi_prog_spec *spec,
		     struct krsi_prog **out)
{
	int hook = spec->hook ? lsm_btf__find(&inst->hooks, spec->hook) : -ENOENT, err;
	struct krsi_prog *prog;

	if (hook < 0 || !inst->hooks.hook[hook].attachable)
		return steered__fail(&inst->steered, -ENOENT, "no hook file %s", spec->hook ?: "");
	prog = calloc(1, sizeof(*prog));
	if (!prog)
		return -ENOMEM;
	*prog = (struct krsi_prog){ .inst = inst, .hook = hook, .slot = -1 };
	prog->fd = load_one(prog, spec);
	if (prog->fd < 0) {
		err = prog->fd;
		free(prog);
		return err;
	}
	if (prog->slot >= 0)
		steered__own(&inst->steered, prog->slot, prog);
	err = remember(prog);
	if (err) {
		krsi_unload(prog);
		return err;
	}
	*out = prog;
	return 0;
}

static int krsi_attach(struct krsi_prog *prog, enum krsi_attach_by by, struct krsi_link **out)
{
	struct krsi_instance *inst = prog->inst;
	struct krsi_link *link = calloc(1, sizeof(*link));
	int err;

	if (!link)
		return -ENOMEM;
	*link = (struct krsi_link){
		.inst = inst,
		.fd = fcntl(prog->fd, F_DUPFD_CLOEXEC, 0),
		.hook = prog->hook,
	};
	err = attach_fd(inst, prog->fd, prog->hook,
			by == KRSI_ATTACH_REPLACE ? BPF_F_ALLOW_OVERRIDE : 0);
	if (err) {
		close(link->fd);
		free(link);
		return steered__fail(&inst->steered, err, "attach to %s: %s",
				     inst->hooks.hook[prog->hook].name, strerror(-err));
	}
	*out = link;
	return 0;
}

static int krsi_detach(struct krsi_link *link)
{
	int err = detach_fd(link->inst, link->fd, link->hook);

	close(link->fd);
	free(link);
	return err;
}

static int krsi_steer(struct krsi_prog *prog, const struct krsi_rule *rule)
{
	if (prog->slot < 0)
		return steered__fail(&prog->inst->steered, -EINVAL,
				     "only steered programs are steered");
	if (rule->filter_arg >= 0)
		return steered__fail(&prog->inst->steered, -EOPNOTSUPP, "the context is opaque");
	steered__steer(&prog->inst->steered, prog->slot, rule);
	return 0;
}

static uint64_t krsi_calls(struct krsi_prog *prog, uint64_t *lost)
{
	if (lost)
		*lost = 0;
	return prog->slot < 0 ? 0 : steered__calls(&prog->inst->steered, prog->slot, lost);
}

static int krsi_query(struct krsi_instance *inst, const char *name, uint32_t *ids, size_t n)
{
	int hook = lsm_btf__find(&inst->hooks, name), fd, err;
	__u32 count = n;

	fd = hook < 0 ? hook : open_hook(inst, hook);
	if (fd < 0)
		return steered__fail(&inst->steered, fd, "no hook file %s", name);
	err = bpf_prog_query(fd, ATTACH, 0, NULL, ids, &count) ? -errno : 0;
	close(fd);
	if (err && err != -ENOSPC)
		return steered__fail(&inst->steered, err, "query of %s: %s", name, strerror(-err));
	return count;
}

static uint32_t krsi_prog_id(struct krsi_prog *prog)
{
	return id_of(prog->fd);
}

static int krsi_read_events(struct krsi_instance *inst, int timeout_ms, krsi_event_fn fn,
			    void *data)
{
	return steered__read(&inst->steered, timeout_ms, fn, data);
}

static int krsi_data(struct krsi_prog *prog, void **mem, size_t *size)
{
	*mem = prog->named ? named__io(prog->named, size) : NULL;
	return *mem ? 0 : -ENOENT;
}

static int krsi_map(struct krsi_prog *prog, const char *name)
{
	const struct bpf_map *map =
		prog->named ? bpf_object__find_map_by_name(named__object(prog->named), name) : NULL;

	return map ? bpf_map__fd(map) : -ENOENT;
}

static const char *krsi_last_error(struct krsi_instance *inst)
{
	return inst->steered.error;
}

static int krsi_hook_file(struct krsi_prog *prog, struct krsi_hook_file *file)
{
	snprintf(file->path, sizeof(file->path), KRSI_SECURITYFS "/%s",
		 prog->inst->hooks.hook[prog->hook].name);
	file->prog_fd = prog->fd;
	file->attach_type = BPF_KRSI;
	return 0;
}

static void krsi_reap(struct krsi_instance *inst)
{
	reap(inst, false);
}

static const struct krsi_lsm krsi_lsm = {
	.name = "krsi",
	.id = 114,
	.off = "krsi.enabled=0",
	.last = true,
};

const struct krsi_adapter krsi_adapter = {
	.abi = KRSI_ADAPTER_ABI,
	.size = sizeof(struct krsi_adapter),
	.name = "krsi",
	.open = krsi_open,
	.close = krsi_close,
	.describe = krsi_describe,
	.hooks = krsi_hooks,
	.load = krsi_load,
	.unload = krsi_unload,
	.attach = krsi_attach,
	.detach = krsi_detach,
	.steer = krsi_steer,
	.calls = krsi_calls,
	.query = krsi_query,
	.prog_id = krsi_prog_id,
	.read_events = krsi_read_events,
	.data = krsi_data,
	.last_error = krsi_last_error,
	.map = krsi_map,
	.hook_file = krsi_hook_file,
	.reap = krsi_reap,
	.lsm = &krsi_lsm,
};
