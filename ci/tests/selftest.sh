#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The whole way, in real guests: tests that end in every way a test can, a guest that dies, hangs,
# or does not boot, a kernel without `bpf` in lsm=, implementations that do nothing or lie. What
# must be red is red, with the right exit code and the right words in results.json.
#
#   ci/tests/selftest.sh [BUILD-DIRECTORY [KERNEL [OPTION...]]]

build=${1:-build}
first=${2:-debian-6.1}
kernel=$first
sound=debian-6.12
[ $# -gt 2 ] && shift 2 || set --
krsi=$build/krsi
. "$(dirname "$0")/said.sh"

# boot CODE TITLE OPTION...: one run; its exit code.
boot() {
	code=$1 title=$2
	shift 2
	rm -rf "$work/res"
	"$krsi" test --kernel "$kernel" --out "$work/res" $extra "$@" >"$work/said" 2>&1
	rc=$?
	"$krsi" report --format ktap "$work/res" >"$work/ktap" 2>/dev/null
	[ $rc -eq "$code" ] && good || bad "$title: exit code $rc instead of $code"
	echo "  $title: $(tail -1 "$work/said")"
}
extra=$*

# row PATTERN: a line of the KTAP report. no_row: there is none.
row() { grep -q -- "$1" "$work/ktap" && good || bad "$title: no row '$1'"; }
no_row() { grep -q -- "$1" "$work/ktap" && bad "$title: there is a row '$1'" || good; }
# holds PATTERN: in results.json. says PATTERN: on the terminal.
holds() { grep -q -- "$1" "$work/res/results.json" && good || bad "$title: results lack '$1'"; }
says() { grep -q -- "$1" "$work/said" && good || bad "$title: does not say '$1'"; }

boot 0 'pass and skip' --self --tests selftest/pass,selftest/skip
row '^ok [0-9]* selftest/pass$'
row '^ok [0-9]* selftest/skip # SKIP .*does not exist'
row '^ok 3 krsi/run$'
holds '"faults": \[\]'

boot 1 'fail, broken, timeout' --self --timeout 3 \
	--tests selftest/fail,selftest/broken,selftest/timeout,selftest/pass
row '^not ok [0-9]* selftest/fail$'
row '^# expected: -EPERM$'
row '^not ok [0-9]* selftest/broken # ERROR .*signal 11'
row '^not ok [0-9]* selftest/timeout # TIMEOUT no end after 3 s'
row '^ok [0-9]* selftest/pass$'
row '^not ok 5 krsi/run$'

boot 3 'crash, hang, silence' --self --timeout 3 --silence 15 \
	--tests selftest/crash,selftest/hang,selftest/silent,selftest/pass,selftest/skip
row '^not ok [0-9]* selftest/crash # ERROR .*Kernel panic'
row '^not ok [0-9]* selftest/hang # TIMEOUT '
row '^not ok [0-9]* selftest/silent # ERROR '
row '^ok [0-9]* selftest/pass$'
row '^ok [0-9]* selftest/skip # SKIP'
holds '"kind": "panic"'
holds '"test": "selftest/crash"'
holds '"outcome": "hang"'
holds '"faults": \[\]'
says 'booting again for'

boot 3 'no reboot allowed' --self --reboots 0 --tests selftest/crash,selftest/pass
row '^not ok [0-9]* selftest/pass # ERROR '
holds '"cut": true'

boot 4 'no bpf in lsm=' --lsm lockdown,capability,yama --tests bprm_check_security
says 'lsm='
holds '"kind": "kernel-lacks"'
holds '"cause": "lsm-order"'
no_row '^ok .* hook/'

boot 4 'no boot' --append rdinit=/nowhere --tests bprm_check_security
holds '"outcome": "no-boot"'
holds '"kind": "no-boot"'
no_row '^ok .* hook/'

for impl in null echo; do
	boot 1 "implementation $impl" --impl $impl --tests 'hook/bprm_*,hook/inode_*,order,attach'
	no_row '^ok [0-9]* hook/[a-z_]*/fires$'
	no_row '^ok [0-9]* hook/[a-z_]*/deny$'
	row '^not ok [0-9]* hook/bprm_check_security/fires$'
done

boot 0 'every fault is caught' --self --timeout 120 --jobs 2 --tests 'selftest/fault/*'
# What this kernel does wrong itself is caught on a kernel that does it right.
inherent=$(sed -n 's/^ok [0-9]* \(selftest\/fault\/[a-z-]*\) # SKIP.*/\1/p' "$work/ktap")
if [ -n "$inherent" ]; then
	kernel=$sound
	boot 0 "those that the kernel has itself, on $sound" --self --timeout 120 \
		--tests "$(echo "$inherent" | paste -sd,)"
	for id in $inherent; do
		row "^ok [0-9]* $id\$"
	done
	kernel=$first
fi

boot 0 'two guests at once' --jobs 2 \
	--tests hook/bprm_check_security/fires,hook/bprm_check_security/deny
row '^ok [0-9]* hook/bprm_check_security/fires$'
row '^ok [0-9]* hook/bprm_check_security/deny$'
holds '"faults": \[\]'

counted
