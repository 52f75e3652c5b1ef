// SPDX-License-Identifier: GPL-2.0-only
/* Every load of a kernel module, with the name of its file, told before the module's code runs. */
#include "program.h"

enum kernel_read_file_id { READING_MODULE = 2 };
enum kernel_load_data_id { LOADING_MODULE = 2 };

/* out[0]: loads from a file; out_data: the name of the last one's. */
SEC("lsm/kernel_read_file")
int BPF_PROG(log_file, struct file *file, enum kernel_read_file_id id)
{
	struct io *shared;

	if (id != bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return 0;
	shared = answered();
	if (!shared)
		return 0;
	shared->out[0]++;
	bpf_probe_read_kernel_str(shared->out_data, 256,
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return 0;
}

/* out[0]: loads from memory, which have no name. */
SEC("lsm/kernel_load_data")
int BPF_PROG(log_memory, enum kernel_load_data_id id)
{
	struct io *shared;

	if (id != bpf_core_enum_value(enum kernel_load_data_id, LOADING_MODULE))
		return 0;
	shared = answered();
	if (shared)
		shared->out[0]++;
	return 0;
}
