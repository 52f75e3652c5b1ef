// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bpf_lsm.h>
#include <linux/btf_ids.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include "hooks.h"
#include "run.h"

int krsi_enabled __ro_after_init = 1;
bool krsi_enforce __ro_after_init = IS_ENABLED(CONFIG_SECURITY_KRSI_ENFORCE);

module_param_named(enabled, krsi_enabled, int, 0400);
module_param_named(enforce, krsi_enforce, bool, 0400);

/* By what a hook returns: whether it can refuse at all, and what to do with the verdict. */
#define MUTE_int  false
#define MUTE_void true
#define CALL_int(NAME, DEFAULT)                                                                    \
	{                                                                                          \
		return krsi_run(&krsi_hooks[KRSI_HOOK_##NAME], NULL) ?: DEFAULT;                   \
	}
#define CALL_void(NAME, DEFAULT)                                                                   \
	{                                                                                          \
		krsi_run(&krsi_hooks[KRSI_HOOK_##NAME], NULL);                                     \
	}

struct krsi_hook krsi_hooks[KRSI_HOOKS] = {
#define LSM_HOOK(RET, DEFAULT, NAME, ...)                                                          \
	[KRSI_HOOK_##NAME] = { .name = #NAME, .mute = MUTE_##RET },
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK
};

#define LSM_HOOK(RET, DEFAULT, NAME, ...)                                                          \
	RET __weak krsi_call_##NAME(__VA_ARGS__) CALL_##RET(NAME, DEFAULT)
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK

static struct security_hook_list krsi_calls[] __ro_after_init = {
#define LSM_HOOK(RET, DEFAULT, NAME, ...) LSM_HOOK_INIT(NAME, krsi_call_##NAME),
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK
};

/* BPF LSM keeps the list of hooks that may sleep, by the ids of its own functions. */
BTF_ID_LIST(krsi_btf_ids)
#define LSM_HOOK(RET, DEFAULT, NAME, ...) BTF_ID(func, bpf_lsm_##NAME)
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK

/*
 * Hooks that return an int which is no errno: any value but 0 is a yes, or, of
 * xfrm_decode_session, a bug.
 */
static const char *const no_errno[] __initconst = {
	"audit_rule_known", "audit_rule_match",	   "inode_xattr_skipcap",
	"ismaclabel",	    "xfrm_decode_session", "xfrm_state_pol_flow_match",
};

static const struct lsm_id krsi_id = {
	.name = "krsi",
	.id = LSM_ID_KRSI,
};

static int __init krsi_init(void)
{
	int i;

	for (i = 0; i < KRSI_HOOKS; i++) {
		mutex_init(&krsi_hooks[i].lock);
		krsi_hooks[i].sleepable = bpf_lsm_is_sleepable_hook(krsi_btf_ids[i]);
		if (match_string(no_errno, ARRAY_SIZE(no_errno), krsi_hooks[i].name) >= 0)
			krsi_hooks[i].mute = true;
	}
	security_add_hooks(krsi_calls, ARRAY_SIZE(krsi_calls), &krsi_id);
	pr_info("krsi: %d hooks, %s\n", KRSI_HOOKS, krsi_enforce ? "enforcing" : "audit only");
	return 0;
}

DEFINE_LSM(krsi) = {
	.name = "krsi",
	.order = LSM_ORDER_LAST,
	.enabled = &krsi_enabled,
	.init = krsi_init,
};
