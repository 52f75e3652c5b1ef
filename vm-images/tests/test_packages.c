// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "vm-images/apt.h"
#include "vm-images/archive_addr.h"
#include "vm-images/debver.h"
#include "vm-images/packages.h"
#include "vm-images/tests/util.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define STANZA(name, version, depends)                                                             \
	"Package: " name "\nVersion: " version "\nDepends: " depends "\nSize: 10\nSHA256: " SHA    \
	"\n\n"

static struct packages parse(const char *text)
{
	struct packages ps = { 0 };

	packages_parse(&ps, text, strlen(text), "linux-");
	return ps;
}

Test(debver, order)
{
	static const char *const ascending[] = {
		"5.10.262-1",	  "6.1.9-1",	"6.1.10-1~deb11u1", "6.1.10-1",
		"6.1.10-1+b1",	  "6.1.10-2",	"6.1.10-10",	    "6.12.43-1",
		"7.3~rc7-1~exp1", "7.3-1~exp1", "7.3.4-1~bpo13+1",  "7.3.4-1",
		"1:1.0",
	};
	size_t n = sizeof(ascending) / sizeof(ascending[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			int d = debver_cmp(ascending[i], ascending[j]);

			cr_expect((d > 0) == (i > j) && (d < 0) == (i < j), "%s %s: %d",
				  ascending[i], ascending[j], d);
		}
	cr_expect_eq(debver_cmp("1.0", "1.0-0"), 0);
	cr_expect_eq(debver_cmp("1.02", "1.2"), 0);
	cr_expect_eq(debver_cmp("", ""), 0);
}

Test(packages, newest_of_a_pattern)
{
	struct packages ps = parse(
		STANZA("linux-image-6.1.0-9-cloud-amd64", "6.1.9-1", "kmod")
			STANZA("linux-image-6.1.0-10-cloud-amd64", "6.1.10-1", "kmod")
				STANZA("linux-image-6.12.1-cloud-amd64", "6.12.1-1", "kmod")
					STANZA("linux-image-6.1.0-11-amd64", "6.1.11-1", "kmod")
						STANZA("other", "6.1.99", ""));
	const struct package *p = packages_newest(&ps, "linux-image-*-cloud-amd64", "6.1.*");

	cr_expect_eq(ps.n, 4);
	cr_assert(p);
	cr_expect_str_eq(p->version, "6.1.10-1");
	cr_expect_str_eq(p->sha256, SHA);
	cr_expect_null(packages_newest(&ps, "linux-image-*-cloud-amd64", "5.*"));
	packages_free(&ps);
}

Test(packages, follows_the_parts_of_a_kernel_only)
{
	struct packages ps = parse(STANZA(
		"linux-image-7-c", "7.3-1",
		"dracut | initramfs-tools (>= 0.1), linux-base (>= 4.3), linux-base-7-c (= 7.3-1), "
		"linux-binary-7-c (= 7.3-1), linux-modules-7-c (= 7.3-1)")
					   STANZA("linux-binary-7-c", "7.3-1",
						  "linux-base-7-c (= 7.3-1), linux-image-7-c")
						   STANZA("linux-binary-7-c", "7.2-1", "") STANZA(
							   "linux-modules-7-c", "7.2-1", "")
							   STANZA("linux-base-7-c", "7.3-1", "")
								   STANZA("linux-base", "4.9", ""));
	const struct package *parts[8];
	struct strs missing = { 0 };
	size_t n = packages_follow(&ps, &ps.v[0], parts, 8, &missing);

	cr_assert_eq(n, 3);
	cr_expect_str_eq(parts[1]->name, "linux-base-7-c");
	cr_expect_str_eq(parts[2]->name, "linux-binary-7-c");
	cr_expect_str_eq(parts[2]->version, "7.3-1");
	cr_assert_eq(missing.n, 1);
	cr_expect_str_eq(missing.v[0], "linux-modules-7-c 7.3-1");
	cr_expect_eq(packages_follow(&ps, &ps.v[0], parts, 2, &missing), 2);
	strs_free(&missing);
	packages_free(&ps);
}

Test(packages, real_package_before_its_meta_package)
{
	struct packages ps = parse("Package: linux-image-7-c\nVersion: 7-1\nSize: 5\nSHA256: " SHA
				   "\n\nPackage: linux-image-7.3-c\nVersion: 7-1\nSize: 5000\n"
				   "SHA256: " SHA "\n");

	cr_expect_str_eq(packages_newest(&ps, "linux-image-*", "*")->name, "linux-image-7.3-c");
	packages_free(&ps);
}

Test(packages, versions_newest_first_and_bounded)
{
	struct packages ps = parse(STANZA("linux-a", "1", "") STANZA("linux-a", "10", "")
					   STANZA("linux-a", "9", "") STANZA("linux-a", "9", ""));
	char *text = packages_versions(&ps, "linux-*", 2);

	cr_expect_str_eq(text, "10, 9");
	free(text);
	text = packages_versions(&ps, "nothing", 2);
	cr_expect_str_eq(text, "");
	free(text);
	packages_free(&ps);
}

Test(packages, hostile_stanzas_are_left_out)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		"garbage",
		"Package: linux-a\n",
		"Package linux-a\nVersion 1\n",
		"Package: linux-a\nVersion: 1\nSize: 1\n",
		"Package: linux-a\nVersion: 1\nSize: 1\nSHA256: beef\n",
		"Package: linux-a\nVersion: 1\nSize: 1\nSHA256: ../../../../../../../../../../../../../"
		"../../../../../../../../passwd/x\n",
		"Package: linux-a;reboot\nVersion: 1\nSize: 1\nSHA256: " SHA "\n",
		"Package: linux-a\nVersion: -o=x\nSize: 1\nSHA256: " SHA "\n",
		"Package: linux-a\nVersion: 1 2\nSize: 1\nSHA256: " SHA "\n",
		"Package: linux-a\nVersion: 1\nSize: -1\nSHA256: " SHA "\n",
		"Package: linux-a/../b\nVersion: 1\nSize: 1\nSHA256: " SHA "\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct packages ps = parse(texts[i]);

		cr_expect_eq(ps.n, 0, "%s", texts[i]);
		packages_free(&ps);
	}
}

Test(packages, oversized_field)
{
	char *text = xcalloc(3 << 20, 1), *p = text;
	struct packages ps;

	p = stpcpy(p, "Package: linux-a\nVersion: ");
	memset(p, '1', 2 << 20);
	strcat(p, "\nSize: 1\nSHA256: " SHA "\n\n" STANZA("linux-b", "1", ""));
	ps = parse(text);
	cr_assert_eq(ps.n, 1);
	cr_expect_str_eq(ps.v[0].name, "linux-b");
	packages_free(&ps);
	free(text);
}

Test(archive_addr, from_apts_answer)
{
	struct archive_addr a = { 0 };

	archive_addr_parse(&a,
			   "Other|Other|nodistro|https://other.example/apt/\n"
			   "Debian|Debian|bookworm|http://m.example/debian/\n"
			   "Debian|Debian|bookworm-updates|http://second.example/debian/\n"
			   "Debian|Debian-Security|bookworm-security|http://s.example/sec/\n",
			   "bookworm");
	cr_expect_str_eq(a.main, "http://m.example/debian/");
	cr_expect_str_eq(a.security, "http://s.example/sec/");
	archive_addr_free(&a);
}

Test(archive_addr, before_any_list_was_downloaded)
{
	struct archive_addr a = { 0 };

	archive_addr_parse(&a,
			   "$(ORIGIN)|$(LABEL)|nodistro|https://other.example/\n"
			   "$(ORIGIN)|$(LABEL)|bookworm-security|http://s.example/\n"
			   "$(ORIGIN)|$(LABEL)|bookworm|http://m.example/\n",
			   "bookworm");
	cr_expect_str_eq(a.main, "http://m.example/");
	cr_expect_str_eq(a.security, "http://s.example/");
	archive_addr_free(&a);
}

Test(archive_addr, hostile_answers)
{
	static const char *const texts[] = { "",
					     "|||\n",
					     "Debian|Debian|bookworm\n",
					     "Debian|Debian|bookworm|no address\n",
					     "Debian|Debian|bookworm|http://a b/\n",
					     "Debian|Debian|bookworm|http://a/|x\n",
					     "Ubuntu|Ubuntu|jammy|http://a/\n",
					     "\377\376\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct archive_addr a = { 0 };
		struct krsi_err err = { 0 };

		archive_addr_parse(&a, texts[i], "bookworm");
		cr_expect_null(a.main, "%s", texts[i]);
		cr_expect_null(archive_addr_for(&a, "sid", &err));
		expect_err(err, 5, "set KRSI_ARCHIVE to its address");
		cr_expect_null(archive_addr_for(&a, "x-security", &err));
		expect_err(err, 5, "set KRSI_ARCHIVE_SECURITY to its address");
		archive_addr_free(&a);
	}
}

Test(archive_addr, environment_goes_first)
{
	struct archive_addr a;
	struct krsi_err err;

	setenv("KRSI_ARCHIVE", "http://one.example/", 1);
	setenv("KRSI_ARCHIVE_SECURITY", "http://two.example/", 1);
	cr_assert_eq(archive_addr_find(&a, &err), 0);
	cr_expect_str_eq(archive_addr_for(&a, "trixie-backports", &err), "http://one.example/");
	cr_expect_str_eq(archive_addr_for(&a, "trixie-security", &err), "http://two.example/");
	archive_addr_free(&a);
}

Test(apt, reason_in_one_line)
{
	static const struct {
		const char *output, *reason;
	} cases[] = {
		{ "", "" },
		{ "Reading lists...\n", "" },
		{ "W: old\nE: Failed to fetch x\nE: Some files failed\n", "Failed to fetch x" },
		{ "W: only a warning\n", "only a warning" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *reason = apt_reason(cases[i].output);

		cr_expect_str_eq(reason, cases[i].reason);
		free(reason);
	}
}
