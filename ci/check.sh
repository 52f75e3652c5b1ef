#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# All tests of the project itself, then a conformance run; the last line counts them all.
# Run by `make check`, which has built everything. KERNEL is the kernel of the last step.
set -u
B=${B:-build}
KERNEL=${KERNEL:-debian-6.1}
logs=$B/check
passed=0 failed=0 skipped=0 red=
rm -rf "$logs"
mkdir -p "$logs"

# The numbers before these words, added up over all lines of a log.
sum() {
	grep -oE "[0-9]+ $1" "$2" | awk '{ n += $1 } END { print n + 0 }'
}

# step NAME COMMAND...: runs it, shows it, and adds what it counted. A step that fails without
# having counted a failure counts as one.
step() {
	name=$1
	shift
	echo "== $name"
	{ "$@" 2>&1; echo $? >"$logs/$name.rc"; } | tee "$logs/$name.log"
	rc=$(cat "$logs/$name.rc")
	case $name in
	unit-*)
		line=$(sed -nE 's/.*Passing: ([0-9]+) \| Failing: ([0-9]+) \| Crashing: ([0-9]+).*/\1 \2 \3/p' \
			"$logs/$name.log")
		set -- ${line:-0 0 0}
		p=$1 f=$(($2 + $3)) s=0
		;;
	conformance*)
		grep '^  tests:' "$logs/$name.log" >"$logs/$name.counts"
		p=$(($(sum pass "$logs/$name.counts") + $(sum xfail "$logs/$name.counts")))
		s=$(sum skip "$logs/$name.counts")
		f=0
		for word in fail xpass timeout crash broken; do
			f=$((f + $(sum "$word" "$logs/$name.counts")))
		done
		;;
	*)
		tail -n 1 "$logs/$name.log" >"$logs/$name.counts"
		p=$(sum passed "$logs/$name.counts")
		f=$(sum failed "$logs/$name.counts")
		s=$(sum skipped "$logs/$name.counts")
		;;
	esac
	[ "$rc" -ne 0 ] && [ "$f" -eq 0 ] && f=1
	[ "$p" -eq 0 ] && [ "$f" -eq 0 ] && f=1 && echo "$name: nothing was tested"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" -eq 0 ] || red="$red $name"
}

for unit in "$B"/unit/*; do
	[ -x "$unit" ] && [ ! -d "$unit" ] && step "unit-${unit##*/}" "$unit"
done
for t in $SELFTESTS; do
	step "self-${t%%/*}-$(basename "$t" .sh)" sh "$t"
done
step conformance "$B/krsi" test --kernel "$KERNEL" --waivers ci/waivers.conf --strict

# once more at the end, where whoever reads a long log looks first
for name in $red; do
	echo "== red: $name"
	grep -B 3 -A 6 -E 'FAILED|^not ok|^FAIL |^\[FAIL\]' "$logs/$name.log" | tail -n 30 | grep . ||
		tail -n 15 "$logs/$name.log"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
