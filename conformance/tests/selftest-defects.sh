#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The reproducers of known defects, in real guests: the kernel has those that defects.conf says and
# no other; and a reproducer that sees something else makes the command red.
#
#   conformance/tests/selftest-defects.sh [BUILD-DIRECTORY [KERNEL]]
krsi=${1:-${B:-build}}/krsi
kernel=${2:-${KERNEL:-debian-6.1}}
. "$(dirname "$0")/../../ci/tests/said.sh"

# defects CODE WHAT OPTION...: one hunt; its exit code.
defects() {
	code=$1 what=$2
	shift 2
	"$krsi" defects --kernel "$kernel" "$@" >"$work/said" 2>"$work/errors"
	rc=$?
	[ $rc -eq "$code" ] && good || bad "$what: exit code $rc instead of $code"
	grep -v '^krsi: booting' "$work/errors" | cat - "$work/said"
}

defects 0 'the defects of this kernel'
grep -q '^PASS: .* 0 not as defects.conf has it$' "$work/said" && good || bad 'no verdict'
grep -q untried "$work/said" && bad 'a module that no kernel has is wanted' || good
defects 1 'a defect that needs bpf, without bpf' --defects zero-stops-chain --lsm capability
grep -q '^! zero-stops-chain  *unclear' "$work/said" && good || bad 'the surprise is not named'
defects 2 'a defect that nobody knows' --defects nonsense
counted
