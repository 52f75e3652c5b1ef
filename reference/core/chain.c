// SPDX-License-Identifier: GPL-2.0-only
#include "chain.h"

/* At the end of a name, or at the double underscore that ends what counts of it. */
static bool at_end(const char *p)
{
	return !p[0] || (p[0] == '_' && p[1] == '_');
}

bool krsi_name_equal(const char *a, const char *b)
{
	while (!at_end(a) && !at_end(b) && *a == *b) {
		a++;
		b++;
	}
	return at_end(a) && at_end(b);
}

int krsi_chain_attach(const struct krsi_link *old, u32 n, const struct krsi_link *link,
		      bool replace, struct krsi_link *new, void **gone)
{
	void *replaced = NULL;
	u32 i, to = 0;

	*gone = NULL;
	for (i = 0; i < n; i++) {
		if (old[i].prog == link->prog)
			return -EEXIST;
		if (krsi_name_equal(old[i].name, link->name)) {
			if (!replace)
				return -EEXIST;
			replaced = old[i].prog;
			continue;
		}
		new[to++] = old[i];
	}
	if (to == KRSI_CHAIN_MAX)
		return -E2BIG;
	new[to++] = *link;
	*gone = replaced;
	return to;
}

int krsi_chain_detach(const struct krsi_link *old, u32 n, const void *prog, struct krsi_link *new)
{
	u32 i, to = 0;

	for (i = 0; i < n; i++) {
		if (old[i].prog == prog)
			continue;
		/* without a match there would be one more than fits */
		if (to == n - 1)
			return -ENOENT;
		new[to++] = old[i];
	}
	return n ? (int)to : -ENOENT;
}
