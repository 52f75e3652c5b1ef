// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "conformance/adapters/adapter.h"
#include "conformance/adapters/builtin.h"

static const struct krsi_adapter *const builtin[] = {
	&bpf_lsm_adapter, &null_adapter, &echo_adapter, &faulty_adapter,
	&model_adapter,	  &krsi_adapter, &exec_adapter,
};

const struct krsi_adapter *adapter__at(size_t i)
{
	return i < sizeof(builtin) / sizeof(builtin[0]) ? builtin[i] : NULL;
}

const struct krsi_adapter *adapter__find(const char *name)
{
	size_t len = strcspn(name, ":");
	const struct krsi_adapter *adapter;

	for (size_t i = 0; (adapter = adapter__at(i)); i++)
		if (strlen(adapter->name) == len && !strncmp(adapter->name, name, len))
			return adapter;
	return NULL;
}

const struct krsi_lsm *adapter__lsm(const struct krsi_adapter *adapter)
{
	static const struct krsi_lsm mainline = { .name = "bpf", .id = 109 };

	return KRSI_HAS(adapter, lsm) ? adapter->lsm : &mainline;
}

const char *adapter__capability(unsigned int bit)
{
	/* in the order of enum krsi_capability */
	static const char *const names[] = {
		"steer",   "events",	  "args",	 "sleepable", "fixed",	     "multi",
		"lifo",	   "link-create", "query",	 "named",     "cgroup",	     "fds",
		"again",   "prog-target", "link-target", "token",     "env",	     "process",
		"replace", "hook-file",	  "link",	 "target",    "free-attach", "opaque",
	};

	return bit < sizeof(names) / sizeof(names[0]) ? names[bit] : NULL;
}
