#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The doctor in guests: where BPF LSM enforces, where it is built in and not active, and under
# lockdown. Its JSON is checked too.
#
#   B=build KERNEL=debian-6.1 conformance/tests/selftest-doctor.sh
set -u
B=${B:-build}
KERNEL=${KERNEL:-debian-6.1}
. "$(dirname "$0")/../../ci/tests/said.sh"

# doctor CODE OPTION...: one visit; its exit code.
doctor() {
	code=$1
	shift
	title=$*
	"$B/krsi" doctor --kernel "$KERNEL" "$@" >"$work/said" 2>"$work/progress"
	rc=$?
	[ $rc -eq "$code" ] && good || bad "$title: exit code $rc instead of $code"
}
says() { grep -q -- "$1" "$work/said" && good || bad "$title: does not say '$1'"; }
silent() { grep -q -- "$1" "$work/said" && bad "$title: says '$1'" || good; }

doctor 0
says '^BPF LSM enforces on this machine'
says '  bprm_check_security    yes       yes    yes'
says '  inode_unlink           yes       yes    yes'
silent ' NO'
says 'bpf is the last'

doctor 1 --lsm lockdown,yama
says 'does NOT enforce on this machine, although programs attach'
says 'lsm=.*,bpf$'
says '  file_open              yes       NO     NO'
silent 'yes       yes'

# what is refused under lockdown is told; what the doctor itself does is not refused
doctor 0 --append lockdown=confidentiality --json
says '"lockdown": "confidentiality"'
says '"reads_kernel_memory": false'
says '"verdict": "enforces"'
if command -v python3 >/dev/null && python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not (d["schema"] == 1 and all(t["denies"] for t in d["tried"]) and len(d["attachable"]) > 200))' \
	"$work/said"; then
	good
else
	bad "$title: the JSON is not as it should be"
fi

counted
