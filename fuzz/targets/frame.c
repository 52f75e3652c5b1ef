// SPDX-License-Identifier: GPL-2.0-only
/* Records of a ring buffer, which may be anything: what is taken for an event is one, and prints.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/target.h"
#include "reference/core/frame.h"
#include "reference/krsi-log/print.h"

static FILE *nowhere;

static void check_values(const struct krsi_frame *f, const char *data, u32 size)
{
	const char *value;
	size_t sum = 0;
	u32 at = 0;

	while ((value = krsi_frame_value(data, size, &at)))
		sum += strlen(value) + 1;
	if (sum != size)
		fuzz_fail("values of %zu bytes in %u", sum, size);
	value = krsi_frame_path(f, data, size);
	if (!value != !f->path_size || (value && strlen(value) >= f->path_size))
		fuzz_fail("a path of %u bytes", f->path_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct printer printers[] = { { "X", false, "denied" },
						   { "X", true, "denied" } };
	struct krsi_frame f;
	const char *values;
	u32 bytes;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	if (krsi_frame_check(data, size, &f, &values, &bytes))
		return 0;
	check_values(&f, values, bytes);
	for (int i = 0; i < 2; i++)
		print_event(&printers[i], nowhere, &f, values, bytes,
			    krsi_frame_path(&f, values, bytes));
	return 0;
}

void fuzz_seeds(fuzz_emit_fn *emit)
{
	static const char values[] = "one\0\0\xc3\xa9\\\"\x1b\0/bin/x";
	char all[256];

	for (u32 n = 0; n < 3; n++) {
		u32 size = n ? sizeof(values) : 0;
		struct krsi_frame f;
		char name[16];

		krsi_frame_init(&f, size);
		f.result = 3ULL << 32 | size;
		strcpy(f.comm, "sh");
		f.path_size = n == 2 ? sizeof("/bin/x") : 0;
		memcpy(all, &f, sizeof(f));
		memcpy(all + sizeof(f), values, size);
		snprintf(name, sizeof(name), "frame-%u", n);
		emit(name, all, sizeof(f) + size);
	}
}
