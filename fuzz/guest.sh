#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A campaign against the reference in a guest. What it found before it goes on with.
#
#   fuzz/guest.sh [BUILD-DIRECTORY [KERNEL [SECONDS]]]
#
# DIR = BUILD-DIRECTORY/fuzz/out/guest-KERNEL: queue and crashes of afl-fuzz in DIR/default, each
# finding with what the guest said in DIR/finding-N and finding-N.txt, which has the command that
# runs it again.
set -u
build=${1:-build} kernel=${2:-reference} seconds=${3:-60}
dir=$build/fuzz/out/guest-$kernel
export AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_FORKSRV_INIT_TMOUT=200000
mkdir -p "$dir/seeds"
"$build/fuzz-proxy" --seeds "$dir/seeds" || exit 2
[ -d "$dir/default/queue" ] && from=- || from=$dir/seeds
# the proxy has a deadline of its own, of 60 s, after which it boots another guest
afl-fuzz -t 200000 -V "$seconds" -i "$from" -o "$dir" -x fuzz/dict/env_var.dict -- \
	"$build/fuzz-proxy" "$dir" "$kernel" >"$dir/log" 2>&1 || { tail -3 "$dir/log"; exit 5; }
grep -E '^(execs_done|execs_per_sec|corpus_count|edges_found|stability)' "$dir/default/fuzzer_stats"
found=$(find "$dir" -maxdepth 1 -name 'finding-*.txt')
[ -z "$found" ] || { head -5 $found; exit 1; }
