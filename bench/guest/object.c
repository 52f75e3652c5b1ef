// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench/guest/object.h"
#include "conformance/adapters/named.h"
#include "conformance/adapters/steered.h"
#include "reference/linux/uapi.h"

static char reason[512];
static char log_text[1 << 16];

static const char *because(const char *what, const char *name, int err)
{
	snprintf(reason, sizeof(reason), "%s of %s: %s", what, name,
		 strerror(err < 0 ? -err : err));
	return reason;
}

/* What the verifier said last, if it said anything. */
static const char *because_of_load(const char *name, int err)
{
	const char *words = *log_text ? steered__last_words(log_text) : "";

	because("load", name, err);
	if (*words)
		snprintf(reason + strlen(reason), sizeof(reason) - strlen(reason), ": %.200s",
			 words);
	return reason;
}

static struct bpf_program *only(struct bpf_object *object, const char *function)
{
	struct bpf_program *program, *chosen = NULL;

	bpf_object__for_each_program(program, object)
	{
		bool is = !strcmp(bpf_program__name(program), function);

		bpf_program__set_autoload(program, is);
		if (is)
			chosen = program;
	}
	return chosen;
}

static int open_object(struct attached *a, const char *name, size_t len)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "krsi", .kernel_log_buf = log_text,
		    .kernel_log_size = sizeof(log_text));
	const char *image;
	size_t size;
	int err;

	*a = (struct attached){ .hook_file = -1, .program = -1 };
	log_text[0] = '\0';
	err = named__image(name, len, &image, &size);
	if (err)
		return err;
	a->object = bpf_object__open_mem(image, size, &opts);
	return a->object ? 0 : -errno;
}

static struct bpf_program *open_program(struct attached *a, const char *name, int *err)
{
	const char *function = strchr(name, ':');
	struct bpf_program *program;

	*err = open_object(a, name, (size_t)(function - name));
	if (*err)
		return NULL;
	named__set_types(a->object);
	program = only(a->object, function + 1);
	*err = program ? 0 : -ENOENT;
	return program;
}

const char *object__start_maps(struct attached *a, const char *object)
{
	int err = open_object(a, object, strlen(object));
	const char *why;

	err = err ?: bpf_object__load(a->object);
	if (!err)
		return NULL;
	why = because_of_load(object, err);
	object__stop(a);
	return why;
}

static int attach_by_file(struct attached *a, const char *hook)
{
	char path[128];

	snprintf(path, sizeof(path), KRSI_SECURITYFS "/%s", hook);
	a->hook_file = open(path, O_RDWR | O_CLOEXEC);
	if (a->hook_file < 0)
		return -errno;
	if (!bpf_prog_attach(a->program, a->hook_file, (enum bpf_attach_type)BPF_KRSI, 0))
		return 0;
	close(a->hook_file);
	a->hook_file = -1;
	return -errno;
}

const char *object__open(struct attached *a, const char *name)
{
	const char *why;
	int err;

	if (open_program(a, name, &err))
		return NULL;
	why = because("open", name, err);
	object__stop(a);
	return why;
}

const char *object__load(struct attached *a, const char *name)
{
	const struct bpf_program *program =
		bpf_object__find_program_by_name(a->object, strchr(name, ':') + 1);
	int err = bpf_object__load(a->object);
	const char *why;

	if (!err) {
		a->program = bpf_program__fd(program);
		return NULL;
	}
	why = because_of_load(name, err);
	object__stop(a);
	return why;
}

const char *object__start_idle(struct attached *a, const char *name)
{
	return object__open(a, name) ?: object__load(a, name);
}

const char *object__start(struct attached *a, const char *name, const char *hook)
{
	const char *why = object__start_idle(a, name);
	int err = 0;

	if (why)
		return why;
	if (hook) {
		err = attach_by_file(a, hook);
	} else {
		a->link = bpf_program__attach(
			bpf_object__find_program_by_name(a->object, strchr(name, ':') + 1));
		err = a->link ? 0 : -errno;
	}
	if (!err)
		return NULL;
	why = because("attach", name, err);
	object__stop(a);
	return why;
}

int object__map(const struct attached *a, const char *name)
{
	return bpf_object__find_map_fd_by_name(a->object, name);
}

void object__stop(struct attached *a)
{
	if (a->hook_file >= 0) {
		bpf_prog_detach2(a->program, a->hook_file, (enum bpf_attach_type)BPF_KRSI);
		close(a->hook_file);
	}
	if (a->link)
		bpf_link__destroy(a->link);
	if (a->object)
		bpf_object__close(a->object);
	*a = (struct attached){ .hook_file = -1, .program = -1 };
}
