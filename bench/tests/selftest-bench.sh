#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The deterministic engine in real guests: equal runs give equal bytes, a regression of twenty
# instructions in one hook's path is seen, and an unchanged kernel is not accused.
#
#   bench/tests/selftest-bench.sh [BUILD-DIRECTORY [KERNEL [OPTION...]]]

build=${1:-build}
kernel=${2:-debian-6.1}
[ $# -gt 2 ] && shift 2 || set --
krsi=$build/krsi
runs=${RUNS:-3}
. "$(dirname "$0")/../../ci/tests/said.sh"

# bench CODE TITLE NAME OPTION...: one measurement of a hook and of executions.
bench() {
	code=$1 title=$2 out=$3
	shift 3
	"$krsi" bench --kernel "$kernel" --seeds 1 --samples 5 --out "$work/$out" \
		--bench 'hook/eventfd-write/file_permission:one,hook/kill/task_kill:one,exec/bpf-*' \
		$extra "$@" >"$work/said" 2>&1
	rc=$?
	[ $rc -eq "$code" ] && good || bad "$title: exit code $rc instead of $code"
	echo "  $title: $(tail -1 "$work/said")"
}
extra=$*

bench 0 'first run' first
for i in $(seq "$runs"); do
	bench 0 "unchanged, $i" again --baseline "$work/first"
	for file in bench.json samples/bpf-seed1.txt; do
		cmp "$work/first/$file" "$work/again/$file" >"$work/said" 2>&1 && good ||
			bad "run $i: $file is not the same"
	done
done
bench 6 'twenty instructions more' worse --extra 20 --baseline "$work/first"
for hook in eventfd-write/file_permission kill/task_kill; do
	grep -q "hook/$hook:one .*: worse" "$work/said" && good || bad "$hook is not accused"
done
bench 0 'fewer than noise' same --extra 3 --baseline "$work/first"

counted
