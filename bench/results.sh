#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Measures kernels and puts their tables and plots into bench/RESULTS.md, between its marks.
#
#   bench/results.sh BUILD-DIRECTORY OUT-DIRECTORY KERNEL...
#
# What is in OUT-DIRECTORY/KERNEL already is taken as it is.
set -eu
build=$1 out=$2
shift 2
page=bench/RESULTS.md
krsi=$build/krsi
mkdir -p "$out" bench/results

dirs=
for kernel; do
	[ -e "$out/$kernel/bench.json" ] ||
		"$krsi" bench --kernel "$kernel" --seeds "${SEEDS:-2}" --out "$out/$kernel"
	dirs="$dirs $out/$kernel"
done
[ $# -gt 1 ] || dirs="$dirs $dirs"

"$krsi" compare --markdown --out "$out/all" $dirs >"$out/tables.md"
for plot in "$out"/all/*.png; do
	cp "$plot" bench/results/
done
{
	sed '/^<!-- tables -->$/q' "$page"
	echo
	cat "$out/tables.md"
	sed -n '/^<!-- end of tables -->$/,$p' "$page"
} >"$out/page.md"
cp "$out/page.md" "$page"
