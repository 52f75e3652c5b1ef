#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# coverage.sh CACHE OUT RESULTS...: what the guests of runs on the coverage flavour counted, of all
# consoles in the folders RESULTS together: the HTML in OUT, and the table on stdout.
set -eu
cache=$1 out=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
build=$cache/build-coverage
work=$out/work
rc='--rc lcov_branch_coverage=1'

rm -rf "$out"
mkdir -p "$work"

# Puts the files together that one guest wrote into its console, each checked against its size. The
# console is the guest's word: what is no path of plain names is not taken for one.
unpack() {
	tr -d '\r' <"$1" | awk -v dir="$2" '
		$1 != "krsi-gcov" || NF != 3 { next }
		$2 !~ /^(\/[A-Za-z0-9_.,+@~-]+)+\.gcda$/ || $2 ~ /\/\.\.?\// { next }
		substr($3, 1, 1) == "=" { print dir $2, substr($3, 2); next }
		{
			file = dir $2
			if (!(file in seen)) {
				seen[file] = 1
				folder = file
				sub("/[^/]*$", "", folder)
				system("mkdir -p \"" folder "\"")
			}
			print $3 > (file ".base64")
		}' | while read -r file size; do
		base64 -d "$file.base64" >"$file" 2>/dev/null || true
		[ "$(stat -c %s "$file")" = "$size" ] || {
			echo "${file##*/}: cut by another line of the console; left out" >&2
			rm "$file"
		}
		rm "$file.base64"
	done
}

n=0 merged=
# Adds what one console holds.
add() {
	n=$((n + 1))
	unpack "$1" "$work/$n"
	[ -d "$work/$n" ] || return 0
	(cd "$work/$n" && find . -name '*.gcda') | while read -r data; do
		note=${data%.gcda}.gcno
		cp "${note#.}" "$work/$n/$note"
	done
	lcov -q -c -d "$work/$n" -b "$build" $rc -o "$work/$n.info" >"$work/$n.log" 2>&1 || {
		cat "$work/$n.log" >&2
		exit 1
	}
	merged="$merged -a $work/$n.info"
}
for results; do
	before=$merged
	for console in "$results"/console*.log; do
		[ ! -e "$console" ] || add "$console"
	done
	[ "$merged" != "$before" ] || {
		echo "$results: no console holds counters; was this the coverage flavour?" >&2
		exit 1
	}
done
lcov -q $merged $rc -o "$work/all.info"
lcov -q -e "$work/all.info" '*/security/krsi/*' '*/kernel/bpf/bpf_lsm.c' $rc -o "$out/kernel.info"
genhtml -q --branch-coverage -p "$cache/linux" -o "$out" "$out/kernel.info"
lcov --list "$out/kernel.info" $rc | grep -v '^Reading'

# every line of the LSM that nothing reached needs a reason, found by its text: numbers move
sed -n -e 's|^SF:.*/linux/||p' -e '/^DA:[0-9]*,0$/s/^DA:\([0-9]*\),0$/\1/p' "$out/kernel.info" |
	awk '/[a-z]/ { file = $0; next } { print file ":" $0 }' >"$out/uncovered"
bad=0
for at in $(grep '^security/krsi/' "$out/uncovered"); do
	file=${at%:*} text=$(sed -n "${at##*:}{s/^[[:space:]]*//;p}" "$cache/linux/${at%:*}")
	grep -qF "${file#security/krsi/} | $text | " "$here/uncovered.list" && continue
	[ $bad -gt 0 ] || echo 'not reached, and no reason in uncovered.list:'
	bad=$((bad + 1))
	echo "  ${file#security/krsi/} | $text |"
done
rm -rf "$work"
[ $bad -eq 0 ]
