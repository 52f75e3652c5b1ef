// SPDX-License-Identifier: GPL-2.0-only
/* err, mem, suggest, sha256 */
#include <errno.h>
#include <stdlib.h>
#include "vm-images/mem.h"
#include "vm-images/sha256.h"
#include "vm-images/suggest.h"
#include "vm-images/tests/util.h"

Test(err, one_printable_line)
{
	struct krsi_err err = { 0 };

	cr_assert_eq(krsi_err_set(&err, KRSI_EXIT_USAGE, "a\nb\033[2J\r%s", "\x7f"), -1);
	cr_expect_str_eq(err.text, "a?b?[2J??");
	cr_expect_eq(err.code, 2);
}

Test(err, prefixes_itself_and_is_bounded)
{
	struct krsi_err err = { 0 };
	char *longer = xcalloc(5000, 1);

	memset(longer, 'x', 4999);
	krsi_err_set(&err, KRSI_EXIT_INFRA, "inner");
	krsi_err_set(&err, KRSI_EXIT_INFRA, "outer: %s", err.text);
	cr_expect_str_eq(err.text, "outer: inner");
	krsi_err_set(&err, KRSI_EXIT_INFRA, "%s", longer);
	cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
	free(longer);
}

Test(err, full_disk_says_what_to_do)
{
	struct krsi_err err = { 0 };

	errno = ENOSPC;
	krsi_err_sys(&err, "cannot write %s", "/x");
	expect_err(err, 5, "cannot write /x: No space left on device; free some space");
	errno = EACCES;
	krsi_err_sys(&err, "cannot write %s", "/x");
	cr_expect_str_eq(err.text, "cannot write /x: Permission denied");
}

Test(mem, strs)
{
	struct strs l = { 0 };
	char *text = strs_join(&l, ", ");

	cr_expect_str_eq(text, "");
	free(text);
	strs_add(&l, "a");
	strs_take(&l, xasprintf("%c", 'b'));
	text = strs_join(&l, ", ");
	cr_expect_str_eq(text, "a, b");
	cr_expect(strs_has(&l, "b") && !strs_has(&l, "c"));
	cr_expect_null(l.v[l.n]);
	free(text);
	strs_free(&l);
	cr_expect_eq(l.n, 0);
}

static const char *const names[] = { "debian-5.10", "debian-6.1", "debian-6.12", "file_open" };

#define nearest(word) suggest_nearest(word, names, 4)

Test(suggest, nearest_or_none)
{
	cr_expect_str_eq(nearest("debain-6.1"), "debian-6.1");
	cr_expect_str_eq(nearest("debian-6.11"), "debian-6.1");
	cr_expect_str_eq(nearest("FILE_OPN"), "file_open");
	cr_expect_null(nearest("fedora"));
	cr_expect_null(nearest(""));
	cr_expect_null(suggest_nearest("x", NULL, 0));
}

Test(suggest, hostile_length)
{
	char *word = xcalloc(100001, 1);

	memset(word, 'd', 100000);
	cr_expect_null(nearest(word));
	free(word);
}

Test(sha256, known_answers)
{
	char hex[SHA256_HEX_LEN + 1];
	struct krsi_err err = { 0 };

	cr_assert_eq(sha256_mem("abc", 3, hex, &err), 0);
	cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	cr_assert_eq(sha256_file(test_write("abc", "abc", 3), hex, &err), 0);
	cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	cr_assert_eq(sha256_file("/nonexistent", hex, &err), -1);
	expect_err(err, 2, "/nonexistent: cannot be read");
	cr_assert_eq(sha256_file("/", hex, &err), -1);
	expect_err(err, 2, "Is a directory");
}
