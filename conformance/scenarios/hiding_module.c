// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel module of the scenarios, as an object that fits no kernel yet: module.c writes the
 * layout of the running kernel's structures into it. It is built without kernel headers, refers to
 * no symbol of the kernel, and does what rootkits do first: it takes itself off the list of
 * modules. Its parameter `hidden` puts it back, so that it can be removed.
 */
#define SECTION(name) __attribute__((used, section(name)))

/* Room for the largest struct module; the kernel wants it to be of its very own size. */
#define MODULE_ROOM 2048

char __this_module[MODULE_ROOM] SECTION(".gnu.linkonce.this_module") __attribute__((aligned(64)));

/* What module.c fills in, at the offsets that module.h names. */
struct {
	unsigned long list; /* offset of `list` in struct module */
	unsigned long hide; /* 1: hide at load */
} krsi_layout SECTION(".krsi.layout") = { 0, 1 };

struct list_head {
	struct list_head *next, *prev;
};

struct kernel_param {
	const char *name;
	void *mod;
	const struct kernel_param_ops *ops;
	unsigned short perm;
	signed char level;
	unsigned char flags;
	void *arg;
};

struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *value, const struct kernel_param *param);
	int (*get)(char *buffer, const struct kernel_param *param);
	void (*free)(void *arg);
};

int init_module(void);
void cleanup_module(void);

static unsigned long hidden;

static struct list_head *entry(void)
{
	return (struct list_head *)(__this_module + *(volatile unsigned long *)&krsi_layout.list);
}

/* The entry itself stays as it is: it remembers its place, and readers find the way on. */
static void hide(void)
{
	entry()->next->prev = entry()->prev;
	entry()->prev->next = entry()->next;
	hidden = 1;
}

static void show(void)
{
	entry()->next = entry()->prev->next;
	entry()->next->prev = entry();
	entry()->prev->next = entry();
	hidden = 0;
}

static int set_hidden(const char *value, const struct kernel_param *param)
{
	if (*value == '0' && hidden)
		show();
	return 0;
}

static int get_hidden(char *buffer, const struct kernel_param *param)
{
	buffer[0] = hidden ? '1' : '0';
	buffer[1] = '\n';
	return 2;
}

static const struct kernel_param_ops hidden_ops = { .set = set_hidden, .get = get_hidden };

static const struct kernel_param param_hidden SECTION("__param") __attribute__((aligned(8))) = {
	.name = "hidden", .mod = __this_module, .ops = &hidden_ops, .perm = 0600, .level = -1
};

int init_module(void)
{
	if (*(volatile unsigned long *)&krsi_layout.hide)
		hide();
	return 0;
}

void cleanup_module(void)
{
}

/* A name for what module.c writes; see there. */
static const char info[1] SECTION(".modinfo") = "";

/* module.c points the kernel at these two. */
static const struct {
	int (*init)(void);
	void (*exit)(void);
} calls SECTION(".krsi.calls") = { init_module, cleanup_module };
