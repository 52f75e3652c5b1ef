// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "conformance/harness/cost.h"

static int descriptor(const struct krsi_adapter *adapter, struct krsi_prog *prog)
{
	struct krsi_hook_file file;

	if (prog && KRSI_HAS(adapter, prog_fd))
		return adapter->prog_fd(prog);
	if (prog && KRSI_HAS(adapter, hook_file) && !adapter->hook_file(prog, &file))
		return file.prog_fd;
	return -1;
}

bool cost__read(const struct krsi_adapter *adapter, struct krsi_prog *prog, struct cost *cost)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = descriptor(adapter, prog);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return false;
	*cost = (struct cost){
		.verified = info.verified_insns,
		.xlated = info.xlated_prog_len,
		.jited = info.jited_prog_len,
	};
	return true;
}
