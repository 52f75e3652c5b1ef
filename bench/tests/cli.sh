#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# krsi bench and krsi compare as a user meets them; the guest is played by fake-qemu.sh.
#
#   bench/tests/cli.sh [BUILD-DIRECTORY]

build=$(cd "${1:-build}" && pwd) || exit 2
here=$(cd "$(dirname "$0")" && pwd)
krsi=$build/krsi
. "$here/../../ci/tests/said.sh"
cd "$work" || exit 2

fake_kernel
mkdir bin cache
cp "$here/fake-qemu.sh" bin/qemu-system-x86_64
PATH=$work/bin:$PATH
KRSI_CACHE=$work/cache
XDG_CONFIG_HOME=$work/config
export PATH KRSI_CACHE XDG_CONFIG_HOME FAKE_DO FAKE_LINES FAKE_VERSION

# run LINES OPTIONS...: krsi bench on a guest that says so.
run() {
	FAKE_LINES=$1
	shift
	"$krsi" bench --kernel ./bzImage --bench exec/vanilla --seeds 2 "$@"
}
lines='unit exec/vanilla 10 mean
sample exec/vanilla 1000
sample exec/vanilla 1020'

# ---- a run ------------------------------------------------------------------------------------
expect 0 'exec/vanilla *101.0' run "$lines" --out a
holds a/bench.json '"schema": "krsi-bench-1"'
holds a/bench.json '"engine": "icount"'
holds a/bench.json 'QEMU emulator version 1.0'
holds a/report.html 'SHA-256'
expect 0 'exec/vanilla' run "$lines" --out b
same a/bench.json b/bench.json
same a/samples/plain-seed2.txt b/samples/plain-seed2.txt
expect 0 'exec/vanilla *absent *none here' run 'absent exec/vanilla none here' --out c
holds c/bench.json '"reason": "none here"'
if grep -q '"value"' c/bench.json; then bad 'what is absent has a value'; else good; fi
expect 1 'failed *it did not' run "$lines
failed exec/vanilla it did not" --out c

# ---- the gate ---------------------------------------------------------------------------------
expect 0 '0 worse' run "$lines" --out c --baseline a
expect 6 'ratio 1.0297.*: worse' run "$(echo "$lines" | sed 's/1000/1020/; s/1020$/1040/')" \
	--out c --baseline a
expect 0 '1 worse' run "$(echo "$lines" | sed 's/1000/1020/; s/1020$/1040/')" \
	--out c --baseline a --threshold 3
expect 0 ': better' run "$(echo "$lines" | sed 's/1000/900/')" --out c --baseline a/bench.json
expect 6 'no longer measured: gone' run 'absent exec/vanilla gone' --out c --baseline a
sed 's/krsi-bench-1/krsi-bench-0/' a/bench.json >old.json
rm -rf c
expect 2 'the schema is krsi-bench-0' run "$lines" --out c --baseline old.json
gone c/samples
sed 's/"name": "bzImage"/"name": "other"/' a/bench.json >other.json
expect 2 "the kernel is 'other' in one and 'bzImage'" run "$lines" --out c --baseline other.json
sed 's/"icount"/"wall"/' a/bench.json >wall.json
expect 2 "the engine is 'wall' in one" run "$lines" --out c --baseline wall.json
FAKE_VERSION=2.0
expect 2 'QEMU is' run "$lines" --out c --baseline a
FAKE_VERSION=
expect 2 'use --seeds 2' run "$lines" --out c --baseline a --seeds 3
expect 2 'No such file' run "$lines" --out c --baseline nothing.json
expect 2 'no JSON' run "$lines" --out c --baseline bzImage
gone c/samples

# ---- comparing --------------------------------------------------------------------------------
expect 0 '0 worse, 0 better, 1 within noise' "$krsi" compare a b
expect 0 'bzImage *other' "$krsi" compare a b other.json
holds said 'exec/vanilla *101 *101'
expect 2 'the engine is' "$krsi" compare a wall.json
expect 0 '| vanilla: neither audit nor BPF LSM | 101 (1.000) | 101 (1.000) |' \
	"$krsi" compare --markdown a b
expect 0 '0 worse' "$krsi" compare --out page a b
expect 0 '0 worse' "$krsi" compare --format html --out page a b
expect 2 'directory of --out' "$krsi" compare --format html a b
holds page/report.html '<h2>Executions</h2>'

# a name is somebody's word, and gnuplot takes what stands between backticks for a command
sed 's/"name": "bzImage"/"name": "x`touch ran`'"'"'\\"\\n"/' a/bench.json >word.json
expect 0 'x`touch ran`' "$krsi" compare --out page word.json other.json
gone ran
mkdir "\`touch ran\`'"
expect 0 '0 worse' "$krsi" compare --out "\`touch ran\`'" a b
gone ran
holds "\`touch ran\`'/exec-distribution.svg" svg

# ---- silence is failure -----------------------------------------------------------------------
FAKE_DO=noend
expect 3 'stop in the middle' run "$lines" --out d
gone d/bench.json
FAKE_DO=panic
expect 3 'plain, seed' run "$lines" --out d
FAKE_DO=mute
expect 4 'plain, seed' run "$lines" --out d
FAKE_DO=
expect 3 'which is not understood' run 'sample exec/vanilla many' --out d
expect 1 'a sample of it cost nothing' run 'unit exec/vanilla 10 mean
sample exec/vanilla 0' --out d
expect 1 'not every boot has figures' run 'unit exec/vanilla 1 mean' --out d
gone e/bench.json

# ---- what nobody meant ------------------------------------------------------------------------
expect 2 "'clock' is neither" run "$lines" --engine clock
expect 2 'no percentage' run "$lines" --threshold much
expect 2 'no whole number' run "$lines" --seeds 0
expect 2 "no benchmark matches 'zzz'" "$krsi" bench --kernel ./bzImage --bench zzz --out d
expect 2 'the wall-clock engine needs KVM' run "$lines" --engine wall --accel tcg --out d
expect 2 'are 2: the wall-clock engine needs 30' \
	run "$lines" --engine wall --accel tcg --force-tcg --samples 1 --out d
expect 0 'Examples:' "$krsi" bench --help

counted
