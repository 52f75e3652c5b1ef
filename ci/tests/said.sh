# SPDX-License-Identifier: GPL-2.0-only
# For scripts that test commands, to be sourced: a directory of their own, what the last command said
# in $work/said, and a count of what was as it should be.
me=${0##*/}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
good() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "$me: FAILED: $*"
	[ ! -e "$work/said" ] || tail -n 15 "$work/said" | sed 's/^/    /'
}
# The last line of the script, and its exit code.
counted() {
	echo "$me: $passed passed, $failed failed"
	[ $failed -eq 0 ]
}

# expect CODE TEXT COMMAND...: the exit code, and a piece of what is said (a grep pattern).
expect() {
	code=$1 text=$2
	shift 2
	"$@" >"$work/said" 2>&1 </dev/null
	rc=$?
	if [ $rc -ne "$code" ]; then
		bad "exit code $rc instead of $code: $*"
	elif ! grep -q -- "$text" "$work/said"; then
		bad "does not say '$text': $*"
	else
		good
	fi
}
there() { if [ -e "$1" ]; then good; else bad "$1 is missing"; fi; }
gone() { if [ -e "$1" ]; then bad "$1 is there"; else good; fi; }
holds() { if grep -q -- "$2" "$1"; then good; else bad "$1 does not hold '$2'"; fi; }
same() { if cmp "$1" "$2" >"$work/said" 2>&1; then good; else bad "$1 and $2 differ"; fi; }

# put OFFSET BYTES: into ./bzImage.
put() { printf "$2" | dd of=bzImage bs=1 seek=$(($1)) conv=notrunc 2>/dev/null; }
# fake_kernel: ./bzImage with the boot header of an x86 kernel, and nothing behind it.
fake_kernel() {
	head -c 2048 /dev/zero >bzImage
	put 0x1f1 '\001'
	put 0x1fe '\125\252'
	put 0x202 'HdrS\017\002'
	put 0x20e '\000\001'
	put 0x236 '\001\000'
	put 0x300 '6.1.0-fake (builder) #1\000'
}
