#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# krsi-log in guests: on the reference, if it is built, and on a mainline kernel.
#
#   reference/tests/selftest-log.sh [BUILD-DIRECTORY]
build=${1:-build}
passed=0 failed=0 skipped=0
one() {
	said=$("$build/log-check" "$@") || echo "$said"
	last=$(echo "$said" | tail -1)
	echo "  $1: $last"
	p=$(echo "$last" | sed -n 's/.*: \([0-9]*\) passed.*/\1/p')
	f=$(echo "$last" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
}

if "$build/krsi" kernels | grep -q '^reference  *own '; then
	one reference krsi
else
	echo '  reference: not built, skipped'
	skipped=1
fi
one debian-6.12 bpf-lsm
echo "selftest-log.sh: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
