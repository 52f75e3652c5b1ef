#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The krsi command as a user meets it: each exit code, and what is said about each mistake. The
# guest is played by fake-qemu.sh; real ones are in selftest.sh.
#
#   ci/tests/cli.sh [BUILD-DIRECTORY]

build=$(cd "${1:-build}" && pwd) || exit 2
here=$(cd "$(dirname "$0")" && pwd)
krsi=$build/krsi
. "$here/said.sh"
cd "$work" || exit 2

# oneline CODE TEXT COMMAND...: as expect, and it is one line on standard error and nothing on standard output.
oneline() {
	code=$1 text=$2
	shift 2
	"$@" >out 2>said </dev/null
	rc=$?
	if [ $rc -ne "$code" ]; then
		bad "exit code $rc instead of $code: $*"
	elif [ -s out ] || [ "$(wc -l <said)" -ne 1 ]; then
		bad "not one line: $*"
	elif ! grep -q -- "$text" said; then
		bad "does not say '$text': $*"
	else
		good
	fi
}

fake_kernel
mkdir bin cache
cp "$here/fake-qemu.sh" bin/qemu-system-x86_64
PATH=$work/bin:$PATH
KRSI_CACHE=$work/cache
XDG_CONFIG_HOME=$work/config
FAKE_DIR=$work
export PATH KRSI_CACHE XDG_CONFIG_HOME FAKE_DIR

# run DOES IDS OPTIONS...: krsi test in a guest that behaves as told.
run() {
	FAKE_DO=$1 FAKE_IDS=$2
	export FAKE_DO FAKE_IDS
	rm -f boots
	ids=$(echo "$2" | tr ' ' ',')
	shift 2
	"$krsi" test --kernel ./bzImage --accel tcg --self --tests "$ids" --out res "$@"
}

# ---- the seven exit codes -------------------------------------------------------------------
expect 0 'PASS: 1 test passed, 1 skipped' run skip:selftest/skip 'selftest/pass selftest/skip'
for file in results.json report.html junit.xml results.ktap console.log events.jsonl; do
	there "res/$file"
done
cp res/results.json baseline.json
expect 1 'FAIL: 1 of 2 tests failed' run fail:selftest/fail 'selftest/fail selftest/pass'
holds said 'expected -EPERM, got 0'
holds said 'again: .*krsi test --kernel ./bzImage --accel tcg --self --tests selftest/fail'
expect 3 'CRASH: the guest went down in selftest/crash' \
	run crash:selftest/crash 'selftest/crash selftest/pass'
holds res/results.json '"pass": 1'
expect 3 'CRASH: .* selftest/hang' run hang:selftest/hang 'selftest/hang selftest/pass' --silence 3
expect 4 'NO BOOT: ' run 'noinit:1 noinit:2' 'selftest/pass'
holds res/results.json '"outcome": "no-boot"'
expect 4 'CONFIG_BPF_LSM=y' run fatal:1 'selftest/pass'
expect 6 'WORSE: 1 test is worse' run fail:selftest/pass 'selftest/pass selftest/skip' \
	--baseline baseline.json
holds res/results.json '"worse": \['
expect 1 FAIL run fail:selftest/fail 'selftest/fail selftest/pass'
cp res/results.json baseline.json
expect 0 'no worse than the baseline; 1 test is red as before' \
	run fail:selftest/fail 'selftest/fail selftest/pass' --baseline baseline.json
# a gate that ran twice would hold the second run against the first
for baseline in res res/results.json; do
	expect 2 'would replace res' run '' 'selftest/pass' --baseline $baseline
done
holds res/results.json '"id": "selftest/fail"'
expect 0 'PASS' run '' 'selftest/fail selftest/pass' --baseline baseline.json
holds said 'better   selftest/fail: fail -> pass'

# ---- what programs on hooks cost ---------------------------------------------------------------
run '' 'selftest/pass' >said 2>&1
cp res/results.json cheap.json
holds cheap.json '"jited": 400'
expect 0 PASS run '' 'selftest/pass' --baseline cheap.json
if grep -q '  cost ' said; then bad 'a cost that is equal is told'; else good; fi
FAKE_COST=440
export FAKE_COST
expect 0 'cost .*hook file_open: 400 -> 440 bytes of machine code (+10.0 %)' \
	run '' 'selftest/pass' --baseline cheap.json
holds said '^PASS: 1 test passed'
holds res/results.json '"costs": \['
expect 6 'WORSE: 1 cost is above the baseline by more than the limit' \
	run '' 'selftest/pass' --baseline cheap.json --cost-limit 5
expect 0 PASS run '' 'selftest/pass' --baseline cheap.json --cost-limit 10
expect 0 '400 -> 440 bytes of machine code' "$krsi" compare cheap.json res
expect 0 '400 -&gt; 440 bytes of machine code' "$krsi" compare --format html cheap.json res
sed 's/"payload": "[0-9a-f]*"/"payload": "00"/' cheap.json >other.json
expect 0 'cost .*not compared: the programs are of another build of the suite' \
	run '' 'selftest/pass' --baseline other.json
expect 6 'WORSE: 1 cost is above the baseline by more than the limit, or cannot be compared' \
	run '' 'selftest/pass' --baseline other.json --cost-limit 5
unset FAKE_COST
oneline 2 'says nothing without --baseline' "$krsi" test --kernel ./bzImage --cost-limit 5
oneline 2 "'x' is no percentage" "$krsi" test --kernel ./bzImage --baseline cheap.json --cost-limit x

# ---- a second try: both results are told, the first counts -------------------------------------
expect 1 '1 of 2 tests failed, 1 of them only the first time$' \
	run failonce:selftest/pass 'selftest/pass selftest/skip' --retry
holds said 'run again in a fresh guest: pass'
holds res/results.json '"second": {'
holds res/results.ktap '^# second try: pass'
holds res/junit.xml '<system-out>second try: pass'
there res/events-retry.jsonl
expect 1 '1 of 2 tests failed$' run fail:selftest/pass 'selftest/pass selftest/skip' --retry
holds said '100 %: 1 of 1 tests, 1 red'
if grep -q '[2-9]00 %' said; then bad 'progress counts both tries'; else good; fi
holds said 'run again in a fresh guest: fail'
holds res/results.ktap '^# second try: fail: '
holds res/junit.xml '<rerunFailure .*type="fail">'
expect 1 '1 of 2 tests failed$' run failonce:selftest/pass 'selftest/pass selftest/skip'
gone res/events-retry.jsonl
expect 0 'PASS' run '' 'selftest/pass selftest/skip' --retry

# ---- git bisect run ----------------------------------------------------------------------------
two='selftest/fail selftest/pass'
expect 0 PASS run '' "$two" --bisect broke
expect 1 PASS run '' "$two" --bisect fixed
expect 1 FAIL run fail:selftest/fail "$two" --bisect broke
expect 0 FAIL run fail:selftest/fail "$two" --bisect fixed
expect 1 CRASH run crash:selftest/fail "$two" --bisect broke
expect 125 'NO BOOT' run 'noinit:1 noinit:2' "$two" --bisect broke
expect 125 'CONFIG_BPF_LSM=y' run fatal:1 "$two" --bisect broke
expect 125 BROKEN run noend:1 "$two" --bisect broke
mkdir tree
for wrong in --bogus '--timeout 0' '--kernel nosuch'; do
	oneline 255 '' "$krsi" test --kernel ./bzImage --self --tests selftest/pass -q --bisect broke $wrong
done
oneline 255 'kernel is missing' "$krsi" test --bisect broke
oneline 125 'not a built kernel tree' "$krsi" test --kernel ./tree --bisect broke
oneline 255 'no test or hook matches' "$krsi" test --kernel ./bzImage --bisect broke --tests zzzz
expect 255 'qemu-system-x86_64 not found' env PATH=/nonexistent "$krsi" test --kernel ./bzImage \
	--accel tcg --out res --bisect broke
oneline 255 'neither broke nor fixed' "$krsi" test --kernel ./bzImage --bisect good

# ---- a tree, and what its configuration lacks ---------------------------------------------------
mkdir -p tree/arch/x86/boot
cp bzImage tree/arch/x86/boot/bzImage
"$krsi" kernels --config-fragment >tree/.config
expect 0 'Nothing is missing' "$krsi" kernels --config-fragment=tree
export FAKE_DO= FAKE_IDS=selftest/pass
in_tree="$krsi test --kernel ./tree --accel tcg --self --tests selftest/pass --out res"
expect 0 PASS $in_tree
if grep -q lacks said; then bad 'nothing is missing, and yet something is'; else good; fi
sed -i 's/^CONFIG_BPF_JIT=y/# CONFIG_BPF_JIT is not set/; s/^CONFIG_TUN=y/CONFIG_TUN=m/' tree/.config
expect 0 'lacks CONFIG_BPF_JIT; .krsi kernels --config-fragment=..tree' $in_tree
export FAKE_DO='noinit:1 noinit:2'
rm -f boots
expect 4 'NO BOOT: .*its configuration lacks CONFIG_BPF_JIT$' $in_tree
expect 0 '^CONFIG_BPF_JIT=y' "$krsi" kernels --config-fragment=tree
if grep -q CONFIG_TUN said; then bad 'a module is as good'; else good; fi
oneline 2 'no such file' "$krsi" kernels --config-fragment=./nothing

# ---- waivers: what they excuse, and what makes them red ----------------------------------------
waiver() {
	printf '[w]\ntests = %s\nkernels = 6.1.*\nreason = r\nevidence = e\nexpires = %s\n' "$1" "$2"
}
waiver selftest/fail 2099-01-01 >w.conf
expect 0 '1 test passed, 1 failed as waived' run fail:selftest/fail 'selftest/fail selftest/pass' \
	--waivers w.conf
holds res/results.json '"waivers": \["w"\]\|"w"'
cp res/results.json used.json
expect 1 '\[w\]' run '' 'selftest/fail selftest/pass' --waivers w.conf
waiver selftest/fail 2020-01-01 >w.conf
expect 1 'expired on 2020-01-01: renew it or drop it' run '' 'selftest/fail selftest/pass' \
	--waivers w.conf
waiver 'selftest/fial' 2099-01-01 >w.conf
expect 1 'is about selftest/fial, which is the name of no test' run '' 'selftest/pass' \
	--waivers w.conf
waiver selftest/fail 2099-01-01 >w.conf
printf '[w]\nwithdrawn = fixed here\n' >w.x86_64.conf
expect 1 '1 of 2 tests failed' run fail:selftest/fail 'selftest/fail selftest/pass' --waivers w.conf
rm w.x86_64.conf
mkdir -p config/krsi
printf '[w]\nwithdrawn = fixed here\n' >config/krsi/waivers.conf
expect 1 '1 of 2 tests failed' run fail:selftest/fail 'selftest/fail selftest/pass' --waivers w.conf
rm config/krsi/waivers.conf
expect 0 '^w .*used by .*6.1.0' "$krsi" waivers --waivers w.conf used.json
expect 1 '^w .*used by none' "$krsi" waivers --waivers w.conf baseline.json
expect 0 '^w ' "$krsi" waivers --waivers w.conf
waiver selftest/fial 2099-01-01 >w.conf
expect 1 'the name of no test' "$krsi" waivers --waivers w.conf
waiver selftest/fail 2099-01-01 >w.conf
"$krsi" waivers --waivers "$here/../waivers.conf" >said 2>&1
if grep -q 'the name of no test' said; then bad 'our own waivers'; else good; fi

# ---- submissions: made, checked, forged ---------------------------------------------------------
"$krsi" submit --template >statement.txt
run fail:selftest/fail 'selftest/fail selftest/pass selftest/skip' >said 2>&1
oneline 2 '--statement is missing' "$krsi" submit res
expect 1 "'Submitter:' is not filled in" "$krsi" submit --partial -s statement.txt -o p.tar.gz res
gone p.tar.gz
sed -i 's/^\(Submitter\|Contact\|Implementation\):.*/\1: me/' statement.txt
expect 1 'only these tests were run' "$krsi" submit -s statement.txt -o p.tar.gz res
expect 0 'p.tar.gz' "$krsi" submit --partial -s statement.txt -o p.tar.gz res
expect 0 'This package is in order' "$krsi" verify --partial p.tar.gz
expect 1 'only these tests were run' "$krsi" verify p.tar.gz
"$krsi" submit --partial -s statement.txt -o q.tar.gz res >said
cmp -s p.tar.gz q.tar.gz && good || bad 'the same run makes another package'
# forge COMMAND...: runs it in the unpacked package; sealed: with hashes that are right again
forge() {
	rm -rf forged
	mkdir forged
	tar -C forged -xzf p.tar.gz
	(cd forged && eval "$1")
	tar -C forged -czf forged.tar.gz $(ls forged)
}
seal='{ echo "krsi-submission 1"; for f in $(ls | grep -v "^manifest$" | LC_ALL=C sort); do
	echo "$(sha256sum <$f | cut -d" " -f1) $(stat -c %s $f) $f"; done; } >manifest'
lie='sed -i "s/\"result\": \"fail\"/\"result\": \"pass\"/; s/\"fail\": 1/\"fail\": 0/;
	s/\"pass\": 2/\"pass\": 3/" results.json'
forge :
expect 0 'in order' "$krsi" verify --partial forged.tar.gz
forge "$seal"
expect 0 'in order' "$krsi" verify --partial forged.tar.gz
for f in manifest statement.txt results.json console.log events.jsonl; do
	forge "rm $f"
	expect 1 'forged.tar.gz: ' "$krsi" verify --partial forged.tar.gz
	forge "echo >>$f"
	expect 1 'manifest' "$krsi" verify --partial forged.tar.gz
done
forge "$lie"
expect 1 'manifest' "$krsi" verify --partial forged.tar.gz
forge "$lie; $seal"
expect 1 'contradicts itself' "$krsi" verify --partial forged.tar.gz
holds said 'selftest/fail is pass in results.json, and fail in the events'
forge "rm events.jsonl; $seal"
expect 1 '1 boots, and logs of 1 (console) and 0 (events)' "$krsi" verify --partial forged.tar.gz
forge "sed -i '/test-end.*selftest.fail/d' events.jsonl; $seal"
expect 1 'selftest/fail is fail in results.json, and not there' "$krsi" verify --partial \
	forged.tar.gz
forge "sed -i 's/\"cut\": false/\"cut\": true/' results.json; $seal"
expect 1 'not everything that was planned' "$krsi" verify --partial forged.tar.gz
# a test that nobody is to see: taken from the results, and less and less clumsily from the events
renumber="awk '{ sub(/\"seq\":[0-9]+/, \"\\\"seq\\\":\" NR - 1); print }' events.jsonl >e; mv e events.jsonl"
uncount='sed -i "/suite-end/s/\"fail\":1/\"fail\":0/" events.jsonl'
run '' 'selftest/pass selftest/skip' >said 2>&1
hide='cp ../res/results.json .; sed -i /selftest.fail/d events.jsonl'
forge "$hide; $seal"
expect 1 'events.jsonl: event line 6 comes where 4 should' "$krsi" verify --partial forged.tar.gz
forge "$hide; $renumber; $seal"
expect 1 'events.jsonl: the guest counts 1 fail, 0 came' "$krsi" verify --partial forged.tar.gz
forge "$hide; $renumber; $uncount; $seal"
expect 1 'events.jsonl: 3 tests were asked for, 2 came' "$krsi" verify --partial forged.tar.gz
holds said 'the guests planned 3 tests, and results.json has 2'
run fail:selftest/fail 'selftest/fail selftest/pass' >said 2>&1
forge "cp ../res/results.json .; sed -i '/start.*selftest.skip/,\$d' events.jsonl; $seal"
expect 1 '1 boots ended in order, and the events of 0' "$krsi" verify --partial forged.tar.gz
forge "sed -i '/start.*selftest.skip/a{' events.jsonl; $seal"
expect 1 'events.jsonl: event line 10: the line is no JSON object' "$krsi" verify --partial \
	forged.tar.gz
# what happens to honest guests
honest() {
	"$krsi" submit --partial -s statement.txt -o h.tar.gz res >said 2>&1 &&
		expect 0 'in order' "$krsi" verify --partial h.tar.gz || bad "refused: $*"
}
for how in crash:selftest/hang hang:selftest/hang silent:selftest/skip cut:selftest/hang \
	uncut:selftest/skip timeout:selftest/hang noinit:1 'cut:selftest/fail cut:selftest/pass'; do
	run "$how" 'selftest/fail selftest/hang selftest/pass selftest/skip' --silence 3 --retry \
		>said 2>&1
	honest "$how"
done
forge 'echo x >extra'
oneline 2 "holds no 'extra'" "$krsi" verify --partial forged.tar.gz
forge 'rm console.log; ln -s /etc/passwd console.log'
oneline 2 "holds no 'console.log'" "$krsi" verify --partial forged.tar.gz
cat p.tar.gz p.tar.gz >more.tar.gz
oneline 2 'twice' "$krsi" verify --partial more.tar.gz
(cat p.tar.gz; echo more) >more.tar.gz
oneline 1 'something follows the package' "$krsi" verify --partial more.tar.gz
(cat p.tar.gz; echo more | gzip) >more.tar.gz
oneline 2 'more.tar.gz' "$krsi" verify --partial more.tar.gz
mkdir holder
oneline 2 'give the file that krsi submit made' "$krsi" verify holder
head -c 700 p.tar.gz >cut.tar.gz
oneline 2 'cut.tar.gz' "$krsi" verify --partial cut.tar.gz
oneline 2 'bzImage' "$krsi" verify bzImage
oneline 2 'nothing.tar.gz' "$krsi" verify nothing.tar.gz
expect 5 '' "$krsi" submit --partial -s statement.txt -o /dev/full/p.tar.gz res

# ---- parts of a run, and the whole of them ------------------------------------------------------
all='selftest/fail selftest/hang selftest/pass selftest/skip'
run fail:selftest/fail "$all" >said 2>&1
cp -r res whole
for i in 1 2 3; do
	run fail:selftest/fail "$all" --shard $i/3 >said 2>&1
	rm -rf part$i
	cp -r res part$i
done
n=$(cat part*/results.json | grep -c '"id": "selftest')
[ "$n" -eq 4 ] && good || bad "4 tests are $n in parts"
expect 1 'FAIL: 1 of 4 tests failed' "$krsi" merge --out merged part1 part3 part2
expect 0 'Nothing differs' "$krsi" compare whole merged
"$krsi" report --format ktap whole >one
"$krsi" report --format ktap merged >two
cmp -s one two && good || bad 'the merged report is another'
there merged/events-part2.jsonl
expect 0 'in order' sh -c '"$0" submit --partial -s statement.txt -o m.tar.gz merged >said &&
	"$0" verify --partial m.tar.gz' "$krsi"
expect 1 'it is part 2 of 3' "$krsi" submit --partial -s statement.txt -o m.tar.gz part2
oneline 2 'part 2 of 3 is missing' "$krsi" merge --out merged part1 part3
oneline 2 'part 1 of 3 is there twice' "$krsi" merge --out merged part1 part2 part3 part1
oneline 2 'is no part of a run' "$krsi" merge --out merged whole part1
sed 's/"sha256": "./"sha256": "x/' part2/results.json >other.json
oneline 2 'parts of different runs: the kernel image is' "$krsi" merge --out merged part1 other.json \
	part3
expect 0 'no worse than the baseline' "$krsi" merge --out merged --baseline whole part1 part2 part3
run 'fail:selftest/fail fail:selftest/pass' "$all" --shard 3/3 >said 2>&1
expect 6 'WORSE' "$krsi" merge --out merged --baseline whole part1 part2 res
run lost:selftest/pass "$all" --shard 1/1 >said 2>&1
expect 1 'a start and no end' "$krsi" merge --out merged res
oneline 2 "'4/3' is no part" "$krsi" test --kernel ./bzImage --shard 4/3
oneline 2 "'0/3' is no part" "$krsi" test --kernel ./bzImage --shard 0/3
oneline 2 "'1' is no part" "$krsi" test --kernel ./bzImage --shard 1
# a second try in a part, and a part of guests that went down
run failonce:selftest/fail "$all" --shard 1/2 --retry >said 2>&1
rm -rf half && cp -r res half
run crash:selftest/hang "$all" --shard 2/2 --retry >said 2>&1
"$krsi" merge --out merged half res >said 2>&1
there merged/events-part1-retry.jsonl
there merged/events-part2-2.jsonl
expect 0 'in order' sh -c '"$0" submit --partial -s statement.txt -o m.tar.gz merged &&
	"$0" verify --partial m.tar.gz' "$krsi"
# parts that were not dealt out alike: what fell between them is missed
globs='hook/audit_rule_match/*,hook/cred_free/*,hook/file_open/*'
# part_of_hooks PART OPTIONS...: a part of their tests into ./res
part_of_hooks() {
	FAKE_DO='' FAKE_IDS=$("$krsi" list --tests "$globs" | sed -n 's/^\(hook[^ ]*\).*/\1/p')
	export FAKE_DO FAKE_IDS
	rm -f boots
	"$krsi" test --kernel ./bzImage --accel tcg --tests "$globs" --out res --shard "$@"
}
expect 0 PASS part_of_hooks 1/2 --lsm lockdown,yama,bpf
rm -rf half && cp -r res half
expect 0 PASS part_of_hooks 2/2
oneline 2 'the parts hold [0-9]* tests, and the whole has 23' "$krsi" merge --out merged half res
expect 0 PASS part_of_hooks 2/2 --lsm lockdown,yama,bpf
expect 0 'PASS: 23 tests passed' "$krsi" merge --out merged half res
sed 's/"tests": 23$/"tests": 24/' res/results.json >other.json
oneline 2 'parts of different runs: the whole has 23 tests in one and 24 in another' "$krsi" merge \
	--out merged half other.json
# a part without tests starts no guest, and one whose kernel does not come up hears nothing of it
rm -rf none && mkdir none
for i in 1 2; do
	expect 0 PASS run '' selftest/pass --shard $i/2
	cp -r res none/part$i
done
expect 0 'PASS: 1 test passed' "$krsi" merge --out merged none/part1 none/part2
expect 0 'PASS: 1 test passed' "$krsi" merge --out merged none/part2 none/part1
holds merged/results.json '"seed": 1'
holds merged/results.json '"jited": 400'
run 'noinit:1 noinit:2' "$all" --shard 2/3 >said 2>&1
expect 4 'NO BOOT' "$krsi" merge --out merged part1 res part3
expect 4 'NO BOOT' "$krsi" merge --out merged res part1 part3
cp -r res down
run fatal:1 "$all" --shard 1/3 >said 2>&1
expect 4 'CONFIG_BPF_LSM=y' "$krsi" merge --out merged res part2 part3
# two that know are compared, though the first does not
sed 's/"version": "0.1.0"/"version": "0.2.0"/' part3/results.json >other.json
oneline 2 'the suite version is 0.1.0 in one and 0.2.0' "$krsi" merge --out merged down part1 other.json
# the whole does not go where a part is: its logs would be removed before they are copied
ln -s none/part2 link
cp -r none before
for out in none/part1 link none/../none/part2; do
	oneline 2 'is one of the parts; choose another --out' "$krsi" merge --out $out none/part1 none/part2
done
oneline 2 'is one of the parts; choose another --out' "$krsi" merge --out none/part1 \
	none/part1/results.json none/part2
mkdir -p build/results
mv none/part1 build/results/bzImage-bpf-lsm
oneline 2 'is one of the parts; choose another --out' "$krsi" merge build/results/* none/part2
mv build/results/bzImage-bpf-lsm none/part1 && rm -r build
diff -r before none >said 2>&1 && good || bad 'a part is another after a merge that was refused'

# ---- silence is failure ---------------------------------------------------------------------
two='selftest/pass selftest/skip'
expect 1 'said nothing\|before suite-end' run noend:1 "$two"
expect 1 'a start and no end' run lost:selftest/pass "$two"
expect 1 'no JSON object' run garbage:1 "$two"
expect 1 'nothing was shown' run 'skip:selftest/pass skip:selftest/skip' "$two"
expect 1 'its events say otherwise' run wrongexit:1 "$two"
expect 1 '1 complaint of the kernel' run warn:selftest/pass "$two"
expect 1 'has no entry in the catalogue' run '' "$two" --strict
expect 0 'PASS' run 'noinit:1' "$two"
holds res/results.json '"first_failure": "'

# ---- what nobody meant: exit code 2, one line, with the way out --------------------------------
oneline 2 'krsi --help' "$krsi"
oneline 2 "'tset' is no command; did you mean 'test'?" "$krsi" tset
oneline 2 '--kernel is missing' "$krsi" test
oneline 2 "'--kernal' is no option" "$krsi" test --kernal x
oneline 2 "'--timeout' is no option, or lacks its value" "$krsi" test --kernel x --timeout
oneline 2 "'7x' is no whole number from 1 to 86400" "$krsi" test --kernel x --timeout 7x
oneline 2 "'0' is no whole number" "$krsi" test --kernel x --jobs 0
oneline 2 'accelerator' "$krsi" test --kernel x --accel xen
oneline 2 'is too much' "$krsi" test bzImage
oneline 2 'debian-6.1' "$krsi" test --kernel debain-6.1
oneline 2 'no such file' "$krsi" test --kernel ./nothing
oneline 2 'not a kernel image' "$krsi" test --kernel "$build/../Makefile"
oneline 2 'vmlinux' "$krsi" test --kernel "$build/krsi"
oneline 2 'not a built kernel tree' "$krsi" test --kernel "$work/bin"
oneline 2 "no implementation 'bpf-lsn'" "$krsi" test --kernel ./bzImage --impl bpf-lsn
oneline 2 "did you mean 'bprm_check_security'?" \
	"$krsi" test --kernel ./bzImage --tests bprm_chekc_security
oneline 2 'no test or hook matches' "$krsi" list --tests 'zzzzzzzz*'
oneline 2 'did you mean' "$krsi" hooks bprm_chekc_security
oneline 2 'baseline\|results.json' "$krsi" test --kernel ./bzImage --baseline bin
oneline 2 'not JSON' "$krsi" report bzImage
oneline 2 'No such file' "$krsi" report nothing.json
oneline 2 'none of html, junit' "$krsi" report --format pdf baseline.json
oneline 2 'two results are needed' "$krsi" compare baseline.json
printf '[mine]\nimage = ./bzImage\nimagge = x\n' >kernels.conf
oneline 2 'kernels.conf:3' "$krsi" test --kernels kernels.conf --kernel mine
oneline 2 'waivers\|No such file' "$krsi" test --kernel ./bzImage --waivers nothing.conf
gone build

# ---- what the machine lacks: exit code 5 ------------------------------------------------------
rm -rf res
export FAKE_DO= FAKE_IDS=selftest/pass
test_args="test --kernel ./bzImage --accel tcg --self --tests selftest/pass -q"
run '' 'selftest/pass' >said 2>&1
# what cannot begin leaves what was there
expect 5 'qemu-system-x86_64 not found' env PATH=/nonexistent "$krsi" $test_args --out res
oneline 2 "$work is no program" "$krsi" $test_args --out res --impl "exec:$work"
oneline 2 'link it with -static' "$krsi" $test_args --out res --impl exec:/bin/ls
holds res/results.json '"pass": 1'
for no_place in '' bzImage; do
	oneline 2 "'$no_place' is no directory" "$krsi" $test_args --out "$no_place"
done
mkdir mine
for file in console-notes.log report.html; do
	echo mine >mine/$file
	oneline 2 "$file is there, and no run" "$krsi" $test_args --out mine
	holds mine/$file '^mine$'
	rm mine/$file
done
oneline 5 '/proc/nowhere' "$krsi" $test_args --out /proc/nowhere
oneline 5 'krsi-test' env KRSI_LIBDIR="$work/bin" "$krsi" list
oneline 5 'krsi-test' env KRSI_LIBDIR="$work/bin" "$krsi" $test_args --out res
expect 5 'not complete' sh -c '"$0" list >/dev/full' "$krsi"
expect 5 'not complete' sh -c '"$0" report baseline.json --format html >/dev/full' "$krsi"
expect 5 'full.html\|/dev/full\|cannot' "$krsi" report baseline.json --out /dev/full/full.html
expect 5 'File too large' sh -c 'ulimit -f 100; exec "$0" '"$test_args"' --out res' "$krsi"
gone res/results.json

# ---- defects: a warning of the boot is no reproducer's ---------------------------------------------
mkdir warns
cat >warns/qemu-system-x86_64 <<'END'
#!/bin/sh
for a; do
	case $a in
	file,id=console,path=*) exec 4>"${a#*path=}" ;;
	file,id=events,path=*) exec 3>"${a#*path=}" ;;
	esac
done
splat() {
	printf '[    %s00000] WARNING: CPU: 0 PID: 1 at a.c:1 b+0x1/0x2\n' "$1" >&4
	printf '[    %s00001] ---[ end trace 0000000000000000 ]---\n' "$1" >&4
}
[ -z "$FAKE_EARLY" ] || splat 0.1
printf '[    1.000000] krsi-init: up\n' >&4
[ -z "$FAKE_LATE" ] || splat 2.1
echo 'chain-result-splat 0 nothing' >&3
printf '[    3.000000] krsi-init: exit 0\n' >&4
END
chmod +x warns/qemu-system-x86_64
hunt() { env PATH="$work/warns:$PATH" "$@" "$krsi" defects --kernel ./bzImage -d chain-result-splat; }
expect 0 'absent' hunt FAKE_EARLY=1
expect 1 'present' hunt FAKE_LATE=1
expect 1 'present' hunt FAKE_EARLY=1 FAKE_LATE=1

# ---- two at once, and Ctrl-C ------------------------------------------------------------------
FAKE_DO=hang:selftest/pass "$krsi" $test_args --out res --silence 600 2>first &
first=$!
polls=0
while [ ! -s res/events.jsonl ] && [ $polls -lt 600 ]; do
	polls=$((polls + 1))
	sleep 0.1
done
expect 5 'another run is writing there' "$krsi" $test_args --out res
kill -INT $first
wait $first
rc=$?
cp first said
[ $rc -eq 130 ] && good || bad "exit code $rc after SIGINT"
holds first 'interrupted; no results were written'
gone res/results.json
if kill -0 "$(cat pid)" 2>/dev/null; then bad 'a guest outlives krsi'; else good; fi

# ---- schemas -----------------------------------------------------------------------------------
schemas=$here/../../docs/schemas
valid() {
	schema=$1
	shift
	if python3 "$here/check_schema.py" "$schemas/$schema.schema.json" "$@" >said 2>&1; then
		good
	else
		bad "not as in $schema: $*"
	fi
}
expect 0 'no worse' run 'failonce:selftest/fail' 'selftest/fail selftest/pass' --retry \
	--baseline baseline.json
waiver selftest/fail 2099-01-01 >w.conf
valid results-1 res/results.json used.json whole/results.json merged/results.json part2/results.json
valid events-1 res/events.jsonl whole/events.jsonl
"$krsi" report --format kcidb --origin mylab res >kcidb1.json
"$krsi" report --format kcidb --origin mylab used.json >kcidb2.json
"$krsi" report --format kcidb --origin mylab --build-id maestro:1 used.json >kcidb3.json
valid kcidb-5 kcidb1.json kcidb2.json kcidb3.json
holds kcidb2.json '"issue_id": "mylab:krsi-w"'
holds kcidb3.json '"build_id": "maestro:1"'
oneline 2 'origin is missing' "$krsi" report --format kcidb res
oneline 2 'not of a-z' "$krsi" report --format kcidb --origin My-Lab res
# the checker and the schemas can say no
sed 's/"result": "fail"/"result": "failed"/' whole/results.json >bent.json
expect 1 'bent.json' python3 "$here/check_schema.py" "$schemas/results-1.schema.json" bent.json
sed 's/"status": "PASS"/"status": "GOOD"/' kcidb1.json >bent.json
expect 1 'bent.json' python3 "$here/check_schema.py" "$schemas/kcidb-5.schema.json" bent.json
sed 's/"v":1/"v":2/' whole/events.jsonl >bent.jsonl
expect 1 'bent.jsonl' python3 "$here/check_schema.py" "$schemas/events-1.schema.json" bent.jsonl

# ---- installed somewhere ------------------------------------------------------------------------
make -s -C "$here/../.." install DESTDIR="$work/root" PREFIX=/opt/krsi B="$build" >said 2>&1 ||
	bad 'make install'
for file in bin/krsi bin/krsi-test bin/krsi-log lib/krsi/init lib/krsi/krsi-bench \
	lib/krsi/krsi-defects share/man/man1/krsi.1 share/man/man1/krsi-log.1 share/man/man5/kernels.conf.5 \
	share/man/man7/adapter.7 share/krsi/waivers.conf share/krsi/schemas/results-1.schema.json \
	share/bash-completion/completions/krsi; do
	there "root/opt/krsi/$file"
done
expect 0 'selftest/pass' root/opt/krsi/bin/krsi list --self
expect 0 '^used by none\|until' root/opt/krsi/bin/krsi waivers \
	--waivers root/opt/krsi/share/krsi/waivers.conf
krsi=$work/root/opt/krsi/bin/krsi
expect 0 PASS run '' selftest/pass
krsi=$build/krsi
# completion: commands, options of a command, names of kernels
complete_() {
	PATH=$work/root/opt/krsi/bin:$PATH bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_krsi; printf "%s\n" "${COMPREPLY[@]}"' - \
		"$work/root/opt/krsi/share/bash-completion/completions/krsi" "$@" >said 2>&1
}
complete_ krsi t
holds said '^test$'
complete_ krsi test --base
holds said '^--baseline'
complete_ krsi test --kernel debian-6.1
holds said '^debian-6.12$'
complete_ krsi report --format k
holds said '^kcidb$'
if command -v mandoc >/dev/null; then
	for page in "$here"/../../docs/man/*; do
		expect 0 '' sh -c 'mandoc -Tlint -W warning "$1" && echo clean' - "$page"
	done
fi

# ---- what the documents show is true ------------------------------------------------------------
for doc in CONTRIBUTING.md README.md; do
	{ echo '#include <sys/stat.h>'; echo '#include "conformance/harness/hook.h"'
	sed -n '/^```c$/,/^```$/p' "$here/../../$doc" | grep -v '^```'; } >recipe.c
	expect 0 '' sh -c 'gcc -D_GNU_SOURCE -std=gnu11 -I"$1" -I"$1/build" -Wall -fsyntax-only recipe.c &&
		grep -q "^HOOK(" recipe.c && echo fine' - "$here/../.."
done

# ---- krsi-test by itself ------------------------------------------------------------------------
model="$build/krsi-test --impl model"
expect 0 '^ok 1 env/' $model --tests 'env/*'
oneline 2 "matches 'nosuch'" $model --tests nosuch
oneline 2 "matches 'nosuch'" $model --tests 'env/*,nosuch'
oneline 2 "matches 'nosuch'" $model --list --tests nosuch
oneline 2 "matches 'selftest/pass'" $model --tests selftest/pass
oneline 2 'the pattern is empty' $model --tests ''
# a guest that has nothing left to do is told so by a list
$model --list --tests 'env/*' >skip
expect 0 '^none$' sh -c '"$@" && echo none' - $model --tests 'env/*' --skip-list skip
oneline 2 'json goes with --doctor' $model --json
mkdir list
for list in list:'Is a directory' nolist:'No such file'; do
	expect 2 "^Bail out! usage: skip list ${list%%:*}: ${list#*:}" $model --tests 'env/*' \
		--skip-list "${list%%:*}"
	[ "$(wc -l <said)" -eq 1 ] && good || bad "not one line: $list"
done
: >list/empty
expect 0 '^ok 1 env/' $model --tests 'env/*' --skip-list list/empty
# what it told did not arrive: never green, and never silent
to_full() {
	expect 5 "^krsi-test: $1: No space left on device; what was told is not complete" \
		sh -c 'shift; exec "$@" >/dev/full' - "$@"
	[ "$(wc -l <said)" -eq 1 ] && good || bad "not one line: $*"
}
to_full 'standard output' $model --tests 'env/*'
to_full 'standard output' $model:nonsense --tests 'env/*'
to_full 'standard output' $model --list
to_full 'standard output' $model --describe
to_full 'standard output' $model --doctor
to_full 'standard output' $model --doctor --json
to_full /dev/full $model --tests 'env/*' --events /dev/full
to_full /dev/full $model --doctor --events /dev/full
oneline 2 '/nowhere/x: No such file' $model --doctor --events /nowhere/x
oneline 2 '/nowhere/x: No such file' $model --tests 'env/*' --events /nowhere/x

# ---- options that would be of no effect ---------------------------------------------------------
for option in --lsm=yama --modules=x --append=x --accel=tcg --memory=99 --cpus=1 --silence=9 --deadline=9 \
	--kernels=x --refresh; do
	oneline 2 "${option%%=*} is about a guest, and --kernel is missing" "$krsi" doctor $option
done
oneline 2 'debian-6.1' "$krsi" doctor --lsm yama --kernel debain-6.1

# ---- fuzz: what is no target, no file, no campaign -----------------------------------------------
mkdir -p campaigns/chain/main
mkdir -p keep/corpus
: >keep/corpus/mine
for action in run resume triage cover plot minimize replay; do
	oneline 2 "no target 'nosuch'; there are chain, .*env_var, " \
		"$krsi" fuzz $action nosuch bzImage --out campaigns
	oneline 2 "no target '../keep'" "$krsi" fuzz $action ../keep bzImage --out campaigns
done
oneline 2 "no target 'nosuch'" "$krsi" fuzz triage chain nosuch --out campaigns
oneline 2 "no target '../keep'" "$krsi" fuzz minimize ../keep --out campaigns
there keep/corpus/mine
gone campaigns/nosuch
oneline 2 "one file, not also 'b'" "$krsi" fuzz minimize env_var bzImage b --out campaigns
for action in minimize replay; do
	oneline 2 'krsi: /nonexist: No such file' "$krsi" fuzz $action env_var /nonexist --out campaigns
done
oneline 2 'bin: Is a directory' "$krsi" fuzz minimize env_var bin --out campaigns
for action in triage cover plot minimize; do
	oneline 2 'env_var: no campaign in campaigns; `krsi fuzz run env_var`' \
		"$krsi" fuzz $action env_var --out campaigns
done
gone campaigns/env_var
oneline 2 'runs in a guest' "$krsi" fuzz cover exec --out campaigns
# one that has none keeps nothing of another back
expect 2 'chain: nothing found' "$krsi" fuzz triage env_var chain --out campaigns
holds said 'env_var: no campaign'
expect 0 'chain: nothing found' "$krsi" fuzz triage chain --out campaigns
# what colours its words without being asked to
printf '#!/bin/sh\nprintf "\\033[0;36mafl-plot\\033[0m: too little data"; exit 1\n' >bin/afl-plot
chmod +x bin/afl-plot
oneline 5 'afl-plot ended with 1: afl-plot: too little data$' "$krsi" fuzz plot chain --out campaigns

# ---- ready-made CI ------------------------------------------------------------------------------
printf '%s\n' '1..3' 'ok 1 a/b' 'not ok 2 c/d # fail: x' 'ok 3 e/f # SKIP no x' >ktap
echo 1 >status
LAVA_TEST_CASE=echo sh "$here/../templates/lava/ktap-to-lava.sh" status <ktap >said
printf '%s\n' 'a.b --result pass' 'c.d --result fail' 'e.f --result skip' 'krsi.run --result pass' >want
cmp -s said want && good || bad 'LAVA is told something else'
head -3 ktap | LAVA_TEST_CASE=echo sh "$here/../templates/lava/ktap-to-lava.sh" status >said
holds said 'krsi.run --result fail'
echo 139 >status
LAVA_TEST_CASE=echo sh "$here/../templates/lava/ktap-to-lava.sh" status <ktap >said
holds said 'krsi.run --result fail'

# ---- the host gives out ------------------------------------------------------------------------
# A full disk is played by a limit of the size of files or, where mounting is allowed, is one.
no_guest() {
	if [ -s pid ] && kill -0 "$(cat pid)" 2>/dev/null; then bad "a guest outlives krsi: $*"; else good; fi
}
export FAKE_DO= FAKE_IDS=selftest/pass
rm -rf res
if unshare -rm true 2>/dev/null; then
	full='mkdir -p full; mount -t tmpfs -o size=$1 none full; shift; exec "$@"'
	# not even the reports would fit: told before the first boot
	expect 5 'No space left on device; free some space there, or choose another place with --out' \
		unshare -rm sh -c "$full" - 512k "$krsi" $test_args --out full
	if grep -q KRSI_CACHE said; then bad 'the cache has nothing to do with it'; else good; fi
	# the guest's events fill it up later
	rm -f boots
	expect 5 'No space left on device; free some space there' \
		env FAKE_DO=flood:1 unshare -rm sh -c "$full" - 3m "$krsi" $test_args --out full
	no_guest disk full
	rm -rf full
	rm -rf full
fi

# until the test of the guest has begun; a minute at most
wait_start() {
	polls=0
	until grep -qs test-start res/events.jsonl || [ $polls -ge 600 ]; do
		polls=$((polls + 1))
		sleep 0.1
	done
}

# QEMU is killed by somebody else: no word against the kernel
rm -rf pid boots res
FAKE_DO=hang:selftest/pass "$krsi" $test_args --out res --silence 600 2>first >second &
first=$!
wait_start
kill -KILL "$(cat pid)"
wait $first
rc=$?
cat first second >said
[ $rc -eq 5 ] && good || bad "exit code $rc after QEMU was killed"
holds said 'QEMU failed; QEMU says: it was killed by signal 9'
gone res/results.json

# krsi is killed: the guest goes with it
rm -rf pid boots res
FAKE_DO=hang:selftest/pass "$krsi" $test_args --out res --silence 600 2>first &
first=$!
wait_start
kill -KILL $first
wait $first 2>/dev/null
polls=0
while kill -0 "$(cat pid)" 2>/dev/null && [ $polls -lt 100 ]; do polls=$((polls + 1)); sleep 0.1; done
no_guest krsi killed
gone res/results.json

# Ctrl-C at any point: 130 and no results, or all was done before it came
for ms in 0.00 0.05 0.1 0.2 0.3 0.5; do
	FAKE_DO= "$krsi" $test_args --out res >said 2>&1 &
	first=$!
	sleep $ms
	kill -INT $first 2>/dev/null
	wait $first
	rc=$?
	case $rc in
	0) there res/results.json ;;
	130) gone res/results.json ;;
	*) bad "exit code $rc after SIGINT at $ms s" ;;
	esac
	no_guest "SIGINT at $ms s"
	left=$(find res cache -name '*.??????' -newer bzImage -type f | grep -v -e jsonl -e report | head -1)
	[ -z "$left" ] && good || bad "SIGINT at $ms s leaves $left"
done

# a guest that floods: bounded, told, and no orphan
rm -f boots
expect 0 PASS env FAKE_DO=chatter:1 "$krsi" $test_args --out res
[ "$(stat -c %s res/console.log)" -lt 9000000 ] && good || bad 'the console has no bound'
holds res/console.log 'cut here, after'
rm -f boots
expect 1 'BROKEN' env FAKE_DO=endless:1 "$krsi" $test_args --out res
[ "$(stat -c %s res/events.jsonl)" -lt 20000000 ] && good || bad 'the events have no bound'
no_guest flood

# ---- reading ----------------------------------------------------------------------------------
expect 0 'Usage: krsi COMMAND' "$krsi" --help
expect 0 '^krsi [0-9]' "$krsi" --version
for command in test list hooks spec report compare merge waivers submit verify vm defects kernels; do
	expect 0 'Examples:' "$krsi" $command --help
	expect 0 'Examples:' "$krsi" help $command
done
for command in test vm bench defects doctor; do
	expect 0 '--kernel=' "$krsi" $command --help
	expect 0 '--accel=' "$krsi" $command --help
done
expect 0 'selftest/pass' "$krsi" list --self
expect 0 '"requirements"' "$krsi" list --json --tests bprm_check_security
expect 0 'bprm_check_security' "$krsi" hooks
expect 0 'hook/bprm_check_security/fires' "$krsi" hooks bprm_check_security
expect 0 'file_open' "$krsi" hooks --results baseline.json
expect 0 'test -> requirements' "$krsi" spec
expect 0 'debian-6.1' "$krsi" kernels
printf '[mine]\nimage = ./bzImage\n' >own.conf
expect 0 'own .*bzImage' "$krsi" kernels --kernels "$work/own.conf"
printf '[mine]\nimage = ./bzImage\nlsm =\n' >own.conf
expect 0 'own .*bzImage' "$krsi" kernels --kernels "$work/own.conf"
printf '[mine]\nimage =\n' >own.conf
oneline 2 '"image" has no value' "$krsi" kernels --kernels "$work/own.conf"
expect 0 '<!DOCTYPE html>' "$krsi" report --format html baseline.json
expect 0 '^KTAP version 1' "$krsi" report --format ktap baseline.json
expect 0 '<testsuites' "$krsi" report --format junit baseline.json
expect 0 'FAIL: 1 of 2' "$krsi" report baseline.json
expect 0 '^kernel .*verdict$' "$krsi" report --format table baseline.json baseline.json
oneline 2 'one results.json at a time' "$krsi" report baseline.json baseline.json
oneline 2 'No such file' "$krsi" report --format table baseline.json nothing.json
expect 0 'Nothing differs' "$krsi" compare baseline.json baseline.json
"$krsi" report --format json baseline.json >again.json
cmp -s baseline.json again.json && good || bad 'report --format json changes the file'
sed 's/"result": "pass"/"result": "fail"/; s/"pass": 1/"pass": 0/; s/"fail": 1/"fail": 2/' \
	baseline.json >worse.json
expect 6 'worse (1)' "$krsi" compare baseline.json worse.json
expect 6 '<h1>Worse</h1>' "$krsi" compare --format html baseline.json worse.json
expect 0 '<h1>Nothing is worse</h1>' "$krsi" compare --format html baseline.json baseline.json
"$krsi" compare --format html --out page.html baseline.json worse.json
holds page.html 'selftest/pass'
oneline 2 'neither text nor html' "$krsi" compare --format pdf baseline.json worse.json

counted
