// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are bound to a cgroup: 1 allows, 0 denies. */
#include "program.h"

#define SOL_SOCKET  1
#define SO_PRIORITY 12

/*
 * in[0]: what it returns, 0 or 1; verdict: what it gives to bpf_set_retval, 0: nothing;
 * out[0]: what the programs before it have made of the call.
 */
SEC("lsm_cgroup/inode_mkdir")
int decide(void *ctx)
{
	struct io *shared = answered();
	int verdict;

	if (!shared)
		return 1;
	shared->out[0] = bpf_get_retval();
	verdict = io_verdict(shared);
	if (verdict)
		bpf_set_retval(verdict);
	return shared->in[0] ? 1 : 0;
}

/* A void hook, on which nothing can be denied. */
SEC("lsm_cgroup/bprm_committing_creds")
int observe(void *ctx)
{
	answered();
	return 1;
}

/* Must not load: there is no value to set. */
SEC("lsm_cgroup/bprm_committing_creds")
int void_sets(void *ctx)
{
	bpf_set_retval(-1);
	return 1;
}

/* Must not load: no hook of this kind answers with a positive value. */
SEC("lsm_cgroup/inode_mkdir")
int sets_positive(void *ctx)
{
	bpf_set_retval(1);
	return 1;
}

/* in[0]: the priority that a new socket is to have; out[]: results of the calls. */
static void prioritize(struct io *shared, struct sock *sk)
{
	int value = shared->in[0];

	shared->out[0] = bpf_setsockopt(sk, SOL_SOCKET, SO_PRIORITY, &value, sizeof(value));
	value = -1;
	shared->out[1] = bpf_getsockopt(sk, SOL_SOCKET, SO_PRIORITY, &value, sizeof(value));
	shared->out[2] = value;
	shared->out[3] = bpf_setsockopt(sk, SOL_SOCKET, SO_PRIORITY, &value, 1);
	shared->out[4] = bpf_setsockopt(sk, SOL_SOCKET, 9999, &value, sizeof(value));
}

SEC("lsm_cgroup/socket_post_create")
int BPF_PROG(sockopt, struct socket *socket)
{
	struct io *shared = answered();
	struct sock *sk = socket->sk;

	if (shared && sk)
		prioritize(shared, sk);
	return 1;
}

/* Must not load: the socket may be in use here, and is not locked. */
SEC("lsm_cgroup/socket_bind")
int BPF_PROG(sockopt_outside, struct socket *socket)
{
	struct io *shared = answered();
	struct sock *sk = socket->sk;

	if (shared && sk)
		prioritize(shared, sk);
	return 1;
}
