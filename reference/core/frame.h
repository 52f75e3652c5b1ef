/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The form of an event of the reference's own tools: one execution, one variable. A program puts
 * it out as the raw data of a perf sample (or as a ring buffer record), the reader checks it.
 *
 * Byte order and sizes are those of the machine: an event does not leave it. Fields are only
 * ever added at the end of the head, which tells its own size; a changed meaning is a new version.
 * This header also serves BPF programs.
 */
#ifndef KRSI_CORE_FRAME_H
#define KRSI_CORE_FRAME_H

#include <linux/types.h>

#define KRSI_FRAME_MAGIC   0x4b52 /* "KR" */
#define KRSI_FRAME_VERSION 1
/* Most data bytes of a frame: one string of exec, MAX_ARG_STRLEN with 4 KiB pages. */
#define KRSI_FRAME_DATA_MAX (32 * 4096)

/* perf puts a 32-bit size before raw data and pads both to 8 bytes with what was in the buffer. */
#define KRSI_FRAME_PADDING 7

/**
 * struct krsi_frame - head of an event; @size - @head_size bytes of data follow it.
 * @magic: KRSI_FRAME_MAGIC.
 * @version: KRSI_FRAME_VERSION.
 * @head_size: sizeof(struct krsi_frame) of the writer.
 * @size: bytes of head and data.
 * @nsec: monotonic time of the event.
 * @pid_tgid: of the task: tgid in the high half.
 * @uid_gid: of the task: gid in the high half.
 * @result: what krsi_get_env_var() or krsi_get_env_vars() returned.
 * @dev: device of the executed file, as stat() shows it; 0: not known.
 * @ino: its inode number.
 * @verdict: what the program decided: 0 or a negative errno.
 * @key: number that the writer gave to the variable, which is not repeated in each event.
 * @comm: name of the task that calls exec, NUL-terminated.
 * @path_size: bytes at the end of the data that hold the name of the file, as exec was given it,
 *	       with its NUL; 0: not known.
 * @reserved: 0.
 *
 * The data are the values that @result counts, each with its NUL, and the path.
 */
struct krsi_frame {
	__u16 magic;
	__u8 version;
	__u8 head_size;
	__u32 size;
	__u64 nsec;
	__u64 pid_tgid;
	__u64 uid_gid;
	__u64 result;
	__u64 dev;
	__u64 ino;
	__s32 verdict;
	__u32 key;
	char comm[16];
	__u32 path_size;
	__u32 reserved;
};

#ifndef __bpf__

#include "compat.h"

/** krsi_frame_init - fills in magic, version and sizes for @data bytes of data; zeroes the rest. */
void krsi_frame_init(struct krsi_frame *frame, u32 data);

/**
 * krsi_frame_check - takes a record apart, which may be anything.
 * @record: @size bytes as the buffer gave them; need not be aligned.
 * @frame: receives the head.
 * @data: set to the values inside @record, which end with a NUL if there are any; the path is
 *	  behind them.
 * @data_size: set to the size of the values.
 *
 * Return: 0, or -EINVAL: no frame, or one that contradicts itself.
 */
int krsi_frame_check(const void *record, size_t size, struct krsi_frame *frame, const char **data,
		     u32 *data_size);

/**
 * krsi_frame_value - the value at *@at, which is moved past it.
 * @data, @data_size: as krsi_frame_check() gave them.
 * @at: 0 for the first value.
 *
 * Return: the value, NUL-terminated, or NULL after the last one.
 */
const char *krsi_frame_value(const char *data, u32 data_size, u32 *at);

/** krsi_frame_path - the path behind the values, NUL-terminated, or NULL. Arguments as above. */
const char *krsi_frame_path(const struct krsi_frame *frame, const char *data, u32 data_size);

#endif /* __bpf__ */

#endif
