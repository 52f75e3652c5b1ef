// SPDX-License-Identifier: GPL-2.0-only
/* sendto(MSG_FASTOPEN) connects a TCP socket, and no program on socket_connect is asked. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "defect.h"

int main(void)
{
	const struct bpf_insn deny[] = { RETURN(-EUCLEAN) };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(to);
	int server = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(server, (struct sockaddr *)&to, len) || listen(server, 4) ||
	    getsockname(server, (struct sockaddr *)&to, &len))
		return defect__unclear("listen");
	if (ATTACH("socket_connect", deny) < 0)
		return defect__unclear("load and attach");
	if (!connect(fd, (struct sockaddr *)&to, len))
		return defect__says(UNCLEAR, "the program does not deny");
	if (sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, len) < 0)
		return errno == EUCLEAN ? defect__says(ABSENT, "sendto is denied")
					: defect__unclear("sendto");
	return getpeername(fd, (struct sockaddr *)&to, &len)
		       ? defect__unclear("getpeername")
		       : defect__says(PRESENT, "sendto connects what connect may not");
}
