// SPDX-License-Identifier: GPL-2.0-only
/*
 * A few hooks are made to happen, in a process and a file system of our own. The program on the
 * hook knows this process by its id and lets all others pass; it needs no helper that lockdown
 * forbids.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "conformance/doctor/doctor.h"

/* One that nothing else on these ways gives: it must come from our program. */
#define VERDICT EHOSTDOWN
/* A process that takes longer than this is ended. */
#define DEADLINE_MS 2000
/* What the program that is executed returns. */
#define NOOP_STATUS 42

extern const char noop_image[], noop_image_end[];

/* What the program reads, and counts. */
struct rule {
	__u32 tgid, deny;
	__u64 calls;
};

/* ---- the operations: 0, or the errno that they failed with ------------------------------------
 */

static int result(long ret)
{
	return ret < 0 ? errno : 0;
}

static int open_file(void)
{
	return result(open("file", O_RDONLY | O_CLOEXEC));
}

static int create(void)
{
	return result(open("new", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
}

static int make_dir(void)
{
	return result(mkdir("new", 0700));
}

static int remove_file(void)
{
	return result(unlink("file"));
}

static int change_mode(void)
{
	return result(chmod("file", 0644));
}

static int run_program(void)
{
	char *const none[] = { NULL };

	execve("noop", none, none);
	return errno;
}

static int make_socket(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int signal_self(void)
{
	return result(kill(getpid(), 0));
}

static int renice(void)
{
	return result(setpriority(PRIO_PROCESS, 0, 1));
}

static bool is_there(const char *path)
{
	return !access(path, F_OK);
}

static bool new_there(void)
{
	return is_there("new");
}

static bool file_gone(void)
{
	return !is_there("file");
}

static bool mode_changed(void)
{
	struct stat st;

	return !stat("file", &st) && (st.st_mode & 0777) == 0644;
}

static const struct {
	const char *hook;
	int (*act)(void);
	bool (*effect)(void); /* NULL: what it does ends with its process */
	int done;	      /* status of the process where it works */
} acts[] = {
	{ "bprm_check_security", run_program, NULL, NOOP_STATUS },
	{ "file_open", open_file, NULL, 0 },
	{ "inode_create", create, new_there, 0 },
	{ "inode_mkdir", make_dir, new_there, 0 },
	{ "inode_setattr", change_mode, mode_changed, 0 },
	{ "inode_unlink", remove_file, file_gone, 0 },
	{ "socket_create", make_socket, NULL, 0 },
	{ "task_kill", signal_self, NULL, 0 },
	{ "task_setnice", renice, NULL, 0 },
};

/* ---- the program ------------------------------------------------------------------------------
 */

#define I(...) ((struct bpf_insn){ __VA_ARGS__ })

/* if (its own process) { calls++; return deny ? -VERDICT : 0; } return 0; */
static int load(__u32 btf_id, int map)
{
	const struct bpf_insn insns[] = {
		I(.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid),
		I(.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 0),
		I(.code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = 6, .imm = 32),
		I(.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4),
		I(.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10),
		I(.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4),
		I(.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map),
		I(.code = 0),
		I(.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem),
		I(.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 8),
		I(.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 1, .src_reg = 0,
		  .off = offsetof(struct rule, tgid)),
		I(.code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = 1, .src_reg = 6, .off = 6),
		I(.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 1),
		I(.code = BPF_STX | BPF_XADD | BPF_DW, .dst_reg = 0, .src_reg = 2,
		  .off = offsetof(struct rule, calls)),
		I(.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 3, .src_reg = 0,
		  .off = offsetof(struct rule, deny)),
		I(.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 3, .off = 2),
		I(.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = -VERDICT),
		I(.code = BPF_JMP | BPF_EXIT),
		I(.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0),
		I(.code = BPF_JMP | BPF_EXIT),
	};
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = BPF_LSM_MAC,
		    .attach_btf_id = btf_id);
	int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "krsi_doctor", "GPL", insns,
			       sizeof(insns) / sizeof(insns[0]), &o);

	return fd < 0 ? -errno : fd;
}

/* ---- a trial ----------------------------------------------------------------------------------
 */

/* A file system for our eyes only, which goes with our mount namespace. */
static bool enter_room(void)
{
	static const char *const places[] = { "/mnt", "/tmp", "/run", "/dev" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!mount("krsi-doctor", places[i], "tmpfs", MS_NOSUID, "size=4m,mode=0700"))
			return !chdir(places[i]);
	return false;
}

static bool write_file(const char *path, const char *data, size_t len, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode);
	bool ok = fd >= 0 && write(fd, data, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return ok && !chmod(path, mode);
}

static bool lay_out(void)
{
	unlink("new");
	rmdir("new");
	return write_file("file", "x", 1, 0600) &&
	       write_file("noop", noop_image, (size_t)(noop_image_end - noop_image), 0700);
}

/* Waits for the end of a child and leaves its number taken. */
static int await(pid_t pid)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int n = p.fd < 0 ? 1 : poll(&p, 1, DEADLINE_MS);
	siginfo_t info = { 0 };

	if (p.fd >= 0)
		close(p.fd);
	if (n <= 0)
		kill(pid, SIGKILL);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT))
		return errno;
	return n > 0 && info.si_code == CLD_EXITED ? info.si_status : ETIMEDOUT;
}

/* The operation in a process of its own, whose id the program is told first. */
static int act(int (*what)(void), int map, bool deny, __u64 *calls)
{
	struct rule rule = { .deny = deny };
	int go[2], got;
	__u32 key = 0;
	char c = 0;
	pid_t pid;

	if (!lay_out() || pipe2(go, O_CLOEXEC))
		return EIO;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(go[1]);
		_exit(read(go[0], &c, 1) == 1 ? what() : EIO);
	}
	rule.tgid = (__u32)pid;
	if (pid > 0 && bpf_map_update_elem(map, &key, &rule, BPF_ANY) == 0)
		got = write(go[1], &c, 1) == 1 ? 0 : EIO;
	else
		got = EIO;
	close(go[0]);
	close(go[1]);
	if (pid > 0)
		got = await(pid) ?: got;
	bpf_map_lookup_elem(map, &key, &rule);
	*calls = rule.calls;
	/* the program stays attached for a while: from here on it denies nobody, and not him who
	 * gets the child's number next */
	rule = (struct rule){ 0 };
	bpf_map_update_elem(map, &key, &rule, BPF_ANY);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return got;
}

/* A program on its hook, and the map that steers it; -1: not there. */
struct attempt {
	int map, prog, link;
};

static void attach(struct doctor *d, size_t i, struct attempt *a)
{
	struct doctor_trial *t = &d->trial[d->nr_trial++];
	int index = lsm_btf__find(&d->hooks, acts[i].hook);

	*a = (struct attempt){ -1, -1, -1 };
	*t = (struct doctor_trial){ .hook = acts[i].hook, .there = index >= 0 };
	if (index < 0)
		return;
	a->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "krsi_doctor", sizeof(__u32),
				sizeof(struct rule), 1, NULL);
	a->prog = a->map < 0 ? -errno : load(d->hooks.target[index].btf_id, a->map);
	t->load = a->prog < 0 ? -a->prog : 0;
	a->link = a->prog < 0 ? -1 : bpf_raw_tracepoint_open(NULL, a->prog);
	t->attach = a->prog >= 0 && a->link < 0 ? errno : 0;
}

static void try(struct doctor_trial *t, size_t i, const struct attempt *a)
{
	__u64 calls = 0;

	if (a->link < 0)
		return;
	t->works = act(acts[i].act, a->map, false, &calls) == acts[i].done;
	t->fires = t->works && calls > 0;
	t->got = act(acts[i].act, a->map, true, &calls);
	t->escaped = t->got == VERDICT && acts[i].effect && acts[i].effect();
	t->denies = t->got == VERDICT && calls > 0 && !t->escaped;
}

static void detach(const struct attempt *a)
{
	const int fds[] = { a->link, a->prog, a->map };

	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

#define ACTS (sizeof(acts) / sizeof(acts[0]))

/* All attach before one detaches: an attach that follows a detach waits for the grace periods of
 * both. A program lets pass what is not its own trial. */
void doctor__try(struct doctor *d)
{
	struct attempt attempt[ACTS];

	if (!d->root || d->own_pids || !d->hooks.n || !enter_room())
		return;
	for (size_t i = 0; i < ACTS; i++)
		attach(d, i, &attempt[i]);
	for (size_t i = 0; i < ACTS; i++)
		try(&d->trial[i], i, &attempt[i]);
	for (size_t i = 0; i < ACTS; i++)
		detach(&attempt[i]);
}
