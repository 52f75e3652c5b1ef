// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs of a chain that a well-meaning author would not write: they write to the arguments, or
 * return what is no errno. All answer inode_mkdir(dir, dentry, mode).
 */
#include "program.h"

#define MODE   2
#define RESULT 3 /* behind the arguments: what the chain has returned so far */

/* Returns the register as it is: the compiler must not widen, narrow or guess it. */
#define RETURN_AS(constant)                                                                        \
	({                                                                                         \
		__u64 value_;                                                                      \
		asm volatile("%0 = %1 ll" : "=r"(value_) : "i"(constant));                         \
		value_;                                                                            \
	})

/* in[0]: what later programs are to see as the mode. */
SEC("lsm/inode_mkdir")
int tamper(__u64 *ctx)
{
	struct io *shared = answered();

	if (shared)
		ctx[MODE] = shared->in[0];
	return 0;
}

/*
 * out[0]: what the chain has returned so far. Not read as an argument: some verifiers bring their
 * own bounds of it out of step then, and warn of themselves on the console.
 */
SEC("lsm/inode_mkdir")
int previous(__u64 *ctx)
{
	struct io *shared = answered();

	if (shared)
		bpf_probe_read_kernel(&shared->out[0], sizeof(shared->out[0]), &ctx[RESULT]);
	return 0;
}

SEC("lsm/inode_mkdir")
int positive(void *ctx)
{
	return answered() ? 1 : 0;
}

/* The verifier cannot know what this returns. */
SEC("lsm/inode_mkdir")
int unknown(void *ctx)
{
	struct io *shared = answered();

	return shared ? shared->in[0] : 0;
}

SEC("lsm/inode_mkdir")
long pointer(__u64 *ctx)
{
	return answered() ? ctx[0] : 0;
}

/* -EPERM to who reads 32 bits, as an int is read. */
SEC("lsm/inode_mkdir")
__u64 narrow(void *ctx)
{
	return answered() ? RETURN_AS(0xffffffffULL) : 0;
}

/* 0 to who reads 32 bits. */
SEC("lsm/inode_mkdir")
__u64 wide(void *ctx)
{
	return answered() ? RETURN_AS(0x100000000ULL) : 0;
}

/* The verdict stands in the map: what keeps the map keeps the verdict. */
SEC("lsm/inode_mkdir")
int answer(void *ctx)
{
	struct io *shared = answered();

	return shared ? io_verdict(shared) : 0;
}
