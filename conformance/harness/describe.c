// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "conformance/harness/describe.h"
#include "conformance/harness/hook.h"
#include "conformance/harness/registry.h"
#include "conformance/harness/version.h"
#include "conformance/spec/spec.h"

static json_t *strings(const char *const *list, size_t max)
{
	json_t *array = json_array();

	for (size_t i = 0; i < max && list[i]; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static json_t *tests(void)
{
	size_t n;
	const struct krsi_test *const *all = registry__tests(&n);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			array,
			json_pack("{s:s,s:s,s:o,s:o,s:s?,s:b,s:s?}", "id", all[i]->id, "summary",
				  all[i]->summary, "requirements",
				  strings(all[i]->requirements, KRSI_MAX_REQUIREMENTS), "modules",
				  strings(all[i]->needs.module, 4), "lsm", all[i]->needs.lsm,
				  "selftest", all[i]->selftest, "boot", all[i]->boot));
	return array;
}

static json_t *hooks(void)
{
	static const char *const ret[] = { "int", "void", "bool" };
	size_t n;
	const struct krsi_hook_entry *const *all = catalogue__all(&n);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *routes = json_array();

		for (int r = 0; r < KRSI_MAX_ROUTES && all[i]->route[r].act; r++)
			json_array_append_new(routes, json_string(all[i]->route[r].name));
		json_array_append_new(
			array,
			json_pack("{s:s,s:s,s:s,s:o,s:o,s:s?,s:s?}", "name", all[i]->name, "family",
				  family__name(all[i]->family), "ret", ret[all[i]->ret], "modules",
				  strings(all[i]->needs.module, 4), "routes", routes, "unreachable",
				  all[i]->unreachable, "untriggered", all[i]->untriggered));
	}
	return array;
}

static json_t *requirements(void)
{
	json_t *array = json_array();

	for (size_t i = 0; i < krsi_spec_len; i++)
		json_array_append_new(
			array, json_pack("{s:s,s:s,s:s,s:s,s:s?,s:s?,s:s?}", "id", krsi_spec[i].id,
					 "level", spec__level_name(krsi_spec[i].level), "text",
					 krsi_spec[i].text, "source", krsi_spec[i].source, "since",
					 krsi_spec[i].since, "until", krsi_spec[i].until,
					 "untested", krsi_spec[i].untested));
	return array;
}

int describe__write(FILE *out, const struct krsi_lsm *lsm)
{
	json_t *document = json_pack("{s:{s:s,s:s,s:b},s:{s:s,s:s?},s:o,s:o,s:o}", "suite",
				     "version", KRSI_VERSION, "commit", KRSI_COMMIT, "dirty",
				     KRSI_DIRTY, "lsm", "name", lsm->name, "off", lsm->off, "tests",
				     tests(), "hooks", hooks(), "requirements", requirements());
	int err = document ? json_dumpf(document, out, JSON_INDENT(1) | JSON_SORT_KEYS) : -1;

	json_decref(document);
	return err || putc('\n', out) == EOF || fflush(out) ? -EIO : 0;
}
