// SPDX-License-Identifier: GPL-2.0-only
#include "conformance/spec/spec.h"

#include <string.h>

/* The interface of 2019 as the reference implements it; a ruling settles what 2019 left open. */
#define TALK	  "KRSI talk, Linux Security Summit NA 2019"
#define RFC	  "KRSI RFC v1 (2019)"
#define RULING(n) RFC ", krsi_get_env_var(); ruling " #n " of the reference"
#define REF_RULE  "rule of the reference interface"
#define RFC_RULE  RFC ", confirmed by the reference interface"
#define ENV_VARS  RFC ", krsi_get_env_vars(); " REF_RULE

#define REQ(id_, level_, text_, source_, since_, until_, untested_)                                \
	{                                                                                          \
		.id = id_,                                                                         \
		.level = level_,                                                                   \
		.text = text_,                                                                     \
		.source = source_,                                                                 \
		.since = since_,                                                                   \
		.until = until_,                                                                   \
		.untested = untested_,                                                             \
	},

const struct krsi_requirement krsi_spec[] = {
#include "conformance/spec/hooks.def"
#include "conformance/spec/programs.def"
#include "conformance/spec/management.def"
#include "conformance/spec/reference.def"
};

const size_t krsi_spec_len = sizeof(krsi_spec) / sizeof(krsi_spec[0]);

const struct krsi_requirement *spec__find(const char *id)
{
	if (!id)
		return NULL;
	for (size_t i = 0; i < krsi_spec_len; i++)
		if (!strcmp(krsi_spec[i].id, id))
			return &krsi_spec[i];
	return NULL;
}

const char *spec__level_name(enum krsi_level level)
{
	return level == MUST ? "MUST" : "SHOULD";
}
