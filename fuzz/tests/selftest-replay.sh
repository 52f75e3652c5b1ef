#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The corpus, judged without a fuzzer: the seeds of each target, and what fuzzing once found.
#
#   fuzz/tests/selftest-replay.sh [BUILD-DIRECTORY]
build=${1:-build}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
make -s B="$build" fuzz-replay >/dev/null || exit 1

for source in fuzz/targets/*.c; do
	target=$(basename "$source" .c)
	rm -rf "$work/seeds"
	mkdir "$work/seeds"
	"$build/fuzz/replay/$target" --seeds "$work/seeds" >/dev/null
	set -- "$work/seeds"
	[ ! -d "fuzz/regressions/$target" ] || set -- "$@" "fuzz/regressions/$target"
	if said=$("$build/fuzz/replay/$target" "$@" 2>&1); then
		n=$(echo "$said" | sed -n 's/^\([0-9]*\) inputs judged.*/\1/p')
		passed=$((passed + ${n:-0}))
		[ "${n:-0}" -gt 0 ] || failed=$((failed + 1))
		echo "  $target: $said"
	else
		failed=$((failed + 1))
		echo "  $target: FAILED"
		echo "$said" | head -20 | sed 's/^/    /'
	fi
done
echo "selftest-replay.sh: $passed passed, $failed failed"
[ $failed -eq 0 ]
