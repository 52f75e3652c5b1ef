// SPDX-License-Identifier: GPL-2.0-only
/* Hooks that the machine would need more for than a test can bring. */
#include "conformance/harness/hook.h"

/*
 * Any port of the machine would do, so this is a proof for machines without such an adapter: no
 * driver without hardware behind it has one, and QEMU emulates none.
 */
#define NO_INFINIBAND                                                                              \
	"called only from drivers/infiniband/core/security.c, for queue pairs and MAD agents of "  \
	"ports that speak InfiniBand: ib_create_qp_security, ib_mad_agent_security_setup and "     \
	"_cleanup and ib_security_pkey_access return before it unless rdma_protocol_ib, and the "  \
	"rest walks what these have made. Only mlx4, mlx5, mthca and qib adapters have such "      \
	"ports (core_cap_flags); those of rdma_rxe, siw and mana_ib are RoCE or iWARP"

HOOK(ib_alloc_security, FAMILY_NETWORK, .unreachable = NO_INFINIBAND);
VOID_HOOK(ib_free_security, FAMILY_NETWORK, .unreachable = NO_INFINIBAND);
HOOK(ib_endport_manage_subnet, FAMILY_NETWORK, .unreachable = NO_INFINIBAND);
HOOK(ib_pkey_access, FAMILY_NETWORK, .unreachable = NO_INFINIBAND);
