// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks on what the kernel loads into itself. The module here is not loadable: it is well-formed
 * as far as its name, and lacks the one section that makes a module. The kernel says so in its
 * log, by that name; so the log tells whether it looked into the image.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"
#include "conformance/hooks/running.h"

#define MODULE "krsi_not_loadable"
/* The kernel's READING_MODULE and LOADING_MODULE. */
#define MODULE_ID 2

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#error "which machine does a module of this architecture name?"
#endif

enum { SECTION_NULL, SECTION_INFO, SECTION_NAMES, SECTION_SYMBOLS, SECTIONS };

static const struct image {
	Elf64_Ehdr header;
	Elf64_Shdr section[SECTIONS];
	Elf64_Sym symbol[1];
	char info[sizeof("name=" MODULE)];
	char names[sizeof("\0.modinfo\0.shstrtab\0.symtab")];
} image = {
	.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				 EV_CURRENT },
		    .e_type = ET_REL,
		    .e_machine = MACHINE,
		    .e_version = EV_CURRENT,
		    .e_ehsize = sizeof(Elf64_Ehdr),
		    .e_shoff = offsetof(struct image, section),
		    .e_shentsize = sizeof(Elf64_Shdr),
		    .e_shnum = SECTIONS,
		    .e_shstrndx = SECTION_NAMES },
	.section = { [SECTION_INFO] = { .sh_name = 1,
					.sh_type = SHT_PROGBITS,
					.sh_flags = SHF_ALLOC,
					.sh_offset = offsetof(struct image, info),
					.sh_size = sizeof("name=" MODULE),
					.sh_addralign = 1 },
		     [SECTION_NAMES] = { .sh_name = 10,
					 .sh_type = SHT_STRTAB,
					 .sh_offset = offsetof(struct image, names),
					 .sh_size = sizeof("\0.modinfo\0.shstrtab\0.symtab"),
					 .sh_addralign = 1 },
		     [SECTION_SYMBOLS] = { .sh_name = 20,
					   .sh_type = SHT_SYMTAB,
					   .sh_link = SECTION_NAMES,
					   .sh_offset = offsetof(struct image, symbol),
					   .sh_size = sizeof(Elf64_Sym),
					   .sh_entsize = sizeof(Elf64_Sym),
					   .sh_addralign = 8 } },
	.info = "name=" MODULE,
	.names = "\0.modinfo\0.shstrtab\0.symtab",
};

/* Follow the kernel's log from its end. */
static int follow_log(struct subject *s, int i)
{
	int err = open_slot(s, i, "/dev/kmsg", O_RDONLY | O_NONBLOCK, 0);

	if (!err)
		TRY(lseek(s->fd[i], 0, SEEK_END));
	return err;
}

static bool log_names_module(struct subject *s, int i)
{
	char record[1024];
	ssize_t n;

	/* EPIPE: records were overwritten, and reading goes on with the oldest */
	while ((n = read(s->fd[i], record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		record[n > 0 ? n : 0] = '\0';
		if (strstr(record, MODULE))
			return true;
	}
	return false;
}

static int module_file(struct subject *s)
{
	int err = follow_log(s, 1) ?: open_slot(s, 0, "module", O_CREAT | O_WRONLY, 0600);

	if (err)
		return err;
	TRY(write(s->fd[0], &image, sizeof(image)));
	close(s->fd[0]);
	return open_slot(s, 0, "module", O_RDONLY, 0);
}

static int do_finit_module(struct subject *s)
{
	return SYS(syscall(SYS_finit_module, s->fd[0], "", 0));
}

static int do_init_module(struct subject *s)
{
	return SYS(syscall(SYS_init_module, &image, sizeof(image), ""));
}

static bool kernel_saw_module(struct subject *s)
{
	return log_names_module(s, 1);
}

/* What refuses modules before any hook, or before the image is looked at. */
static const char *no_modules(void)
{
	const char *down = kernel_is_locked_down();

	if (down || access("/proc/sys/kernel/modules_disabled", F_OK))
		return down ?: "a kernel without modules";
	return file_is("/proc/sys/kernel/modules_disabled", "1\n") ? "modules are disabled" : NULL;
}

HOOK(kernel_read_file, FAMILY_KERNEL, .setup = module_file,
     .route = { { "finit_module", do_finit_module } }, .effect = kernel_saw_module,
     .normal = -ENOEXEC,
     .args = { WANT_FILE("file", "module"), WANT_NUM("id", MODULE_ID), WANT_NUM("contents", 1) },
     .needs = { .path = { "/dev/kmsg" }, .probe = no_modules });

HOOK(kernel_post_read_file, FAMILY_KERNEL, .setup = module_file,
     .route = { { "finit_module", do_finit_module } }, .effect = kernel_saw_module,
     .normal = -ENOEXEC,
     .args = { WANT_FILE("file", "module"), WANT_TEXT("buf", "\177ELF\2\1\1"),
	       WANT_NUM("size", sizeof(image)), WANT_NUM("id", MODULE_ID) },
     .needs = { .path = { "/dev/kmsg" }, .probe = no_modules });

HOOK(kernel_load_data, FAMILY_KERNEL, .setup = module_file,
     .route = { { "init_module", do_init_module } }, .effect = kernel_saw_module,
     .normal = -ENOEXEC, .args = { WANT_NUM("id", MODULE_ID), WANT_NUM("contents", 1) },
     .needs = { .path = { "/dev/kmsg" }, .probe = no_modules });

HOOK(kernel_post_load_data, FAMILY_KERNEL, .setup = module_file,
     .route = { { "init_module", do_init_module } }, .effect = kernel_saw_module,
     .normal = -ENOEXEC,
     .args = { WANT_TEXT("buf", "\177ELF\2\1\1"), WANT_NUM("size", sizeof(image)),
	       WANT_NUM("id", MODULE_ID), WANT_TEXT("description", "init_module") },
     .needs = { .path = { "/dev/kmsg" }, .probe = no_modules });

#define MODPROBE "/proc/sys/kernel/modprobe"

/* Writes a whole value to a file of /proc/sys. */
static int put_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* The kernel's module loader becomes a program of ours, which inotify watches. */
static int own_loader(struct subject *s)
{
	char path[128];
	int fd = open(MODPROBE, O_RDONLY | O_CLOEXEC), err;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, s->text, sizeof(s->text) - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	err = put_noop("loader") ?: keep_fd(s, 0, inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (err)
		return err;
	TRY(inotify_add_watch(s->fd[0], "loader", IN_OPEN));
	snprintf(path, sizeof(path), "%s/loader", s->dir);
	return put_sysctl(MODPROBE, path);
}

static void restore_loader(struct subject *s)
{
	put_sysctl(MODPROBE, s->text);
}

static int do_fsopen(struct subject *s)
{
	return SYS(syscall(SYS_fsopen, "krsi_not_there", 0));
}

static int do_mount(struct subject *s)
{
	return SYS(mount("none", ".", "krsi_not_there", 0, NULL));
}

/* A family of sockets that the kernel has not: it is told so by another errno than file systems. */
static int do_socket(struct subject *s)
{
	int ret = SYS(socket(AF_NETBEUI, SOCK_DGRAM, 0));

	return ret == -EAFNOSUPPORT ? -ENODEV : ret;
}

static bool loader_was_executed(struct subject *s)
{
	char events[512];

	return read(s->fd[0], events, sizeof(events)) > 0;
}

/* Asking for a module is no condition: who asked goes on, and does not find what was to come. */
HOOK(kernel_module_request, FAMILY_KERNEL, .setup = own_loader,
     .route = { { "fsopen", do_fsopen }, { "mount", do_mount }, { "socket", do_socket } },
     .effect = loader_was_executed, .cleanup = restore_loader, .normal = -ENODEV,
     .denied_as = ENODEV, .denied_by = "get_fs_type",
     .args = { WANT_TEXT("kmod_name", "fs-krsi_not_there") }, .needs.path = { MODPROBE });
