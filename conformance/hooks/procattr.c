// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on a process's own attributes, by /proc/self/attr and by the lsm_*_self_attr calls. */
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/harness/hook.h"

#ifndef SYS_lsm_get_self_attr
#define SYS_lsm_get_self_attr 459
#endif
#ifndef SYS_lsm_set_self_attr
#define SYS_lsm_set_self_attr 460
#endif
/* The kernel's LSM_ATTR_CURRENT. */
#define ATTR_CURRENT 100
/* The kernel's LSM_FLAG_SINGLE: of the LSM that the context names, and of no other. */
#define OF_ONE 1

static int attr_current(struct subject *s)
{
	s->val[0] = getpid();
	return open_slot(s, 0, "/proc/self/attr/current", O_RDWR, 0);
}

static int do_read(struct subject *s)
{
	return SYS(read(s->fd[0], s->text, sizeof(s->text)));
}

static int do_write(struct subject *s)
{
	return SYS(write(s->fd[0], "krsi", sizeof("krsi")));
}

/* BPF LSM keeps no attribute: undisturbed, the default answers and there is nothing to see. */
HOOK(getprocattr, FAMILY_LABEL, .default_ret = -EINVAL, .setup = attr_current,
     .route = { { "read-attr", do_read } }, .normal = -EINVAL,
     .args = { WANT_VAL("p", KRSI_A, 0), WANT_TEXT("name", "current") });

HOOK(setprocattr, FAMILY_LABEL, .default_ret = -EINVAL, .setup = attr_current,
     .route = { { "write-attr", do_write } }, .normal = -EINVAL,
     .args = { WANT_TEXT("name", "current"), WANT_TEXT("value", "krsi"),
	       WANT_NUM("size", sizeof("krsi")) });

struct attribute {
	uint64_t id, flags, len, ctx_len;
};

/* s->val[0] is the id of the LSM whose attribute it is. */
static int attr_of_tested(struct subject *s)
{
	s->val[0] = needs__tested()->id;
	return 0;
}

static int do_set_self_attr(struct subject *s)
{
	const struct attribute attr = { .id = s->val[0], .len = sizeof(attr) };

	return SYS(syscall(SYS_lsm_set_self_attr, ATTR_CURRENT, &attr, sizeof(attr), 0));
}

HOOK(setselfattr, FAMILY_LABEL, .default_ret = -EOPNOTSUPP, .setup = attr_of_tested,
     .route = { { "lsm_set_self_attr", do_set_self_attr } }, .normal = -EOPNOTSUPP,
     .args = { WANT_NUM("attr", ATTR_CURRENT), WANT_VAL("ctx", KRSI_A, 0),
	       WANT_NUM("size", sizeof(struct attribute)), WANT_NUM("flags", 0) });

static int do_get_self_attr(struct subject *s)
{
	struct attribute attr = { .id = s->val[0] };
	uint32_t size = sizeof(attr);

	return SYS(syscall(SYS_lsm_get_self_attr, ATTR_CURRENT, &attr, &size, OF_ONE));
}

/* From 6.12 on no stock kernel takes a program on it (bpf_lsm_disabled_hooks). */
HOOK(getselfattr, FAMILY_LABEL, .default_ret = -EOPNOTSUPP, .setup = attr_of_tested,
     .route = { { "lsm_get_self_attr", do_get_self_attr } }, .normal = -EOPNOTSUPP,
     .args = { WANT_NUM("attr", ATTR_CURRENT), WANT_NUM("flags", OF_ONE) });
