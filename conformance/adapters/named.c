// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "conformance/adapters/named.h"
#include "conformance/adapters/steered.h"
#include "reference/linux/uapi.h"

/* All compiled objects, as the build lists them; ended by an entry without a name. */
extern const struct {
	const char *name, *start, *end;
} bpf_objects[];

struct named {
	struct bpf_object *object;
	struct bpf_program *program;
	void *io;
	size_t io_size;
};

/* Of a load that failed: where the log does not fit, old kernels say ENOSPC instead of why. */
static char reason[256 * 1024];

int named__image(const char *name, size_t len, const char **image, size_t *size)
{
	for (size_t i = 0; bpf_objects[i].name; i++) {
		if (strlen(bpf_objects[i].name) != len || strncmp(bpf_objects[i].name, name, len))
			continue;
		*image = bpf_objects[i].start;
		*size = bpf_objects[i].end - bpf_objects[i].start;
		return 0;
	}
	return -ENOENT;
}

static struct bpf_object *open_object(const char *name, size_t len)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "krsi", .kernel_log_buf = reason,
		    .kernel_log_size = sizeof(reason));
	const char *image;
	size_t size;

	if (!named__image(name, len, &image, &size))
		return bpf_object__open_mem(image, size, &opts);
	errno = ENOENT;
	return NULL;
}

/* libbpf knows the sections of mainline's program types only. */
static bool is_opaque(const struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program);

	return !strcmp(section, "krsi") || !strcmp(section, "krsi.s");
}

void named__set_types(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		if (!is_opaque(program))
			continue;
		bpf_program__set_type(program, (enum bpf_prog_type)BPF_PROG_TYPE_KRSI);
		bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)BPF_KRSI);
		if (!strcmp(bpf_program__section_name(program), "krsi.s"))
			bpf_program__set_flags(program,
					       bpf_program__flags(program) | BPF_F_SLEEPABLE);
	}
}

static int prepare(struct named *named, const char *function, const char *hook, bool sleepable)
{
	struct bpf_program *program;

	named__set_types(named->object);
	bpf_object__for_each_program(program, named->object)
	{
		bool chosen = !strcmp(bpf_program__name(program), function);

		bpf_program__set_autoload(program, chosen);
		if (chosen)
			named->program = program;
	}
	if (!named->program)
		return -ENOENT;
	if (sleepable)
		bpf_program__set_flags(named->program,
				       bpf_program__flags(named->program) | BPF_F_SLEEPABLE);
	/* an opaque program is for any hook */
	return hook && !is_opaque(named->program)
		       ? bpf_program__set_attach_target(named->program, 0, hook)
		       : 0;
}

static int map_io(struct named *named)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(named->object, "io");

	if (!map)
		return 0;
	named->io_size = bpf_map__value_size(map);
	named->io =
		mmap(NULL, named->io_size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (named->io != MAP_FAILED)
		return 0;
	named->io = NULL;
	return -errno;
}

int named__load(const char *name, const char *hook, bool sleepable, struct named **out,
		const char **why)
{
	const char *colon = strchr(name, ':');
	struct named *named = calloc(1, sizeof(*named));
	int err = -ENOENT;

	reason[0] = '\0';
	*why = "no such program in this binary";
	if (!named)
		return -ENOMEM;
	named->object = colon ? open_object(name, colon - name) : NULL;
	if (named->object)
		err = prepare(named, colon + 1, hook, sleepable);
	if (!err) {
		err = bpf_object__load(named->object);
		if (err)
			*why = steered__last_words(reason);
	}
	if (!err)
		err = map_io(named);
	if (err) {
		named__free(named);
		return err;
	}
	*out = named;
	return 0;
}

int named__fd(const struct named *named)
{
	return bpf_program__fd(named->program);
}

void *named__io(const struct named *named, size_t *size)
{
	if (size)
		*size = named->io_size;
	return named->io;
}

struct bpf_object *named__object(const struct named *named)
{
	return named->object;
}

void named__free(struct named *named)
{
	if (!named)
		return;
	if (named->io)
		munmap(named->io, named->io_size);
	bpf_object__close(named->object);
	free(named);
}
