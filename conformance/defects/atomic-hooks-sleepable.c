// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sleepable program loads for a hook that is called where none may sleep: at the end of TCP's
 * handshake, in softirq, or where /proc/PID is looked up, in an RCU read side. There it does sleep,
 * if it reads memory of the user's that must be fetched.
 */
#include "defect.h"

int main(void)
{
	static const char *const hooks[] = { "inet_conn_established", "task_to_inode" };
	const struct bpf_insn pass[] = { RETURN(0) };

	for (int i = 0; i < 2; i++) {
		if (LOAD(hooks[i], BPF_LSM_MAC, 0, pass) < 0)
			return defect__unclear("load of a plain program");
		if (LOAD(hooks[i], BPF_LSM_MAC, BPF_F_SLEEPABLE, pass) >= 0)
			return defect__says(PRESENT, "a sleepable program loads for %s", hooks[i]);
	}
	return defect__says(ABSENT, "sleepable programs are refused: %s", strerror(errno));
}
