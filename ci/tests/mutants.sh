#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The table of mutants is well-formed; and what mutants.sh makes of one, with sources, a compiler and
# a guest that are played by a few lines of shell.
#
#   ci/tests/mutants.sh [BUILD-DIRECTORY]
build=$(realpath "${1:-build}")
top=$(realpath "$(dirname "$0")/../..")
. "$top/ci/tests/said.sh"
mutants="sh $top/ci/mutants/mutants.sh"

expect 0 'mutants$' $mutants check "$build"

cd "$work" || exit 2
export MUTANTS_CONF=$work/table MUTANTS_TSV=$work/outcomes
mkdir -p played cache/mutants/linux cache/mutants/plain cache/mutants/build-plain/include/config
: >cache/mutants/ready-plain
echo 6.12.0-played >cache/mutants/build-plain/include/config/kernel.release
cat >cache/mutants/linux/a.c <<'END'
int one(void)
{
	return one() && "&\1";
}
int two(void)
{
	return 2;
}
END
cp cache/mutants/linux/a.c whole

# entry ID FROM TO [LINE]
entry() {
	printf '[%s]\nfile = a.c\nfrom = %s\nto = %s\nimpl = krsi\ntests = env/*\nwhy = x\n%s\n\n' "$1" "$2" "$3" "${4:-}"
}
# fits CODE TEXT, of the entries in the table
fits() { expect "$1" "$2" $mutants fits cache/mutants/linux; }

entry a/once 'return 2;' 'return 3;' >table
fits 0 '1 mutants fit'
entry a/none 'return 4;' 'return 3;' >table
fits 2 'a/none'
entry a/often 'return' 'exit' >table
fits 2 'a/often'
entry a/inside 'return' 'exit' 'in = int two(' >table
fits 0 '1 mutants fit'
entry a/behind 'return 2' 'return 3' 'in = int one(' >table
fits 2 'a/behind'
entry a/many-heads 'return 2' 'return 3' 'in = int ' >table
fits 2 'a/many-heads'
entry a/same 'return 2' 'return 2' >table
fits 2 'changes nothing'
entry a/key 'return 2' 'return 3' 'colour = red' >table
fits 2 'neither a mutant nor a key'
entry a/twice 'return 2' 'return 3' >table
cat table table >two && mv two table
fits 2 'a second \[a/twice\]'
entry a/test 'return 2' 'return 3' | sed 's,env/,nowhere/,' >table
expect 2 'a/test' $mutants check "$build"

cat >played/krsi <<'END'
#!/bin/sh
while [ "$1" != --out ]; do shift; done
mkdir -p "$2"
told() { echo "$2" >"$out/results.ktap"; exit "$1"; }
out=$2
grep -q killed a.c && told 1 'not ok 1 env/a'
grep -q crash a.c && told 3 'not ok 2 krsi/run'
grep -q noboot a.c && told 4 ''
grep -q skipped a.c && told 0 'ok 1 env/a # SKIP because'
grep -q broken a.c && exit 5
told 0 'ok 1 env/a'
END
cat >played/compile <<'END'
#!/bin/sh
cp cache/mutants/linux/a.c a.c
tr -d ' ' <a.c >cache/mutants/plain/bzImage
! grep -q error a.c
END
chmod +x played/*
export KBUILD=played/compile
# tried CODE TEXT [GLOB]: a run
tried() { expect "$1" "$2" $mutants run played cache none "${3:-}"; }
# outcome ID OUTCOME: what the table of outcomes tells
outcome() { holds outcomes "^$1$(printf '\t')$2$(printf '\t')"; }

for word in killed crash noboot error skipped lives; do
	entry "b/$word" 'return 2;' "return $word;"
done >table
entry b/space 'return 2;' 'return  2;' >>table
entry b/argued 'return one() && "&\1";' 'return & \\1;' 'equivalent = one() does not return' >>table
tried 1 '8 tried, 4 not killed'
outcome b/killed killed
outcome b/crash killed
outcome b/noboot no-boot
outcome b/error no-build
outcome b/skipped untested
outcome b/space no-change
outcome b/lives survived
outcome b/argued equivalent
holds outcomes 'env/a.*6.12.0-played'
same whole cache/mutants/linux/a.c

tried 0 '2 tried, 0 not killed' 'b/[kc]*'
outcome b/lives survived
tried 2 'no mutant is called nobody' nobody
entry b/broken 'return 2;' 'return broken;' >>table
tried 5 'krsi test ended with 5' b/broken
same whole cache/mutants/linux/a.c

# what an interrupted run left is put right
cp cache/mutants/linux/a.c cache/mutants/linux/.original
echo a.c >cache/mutants/linux/.mutated
sed 's/2/killed/' whole >cache/mutants/linux/a.c
tried 0 '1 tried' b/crash
same whole cache/mutants/linux/a.c

# a kernel that is red without a mutant tells nothing
sed 's/2/killed/' whole >cache/mutants/linux/a.c
entry b/red 'killed' 'lives' >table
tried 1 'to be sound'
counted
