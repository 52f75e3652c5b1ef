/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does BPF LSM enforce on this machine, and if not, why? For live machines: only programs that look
 * at one process of the doctor's own, only operations on a file system of its own, nothing that can
 * hang, and nothing left behind, since all of it ends with the process.
 */
#ifndef KRSI_DOCTOR_H
#define KRSI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "conformance/adapters/lsm_btf.h"

#define DOCTOR_LSMS	16
#define DOCTOR_TRIALS	12
#define DOCTOR_PROGRAMS 64

/* One hook that was tried. Errors are errno values, 0: none. */
struct doctor_trial {
	const char *hook;
	bool there;   /* this kernel has it */
	int load;     /* why a program does not load */
	int attach;   /* why it does not attach */
	bool works;   /* the operation works with a program that allows */
	bool fires;   /* and the program ran */
	bool denies;  /* a program that denies stops it, and its errno comes through */
	int got;      /* what the denied operation gave, where not that */
	bool escaped; /* it failed as it should, and yet it took effect */
};

/* The verdict. */
enum doctor_verdict {
	DOCTOR_ENFORCES, /* every trial fires and denies */
	DOCTOR_PARTLY,	 /* some do */
	DOCTOR_INERT,	 /* programs attach, and none runs */
	DOCTOR_ABSENT,	 /* programs cannot be attached */
	DOCTOR_UNKNOWN,	 /* could not be found out */
};

struct doctor {
	struct utsname uts;
	bool root;
	bool capable; /* has the capabilities that loading takes, which root in a container lacks */
	bool own_pids;	/* in a PID namespace: its programs know processes by other numbers */
	bool btf;	/* the kernel tells its types */
	bool built_in;	/* BPF LSM is compiled in, as far as BTF or the configuration tells */
	bool lsm_known; /* securityfs told which are active */
	char lsm[DOCTOR_LSMS][32];
	size_t nr_lsm;
	int place;	   /* of bpf among them, from 1; 0: it is not active */
	char lockdown[32]; /* none, integrity, confidentiality, "" where it is not there */
	int jit;	   /* net.core.bpf_jit_enable, -1: unknown */
	int probe_read;	   /* errno of a program that reads kernel memory */
	struct lsm_hooks hooks;
	size_t attachable, sleepable;
	struct doctor_trial trial[DOCTOR_TRIALS];
	size_t nr_trial;
	char program[DOCTOR_PROGRAMS][16]; /* BPF LSM programs of others, by name */
	size_t nr_program;		   /* all of them, also beyond what the table holds */
	double seconds;
	enum doctor_verdict verdict;
	const char *cause; /* a word for machines */
	char why[512];	   /* a sentence, "" if all is well */
	char advice[512];  /* what to do, "" if nothing */
};

/* Finds out all but the trials. */
void doctor__look(struct doctor *d);
/* Whether this process is in a PID namespace of its own, or cannot tell. */
bool doctor__own_pids(void);
/* Makes hooks happen, unless another's process could be taken for the doctor's own. */
void doctor__try(struct doctor *d);
/* From what was seen to a verdict. */
void doctor__judge(struct doctor *d);
/* Tells it in words, or as JSON. */
void doctor__say(const struct doctor *d, FILE *out);
void doctor__json(const struct doctor *d, FILE *out);
/* All of it; the exit status: 0 enforces, 1 not or only partly, 2 could not be found out, 4 absent.
 */
int doctor__run(bool json, FILE *out);

#endif
