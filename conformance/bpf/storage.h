/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs with local storage of every kind do; shared with the tests. */
#ifndef KRSI_BPF_STORAGE_H
#define KRSI_BPF_STORAGE_H

/* in[0]; out[0], out[1] are the answer. */
enum storage_op {
	STORAGE_FIND,	/* is there a value (0, 1), which */
	STORAGE_CREATE, /* as find, with the flag to make one; what is found then becomes in[1] */
	STORAGE_DELETE, /* what the helper returns */
	STORAGE_FLAGS,	/* as find, with a flag that does not exist */
};

/* Defines the map and the function that operates on it. */
#define STORAGE(kind, map_type, object_type)                                                       \
	struct {                                                                                   \
		__uint(type, map_type);                                                            \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, int);                                                                  \
		__type(value, __u64);                                                              \
	} kind##_values SEC(".maps");                                                              \
                                                                                                   \
	static void operate_##kind(struct io *shared, object_type *object)                         \
	{                                                                                          \
		__u64 op = shared->in[0];                                                          \
		__u64 flags = op == STORAGE_CREATE ? 1 : op == STORAGE_FLAGS ? 2 : 0;              \
		__u64 *value;                                                                      \
                                                                                                   \
		if (op == STORAGE_DELETE) {                                                        \
			shared->out[0] = bpf_##kind##_storage_delete(&kind##_values, object);      \
			return;                                                                    \
		}                                                                                  \
		value = bpf_##kind##_storage_get(&kind##_values, object, 0, flags);                \
		shared->out[0] = value != 0;                                                       \
		shared->out[1] = value ? *value : 0;                                               \
		if (value && op == STORAGE_CREATE)                                                 \
			*value = shared->in[1];                                                    \
	}

#endif
