// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_get_fsverity_digest returns 0 where the digest does not fit into its buffer, with the part
 * that does and the size of the whole: the program believes that it has all of it.
 *
 * The file system that it takes comes from another file of the suite. To build it by hand:
 *	cc -D_GNU_SOURCE -I. conformance/defects/fsverity-digest-truncated.c \
 *		conformance/hooks/ext2_image.c -lbpf -o t && sudo modprobe -a loop ext4 && sudo ./t
 */
#include <linux/fsverity.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "conformance/hooks/ext2_image.h"
#include "conformance/hooks/loopdev.h"
#include "defect.h"

#define MAP_VALUE(dst, at)                                                                         \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_VALUE, 0, map), INSN(0, 0, 0, 0, at)
#define LOCAL(dst) MOVE(dst, 10), INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, -16)
/* Asks for the digest of the file in r6, with room for so many bytes of it behind the header; what
 * the kfunc says of a file that is protected goes to this word of the map. */
#define ASK(room, word)                                                                            \
	MAP_VALUE(1, 8), MOV(2, sizeof(struct fsverity_digest) + (room)), MOV(3, 0), LOCAL(4),     \
		CALL(BPF_FUNC_dynptr_from_mem), MOVE(1, 6), LOCAL(2),                              \
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, kfunc),                      \
		INSN(BPF_JMP32 | BPF_JEQ | BPF_K, 0, 0, 3, -ENODATA), MAP_VALUE(1, 4 * (word)),    \
		INSN(BPF_STX | BPF_MEM | BPF_W, 1, 0, 0, 0)

/* Mounts a new file system on "m", and makes "m/f" in it, which fs-verity protects. */
static int protect(void)
{
	const struct fsverity_enable_arg how = { .version = 1,
						 .hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
						 .block_size = 1024 };
	char name[LOOP_NAME];
	int device = ext4_image("image") ?: loop_open("image", name);

	if (device < 0 || mkdir("m", 0700) || mount(name, "m", "ext4", 0, NULL) || close(device) ||
	    close(open("m/f", O_WRONLY | O_CREAT, 0600)))
		return -1;
	return ioctl(open("m/f", O_RDONLY), FS_IOC_ENABLE_VERITY, &how);
}

int main(void)
{
	const int kfunc = libbpf_find_vmlinux_btf_id("bpf_get_fsverity_digest", BPF_TRACE_FENTRY);
	const int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "defect", 4, 64, 1, NULL), zero = 0;
	const struct bpf_insn ask[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 6, 1, 0, 0),
		ASK(32, 0),
		ASK(16, 1),
		RETURN(0),
	};
	int said[16] = { 1, 1 };

	if (kfunc <= 0)
		return defect__says(ABSENT, "there is no bpf_get_fsverity_digest");
	if (protect())
		return defect__unclear("a file that fs-verity protects");
	if (bpf_map_update_elem(map, &zero, said, 0) || ATTACH("file_open", ask) < 0 ||
	    close(open("m/f", O_RDONLY)) || bpf_map_lookup_elem(map, &zero, said))
		return defect__unclear("ask a program");
	umount2("m", MNT_DETACH);
	if (said[0])
		return defect__says(UNCLEAR, "where the digest fits: %d", said[0]);
	if (said[1])
		return defect__says(said[1] == -EOVERFLOW ? ABSENT : UNCLEAR,
				    "where the digest does not fit: %s", strerror(-said[1]));
	return defect__says(PRESENT, "success, with half of the digest");
}
