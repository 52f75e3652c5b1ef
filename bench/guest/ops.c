// SPDX-License-Identifier: GPL-2.0-only
/* The behaviours that the hook benchmarks do over and over, in a directory of their own. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/guest/exec.h"
#include "bench/guest/hook.h"

#define PAGE 4096

/* What set_up functions leave for those that act. */
static int event, file, udp, pair[2], listener, netlink, map, queue, semaphore;
static char *page;
static pid_t other;

/* ---- files -------------------------------------------------------------------------------- */

static bool make_event(void)
{
	event = eventfd(0, EFD_CLOEXEC);
	return event >= 0;
}

static bool write_event(void)
{
	const uint64_t one = 1;

	return write(event, &one, sizeof(one)) == sizeof(one);
}

static bool make_file(void)
{
	file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	return file >= 0 && !ftruncate(file, PAGE) &&
	       (!symlink("file", "symlink") || errno == EEXIST);
}

static bool open_file(void)
{
	return !close(open("file", O_RDONLY | O_CLOEXEC));
}

static bool stat_file(void)
{
	struct stat st;

	return !stat("file", &st);
}

static bool create_file(void)
{
	return !close(open("new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) && !unlink("new");
}

static bool make_directory(void)
{
	return !mkdir("new", 0755) && !rmdir("new");
}

static bool make_symlink(void)
{
	return !symlink("file", "new") && !unlink("new");
}

static bool read_symlink(void)
{
	char text[16];

	return readlink("symlink", text, sizeof(text)) == 4;
}

static bool follow_symlink(void)
{
	struct stat st;

	return !stat("symlink", &st);
}

static bool link_file(void)
{
	return !link("file", "new") && !unlink("new");
}

static bool rename_file(void)
{
	return !rename("file", "new") && !rename("new", "file");
}

static bool change_mode(void)
{
	return !chmod("file", 0644);
}

static bool change_owner(void)
{
	return !chown("file", 0, 0);
}

static bool cut_file(void)
{
	return !ftruncate(file, PAGE);
}

static bool set_attribute(void)
{
	return !syscall(SYS_fsetxattr, file, "trusted.krsi", "x", 1, 0);
}

static bool attribute(void)
{
	return make_file() && set_attribute();
}

static bool get_attribute(void)
{
	char value;

	return syscall(SYS_fgetxattr, file, "trusted.krsi", &value, 1) == 1;
}

static bool list_attributes(void)
{
	char names[256];

	return syscall(SYS_flistxattr, file, names, sizeof(names)) > 0;
}

static bool replace_attribute(void)
{
	return set_attribute() && !syscall(SYS_fremovexattr, file, "trusted.krsi");
}

static bool lock_file(void)
{
	return !flock(file, LOCK_SH) && !flock(file, LOCK_UN);
}

static bool control_file(void)
{
	return fcntl(file, F_GETFD) == FD_CLOEXEC;
}

static bool own_file(void)
{
	return !fcntl(udp, F_SETOWN, getpid());
}

static bool ask_device(void)
{
	int n;

	return !ioctl(file, FIONREAD, &n);
}

static bool map_file(void)
{
	void *at = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);

	return at != MAP_FAILED && !munmap(at, PAGE);
}

static bool map_memory(void)
{
	void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at != MAP_FAILED && !munmap(at, PAGE);
}

static bool make_page(void)
{
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page != MAP_FAILED;
}

static bool protect(void)
{
	return !mprotect(page, PAGE, PROT_READ) && !mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static bool stat_system(void)
{
	struct statfs st;

	return !statfs("file", &st);
}

/* ---- sockets ------------------------------------------------------------------------------ */

static bool make_socket(void)
{
	return !close(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static bool make_udp(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return udp >= 0 && !bind(udp, (struct sockaddr *)&at, len) &&
	       !getsockname(udp, (struct sockaddr *)&at, &len) &&
	       !connect(udp, (struct sockaddr *)&at, len);
}

static bool connect_socket(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	return !getsockname(udp, (struct sockaddr *)&at, &len) &&
	       !connect(udp, (struct sockaddr *)&at, len);
}

/* A socket is bound once: the second attempt fails, after the hook has agreed. */
static bool bind_socket(void)
{
	const struct sockaddr_in at = { .sin_family = AF_INET };

	return bind(udp, (const struct sockaddr *)&at, sizeof(at)) && errno == EINVAL;
}

static bool send_packet(void)
{
	char byte = 1;

	return send(udp, &byte, 1, 0) == 1 && recv(udp, &byte, 1, 0) == 1;
}

static bool name_peer(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	return !getpeername(udp, (struct sockaddr *)&at, &len);
}

static bool get_option(void)
{
	int value;
	socklen_t len = sizeof(value);

	return !getsockopt(udp, SOL_SOCKET, SO_TYPE, &value, &len);
}

static bool set_option(void)
{
	const int one = 1;

	return !setsockopt(udp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
}

static bool make_pair(void)
{
	int fds[2];

	return !socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) && !close(fds[0]) &&
	       !close(fds[1]);
}

static bool open_pair(void)
{
	return !socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair);
}

static bool send_local(void)
{
	char byte = 1;

	return send(pair[0], &byte, 1, 0) == 1 && recv(pair[1], &byte, 1, 0) == 1;
}

static bool pass_descriptor(void)
{
	char byte = 1, room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = sizeof(room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd = pair[0];

	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS,
			       .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(pair[0], &m, 0) != 1 || recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC) != 1)
		return false;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return !close(fd);
}

static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0krsi-bench" };

static bool make_listener(void)
{
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return listener >= 0 &&
	       !bind(listener, (const struct sockaddr *)&address, sizeof(address)) &&
	       !listen(listener, 8);
}

static bool listen_again(void)
{
	return !listen(listener, 8);
}

static bool connect_local(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), there;
	bool ok = !connect(fd, (const struct sockaddr *)&address, sizeof(address));

	there = accept(listener, NULL, NULL);
	return !close(fd) && there >= 0 && !close(there) && ok;
}

static bool make_netlink(void)
{
	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	return netlink >= 0;
}

static bool send_netlink(void)
{
	struct nlmsghdr nothing = { .nlmsg_len = NLMSG_LENGTH(0), .nlmsg_type = NLMSG_NOOP };

	return send(netlink, &nothing, sizeof(nothing), 0) == sizeof(nothing);
}

/* ---- processes ---------------------------------------------------------------------------- */

/* A process that does nothing, for what one does to another. */
static bool make_other(void)
{
	other = other > 0 ? other : fork();
	if (other)
		return other > 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static bool kill_nothing(void)
{
	return !kill(other, 0);
}

static bool group_of(void)
{
	return getpgid(other) > 0;
}

static bool session_of(void)
{
	return getsid(other) > 0;
}

static bool scheduler_of(void)
{
	return sched_getscheduler(other) >= 0;
}

static bool set_scheduler(void)
{
	const struct sched_param p = { 0 };

	return !sched_setscheduler(other, SCHED_OTHER, &p);
}

static bool set_nice(void)
{
	return !setpriority(PRIO_PROCESS, (id_t)other, 0);
}

static bool set_io_priority(void)
{
	return !syscall(SYS_ioprio_set, 1, other, 2 << 13 | 4);
}

static bool get_io_priority(void)
{
	return syscall(SYS_ioprio_get, 1, other) >= 0;
}

static bool limit_other(void)
{
	struct rlimit r;

	return !prlimit(other, RLIMIT_NOFILE, NULL, &r);
}

static bool limit_self(void)
{
	struct rlimit r;

	return !getrlimit(RLIMIT_NOFILE, &r) && !setrlimit(RLIMIT_NOFILE, &r);
}

static bool ask_prctl(void)
{
	return prctl(PR_GET_DUMPABLE) >= 0;
}

static bool set_user(void)
{
	return !setuid(0);
}

static bool set_group(void)
{
	return !setgid(0);
}

static bool read_other(void)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { page, 1 };

	return process_vm_readv(other, &local, 1, &remote, 1, 0) == 1;
}

static bool other_page(void)
{
	return make_page() && (*page = 1) && !(other = 0) && make_other();
}

static bool get_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	return !syscall(SYS_capget, &head, data);
}

static bool set_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	return !syscall(SYS_capget, &head, data) && !syscall(SYS_capset, &head, data);
}

static bool ask_log(void)
{
	return syscall(SYS_syslog, 10, NULL, 0) > 0;
}

/* sethostname() asks for a capability and for nothing else. */
static bool name_host(void)
{
	return !sethostname("krsi", 4);
}

static bool execute(void)
{
	return exec__run(1);
}

/* Text is no program: execve() gives up after its first hooks, and this process goes on. */
static bool make_text(void)
{
	static const char text[] = "no program";
	int fd = open("text", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	bool ok = fd >= 0 && write(fd, text, sizeof(text) - 1) == sizeof(text) - 1;

	return fd >= 0 && !close(fd) && ok;
}

static bool execute_text(void)
{
	char *nothing[] = { "text", NULL };

	return execve("text", nothing, nothing + 1) && errno == ENOEXEC;
}

/* ---- what System V, keys, BPF and perf have ----------------------------------------------- */

struct letter {
	long type;
	char text[8];
};

static bool make_queue(void)
{
	queue = msgget(IPC_PRIVATE, 0600);
	return queue >= 0;
}

static bool send_letter(void)
{
	struct letter l = { .type = 1 };

	return !msgsnd(queue, &l, sizeof(l.text), 0) &&
	       msgrcv(queue, &l, sizeof(l.text), 0, 0) == sizeof(l.text);
}

static bool new_queue(void)
{
	int id = msgget(IPC_PRIVATE, 0600);

	return id >= 0 && !msgctl(id, IPC_RMID, NULL);
}

static bool make_semaphore(void)
{
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	return semaphore >= 0;
}

static bool raise_semaphore(void)
{
	struct sembuf up = { .sem_op = 1 }, down = { .sem_op = -1 };

	return !semop(semaphore, &up, 1) && !semop(semaphore, &down, 1);
}

static bool new_segment(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	void *at = shmat(id, NULL, 0);

	return !shmctl(id, IPC_RMID, NULL) && at != (void *)-1 && !shmdt(at);
}

static bool describe_keyring(void)
{
	char text[128];

	return syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_PROCESS_KEYRING, text, sizeof(text)) >
	       0;
}

static bool make_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1) > 0;
}

static bool make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1
	};

	map = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	return map >= 0;
}

static bool look_up(void)
{
	uint32_t key = 0;
	uint64_t value;
	union bpf_attr attr = { .map_fd = (uint32_t)map,
				.key = (uintptr_t)&key,
				.value = (uintptr_t)&value };

	return !syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
}

static bool open_perf(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_DUMMY };

	return !close((int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

/* Name, hooks, what is done, what is set up for it, is it slow. */
#define OP(n, h, o, s, l)                                                                          \
	{                                                                                          \
		.name = (n), .hooks = (h), .once = (o), .set_up = (s), .slow = (l)                 \
	}

const struct op ops[] = {
	OP("eventfd-write", "file_permission", write_event, make_event, false),
	OP("open", "file_open inode_permission file_alloc_security file_free_security", open_file,
	   make_file, false),
	OP("stat", "inode_getattr", stat_file, make_file, false),
	OP("create",
	   "inode_create inode_unlink path_mknod path_unlink inode_alloc_security inode_init_security inode_free_security d_instantiate",
	   create_file, make_file, false),
	OP("mkdir", "inode_mkdir inode_rmdir path_mkdir path_rmdir", make_directory, NULL, false),
	OP("symlink", "inode_symlink path_symlink", make_symlink, NULL, false),
	OP("readlink", "inode_readlink", read_symlink, make_file, false),
	OP("follow-link", "inode_follow_link", follow_symlink, make_file, false),
	OP("link", "inode_link path_link", link_file, make_file, false),
	OP("rename", "inode_rename path_rename", rename_file, make_file, false),
	OP("chmod", "path_chmod inode_setattr inode_post_setattr", change_mode, make_file, false),
	OP("chown", "path_chown", change_owner, make_file, false),
	OP("ftruncate", "path_truncate file_truncate", cut_file, make_file, false),
	OP("getxattr", "inode_getxattr", get_attribute, attribute, false),
	OP("listxattr", "inode_listxattr", list_attributes, attribute, false),
	OP("setxattr",
	   "inode_setxattr inode_post_setxattr inode_removexattr inode_post_removexattr inode_xattr_skipcap",
	   replace_attribute, make_file, false),
	OP("flock", "file_lock", lock_file, make_file, false),
	OP("fcntl", "file_fcntl", control_file, make_file, false),
	OP("setown", "file_set_fowner", own_file, make_udp, false),
	OP("ioctl", "file_ioctl", ask_device, make_file, false),
	OP("mmap-file", "mmap_file mmap_addr", map_file, make_file, false),
	OP("mmap-memory", "vm_enough_memory", map_memory, NULL, false),
	OP("mprotect", "file_mprotect", protect, make_page, false),
	OP("statfs", "sb_statfs", stat_system, make_file, false),
	OP("socket", "socket_create socket_post_create sk_alloc_security sk_free_security",
	   make_socket, NULL, false),
	OP("socketpair", "socket_socketpair", make_pair, NULL, false),
	OP("connect", "socket_connect socket_getsockname", connect_socket, make_udp, false),
	OP("bind", "socket_bind", bind_socket, make_udp, false),
	OP("sendmsg", "socket_sendmsg socket_recvmsg socket_sock_rcv_skb", send_packet, make_udp,
	   false),
	OP("getpeername", "socket_getpeername", name_peer, make_udp, false),
	OP("getsockopt", "socket_getsockopt", get_option, make_udp, false),
	OP("setsockopt", "socket_setsockopt", set_option, make_udp, false),
	OP("unix-send", "unix_may_send", send_local, open_pair, false),
	OP("pass-fd", "file_receive", pass_descriptor, open_pair, false),
	OP("listen", "socket_listen", listen_again, make_listener, false),
	OP("unix-connect", "unix_stream_connect socket_accept", connect_local, NULL, false),
	OP("netlink", "netlink_send", send_netlink, make_netlink, false),
	OP("kill", "task_kill", kill_nothing, make_other, false),
	OP("getpgid", "task_getpgid", group_of, make_other, false),
	OP("getsid", "task_getsid", session_of, make_other, false),
	OP("getscheduler", "task_getscheduler", scheduler_of, make_other, false),
	OP("setscheduler", "task_setscheduler", set_scheduler, make_other, false),
	OP("setpriority", "task_setnice", set_nice, make_other, false),
	OP("ioprio-set", "task_setioprio", set_io_priority, make_other, false),
	OP("ioprio-get", "task_getioprio", get_io_priority, make_other, false),
	OP("prlimit", "task_prlimit", limit_other, make_other, false),
	OP("setrlimit", "task_setrlimit", limit_self, NULL, false),
	OP("prctl", "task_prctl", ask_prctl, NULL, false),
	OP("setuid", "task_fix_setuid cred_prepare cred_free", set_user, NULL, false),
	OP("setgid", "task_fix_setgid", set_group, NULL, false),
	OP("vm-read", "ptrace_access_check", read_other, other_page, false),
	OP("capget", "capget", get_capabilities, NULL, false),
	OP("capset", "capset", set_capabilities, NULL, false),
	OP("syslog", "syslog", ask_log, NULL, false),
	OP("sethostname", "capable", name_host, NULL, false),
	OP("exec-text", "bprm_creds_for_exec bprm_check_security", execute_text, make_text, false),
	OP("exec",
	   "bprm_creds_from_file bprm_committing_creds bprm_committed_creds task_alloc task_free",
	   execute, exec__start_runner, true),
	OP("msgsnd",
	   "msg_queue_msgsnd msg_queue_msgrcv msg_msg_alloc_security msg_msg_free_security",
	   send_letter, make_queue, false),
	OP("msgget", "msg_queue_alloc_security msg_queue_free_security msg_queue_msgctl", new_queue,
	   NULL, false),
	OP("semop", "sem_semop ipc_permission", raise_semaphore, make_semaphore, false),
	OP("shm", "shm_alloc_security shm_free_security shm_shmat shm_shmctl", new_segment, NULL,
	   false),
	OP("keyctl", "key_permission", describe_keyring, make_keyring, false),
	OP("bpf", "bpf", look_up, make_map, false),
	OP("perf-event", "perf_event_open perf_event_alloc perf_event_free", open_perf, NULL,
	   false),
	{ 0 },
};

bool hook_matters(const char *hook)
{
	static const char *const names[] = {
		"bprm_check_security", "file_open",	 "file_permission", "inode_permission",
		"mmap_file",	       "socket_connect", "socket_sendmsg",  "socket_create",
		"task_kill",	       "capable",	 "inode_create",    "inode_getattr",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], hook))
			return true;
	return false;
}
