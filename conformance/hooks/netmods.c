// SPDX-License-Identifier: GPL-2.0-only
/* Hooks that the machine would need more for than a test can bring. */
#include "conformance/harness/hook.h"

#define NO_LABELS                                                                                  \
	"needs a label LSM: nft_secmark_compute_secid and checkentry_lsm refuse a label that no "  \
	"LSM translates, and a program cannot write the secid"

HOOK(secmark_relabel_packet, FAMILY_NETWORK, .untriggered = NO_LABELS);
VOID_HOOK(secmark_refcount_inc, FAMILY_NETWORK, .untriggered = NO_LABELS);
VOID_HOOK(secmark_refcount_dec, FAMILY_NETWORK, .untriggered = NO_LABELS);

#define NO_INFINIBAND                                                                              \
	"needs an adapter whose port speaks InfiniBand: RoCE and iWARP, which software drivers "   \
	"offer, are left out by rdma_protocol_ib"

HOOK(ib_alloc_security, FAMILY_NETWORK, .untriggered = NO_INFINIBAND);
VOID_HOOK(ib_free_security, FAMILY_NETWORK, .untriggered = NO_INFINIBAND);
HOOK(ib_endport_manage_subnet, FAMILY_NETWORK, .untriggered = NO_INFINIBAND);
HOOK(ib_pkey_access, FAMILY_NETWORK, .untriggered = NO_INFINIBAND);
