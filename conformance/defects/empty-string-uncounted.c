// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_probe_read_user_str returns how many bytes it has copied, the NUL among them: 1 for an empty
 * string. It returns 0, which is what a program is told that has asked for no bytes.
 */
#include <sys/stat.h>

#include "defect.h"

#define IF(value, result) INSN(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 2, value), RETURN(result)

static char text[8] = "x";

int main(void)
{
	const unsigned long from = (unsigned long)text;
	const struct bpf_insn read[] = {
		MOVE(1, 10),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, -(int)sizeof(text)),
		MOV(2, sizeof(text)),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 3, 0, 0, (__u32)from),
		INSN(0, 0, 0, 0, from >> 32),
		CALL(BPF_FUNC_probe_read_user_str),
		IF(0, -EUCLEAN),
		IF(1, -EILSEQ),
		IF(2, -EXDEV),
		RETURN(-EPERM),
	};

	if (ATTACH("inode_mkdir", read) < 0)
		return defect__unclear("load and attach");
	if (!mkdir("one", 0700) || errno != EXDEV)
		return defect__unclear("a string of one letter is not read as 2 bytes");
	text[0] = '\0';
	if (!mkdir("none", 0700))
		return defect__says(UNCLEAR, "the program does not deny");
	if (errno != EUCLEAN && errno != EILSEQ)
		return defect__unclear("an empty string");
	return errno == EILSEQ ? defect__says(ABSENT, "1 byte of an empty string")
			       : defect__says(PRESENT, "0 bytes of an empty string");
}
