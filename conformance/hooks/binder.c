// SPDX-License-Identifier: GPL-2.0-only
/* Hooks on Android's binder. */
#include "conformance/harness/hook.h"

#define NO_BINDER "needs a binder device, and two processes that speak its protocol"

HOOK(binder_set_context_mgr, FAMILY_IPC, .untriggered = NO_BINDER);
HOOK(binder_transaction, FAMILY_IPC, .untriggered = NO_BINDER);
HOOK(binder_transfer_binder, FAMILY_IPC, .untriggered = NO_BINDER);
HOOK(binder_transfer_file, FAMILY_IPC, .untriggered = NO_BINDER);
