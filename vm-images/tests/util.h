/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests of this room share. */
#ifndef KRSI_VM_TESTS_UTIL_H
#define KRSI_VM_TESTS_UTIL_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>
#include "vm-images/err.h"

/** test_dir - an empty directory that is removed when the test ends (static storage). */
const char *test_dir(void);
/** test_path - a path in test_dir() (static storage, a few at a time). */
const char *test_path(const char *name);
/** test_write - make a file in test_dir(). Return: its path, as test_path(). */
const char *test_write(const char *name, const void *data, size_t len);

/** expect_err - that @err has @code and a text that is one printable line with @part in it. */
#define expect_err(err, want, part)                                                                \
	do {                                                                                       \
		cr_expect_eq((err).code, (want), "code %d: %s", (err).code, (err).text);           \
		cr_expect(strstr((err).text, (part)), "\"%s\" is not in \"%s\"", (part),           \
			  (err).text);                                                             \
		for (const char *p_ = (err).text; *p_; p_++)                                       \
			cr_expect((unsigned char)*p_ >= ' ', "control character in the text");     \
	} while (0)

#endif
