#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# From KTAP on standard input to LAVA's test cases. The first argument, if there is one, is a file
# with the exit status of krsi-test: a run that ends with neither 0 nor 1, or in fewer tests than
# were planned, is a failure of its own.
status=$(cat "${1:-/dev/null}" 2>/dev/null)
: "${LAVA_TEST_CASE:=lava-test-case}"
awk -v status="${status:-0}" -v say="$LAVA_TEST_CASE" '
	function tell(id, result) {
		gsub("/", ".", id)
		system(say " " id " --result " result)
	}
	/^1\.\.[0-9]+/ { planned = substr($1, 4) }
	/^(not )?ok [0-9]+ [A-Za-z0-9_.:+\/-]+( |$)/ {
		seen++
		not = $1 == "not"
		id = $(not ? 4 : 3)
		tell(id, not ? "fail" : / # SKIP/ ? "skip" : "pass")
	}
	END {
		whole = planned != "" && planned == seen && (status == 0 || status == 1)
		tell("krsi/run", whole ? "pass" : "fail")
	}'
