#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Shows that the fuzzers find bugs: builds each defect of fuzz/defects/ into a copy of the core,
# takes away the seeds that reveal it by themselves, and lets one afl-fuzz look for it.
#
#   fuzz/defects.sh [BUILD-DIRECTORY [SECONDS [DEFECT...]]]
#
# Prints a line for each: the defect, its target, seeds left out, seconds until it was found. The
# exit code is 1 if one was not.
set -u
build=${1:-build} limit=${2:-600}
[ $# -gt 2 ] && shift 2 || set -- $(basename -s .patch fuzz/defects/*.patch)
export AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_QUIET=1
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_BENCH_UNTIL_CRASH=1
flags='-O2 -g -w -std=gnu11 -fno-strict-aliasing -D_GNU_SOURCE'
passed=0 failed=0

# build_copy NAME TARGET: $dir/afl and $dir/replay, from a tree with the defect.
build_copy() {
	rm -rf "$dir"
	mkdir -p "$dir/tree/reference"
	cp -r reference/core reference/tests "$dir/tree/reference/" &&
		cp -r fuzz "$dir/tree/" &&
		patch -s -p1 -d "$dir/tree" <"fuzz/defects/$1.patch" || return 1
	case $2 in
	chain) sources= ;;
	*) sources=fuzz/env_input.c ;;
	esac
	(
		cd "$dir/tree" || exit 1
		sources="fuzz/targets/$2.c fuzz/target.c reference/core/*.c $sources"
		${CLANG:-clang} $flags -I. -c fuzz/drivers/afl.c -o driver.o &&
			${AFL_CC:-afl-clang-fast} $flags -I. $sources driver.o -o ../afl &&
			${CC:-gcc} $flags -I. -fsanitize=address,undefined -fno-sanitize-recover=all \
				$sources fuzz/drivers/replay.c -o ../replay
	)
}

# Leaves in $dir/seeds what is well with the defect as without; $revealing: how many were not.
make_seeds() {
	revealing=0
	mkdir "$dir/seeds"
	"$dir/replay" --seeds "$dir/seeds" >/dev/null
	for seed in "$dir"/seeds/*; do
		"$dir/replay" "$seed" >/dev/null 2>&1 && continue
		rm "$seed"
		revealing=$((revealing + 1))
	done
	[ -n "$(ls "$dir/seeds")" ] || echo 0 >"$dir/seeds/none"
}

printf '%-18s %-9s %7s %8s  %s\n' defect target 'left out' seconds 'what is wrong'
for name; do
	target=$(sed -n 's/^Target: //p' "fuzz/defects/$name.patch")
	dir=$build/fuzz/defects/$name
	if ! build_copy "$name" "$target"; then
		echo "$name: does not build: has the core changed?"
		failed=$((failed + 1))
		continue
	fi
	make_seeds
	start=$(date +%s.%N)
	afl-fuzz -V "$limit" -x "fuzz/dict/$target.dict" -i "$dir/seeds" -o "$dir/out" -- \
		"$dir/afl" >"$dir/log" 2>&1
	seconds=$(echo "$(date +%s.%N) $start" | awk '{ printf "%.1f", $1 - $2 }')
	if ls "$dir"/out/default/crashes/id* >/dev/null 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		seconds="not in $seconds"
	fi
	printf '%-18s %-9s %7s %8s  %s\n' "$name" "$target" "$revealing" "$seconds" \
		"$(sed -n 's/^Defect: //p' "fuzz/defects/$name.patch")"
done
echo "defects.sh: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
