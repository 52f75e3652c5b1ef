// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "conformance/harness/subject.h"
#include "conformance/scenarios/module.h"

/* hiding_module.c as it was compiled. */
extern const char module_template[], module_template_end[];

#define SYSFS "/sys/module/" MODULE_NAME
/* Of struct kernel_param, as hiding_module.c has it. */
#define PARAM_SIZE 40
#define PARAM_OPS  16

/* What the running kernel's structures look like, in bytes. */
struct layout {
	unsigned int size, name, list, init, exit;
	unsigned int param_size, param_ops;
};

/* What the kernel wants to read in a module: its release and options. */
static char magic[256];

/* Where a member is in a structure; 0 where there is none (no member that is asked for is first).
 */
static unsigned int offset_of(const struct btf *btf, const struct btf_type *type,
			      const char *member)
{
	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member))
			return btf_member_bit_offset(type, i) / 8;
	return 0;
}

static const struct btf_type *structure(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

static int read_layout(struct layout *layout)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *module = btf ? structure(btf, "module") : NULL;
	const struct btf_type *param = btf ? structure(btf, "kernel_param") : NULL;
	int err = module && param ? 0 : -ENOENT;

	if (!err)
		*layout = (struct layout){ .size = module->size,
					   .name = offset_of(btf, module, "name"),
					   .list = offset_of(btf, module, "list"),
					   .init = offset_of(btf, module, "init"),
					   .exit = offset_of(btf, module, "exit"),
					   .param_size = param->size,
					   .param_ops = offset_of(btf, param, "ops") };
	btf__free(btf);
	if (!err && (!layout->name || !layout->list || !layout->init || !layout->exit ||
		     layout->param_size != PARAM_SIZE || layout->param_ops != PARAM_OPS))
		err = -EINVAL;
	return err;
}

/* An object in memory. */
struct object {
	char *data;
	size_t size;
	Elf64_Shdr *section;
	unsigned int n;
	const char *names;
};

static unsigned int find(const struct object *o, const char *name)
{
	for (unsigned int i = 1; i < o->n; i++)
		if (!strcmp(o->names + o->section[i].sh_name, name))
			return i;
	abort();
}

/* The template, with room behind it. */
static int open_template(struct object *o, size_t room)
{
	size_t size = module_template_end - module_template;
	const Elf64_Ehdr *header;

	o->data = calloc(1, size + room);
	if (!o->data)
		return -ENOMEM;
	memcpy(o->data, module_template, size);
	header = (const Elf64_Ehdr *)o->data;
	o->size = size;
	o->section = (Elf64_Shdr *)(o->data + header->e_shoff);
	o->n = header->e_shnum;
	o->names = o->data + o->section[header->e_shstrndx].sh_offset;
	return 0;
}

/* struct module gets its size and name, and the two functions their places in it. */
static int fit(struct object *o, const struct layout *layout, bool hides)
{
	unsigned int this_module = find(o, ".gnu.linkonce.this_module");
	Elf64_Shdr *calls = &o->section[find(o, ".rela.krsi.calls")];
	Elf64_Rela *call = (Elf64_Rela *)(o->data + calls->sh_offset);
	unsigned long *values =
		(unsigned long *)(o->data + o->section[find(o, ".krsi.layout")].sh_offset);

	if (layout->size > o->section[this_module].sh_size)
		return -E2BIG;
	o->section[this_module].sh_size = layout->size;
	strcpy(o->data + o->section[this_module].sh_offset + layout->name, MODULE_NAME);
	calls->sh_info = this_module;
	call[0].r_offset = layout->init;
	call[1].r_offset = layout->exit;
	values[0] = layout->list;
	values[1] = hides;
	return 0;
}

/* What modinfo(8) shows; it goes to the end of the file. */
static void describe(struct object *o, const char *vermagic, const char *remark)
{
	Elf64_Shdr *info = &o->section[find(o, ".modinfo")];

	info->sh_offset = o->size;
	info->sh_size = sprintf(o->data + o->size,
				"name=" MODULE_NAME "%clicense=GPL%cretpoline=Y%c"
				"vermagic=%s%cdescription=%s%c",
				0, 0, 0, vermagic, 0, remark, 0);
	o->size += info->sh_size;
}

static int put(const char *path, const char *vermagic, bool hides, const char *remark)
{
	struct layout layout;
	struct object o;
	int err = read_layout(&layout), fd;

	err = err ?: open_template(&o, 128 + strlen(vermagic) + strlen(remark));
	if (err)
		return err;
	err = fit(&o, &layout, hides);
	describe(&o, vermagic, remark);
	fd = err ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (!err && fd < 0)
		err = -errno;
	if (!err && write(fd, o.data, o.size) != (ssize_t)o.size)
		err = -EIO;
	if (fd >= 0)
		close(fd);
	free(o.data);
	return err;
}

/* The text that the kernel puts between quotes after these words, in a record of its log. */
static bool quoted(int log, const char *words, char *to, size_t size)
{
	char record[1024], *at;
	ssize_t n;

	/* EPIPE: records were lost before this one was read */
	while ((n = read(log, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		record[n < 0 ? 0 : n] = '\0';
		at = strstr(record, words);
		if (!at)
			continue;
		at += strlen(words);
		if (strcspn(at, "'") >= size)
			return false;
		*stpncpy(to, at, strcspn(at, "'")) = '\0';
		return true;
	}
	return false;
}

/* A module for no kernel: the kernel says in its log what it would have liked to see. */
static const char *ask_magic(const char *path)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool told;

	if (log < 0)
		return "/dev/kmsg cannot be read, in which the kernel tells its version magic";
	lseek(log, 0, SEEK_END);
	if (put(path, "none", false, ""))
		return "struct module is not as the scenarios' module needs it";
	if (module__load(path) != -ENOEXEC) {
		close(log);
		return "the kernel loads no modules";
	}
	told = quoted(log, "version magic 'none' should be '", magic, sizeof(magic));
	close(log);
	return told ? NULL : "the kernel does not tell which version magic it wants";
}

const char *module__unmet(void)
{
	static const char path[] = "/tmp/" MODULE_NAME ".probe";
	const char *reason = ask_magic(path);

	/* kernels with checksums of symbols want those too, unless a load can be forced */
	if (!reason && (put(path, magic, false, "") || module__load(path)))
		reason = "the kernel takes no module that was built without its headers";
	if (!reason && module__remove())
		reason = "the kernel does not let modules go";
	unlink(path);
	return reason;
}

int module__put(const char *path, bool hides, const char *remark)
{
	return put(path, magic, hides, remark);
}

int module__load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = SYS(syscall(SYS_finit_module, fd, "", 0));
	close(fd);
	return err;
}

int module__load_memory(const char *path)
{
	static char image[64 * 1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, image, sizeof(image));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -errno : SYS(syscall(SYS_init_module, image, n, ""));
}

bool module__listed(void)
{
	char line[512];
	FILE *list = fopen("/proc/modules", "re");
	bool found = false;

	while (list && !found && fgets(line, sizeof(line), list))
		found = !strncmp(line, MODULE_NAME " ", sizeof(MODULE_NAME));
	if (list)
		fclose(list);
	return found;
}

bool module__present(void)
{
	return exists(SYSFS);
}

int module__remove(void)
{
	int fd = open(SYSFS "/parameters/hidden", O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, "0", 1);

	if (fd >= 0)
		close(fd);
	return n < 0 ? -errno : SYS(syscall(SYS_delete_module, MODULE_NAME, O_NONBLOCK));
}
