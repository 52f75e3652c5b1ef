// SPDX-License-Identifier: GPL-2.0-only
#include "frame.h"

/* The head of version 1: a writer has at least these bytes. */
#define HEAD_MIN ((u32)sizeof(struct krsi_frame))

_Static_assert(sizeof(struct krsi_frame) == 88, "a frame has no hidden holes");
_Static_assert(sizeof(struct krsi_frame) <= 255, "head_size is one byte");

void krsi_frame_init(struct krsi_frame *frame, u32 data)
{
	memset(frame, 0, sizeof(*frame));
	frame->magic = KRSI_FRAME_MAGIC;
	frame->version = KRSI_FRAME_VERSION;
	frame->head_size = sizeof(*frame);
	frame->size = sizeof(*frame) + data;
}

/* Nothing, or with a NUL at its end. */
static bool ends_well(const char *bytes, u32 n)
{
	return !n || !bytes[n - 1];
}

int krsi_frame_check(const void *record, size_t size, struct krsi_frame *frame, const char **data,
		     u32 *data_size)
{
	const char *bytes = record;

	if (size < HEAD_MIN)
		return -EINVAL;
	memcpy(frame, record, sizeof(*frame));
	if (frame->magic != KRSI_FRAME_MAGIC || frame->version != KRSI_FRAME_VERSION)
		return -EINVAL;
	if (frame->head_size < HEAD_MIN || frame->size < frame->head_size)
		return -EINVAL;
	if (frame->size > size || size - frame->size > KRSI_FRAME_PADDING)
		return -EINVAL;
	*data = bytes + frame->head_size;
	*data_size = frame->size - frame->head_size;
	if (*data_size > KRSI_FRAME_DATA_MAX || frame->path_size > *data_size)
		return -EINVAL;
	if (!ends_well(*data, *data_size))
		return -EINVAL;
	*data_size -= frame->path_size;
	if (!ends_well(*data, *data_size))
		return -EINVAL;
	if (frame->comm[sizeof(frame->comm) - 1])
		return -EINVAL;
	return 0;
}

const char *krsi_frame_value(const char *data, u32 data_size, u32 *at)
{
	const char *value = data + *at, *nul;

	if (*at >= data_size)
		return NULL;
	/* the last byte is a NUL: krsi_frame_check() made sure */
	nul = memchr(value, '\0', data_size - *at);
	*at = (u32)(nul - data) + 1;
	return value;
}

const char *krsi_frame_path(const struct krsi_frame *frame, const char *data, u32 data_size)
{
	return frame->path_size ? data + data_size : NULL;
}
