// SPDX-License-Identifier: GPL-2.0-only
/* Event frames: what goes in comes out, and nothing that contradicts itself does. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "reference/core/frame.h"

#define DATA "one\0\0three"

/* A frame with DATA in memory of exactly @pad bytes more, at an odd address. */
static char *frame_new(struct krsi_frame *head, size_t pad, char **record)
{
	char *mem = malloc(1 + sizeof(*head) + sizeof(DATA) + pad);

	*record = mem + 1;
	krsi_frame_init(head, sizeof(DATA));
	head->nsec = 7;
	head->result = 3;
	strcpy(head->comm, "sh");
	memcpy(*record, head, sizeof(*head));
	memcpy(*record + sizeof(*head), DATA, sizeof(DATA));
	memset(*record + sizeof(*head) + sizeof(DATA), '#', pad);
	return mem;
}

Test(frame, round_trip)
{
	for (size_t pad = 0; pad <= KRSI_FRAME_PADDING; pad++) {
		struct krsi_frame in, out;
		u32 size, at = 0;
		const char *data;
		char *record, *mem = frame_new(&in, pad, &record);

		cr_assert_eq(krsi_frame_check(record, in.size + pad, &out, &data, &size), 0);
		cr_expect(!memcmp(&in, &out, sizeof(in)));
		cr_expect_eq(size, sizeof(DATA));
		cr_expect_str_eq(krsi_frame_value(data, size, &at), "one");
		cr_expect_str_eq(krsi_frame_value(data, size, &at), "");
		cr_expect_str_eq(krsi_frame_value(data, size, &at), "three");
		cr_expect_null(krsi_frame_value(data, size, &at));
		cr_expect_null(krsi_frame_value(data, size, &at));
		free(mem);
	}
}

Test(frame, without_data)
{
	struct krsi_frame in, out;
	const char *data;
	u32 size, at = 0;

	krsi_frame_init(&in, 0);
	cr_assert_eq(krsi_frame_check(&in, sizeof(in), &out, &data, &size), 0);
	cr_expect_eq(size, 0);
	cr_expect_null(krsi_frame_value(data, size, &at));
}

Test(frame, each_length_but_the_right_one)
{
	struct krsi_frame in, out;
	const char *data;
	u32 size;
	char *record, *mem = frame_new(&in, 20, &record);

	for (size_t n = 0; n <= in.size + 20; n++) {
		bool fits = n >= in.size && n <= in.size + KRSI_FRAME_PADDING;

		cr_expect_eq(krsi_frame_check(record, n, &out, &data, &size), fits ? 0 : -EINVAL,
			     "%zu bytes", n);
	}
	free(mem);
}

/* A later writer's head is longer: what this reader knows is at its start. */
Test(frame, longer_head)
{
	struct krsi_frame in, out;
	u32 size, at = 0;
	const char *data;
	char *record, *mem = frame_new(&in, 0, &record);

	in.head_size += 4;
	memcpy(record, &in, sizeof(in));
	cr_assert_eq(krsi_frame_check(record, in.size, &out, &data, &size), 0);
	cr_expect_eq(size, sizeof(DATA) - 4);
	cr_expect_str_eq(krsi_frame_value(data, size, &at), "");
	free(mem);
}

static int check_changed(const struct krsi_frame *head, char last)
{
	struct krsi_frame ignored, out;
	const char *data;
	u32 size;
	char *record, *mem = frame_new(&ignored, 0, &record);
	size_t n = ignored.size;
	int rc;

	memcpy(record, head, sizeof(*head));
	record[n - 1] = last;
	rc = krsi_frame_check(record, n, &out, &data, &size);
	free(mem);
	return rc;
}

Test(frame, contradictions)
{
	struct krsi_frame good, bad;

	krsi_frame_init(&good, sizeof(DATA));
	cr_assert_eq(check_changed(&good, '\0'), 0);
	cr_expect_eq(check_changed(&good, 'x'), -EINVAL, "last value without NUL");
	bad = good;
	bad.magic ^= 1;
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "magic");
	bad = good;
	bad.version++;
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "version");
	bad = good;
	bad.head_size--;
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "head too small");
	bad = good;
	bad.head_size = bad.size + 1;
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "head beyond the frame");
	bad = good;
	bad.size = 0xffffffff;
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "frame beyond the record");
	bad = good;
	memset(bad.comm, 'c', sizeof(bad.comm));
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "comm without NUL");
	bad = good;
	bad.path_size = sizeof(DATA) + 1;
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "path longer than the data");
	bad.path_size = sizeof(DATA) - 2;
	cr_expect_eq(check_changed(&bad, '\0'), -EINVAL, "values without NUL before the path");
}

/* The last of the strings as a path: the others remain values. */
Test(frame, path)
{
	struct krsi_frame in, out;
	u32 size, at = 0;
	const char *data;
	char *record, *mem = frame_new(&in, 0, &record);

	in.path_size = sizeof("three");
	memcpy(record, &in, sizeof(in));
	cr_assert_eq(krsi_frame_check(record, in.size, &out, &data, &size), 0);
	cr_expect_str_eq(krsi_frame_path(&out, data, size), "three");
	cr_expect_str_eq(krsi_frame_value(data, size, &at), "one");
	cr_expect_str_eq(krsi_frame_value(data, size, &at), "");
	cr_expect_null(krsi_frame_value(data, size, &at));
	in.path_size = 0;
	cr_expect_null(krsi_frame_path(&in, data, size));
	free(mem);
}

Test(frame, more_data_than_a_string_of_exec)
{
	size_t n = sizeof(struct krsi_frame) + KRSI_FRAME_DATA_MAX + 1;
	struct krsi_frame *f = calloc(1, n), out;
	const char *data;
	u32 size;

	krsi_frame_init(f, KRSI_FRAME_DATA_MAX);
	cr_expect_eq(krsi_frame_check(f, n - 1, &out, &data, &size), 0);
	krsi_frame_init(f, KRSI_FRAME_DATA_MAX + 1);
	cr_expect_eq(krsi_frame_check(f, n, &out, &data, &size), -EINVAL);
	free(f);
}
