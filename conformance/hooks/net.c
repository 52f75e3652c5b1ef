// SPDX-License-Identifier: GPL-2.0-only
#include <linux/sock_diag.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/hooks/net.h"

int own_network(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, err;

	TRY(unshare(CLONE_NEWNET));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = SYS(ioctl(fd, SIOCSIFFLAGS, &ifr));
	close(fd);
	return err;
}

int socket_slot(struct subject *s, int i, int family, int type, int protocol)
{
	return keep_fd(s, i, socket(family, type | SOCK_CLOEXEC, protocol));
}

int inet_slot(struct subject *s, int i, int type, int protocol)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	int err = socket_slot(s, i, AF_INET, type, protocol);

	if (err)
		return err;
	TRY(bind(s->fd[i], LOOPBACK(0)));
	TRY(getsockname(s->fd[i], (struct sockaddr *)&addr, &len));
	s->val[i] = ntohs(addr.sin_port);
	return 0;
}

int unix_slot(struct subject *s, int i, int type, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int err = socket_slot(s, i, AF_UNIX, type, 0);

	if (err)
		return err;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	unlink(path);
	TRY(bind(s->fd[i], (struct sockaddr *)&addr, sizeof(addr)));
	return 0;
}

int unix_pair(struct subject *s, int type)
{
	TRY(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, s->fd));
	return 0;
}

bool has_message(int fd)
{
	char buf[MESSAGE_LEN + 1];

	return recv(fd, buf, sizeof(buf), MSG_DONTWAIT) == MESSAGE_LEN &&
	       !memcmp(buf, MESSAGE, MESSAGE_LEN);
}

/* Packets that the kernel has dropped at this socket. */
static unsigned int drops(int fd)
{
	unsigned int info[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len);
	return info[SK_MEMINFO_DROPS];
}

bool delivered(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	while (!drops(fd))
		if (poll(&poll_fd, 1, 1) == 1)
			return true;
	return false;
}
