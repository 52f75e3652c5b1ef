#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# krsi bench and krsi compare as a user meets them; the guest is played by fake-qemu.sh.
#
#   bench/tests/cli.sh [BUILD-DIRECTORY]

build=$(cd "${1:-build}" && pwd) || exit 2
here=$(cd "$(dirname "$0")" && pwd)
krsi=$build/krsi
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

passed=0 failed=0
good() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "bench/tests/cli.sh: FAILED: $*"
	sed 's/^/    /' said | tail -5
}

# expect CODE TEXT COMMAND...: the exit code, and a piece of what is said (a grep pattern).
expect() {
	code=$1 text=$2
	shift 2
	"$@" >said 2>&1 </dev/null
	rc=$?
	if [ $rc -ne "$code" ]; then
		bad "exit code $rc instead of $code: $*"
	elif ! grep -q -- "$text" said; then
		bad "does not say '$text': $*"
	else
		good
	fi
}
holds() { if grep -q -- "$2" "$1"; then good; else bad "$1 does not hold '$2'"; fi; }
same() { if cmp "$1" "$2" >said 2>&1; then good; else bad "$1 and $2 differ"; fi; }
gone() { if [ -e "$1" ]; then bad "$1 is there"; else good; fi; }

# A file with the boot header of an x86 kernel, and nothing behind it.
put() { printf "$2" | dd of=bzImage bs=1 seek=$(($1)) conv=notrunc 2>/dev/null; }
head -c 2048 /dev/zero >bzImage
put 0x1f1 '\001'
put 0x1fe '\125\252'
put 0x202 'HdrS\017\002'
put 0x20e '\000\001'
put 0x236 '\001\000'
put 0x300 '6.1.0-fake (builder) #1\000'

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
holds page/report.html '<h2>Executions</h2>'

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

echo "bench/tests/cli.sh: $passed passed, $failed failed"
[ $failed -eq 0 ]
