// SPDX-License-Identifier: GPL-2.0-only
#include "reference/krsi-log/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "reference/linux/uapi.h"

#define HOOK_FILE   KRSI_SECURITYFS "/process_execution"
#define ENFORCE	    "/sys/module/krsi/parameters/enforce"
#define LSM_LIST    "/sys/kernel/security/lsm"
#define CODE_KERNEL 4
#define CODE_INFRA  5

/* The compiled objects (objects.S). */
extern const char log_krsi_object[], log_krsi_object_end[];
extern const char log_lsm_object[], log_lsm_object_end[];

struct program {
	enum log_way way;
	struct bpf_object *object;
	struct bpf_program *prog;
	struct bpf_link *link; /* bpf-lsm */
	int hook;	       /* the reference: hook file, < 0: not attached */
	int lost;
	struct ring_buffer *ring;
	program_record_fn fn;
	void *ctx;
};

static char reason[1024];
static char verifier[256 * 1024];

static int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return code;
}

/* The first word of a small file, "" if there is none. */
static void read_word(const char *path, char *word, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, word, size - 1);

	if (fd >= 0)
		close(fd);
	word[n > 0 ? n : 0] = '\0';
	word[strcspn(word, "\n")] = '\0';
}

static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == n && !strncmp(list, name, n))
			return true;
	return false;
}

/* Which way this kernel has. Without `bpf` in lsm= programs attach, and never run. */
static int choose(struct program *p, enum log_way way)
{
	char lsms[512];

	read_word(LSM_LIST, lsms, sizeof(lsms));
	if (way != LOG_WAY_LSM && !access(HOOK_FILE, F_OK))
		p->way = LOG_WAY_KRSI;
	else if (way != LOG_WAY_KRSI && listed(lsms, "bpf"))
		p->way = LOG_WAY_LSM;
	else if (!*lsms)
		return fail(CODE_KERNEL, "cannot read " LSM_LIST ": is securityfs mounted?");
	else if (way == LOG_WAY_KRSI)
		return fail(CODE_KERNEL, "no " HOOK_FILE ": this kernel has no KRSI");
	else
		return fail(CODE_KERNEL,
			    "neither " HOOK_FILE " nor `bpf` among the active LSMs (%s): boot "
			    "with lsm=%s,bpf",
			    lsms, lsms);
	return 0;
}

static int open_object(struct program *p, const struct log_policy *policy, size_t buffer)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "krsi_log",
		    .kernel_log_buf = verifier, .kernel_log_size = sizeof(verifier));
	bool krsi = p->way == LOG_WAY_KRSI;
	const char *image = krsi ? log_krsi_object : log_lsm_object;
	const char *end = krsi ? log_krsi_object_end : log_lsm_object_end;
	struct bpf_map *constants;

	p->object = bpf_object__open_mem(image, end - image, &opts);
	if (!p->object)
		return fail(CODE_INFRA, "the BPF object in this binary: %s", strerror(errno));
	p->prog = bpf_object__find_program_by_name(p->object, "log_exec");
	constants = bpf_object__find_map_by_name(p->object, ".rodata");
	if (!p->prog || !constants ||
	    bpf_map__set_initial_value(constants, policy, sizeof(*policy)))
		return fail(CODE_INFRA, "the BPF object in this binary is of another build");
	bpf_map__set_max_entries(bpf_object__find_map_by_name(p->object, "events"), buffer);
	if (krsi) {
		bpf_program__set_type(p->prog, (enum bpf_prog_type)BPF_PROG_TYPE_KRSI);
		bpf_program__set_expected_attach_type(p->prog, (enum bpf_attach_type)BPF_KRSI);
		bpf_program__set_flags(p->prog, BPF_F_SLEEPABLE);
	}
	return 0;
}

/* The last line that is no statistics. */
static const char *last_words(char *log)
{
	char *line = NULL, *save = NULL;

	for (char *l = strtok_r(log, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (strncmp(l, "processed ", 10))
			line = l;
	return line ? line : "no reason given";
}

static int load(struct program *p)
{
	int err = bpf_object__load(p->object);

	if (err == -EPERM)
		return fail(CODE_INFRA, "may not load BPF programs: run it as root");
	if (err)
		return fail(CODE_KERNEL, "this kernel refuses the program: %s: %.300s",
			    strerror(-err), last_words(verifier));
	p->lost = bpf_object__find_map_fd_by_name(p->object, "lost");
	return 0;
}

static int attach_file(struct program *p, bool replace)
{
	p->hook = open(HOOK_FILE, O_RDWR | O_CLOEXEC);
	if (p->hook < 0)
		return fail(CODE_INFRA, HOOK_FILE ": %s", strerror(errno));
	if (!bpf_prog_attach(bpf_program__fd(p->prog), p->hook, (enum bpf_attach_type)BPF_KRSI,
			     replace ? BPF_F_ALLOW_OVERRIDE : 0))
		return 0;
	close(p->hook);
	p->hook = -1;
	if (errno == EEXIST)
		return fail(CODE_INFRA,
			    "another krsi-log is attached; --replace puts this one in its place");
	return fail(CODE_INFRA, "cannot attach to " HOOK_FILE ": %s", strerror(errno));
}

static int attach(struct program *p, bool replace)
{
	if (p->way == LOG_WAY_KRSI)
		return attach_file(p, replace);
	p->link = bpf_program__attach(p->prog);
	if (p->link)
		return 0;
	return fail(CODE_KERNEL, "cannot attach to bprm_committed_creds: %s", strerror(errno));
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct program *p = ctx;

	p->fn(p->ctx, data, size);
	return 0;
}

static int open_ring(struct program *p)
{
	int fd = bpf_object__find_map_fd_by_name(p->object, "events");

	p->ring = ring_buffer__new(fd, on_record, p, NULL);
	return p->ring ? 0 : fail(CODE_INFRA, "the ring buffer: %s", strerror(errno));
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	return 0;
}

struct program *program_open(enum log_way way, const struct log_policy *policy, size_t buffer,
			     bool replace, const char **why, int *code)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct program *p = calloc(1, sizeof(*p));

	*why = reason;
	*code = fail(CODE_INFRA, "no memory");
	if (!p)
		return NULL;
	p->hook = -1;
	libbpf_set_print(silent);
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	*code = choose(p, way) ?: open_object(p, policy, buffer) ?: load(p) ?:
		open_ring(p) ?: attach(p, replace);
	if (!*code)
		return p;
	program_close(p);
	return NULL;
}

enum log_way program_way(const struct program *p)
{
	return p->way;
}

bool program_enforced(const struct program *p)
{
	char word[8];

	read_word(ENFORCE, word, sizeof(word));
	return p->way != LOG_WAY_KRSI || word[0] != 'N';
}

int program_read(struct program *p, int timeout_ms, program_record_fn fn, void *ctx)
{
	int n;

	p->fn = fn;
	p->ctx = ctx;
	n = timeout_ms ? ring_buffer__poll(p->ring, timeout_ms) : ring_buffer__consume(p->ring);
	return n >= 0 || n == -EINTR ? 0 : n;
}

uint64_t program_lost(const struct program *p)
{
	uint32_t zero = 0;
	uint64_t n = 0;

	bpf_map_lookup_elem(p->lost, &zero, &n);
	return n;
}

void program_detach(struct program *p)
{
	bpf_link__destroy(p->link);
	p->link = NULL;
	if (p->hook < 0)
		return;
	/* ENOENT: another krsi-log has taken its place */
	bpf_prog_detach2(bpf_program__fd(p->prog), p->hook, (enum bpf_attach_type)BPF_KRSI);
	close(p->hook);
	p->hook = -1;
}

void program_close(struct program *p)
{
	program_detach(p);
	ring_buffer__free(p->ring);
	bpf_object__close(p->object);
	free(p);
}
