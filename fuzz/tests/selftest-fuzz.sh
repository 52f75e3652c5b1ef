#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Campaigns: a defect is found, told and replayed; one that was killed goes on; what one machine
# found reaches another; the build for ClusterFuzzLite works. Skipped without AFL++.
#
#   fuzz/tests/selftest-fuzz.sh [BUILD-DIRECTORY]
build=${1:-build}
krsi=$build/krsi
. "$(dirname "$0")/../../ci/tests/said.sh"

if ! command -v afl-fuzz >/dev/null; then
	echo "selftest-fuzz.sh: no afl-fuzz (make deps-fuzz)"
	echo "selftest-fuzz.sh: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
make -s B="$build" fuzz-replay fuzz-afl >"$work/said" 2>&1 || bad 'the targets do not build'

# The driver: what crashes and what hangs is told apart from what only takes long, and between them
# the process that judges is the same one.
AFL_QUIET=1 afl-clang-fast -O2 -I. -no-pie fuzz/tests/ends.c "$build/fuzz/plain/obj/fuzz/target.o" \
	"$build/fuzz/plain/obj/fuzz/drivers/afl.o" -o "$work/ends" >"$work/said" 2>&1 &&
	mkdir "$work/seeds" && echo a >"$work/seeds/a" && echo s >"$work/seeds/s" &&
	AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 \
		timeout 60 afl-fuzz -i "$work/seeds" -o "$work/ends.out" -t 200 -V 10 -- "$work/ends" \
		>"$work/said" 2>&1 && good || bad 'a small target does not run'
# told DIRECTORY BYTE: inputs were found there, and each begins with it (what follows may be lines).
told() {
	for input in "$work/ends.out/default/$1"/id:*; do
		[ "$(head -c 1 "$input" 2>/dev/null)" = "$2" ] || return 1
	done
}
told crashes c && good || bad 'crashes are not what crashes'
told hangs h && good || bad 'hangs are not what hangs'

# A defect that each seed may reveal is found from those that do not.
sh fuzz/defects.sh "$build" 60 page-edge detach-absent >"$work/said" 2>&1 && good ||
	bad 'a defect is not found'

# What it found is told once, with a command that shows it.
mkdir -p "$work/found/fuzz/out/env_var/main"
for d in replay plain san; do
	mkdir -p "$work/found/fuzz/$d"
	cp "$build/fuzz/defects/page-edge/replay" "$work/found/fuzz/$d/env_var"
done
cp "$krsi" "$work/found/"
cp -r "$build/fuzz/defects/page-edge/out/default/crashes" "$work/found/fuzz/out/env_var/main/"
"$work/found/krsi" fuzz triage env_var >"$work/said" 2>&1
[ $? -eq 1 ] && grep -q '^env_var: FINDING: .*(.* inputs)' "$work/said" && good ||
	bad 'triage does not tell it'
sh -c "$(sed -n 's/^    //p' "$work/said" | head -1)" >"$work/said" 2>&1
[ $? -ne 0 ] && grep -q FINDING "$work/said" && good || bad 'the command does not show it'

# Killed, and resumed: what was in the corpus still is.
timeout -s KILL 6 "$krsi" fuzz run env_var --jobs 1 --seconds 60 --out "$work/a" >"$work/said" 2>&1
ls "$work/a/env_var/main/queue" | grep -o '^id:[0-9]*' >"$work/before"
"$krsi" fuzz resume env_var --jobs 2 --seconds 15 --out "$work/a" >"$work/said" 2>&1 && good ||
	bad 'no resume after a kill'
ls "$work/a/env_var/main/queue" | grep -o '^id:[0-9]*' >"$work/after"
[ "$(wc -l <"$work/before")" -gt 58 ] && [ -z "$(comm -23 "$work/before" "$work/after")" ] && good ||
	bad 'the corpus shrank'

# Two directories, as two machines have them: the second takes over what the first found.
"$krsi" fuzz run env_var --jobs 1 --seconds 5 --out "$work/b" \
	--sync "$work/a/env_var/main/queue" >"$work/said" 2>&1 && good || bad 'no campaign with --sync'
ls "$work/b/env_var/main/queue" | grep -q ',sync:' && good || bad 'nothing came over'

# Coverage and curves of it, and a smaller corpus.
make -s B="$build" fuzz-cover >/dev/null 2>&1
for action in cover minimize; do
	"$krsi" fuzz $action env_var --out "$work/a" >"$work/said" 2>&1 && good || bad "$action"
done
# AFL++ writes a point of the curves a minute: here the plot can only say that it has too few
"$krsi" fuzz plot env_var --out "$work/a" >"$work/said" 2>&1 || grep -q 'too little data' "$work/said" &&
	good || bad plot

# What was found is not lost by a word that is no target.
for wrong in nonsense . ''; do
	"$krsi" fuzz run "$wrong" --out "$work/a" >"$work/said" 2>&1
	[ $? -eq 2 ] && [ -e "$work/a/env_var/main/queue" ] && good || bad "fuzz run '$wrong' loses"
done

for wrong in 'fuzz' 'fuzz nonsense' 'fuzz run nonsense' 'fuzz replay env_var' 'fuzz minimize'; do
	"$krsi" $wrong >"$work/said" 2>&1
	[ $? -eq 2 ] && good || bad "$wrong: not usage"
done

counted
