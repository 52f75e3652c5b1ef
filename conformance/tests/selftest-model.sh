#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The model of the reference, on this machine: it passes, each of its faults is caught, and an
# unknown option is refused. Prints which tests catch which fault.
#
#   conformance/tests/selftest-model.sh [BUILD-DIRECTORY]
test=${1:-build}/krsi-test
. "$(dirname "$0")/../../ci/tests/said.sh"

"$test" --impl model --tests '*' >"$work/sound"
[ $? -eq 0 ] && grep -q '^# totals: pass:[1-9][0-9]* fail:0 ' "$work/sound" && good ||
	bad 'the model does not pass'
"$test" --impl model:nonsense --tests 'env/*' >"$work/usage" 2>&1
[ $? -eq 2 ] && good || bad 'an unknown fault is taken'
"$test" --impl model:audit --tests 'env/*/deny' >"$work/audit"
[ $? -eq 1 ] && good || bad 'without enforcement an exec is denied'

"$test" --impl model --self --timeout 600 --tests 'selftest/model/*' --events "$work/events"
sed -nE 's/.*"id": ?"selftest\/model\/([a-z-]+)".*"reason": ?"caught by ([^"]*)".*/\1 \2/p' "$work/events" |
	while read -r fault ids; do
		printf '  %-18s %s\n' "$fault" "$(echo "$ids" | tr ',' '\n' | sed 's/.*\///' | sort -u | paste -sd' ')"
	done
n=$(grep -c '"event": \?"test-end".*"result": \?"pass"' "$work/events")
m=$(grep -c '"event": \?"test-end"' "$work/events")
passed=$((passed + n)) failed=$((failed + m - n))
[ "$n" -ge 9 ] || bad 'hardly a fault was tried'
counted
