// SPDX-License-Identifier: GPL-2.0-only
/*
 * With bpf active and no LSM that labels, SO_PEERSEC succeeds and writes no label: the caller takes
 * what was in its buffer for one. No program is attached.
 */
#include <sys/socket.h>

#include "defect.h"

#ifndef SO_PEERSEC
#define SO_PEERSEC 31
#endif

int main(void)
{
	char label[16] = "not a label";
	socklen_t len = sizeof(label);
	int pair[2], ret;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return defect__unclear("socketpair");
	ret = getsockopt(pair[0], SOL_SOCKET, SO_PEERSEC, label, &len);
	if (ret && errno == ENOPROTOOPT)
		return defect__says(ABSENT, "getsockopt says that there is no label");
	return !ret && !strcmp(label, "not a label")
		       ? defect__says(PRESENT, "getsockopt succeeds, the buffer is as it was")
		       : defect__says(UNCLEAR, "getsockopt returns %d, '%s'", ret, label);
}
