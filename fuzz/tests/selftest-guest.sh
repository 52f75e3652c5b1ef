#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Targets in a guest: mainline's seeds are well, what becomes of a guest is told, and an input is
# blamed for nothing that somebody else did. With AFL++: a campaign finds, and its findings replay.
#
#   fuzz/tests/selftest-guest.sh [BUILD-DIRECTORY]
build=${1:-build}
. "$(dirname "$0")/../../ci/tests/said.sh"
export FUZZ_KERNEL="${KERNEL:-debian-6.1}" FUZZ_DIR="$work/guest"

mkdir "$work/seeds"
"$build/fuzz/guest/mainline" --seeds "$work/seeds"
n=$(ls "$work/seeds" | wc -l)
expect 0 "^$n inputs judged" "$build/fuzz/guest/mainline" "$work/seeds"

# the guest that went down is replaced, and the next input has nothing of it
for input in well found panic sleep die; do echo $input >"$work/$input"; done
expect 1 '^4 inputs judged' "$build/fuzz/guest/faulty" "$work/well" "$work/found" "$work/panic" "$work/well"
[ "$(grep -c '^FINDING: ' "$work/said")" -eq 2 ] && good || bad 'not two findings'
holds "$work/said" '^FINDING: what was asked for$'
holds "$work/said" '^FINDING: the guest went down$'
same "$work/guest/finding-0" "$work/found"
same "$work/guest/finding-1" "$work/panic"
holds "$work/guest/finding-1.txt" 'sysrq triggered crash'
same "$work/guest/finding-1.last-7" "$work/panic"
same "$work/guest/finding-1.last-6" "$work/found"
gone "$work/guest/finding-2"
expect 1 '^FINDING: the guest went down$' "$build/fuzz/guest/faulty" "$work/die"

# the emulator is killed while the input runs, which the first word of the memory tells: it runs again
rm -rf "$work/guest"
"$build/fuzz/guest/faulty" "$work/sleep" "$work/well" >"$work/slept" 2>&1 &
pid=$!
until [ "$(od -An -tu4 -N4 "$work/guest/shared" 2>/dev/null | tr -d ' ')" = 2 ]; do
	kill -0 $pid 2>/dev/null || break
	sleep 0.1
done
expect 2 "in use" "$build/fuzz/guest/faulty" "$work/well"
pkill -KILL -f "mem-path=$work/guest/shared" && good || bad "no guest to kill"
wait $pid && good || bad 'a guest that was killed is a finding'
[ "$(grep -c 'krsi-init: up' "$work/guest/console.log")" -eq 1 ] && good || bad 'no guest of its own'
holds "$work/slept" '^2 inputs judged'
expect 2 'unknown kernel "nonsense"' env FUZZ_KERNEL=nonsense "$build/fuzz/guest/faulty" "$work/well"
expect 2 'which inputs' "$build/fuzz/guest/faulty"

if command -v afl-fuzz >/dev/null; then
	expect 1 '^faulty: .* [1-9][0-9]* crashes' "$build/krsi" fuzz run faulty --jobs 1 --seconds 60 \
		--until-crash --out "$work/out"
	expect 1 '^faulty: FINDING: ' "$build/krsi" fuzz triage faulty --out "$work/out"
	sh -c "$(sed -n 's/^    //p' "$work/said" | head -1) --out $work/out" >"$work/said" 2>&1
	[ $? -eq 1 ] && holds "$work/said" '^FINDING: ' || bad 'the command does not show it'
fi
counted
