// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on SCTP: addresses, and the two ends of the handshake. */
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* relies on what the above declare */
#include <linux/sctp.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/net.h"

#define SCTP_NEEDS .needs = { .module = { "sctp" } }

/* A listener in slot 0 and a client in slot 1; in val their ports, and in val[2] and val[3] the
 * ports of a packet to the listener and of one to the client. */
static int sctp_sockets(struct subject *s)
{
	int err = own_network() ?: inet_slot(s, 0, SOCK_STREAM, IPPROTO_SCTP) ?:
				     inet_slot(s, 1, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_SCTP);

	if (err)
		return err;
	s->val[2] = PORTS(s->val[1], s->val[0]);
	s->val[3] = PORTS(s->val[0], s->val[1]);
	TRY(listen(s->fd[0], 1));
	return 0;
}

static int do_connect(struct subject *s)
{
	int ret = SYS(connect(s->fd[1], LOOPBACK(s->val[0])));

	return ret == -EINPROGRESS ? 0 : ret;
}

static bool packets_discarded(void)
{
	unsigned long n = 0;
	char line[128];
	FILE *file = fopen("/proc/net/sctp/snmp", "re");

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file) && sscanf(line, "SctpInPktDiscards %lu", &n) != 1)
		;
	fclose(file);
	return n > 0;
}

/* Waits for how the handshake ends: the client has an association, or a packet was discarded. */
static bool connected(struct subject *s)
{
	struct sctp_status status = {};
	socklen_t len;

	do {
		if (packets_discarded())
			return false;
		len = sizeof(status);
	} while (getsockopt(s->fd[1], IPPROTO_SCTP, SCTP_STATUS, &status, &len) ||
		 status.sstat_state != SCTP_ESTABLISHED);
	return true;
}

#define SCTP_ENTRY                                                                                 \
	.setup = sctp_sockets, .route = { { "connect", do_connect } }, .effect = connected,        \
	.anyone = true, .async = true, SCTP_NEEDS

HOOK(sctp_assoc_request, FAMILY_NETWORK, SCTP_ENTRY, .only = WANT_VAL("skb", KRSI_B, 2),
     .args = { WANT_VAL("skb", KRSI_B, 2) },
     .many = "for INIT, and on newer kernels for COOKIE-ECHO too",
     .denied_by = "sctp_sf_do_5_1B_init");

HOOK(sctp_assoc_established, FAMILY_NETWORK, SCTP_ENTRY, .only = WANT_VAL("skb", KRSI_B, 3),
     .args = { WANT_VAL("skb", KRSI_B, 3) }, .denied_by = "sctp_sf_do_5_1E_ca");

static int connection_waits(struct subject *s)
{
	int err = sctp_sockets(s) ?: do_connect(s);

	return err ?: connected(s) ? 0 : -ECONNREFUSED;
}

static int do_accept(struct subject *s)
{
	return keep_fd(s, 2, accept4(s->fd[0], NULL, NULL, SOCK_CLOEXEC));
}

static bool accepted(struct subject *s)
{
	return send(s->fd[1], MESSAGE, MESSAGE_LEN, 0) == MESSAGE_LEN && delivered(s->fd[2]) &&
	       has_message(s->fd[2]);
}

VOID_HOOK(sctp_sk_clone, FAMILY_NETWORK, .setup = connection_waits,
	  .route = { { "accept4", do_accept } }, .effect = accepted, SCTP_NEEDS,
	  .args = { WANT_SOCKET("sk", 0),
		    WANT_WORD("newsk", KRSI_B, SOCK_ID(AF_INET, SOCK_STREAM, IPPROTO_SCTP)) });

static int unbound_socket(struct subject *s)
{
	return own_network() ?: socket_slot(s, 0, AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

#define PORT 4242

static int do_bindx(struct subject *s)
{
	const struct sockaddr_in addr = { .sin_family = AF_INET,
					  .sin_port = htons(PORT),
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return SYS(setsockopt(s->fd[0], IPPROTO_SCTP, SCTP_SOCKOPT_BINDX_ADD, &addr, sizeof(addr)));
}

static bool has_port(struct subject *s)
{
	struct sockaddr_in addr = {};
	socklen_t len = sizeof(addr);

	return !getsockname(s->fd[0], (struct sockaddr *)&addr, &len) &&
	       addr.sin_port == htons(PORT);
}

HOOK(sctp_bind_connect, FAMILY_NETWORK, .setup = unbound_socket,
     .route = { { "bindx_add", do_bindx } }, .effect = has_port, SCTP_NEEDS,
     .args = { WANT_SOCKET("sk", 0), WANT_NUM("optname", SCTP_SOCKOPT_BINDX_ADD),
	       WANT_WORD("address", KRSI_A, AF_INET), WANT_WORD("address", KRSI_B, PORT) });
