// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on TUN devices, which live in a network of the subject's own. */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"

#define TUN_NEEDS .needs = { .module = { "tun" }, .path = { "/dev/net/tun" } }

static int open_tun(struct subject *s, int i)
{
	return open_slot(s, i, "/dev/net/tun", O_RDWR, 0);
}

/* Connects s->fd[i] with the device, which comes into being if it is not there. */
static int set_iff(struct subject *s, int i)
{
	struct ifreq ifr = { .ifr_name = "krsi0",
			     .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE };

	return SYS(ioctl(s->fd[i], TUNSETIFF, &ifr));
}

static int set_queue(struct subject *s, short flags)
{
	struct ifreq ifr = { .ifr_flags = flags };

	return SYS(ioctl(s->fd[0], TUNSETQUEUE, &ifr));
}

/* Is fd a working queue of a device? */
static bool is_queue(int fd)
{
	struct ifreq ifr = {};

	return !ioctl(fd, TUNGETIFF, &ifr) && !(ifr.ifr_flags & IFF_DETACH_QUEUE);
}

static int no_device(struct subject *s)
{
	return own_network() ?: open_tun(s, 0);
}

static int do_create(struct subject *s)
{
	return set_iff(s, 0);
}

static bool device_exists(struct subject *s)
{
	return is_queue(s->fd[0]) && if_nametoindex("krsi0");
}

HOOK(tun_dev_create, FAMILY_NETWORK, .setup = no_device, .route = { { "tunsetiff", do_create } },
     .effect = device_exists, TUN_NEEDS);
HOOK(tun_dev_alloc_security, FAMILY_NETWORK, .setup = no_device,
     .route = { { "tunsetiff", do_create } }, .effect = device_exists, TUN_NEEDS);
HOOK(tun_dev_attach, FAMILY_NETWORK, .setup = no_device, .route = { { "tunsetiff", do_create } },
     .effect = device_exists, TUN_NEEDS);

/* A device with slot 0 as its queue; slot 1 is open but has no device. */
static int one_device(struct subject *s)
{
	return no_device(s) ?: set_iff(s, 0) ?: open_tun(s, 1);
}

static int do_open(struct subject *s)
{
	return set_iff(s, 1);
}

static bool second_queue(struct subject *s)
{
	return is_queue(s->fd[1]);
}

HOOK(tun_dev_open, FAMILY_NETWORK, .setup = one_device, .route = { { "tunsetiff", do_open } },
     .effect = second_queue, TUN_NEEDS);

static int detached_queue(struct subject *s)
{
	return one_device(s) ?: set_queue(s, IFF_DETACH_QUEUE);
}

static int do_attach_queue(struct subject *s)
{
	return set_queue(s, IFF_ATTACH_QUEUE);
}

static bool first_queue(struct subject *s)
{
	return is_queue(s->fd[0]);
}

HOOK(tun_dev_attach_queue, FAMILY_NETWORK, .setup = detached_queue,
     .route = { { "tunsetqueue", do_attach_queue } }, .effect = first_queue, TUN_NEEDS);

static int do_close(struct subject *s)
{
	return SYS(close(s->fd[0]));
}

static bool device_is_gone(struct subject *s)
{
	return !if_nametoindex("krsi0");
}

VOID_HOOK(tun_dev_free_security, FAMILY_NETWORK, .setup = one_device,
	  .route = { { "close", do_close } }, .effect = device_is_gone, TUN_NEEDS);
