// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vm-images/elfcheck.h"
#include "vm-images/fs.h"
#include "vm-images/guestfs.h"
#include "vm-images/initramfs.h"

/*
 * Uncompressed: under emulation the guest takes longer to decompress than the host to read.
 */
#define COMPRESS false

static int add_init(struct initramfs *fs, const struct guest_opts *o, struct krsi_err *err)
{
	const char *env = getenv("KRSI_INIT");
	char *path = xstrdup(o->init ? o->init : env && *env ? env : NULL);
	int rc;

	if (!path)
		path = fs_beside_self("init");
	rc = elf_check_static(path, o->kernel->arch, err);
	rc = rc ?: initramfs_path(fs, "init", 0755, path, err);
	/* the kernel opens it as init's standard input and output */
	rc = rc ?: initramfs_chardev(fs, "dev/console", 0600, 5, 1, err);
	rc = rc ?: initramfs_chardev(fs, "dev/null", 0666, 1, 3, err);
	free(path);
	return rc;
}

static int add_lines(struct initramfs *fs, const char *path, const char *const *lines, size_t n,
		     struct krsi_err *err)
{
	struct strs all = { 0 };
	char *text;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		if (strchr(lines[i], '\n'))
			rc = krsi_err_set(err, KRSI_EXIT_USAGE, "a newline in \"%.200s\"",
					  lines[i]);
		strs_take(&all, xasprintf("%s\n", lines[i]));
	}
	text = strs_join(&all, "");
	if (!rc)
		rc = initramfs_file(fs, path, 0644, text, strlen(text), err);
	free(text);
	strs_free(&all);
	return rc;
}

static int add_payload(struct initramfs *fs, const struct guest_opts *o, struct krsi_err *err)
{
	int rc = elf_check_static(o->payload, o->kernel->arch, err);

	rc = rc ?: initramfs_path(fs, "krsi/krsi-test", 0755, o->payload, err);
	rc = rc ?: add_lines(fs, "krsi/args", o->args, o->nargs, err);
	rc = rc ?: add_lines(fs, "krsi/skip", o->skip, o->nskip, err);
	return rc;
}

/* "krsi/modules/07-name.ko": the order of names is the order of loading. */
static int add_module(struct initramfs *fs, const char *file, size_t i, struct krsi_err *err)
{
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	size_t len;
	void *data = modules_read(file, &len, err);
	char *path;
	int rc;

	if (!data)
		return -1;
	path = xasprintf("krsi/modules/%03zu-%.*s.ko", i, (int)strcspn(base, "."), base);
	rc = initramfs_file(fs, path, 0644, data, len, err);
	free(path);
	free(data);
	return rc;
}

/* What was asked for, and what a USB disk takes besides: its controller, and the disk it shows as.
 */
static void wanted_modules(struct strs *names, const struct guest_opts *o)
{
	for (size_t i = 0; i < o->nmodules; i++)
		strs_add(names, o->modules[i]);
	if (strs_has(names, GUEST_USB_MODULE)) {
		strs_add(names, "xhci_pci");
		strs_add(names, "sd_mod");
	}
}

/* What is built in, where a running kernel's list of it is looked for. */
static int add_builtin(struct initramfs *fs, const struct kernel *k, struct krsi_err *err)
{
	char *list = k->modules ? xasprintf("%s/modules.builtin", k->modules) : NULL;
	char *path = xasprintf("lib/modules/%s/modules.builtin", k->release);
	int rc = 0;

	if (list && fs_exists(list))
		rc = initramfs_path(fs, path, 0644, list, err);
	free(path);
	free(list);
	return rc;
}

static int add_modules(struct initramfs *fs, const struct guest_opts *o, struct strs *missing,
		       struct krsi_err *err)
{
	struct strs names = { 0 };
	struct module_list list;
	int rc;

	wanted_modules(&names, o);
	rc = modules_closure(&list, o->kernel->modules, o->kernel->release,
			     (const char *const *)names.v, names.n, err);
	strs_free(&names);
	if (rc)
		return -1;
	rc = initramfs_dir(fs, "krsi/modules", 0755, err);
	rc = rc ?: add_builtin(fs, o->kernel, err);
	for (size_t i = 0; i < list.paths.n && !rc; i++)
		rc = add_module(fs, list.paths.v[i], i, err);
	for (size_t i = 0; i < list.missing.n; i++)
		strs_add(missing, list.missing.v[i]);
	module_list_free(&list);
	return rc;
}

static int add_shell(struct initramfs *fs, const struct guest_opts *o, struct krsi_err *err)
{
	const char *term = getenv("TERM");
	char *busybox = fs_find_program("busybox"), text[128];
	struct winsize w = { 0 };
	int rc;

	if (!busybox || elf_check_static(busybox, o->kernel->arch, err)) {
		free(busybox);
		return krsi_err_set(
			err, KRSI_EXIT_INFRA,
			"no static busybox for the shell: apt-get install busybox-static");
	}
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) || !w.ws_row)
		w = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	snprintf(text, sizeof(text), "%hu %hu %.60s\n", w.ws_row, w.ws_col,
		 term && *term && !strpbrk(term, " \n") ? term : "vt100");
	rc = initramfs_path(fs, "bin/busybox", 0755, busybox, err);
	rc = rc ?: initramfs_file(fs, "krsi/shell", 0644, text, strlen(text), err);
	free(busybox);
	return rc;
}

static int add_files(struct initramfs *fs, const struct guest_opts *o, struct krsi_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < o->nfiles && !rc; i++) {
		const struct guest_file *f = &o->files[i];

		if (f->host)
			rc = initramfs_path(fs, f->guest, f->mode, f->host, err);
		else
			rc = initramfs_file(fs, f->guest, f->mode, f->data, f->len, err);
	}
	return rc;
}

int guestfs_build(const struct guest_opts *o, bool shell, struct strs *missing, size_t *bytes,
		  struct krsi_err *err)
{
	struct initramfs *fs = initramfs_open(NULL, COMPRESS, err);
	struct stat st;
	int fd, rc;

	if (!fs)
		return -1;
	rc = add_init(fs, o, err);
	rc = rc ?: o->payload ? add_payload(fs, o, err) : 0;
	rc = rc ?: add_modules(fs, o, missing, err);
	rc = rc ?: shell ? add_shell(fs, o, err) : 0;
	rc = rc ?: add_files(fs, o, err);
	if (rc) {
		initramfs_abort(fs);
		return -1;
	}
	fd = initramfs_close_fd(fs, err);
	*bytes = fd >= 0 && !fstat(fd, &st) ? (size_t)st.st_size : 0;
	return fd;
}
