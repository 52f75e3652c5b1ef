// SPDX-License-Identifier: GPL-2.0-only
/* Values that programs keep with inodes and sockets. */
#include "program.h"
#include "storage.h"

STORAGE(inode, BPF_MAP_TYPE_INODE_STORAGE, struct inode)
STORAGE(sk, BPF_MAP_TYPE_SK_STORAGE, struct sock)

SEC("lsm/file_open")
int BPF_PROG(inode, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		operate_inode(shared, file->f_inode);
	return 0;
}

SEC("lsm/socket_getsockopt")
int BPF_PROG(sk, struct socket *socket)
{
	struct io *shared = answered();
	struct sock *sk = socket->sk;

	if (shared && sk)
		operate_sk(shared, sk);
	return 0;
}

/* Must not load: a file is no inode. */
SEC("lsm/file_open")
int BPF_PROG(wrong_object, struct file *file)
{
	struct io *shared = answered();

	if (shared)
		operate_inode(shared, (struct inode *)file);
	return 0;
}
