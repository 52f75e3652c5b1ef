// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "vm-images/accel.h"
#include "vm-images/known.h"
#include "vm-images/mem.h"
#include "vm-images/proc.h"
#include "vm-images/qemu.h"

#define FIRMWARE_BYTES 0x10000
#define RESET_VECTOR   0xfff0
#define PROBE_EXIT     (2 * 0x2a + 1)
#define PROBE_DEADLINE 2.0

extern const char probe_code[], probe_code_end[]; /* probe.S */

static const char *const names[] = {
	[ACCEL_AUTO] = "auto",
	[ACCEL_KVM] = "kvm",
	[ACCEL_TCG] = "tcg",
};

const char *accel_name(enum accel a)
{
	return names[a];
}

int accel_parse(enum accel *a, const char *text, struct krsi_err *err)
{
	for (int i = ACCEL_AUTO; i <= ACCEL_TCG; i++)
		if (!strcmp(text, names[i])) {
			*a = (enum accel)i;
			return 0;
		}
	return krsi_err_set(err, KRSI_EXIT_USAGE, "unknown accelerator \"%.32s\": auto, kvm or tcg",
			    text);
}

/* A firmware image that holds the probe, and at the reset vector a far jump to it. */
static int make_firmware(struct krsi_err *err)
{
	static const unsigned char jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
	unsigned char *image = xcalloc(1, FIRMWARE_BYTES);
	/* QEMU inherits it and opens it by its number */
	int fd = memfd_create("krsi-probe", 0);

	memcpy(image, probe_code, (size_t)(probe_code_end - probe_code));
	memcpy(image + RESET_VECTOR, jump, sizeof(jump));
	if (fd < 0 || write(fd, image, FIRMWARE_BYTES) != FIRMWARE_BYTES) {
		krsi_err_sys(err, "cannot make the probe guest");
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(image);
	return fd;
}

static int judge(const struct proc_result *r, enum accel accel, double deadline,
		 struct accel_choice *out)
{
	const char *line = r->errors;

	out->accel = ACCEL_TCG;
	if (r->status == PROBE_EXIT) {
		out->accel = accel;
		snprintf(out->why, sizeof(out->why), "%s: the probe guest answered in %.2f s",
			 names[accel], r->seconds);
		return 1;
	}
	if (r->timed_out)
		snprintf(out->why, sizeof(out->why),
			 "tcg: /dev/kvm opens, but the probe guest did not answer in %.0f s",
			 deadline);
	else
		snprintf(out->why, sizeof(out->why), "tcg: the probe guest failed under %s: %.*s",
			 names[accel], (int)strcspn(line, "\n"),
			 *line ? line : "QEMU ended without a message");
	for (char *p = out->why; *p; p++)
		*p = (unsigned char)*p < ' ' ? '?' : *p;
	return 0;
}

int accel_probe(enum accel accel, const struct arch *arch, const char *qemu, double deadline,
		struct accel_choice *out, struct krsi_err *err)
{
	char *program = qemu_program(arch, qemu, err), path[32];
	int fd = program ? make_firmware(err) : -1, rc = -1;
	const char *argv[] = { program,
			       "-machine",
			       arch->machine,
			       "-accel",
			       names[accel],
			       "-cpu",
			       arch->cpu,
			       "-m",
			       "16",
			       "-nodefaults",
			       "-no-user-config",
			       "-display",
			       "none",
			       "-no-reboot",
			       "-device",
			       "isa-debug-exit,iobase=0xf4,iosize=0x04",
			       "-bios",
			       path,
			       NULL };
	struct proc_result r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd >= 0) {
		rc = proc_run(&r, &(struct proc_opts){ .argv = argv, .deadline = deadline }, err);
		close(fd);
	}
	if (!rc) {
		rc = judge(&r, accel, deadline, out);
		proc_result_free(&r);
	}
	free(program);
	return rc;
}

/* What a kept answer holds for: this boot of the machine, this emulator. NULL if unknown. */
static char *key_of(const struct arch *arch, const char *qemu)
{
	struct krsi_err ignored;
	char *program = qemu_program(arch, qemu, &ignored), *key = NULL, *boot = known_boot();
	struct stat st;

	if (program && boot && !stat(program, &st))
		key = xasprintf("%s %s %lld %lld %u", boot, program, (long long)st.st_mtime,
				(long long)st.st_size, geteuid());
	free(boot);
	free(program);
	return key;
}

/* What is kept is why; it begins with the accelerator's name. */
static bool is_known(const char *key, struct accel_choice *out)
{
	char *why = known_get("accel", key);
	bool known = why && (!strncmp(why, "kvm: ", 5) || !strncmp(why, "tcg: ", 5));

	if (known) {
		out->accel = *why == 'k' ? ACCEL_KVM : ACCEL_TCG;
		snprintf(out->why, sizeof(out->why), "%s", why);
	}
	free(why);
	return known;
}

/* Reasons that need no probe. */
static bool hopeless(struct accel_choice *out, const struct arch *arch)
{
	struct utsname u;
	int fd;

	out->accel = ACCEL_TCG;
	if (!uname(&u) && strcmp(u.machine, arch->name)) {
		snprintf(out->why, sizeof(out->why), "tcg: a guest of %s on a host of %.32s",
			 arch->name, u.machine);
		return true;
	}
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		snprintf(out->why, sizeof(out->why), "tcg: /dev/kvm cannot be opened: %s",
			 strerror(errno));
		return true;
	}
	close(fd);
	return false;
}

int accel_choose(struct accel_choice *out, enum accel want, const struct arch *arch,
		 const char *qemu, struct krsi_err *err)
{
	char *key;
	int rc = 0;

	*out = (struct accel_choice){ .accel = ACCEL_TCG };
	if (want == ACCEL_TCG) {
		snprintf(out->why, sizeof(out->why), "tcg: as asked for");
		return 0;
	}
	if (!hopeless(out, arch)) {
		key = key_of(arch, qemu);
		if (!is_known(key, out)) {
			rc = accel_probe(ACCEL_KVM, arch, qemu, PROBE_DEADLINE, out, err);
			if (rc >= 0)
				known_put("accel", key, out->why);
		}
		free(key);
	}
	if (rc < 0)
		return -1;
	if (want == ACCEL_KVM && out->accel != ACCEL_KVM)
		return krsi_err_set(err, KRSI_EXIT_INFRA, "KVM cannot be used: %s",
				    out->why + strlen("tcg: "));
	return 0;
}
