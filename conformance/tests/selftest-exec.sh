#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# An implementation behind a program: the example is built outside the tree and tested in a guest,
# right and wrong on purpose; and programs that do not speak as they should, on the host.
#
#   B=build KERNEL=debian-6.1 conformance/tests/selftest-exec.sh
set -u
B=${B:-build}
KERNEL=${KERNEL:-debian-6.1}
top=$(cd "$(dirname "$0")/../.." && pwd)
B=$(cd "$B" && pwd)
. "$top/ci/tests/said.sh"
cd "$work" || exit 2

# An adapter in a few lines of shell: `reply` holds its answer to open, `rest` to all else.
talk() {
	cat >"$1" <<-'EOF'
	#!/bin/sh
	while read -r id what rest; do
	    case $what in
	    open) OPEN ;;
	    hooks) echo "$id hook name=inode_mkdir ret=int attachable=1 sleepable=1"; echo "$id ok" ;;
	    close) echo "$id ok"; exit ;;
	    *) REST ;;
	    esac
	done
	EOF
	sed -i "s|OPEN|$2|; s|REST|$3|" "$1"
	chmod +x "$1"
}
ok='echo "$id ok abi=1 name=shell version=3 capabilities=fixed"'
no='echo "$id error ENOSYS why=not%20today"'
test_one="$B/krsi-test --tests return/range-int"

talk honest "$ok" "$no"
expect 1 'got -ENOSYS' $test_one --impl exec:./honest
expect 1 'krsi 0.*, shell 3 on' $test_one --impl exec:./honest
# it says that all is well, and can show nothing
talk boaster "$ok" 'echo "$id ok prog=1 link=1"'
expect 1 'not ok 1 return/range-int-positive' "$B/krsi-test" --tests return/range-int-positive \
	--impl exec:./boaster
# lines that belong to nobody are passed over
talk chatty "echo hello; echo \"0 ok\"; echo \"99 error EPERM\"; $ok" "$no"
expect 1 'got -ENOSYS' $test_one --impl exec:./chatty
talk later 'echo "$id ok abi=2 name=x"' "$no"
expect 4 'does not speak version 1' $test_one --impl exec:./later
talk vain 'echo "$id ok abi=1 name=x capabilities=fixed,telepathy"' "$no"
expect 2 "capability 'telepathy'" $test_one --impl exec:./vain
talk needy 'echo "$id ok abi=1 name=x capabilities=named"' "$no"
expect 2 "capability 'named'" $test_one --impl exec:./needy
talk nameless 'echo "$id ok abi=1"' "$no"
expect 4 'does not tell its name' $test_one --impl exec:./nameless
talk refuses 'echo "$id error ENODEV why=no%20such%20device"' "$no"
expect 4 'no such device' $test_one --impl exec:./refuses
talk dead 'exit 1' "$no"
expect 4 'the program has ended' $test_one --impl exec:./dead
talk dies "$ok" 'exit 1'
expect 1 'got -EPIPE' $test_one --impl exec:./dies
expect 2 'is no program' $test_one --impl exec:./absent
expect 2 'is no program that can be run' "$B/krsi" test --kernel "$KERNEL" --impl exec:./absent

# the example, as a third party would build it
cp -r "$top/conformance/examples/exec-adapter" example
make -s -C example clean >/dev/null
expect 0 '' sh -c 'make -C example && echo built'
run="$B/krsi test --kernel $KERNEL --jobs 1 --out out"
expect 0 '^PASS: [1-9]' $run --impl exec:example/adapter --timeout 60 \
	--tests 'order,attach/detach-leaves-others,hook/inode_mkdir/deny'
expect 1 'expected -EPERM, got -EACCES' $run --impl exec:example/adapter,skewed \
	--tests hook/inode_mkdir/deny
# nothing of it is left
if pgrep -f "$work/example/adapter" >/dev/null; then
	failed=$((failed + 1))
	echo 'FAILED: the adapter outlives the suite'
else
	passed=$((passed + 1))
fi

counted
