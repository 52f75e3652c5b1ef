// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on Android's binder. */
#include "conformance/harness/hook.h"

#define BINDER                                                                                     \
	.needs.module = { "binder_linux" },                                                        \
	.unreachable = "drivers/android/binder.c is the only caller, and this kernel is built "    \
		       "without it (CONFIG_ANDROID_BINDER_IPC)",                                   \
	.untriggered = "needs a binder device, and two processes that speak its protocol"

HOOK(binder_set_context_mgr, FAMILY_IPC, BINDER);
HOOK(binder_transaction, FAMILY_IPC, BINDER);
HOOK(binder_transfer_binder, FAMILY_IPC, BINDER);
HOOK(binder_transfer_file, FAMILY_IPC, BINDER);
