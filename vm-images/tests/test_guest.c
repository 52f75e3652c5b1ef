// SPDX-License-Identifier: GPL-2.0-only
/* guest, qemu, accel, elfcheck: all that needs no kernel */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/elfcheck.h"
#include "vm-images/guest.h"
#include "vm-images/proc.h"
#include "vm-images/tsc.h"
#include "vm-images/tests/util.h"

static struct krsi_err err;

static struct kernel some_kernel(void)
{
	return (struct kernel){ .arch = arch_find("x86_64"),
				.release = (char *)"6.1.0",
				.image = (char *)"/boot/vmlinuz" };
}

Test(guest, command_line)
{
	struct kernel k = some_kernel();
	struct guest_opts o = { .kernel = &k, .cmdline = "mine=1" };
	char *text = guest_cmdline(&o, ACCEL_KVM);

	cr_expect(strstr(text, "console=ttyS0 "));
	cr_expect(strstr(text, " lsm=" GUEST_LSM " mine=1"));
	free(text);
	k.lsm = (char *)"bpf";
	k.cmdline = (char *)"theirs=1";
	text = guest_cmdline(&o, ACCEL_KVM);
	cr_expect(strstr(text, " lsm=bpf theirs=1 mine=1"));
	free(text);
	o.lsm = "";
	text = guest_cmdline(&o, ACCEL_KVM);
	cr_expect_null(strstr(text, "lsm="));
	free(text);
}

/* Told in each way that a guest can be run: the rate is the host's, or not told. */
Test(guest, rate_of_the_clock)
{
	struct kernel k = some_kernel();
	struct strs icount = { 0 };
	struct guest_opts o = { .kernel = &k };
	char *emulated = guest_cmdline(&o, ACCEL_TCG), *kvm = guest_cmdline(&o, ACCEL_KVM),
	     *counted, want[64];

	strs_add(&icount, "-icount");
	o.qemu_args = &icount;
	counted = guest_cmdline(&o, ACCEL_TCG);
	snprintf(want, sizeof(want), " tsc_early_khz=%u ", tsc_khz());
	cr_expect_eq(!!strstr(emulated, want), tsc_khz() != 0, "%s", emulated);
	cr_expect_null(strstr(kvm, "khz"));
	cr_expect_null(strstr(counted, "khz"));
	free(emulated);
	free(kvm);
	free(counted);
	strs_free(&icount);
}

static double tsc_of(void)
{
#ifdef __x86_64__
	return (double)__builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

/* Against a measurement of its own kind: over a tenth of a second, to a hundredth. */
Test(guest, rate_is_measured)
{
	double ticks = tsc_of(), from = proc_seconds(), rate;

	usleep(100000);
	rate = (tsc_of() - ticks) / (proc_seconds() - from) / 1e3;
	cr_expect(rate > tsc_khz() * 0.99 && rate < tsc_khz() * 1.01 + 1, "%.0f is not %u", rate,
		  tsc_khz());
}

Test(guest, exit_codes)
{
	static const struct {
		enum watch_end ended;
		enum watch_cause cause;
		int code;
	} cases[] = {
		{ WATCH_CLEAN, CAUSE_NONE, 0 },	     { WATCH_CLEAN, CAUSE_NO_BTF, 4 },
		{ WATCH_CLEAN, CAUSE_LSM_ORDER, 4 }, { WATCH_NO_INIT, CAUSE_NONE, 4 },
		{ WATCH_NO_INIT, CAUSE_QEMU, 5 },    { WATCH_PANIC, CAUSE_NONE, 3 },
		{ WATCH_PANIC, CAUSE_NO_MEMORY, 3 }, { WATCH_HANG, CAUSE_NONE, 3 },
		{ WATCH_DEADLINE, CAUSE_NONE, 3 },   { WATCH_VANISHED, CAUSE_NONE, 3 },
		{ WATCH_STOPPED, CAUSE_NONE, 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guest_outcome o = { .watch = { .ended = cases[i].ended,
						      .cause = cases[i].cause } };

		cr_expect_eq(guest_exit_code(&o), cases[i].code, "%s %s",
			     watch_end_name(cases[i].ended), watch_cause_name(cases[i].cause));
	}
}

Test(guest, missing_qemu)
{
	struct kernel k = some_kernel();
	struct guest_opts o = { .kernel = &k, .payload = "/bin/true", .qemu = "qemu-of-nowhere" };
	struct guest_outcome out;

	cr_expect_eq(guest_run(&o, &out, &err), -1);
	expect_err(err, 5, "qemu-of-nowhere not found: apt-get install qemu-system-x86");
	setenv("PATH", "/nonexistent", 1);
	cr_expect_null(qemu_program(k.arch, "qemu-system-of-nowhere", &err));
	expect_err(err, 5, "apt-get install");
}

Test(qemu, command_is_data)
{
	static const struct arch fake = {
		.name = "vax", .machine = "m1", .cpu = "c1", .emulated = ",slow=off"
	};
	struct qemu_opts o = { .arch = &fake,
			       .accel = ACCEL_KVM,
			       .image = "/k,1",
			       .initramfs = "/i",
			       .cmdline = "a b",
			       .memory_mb = 7,
			       .cpus = 3 };
	struct strs argv = { 0 };
	char *text;

	qemu_command(&argv, &o, "qemu", 5, 6, -1);
	text = strs_join(&argv, "|");
	cr_expect_str_eq(text, "qemu|-machine|m1|-accel|kvm|-cpu|c1|-m|7|-smp|3|-nodefaults|"
			       "-no-user-config|-display|none|-no-reboot|-kernel|/k,1|-initrd|/i|"
			       "-append|a b|-chardev|file,id=console,path=/dev/fd/5|-serial|"
			       "chardev:console|-chardev|file,id=events,path=/dev/fd/6|-serial|"
			       "chardev:events");
	free(text);
	strs_free(&argv);
	o.sockets = true;
	qemu_command(&argv, &o, "qemu", 5, 6, -1);
	cr_expect(strs_has(&argv, "3,sockets=3"));
	strs_free(&argv);
	o.accel = ACCEL_TCG;
	qemu_command(&argv, &o, "qemu", 5, 6, -1);
	cr_expect(strs_has(&argv, "c1,slow=off"));
	strs_free(&argv);
	o.terminal = true;
	o.console_log = "/a,b";
	qemu_command(&argv, &o, "qemu", -1, -1, -1);
	text = strs_join(&argv, "|");
	cr_expect(strstr(text, "signal=off,logappend=on,logfile=/a,,b|-serial|chardev:console|"
			       "-serial|null"));
	free(text);
	strs_free(&argv);
}

Test(qemu, a_usb_disk_only_where_asked)
{
	static const struct arch fake = { .name = "vax", .machine = "m1", .cpu = "c1" };
	struct qemu_opts o = {
		.arch = &fake, .accel = ACCEL_KVM, .image = "/k", .initramfs = "/i", .cmdline = "a"
	};

	for (int disk = 0; disk < 2; disk++) {
		struct strs argv = { 0 };
		char *text;

		o.usb_disk = disk;
		qemu_command(&argv, &o, "qemu", 5, 6, -1);
		text = strs_join(&argv, "|");
		cr_expect_eq(!!strstr(text, "|usb-storage,drive=usb,serial=" QEMU_USB_SERIAL),
			     disk);
		free(text);
		strs_free(&argv);
	}
}

Test(accel, names)
{
	enum accel a;

	cr_expect_eq(accel_parse(&a, "kvm", &err), 0);
	cr_expect_eq(a, ACCEL_KVM);
	cr_expect_eq(accel_parse(&a, "turbo", &err), -1);
	expect_err(err, 2, "unknown accelerator \"turbo\"");
}

/* The probe guest itself is sound: emulation always runs it. */
Test(accel, probe_guest_runs_under_emulation)
{
	struct accel_choice c;

	cr_expect_eq(accel_probe(ACCEL_TCG, arch_find("x86_64"), NULL, 60, &c, &err), 1, "%s %s",
		     c.why, err.text);
	cr_expect(strstr(c.why, "answered in"), "%s", c.why);
}

/* An emulator that hangs, and one that fails. */
Test(accel, probe_that_gets_no_answer)
{
	static const char hangs[] = "#!/bin/sh\nexec sleep 60\n", fails[] = "#!/bin/sh\necho 'no\n"
									    "luck' >&2\nexit 1\n";
	const struct arch *arch = arch_find("x86_64");
	struct accel_choice c;
	double start = proc_seconds();
	const char *path = test_write("qemu", hangs, sizeof(hangs) - 1);

	cr_assert_eq(chmod(path, 0755), 0);
	cr_expect_eq(accel_probe(ACCEL_KVM, arch, path, 1, &c, &err), 0);
	cr_expect(strstr(c.why, "did not answer in 1 s"), "%s", c.why);
	cr_expect_eq(c.accel, ACCEL_TCG);
	cr_expect_lt(proc_seconds() - start, 10);
	path = test_write("qemu2", fails, sizeof(fails) - 1);
	cr_assert_eq(chmod(path, 0755), 0);
	cr_expect_eq(accel_probe(ACCEL_KVM, arch, path, 5, &c, &err), 0);
	cr_expect(strstr(c.why, "failed under kvm: no"), "%s", c.why);
	cr_expect_null(strchr(c.why, '\n'));
}

static const char *make_elf(unsigned char class, Elf64_Half machine, Elf64_Half type,
			    Elf64_Word seg)
{
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph;
	} f = { .eh = { .e_ident = { 0x7f, 'E', 'L', 'F', class },
			.e_type = type,
			.e_machine = machine,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1 },
		.ph = { .p_type = seg } };

	return test_write("elf", &f, sizeof(f));
}

Test(elfcheck, what_a_guest_can_run)
{
	const struct arch *a = arch_find("x86_64");

	cr_expect_eq(elf_check_static(make_elf(ELFCLASS64, EM_X86_64, ET_EXEC, PT_LOAD), a, &err),
		     0);
	cr_expect_eq(elf_check_static(make_elf(ELFCLASS64, EM_X86_64, ET_DYN, PT_INTERP), a, &err),
		     -1);
	expect_err(err, 2, "link it with -static");
	cr_expect_eq(elf_check_static(make_elf(ELFCLASS32, EM_386, ET_EXEC, PT_LOAD), a, &err), -1);
	expect_err(err, 2, "not a program for x86_64");
	cr_expect_eq(elf_check_static(make_elf(ELFCLASS64, EM_X86_64, ET_REL, PT_LOAD), a, &err),
		     -1);
	cr_expect_eq(elf_check_static(test_write("cut", "\177ELF", 4), a, &err), -1);
	expect_err(err, 2, "not a program (no ELF file)");
	cr_expect_eq(elf_check_static("/nonexistent", a, &err), -1);
	expect_err(err, 2, "cannot be read");
	cr_expect_eq(elf_check_static(test_dir(), a, &err), -1);
}
