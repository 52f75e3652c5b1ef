/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BPF program and its loader share. */
#ifndef MONITOR_H
#define MONITOR_H

enum { NOBODY, SUBJECT, ANYONE };

/* What a program does: written by the loader, but for the counters. */
struct rule {
	__u32 who;
	__s32 session;
	__s32 verdict;
	__u32 record;
	__u64 number; /* the program's, as the suite calls it */
	__u64 calls, lost;
};

struct event {
	__u64 number;
	__u64 nsec;
	__u32 tgid, pid, cpu;
	__s32 verdict;
};

#endif
