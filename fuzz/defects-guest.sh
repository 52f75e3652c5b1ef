#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Shows that the fuzzers find bugs in a kernel: builds each defect of fuzz/defects/guest/ into a copy
# of the reference, takes away the seeds that reveal it by themselves, and lets one afl-fuzz look for
# it.
#
#   fuzz/defects-guest.sh BUILD CACHE [SECONDS [DEFECT...]]
#
# CACHE is where `make reference FLAVOUR=fuzz` (and fuzz-kasan, for defects that want it) has built.
# Prints a line for each: the defect, its target, seeds left out, seconds until it was found (a boot
# included), inputs judged. The exit code is 1 if one was not found.
set -u
build=$1 reference=$2 cache=$2/defects limit=${3:-600}
[ $# -gt 3 ] && shift 3 || set -- $(basename -s .patch fuzz/defects/guest/*.patch)
export AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_SKIP_BIN_CHECK=1
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_BENCH_UNTIL_CRASH=1 AFL_FORKSRV_INIT_TMOUT=600000
passed=0 failed=0

patched=
restore() {
	[ -z "$patched" ] || patch -s -R -p1 -d "$cache/linux" <"$patched"
	patched=
}
trap 'restore' EXIT
trap 'exit 130' INT TERM

# build_kernel PATCH FLAVOUR: $cache/FLAVOUR/bzImage with the defect.
build_kernel() {
	sh reference/linux/copy.sh "$reference" "$2" "$cache" || return 1
	patch -s -p1 -d "$cache/linux" <"$1" || return 1
	patched=$1
	CCACHE_DISABLE=1 sh reference/linux/build.sh "$2" "$cache" - >"$dir/build" 2>&1
}

# Leaves in $dir/seeds what is well with the defect as without; $revealing: how many were not.
make_seeds() {
	rm -rf "$dir/seeds"
	mkdir "$dir/seeds"
	"$build/fuzz/guest/$target" --seeds "$dir/seeds"
	"$build/fuzz/guest/$target" "$dir/seeds" >"$dir/said" 2>&1
	revealing=$(sed -n 's,^    \(.*/seeds/.*\)$,\1,p' "$dir/said" | tee "$dir/revealing" | wc -l)
	while read -r seed; do rm "$seed"; done <"$dir/revealing"
	[ -n "$(ls "$dir/seeds")" ] || echo 0 >"$dir/seeds/none"
}

printf '%-22s %-9s %8s %8s %9s  %s\n' defect target 'left out' seconds inputs 'what is wrong'
for name; do
	patch=fuzz/defects/guest/$name.patch
	target=$(sed -n 's/^Target: //p' "$patch")
	flavour=$(sed -n 's/^Flavour: //p' "$patch")
	flavour=${flavour:-fuzz}
	dir=$build/fuzz/defects/guest-$name
	rm -rf "$dir"
	mkdir -p "$dir"
	if ! build_kernel "$patch" "$flavour"; then
		restore
		echo "$name: does not build: see $dir/build"
		failed=$((failed + 1))
		continue
	fi
	restore
	export FUZZ_KERNEL="$cache/$flavour/bzImage" FUZZ_DIR="$dir/guest"
	make_seeds
	dict=fuzz/dict/$target.dict
	# as the first instance of a campaign
	unset AFL_CUSTOM_MUTATOR_LIBRARY AFL_CUSTOM_MUTATOR_ONLY
	[ ! -e "$build/fuzz/guest/$target.so" ] ||
		export AFL_CUSTOM_MUTATOR_ONLY=1 \
			AFL_CUSTOM_MUTATOR_LIBRARY="$(realpath "$build/fuzz/guest/$target.so")"
	start=$(date +%s.%N)
	afl-fuzz -t 200000 -V "$limit" -x "$dict" -i "$dir/seeds" -o "$dir/out" -- \
		"$build/fuzz/guest/$target" >"$dir/log" 2>&1
	seconds=$(echo "$(date +%s.%N) $start" | awk '{ printf "%.1f", $1 - $2 }')
	inputs=$(sed -n 's/^execs_done *: //p' "$dir/out/default/fuzzer_stats" 2>/dev/null)
	if ls "$dir"/out/default/crashes/id* >/dev/null 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		seconds="not in $seconds"
	fi
	printf '%-22s %-9s %8s %8s %9s  %s\n' "$name" "$target" "$revealing" "$seconds" "${inputs:--}" \
		"$(sed -n 's/^Defect: //p' "$patch")"
done
echo "defects-guest.sh: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
